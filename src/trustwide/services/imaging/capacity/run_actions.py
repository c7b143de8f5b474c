"""Writes to runs: asking, answering in the background, saving, sharing, repeating, putting away; each is audited."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

import trustwide
from trustwide.analysis.capacity import LeverError, RunError, ServiceError
from trustwide.commons.accounts.models import User
from trustwide.commons.audit.actions import Actor, SystemActor, record
from trustwide.services.imaging import jobs, runs
from trustwide.services.imaging.capacity import run_figures, run_words
from trustwide.services.imaging.capacity.models import ServiceRun, ServiceVersion
from trustwide.services.imaging.capacity.rules import (
    check_can_change_run,
    check_can_change_service,
    check_can_share_run,
    check_can_use_answer,
)

RUNNER = SystemActor("service runs")
INPUTS = ("of_id", "kind", "replications", "seed", "question")


def ask_run(
    version: ServiceVersion,
    kind: str,
    *,
    replications: int,
    seed: int,
    by: User,
    question: dict[str, Any] | None = None,
) -> ServiceRun:
    """Ask about one version of a service; the answer comes in the background.

    Raises RunStateError when the person has too much under way.
    """
    check_can_change_service(by, version.service)
    run = ServiceRun(of=version, kind=kind, replications=replications, seed=seed, question=question or {})
    return _begin(run, "asked for a service run", by=by)


def repeat_run(run: ServiceRun, *, by: User) -> ServiceRun:
    """Answer again from the stored version; when it is done, `differences` says where the digits differ."""
    check_can_change_service(by, run.service)
    check_can_use_answer(run)
    again = ServiceRun(**{name: getattr(run, name) for name in INPUTS}, repeat_of=run)
    return _begin(again, "repeated a service run", by=by)


def answer_run(pk: int) -> None:
    """The background job. Run twice, or again after it was killed, it leaves the same answer once."""
    run = runs.claim(ServiceRun, pk, "of__service__site", "of__waiting_list")
    if run is None:
        return
    result = runs.attempt(
        run, lambda progress: runs.as_stored(run_figures.answer_of(run, progress)),
        refusals=(LeverError, RunError, ServiceError), fail=lambda sentence: _fail(run, sentence),
    )  # fmt: skip
    if result is not None:
        _finish(run, result)


def take_up_again(run: ServiceRun) -> bool:
    """Start a run again that fell silent, as after a kill, or that was never begun; whether it was started."""
    return runs.take_up_again(run, answer_run, tell=lambda: _record("took a service run up again", run, by=RUNNER))


@transaction.atomic
def cancel_run(run: ServiceRun, *, by: User) -> bool:
    """Stop it; whether there was still something to stop."""
    check_can_change_run(by, run)
    stopped = runs.mark_cancelled(run)
    if stopped:
        _record("cancelled a service run", run, by=by)
    return stopped


@transaction.atomic
def name_run(run: ServiceRun, *, name: str, note: str, by: User) -> None:
    """Save an answer under a name, or change the name and the note."""
    check_can_change_run(by, run)
    check_can_use_answer(run)
    before, run.name, run.note = run.name, name, note
    run.save(update_fields=["name", "note"])
    _record("saved a service run", run, by=by, details={"before": before, "after": name})


@transaction.atomic
def share_run(run: ServiceRun, *, shared: bool, by: User) -> None:
    """Let the whole partnership read it, or only the site that keeps the service."""
    check_can_change_run(by, run)
    check_can_share_run(run)
    run.shared = shared
    run.save(update_fields=["shared"])
    _record("shared a service run" if shared else "stopped sharing a service run", run, by=by)


@transaction.atomic
def archive_run(run: ServiceRun, *, by: User, reason: str) -> None:
    """Put a run away: it leaves every list, and can still be opened by its address."""
    check_can_change_run(by, run)
    run.archived_at = timezone.now()
    run.save(update_fields=["archived_at"])
    _record("put a service run away", run, by=by, reason=reason)


@transaction.atomic
def _begin(run: ServiceRun, action: str, *, by: User) -> ServiceRun:
    runs.check_has_room(by)
    run.created_by, run.version, run.seen_alive_at = by, trustwide.__version__, timezone.now()
    run.save()
    details = {"kind": run.kind, "of": str(run.of), "replications": run.replications, "seed": run.seed}
    _record(action, run, by=by, details=details)
    jobs.start(answer_run, run.pk)
    return run


@transaction.atomic
def _finish(run: ServiceRun, result: dict[str, Any]) -> None:
    if not runs.mark_done(run):
        return
    run.result, run.digest, run.headline = result, run_figures.digest_of(result), run_words.headline(run, result)
    if run.repeat_of is not None:
        run.differences = list(runs.differences(run.repeat_of.result, result))[: runs.MOST_DIFFERENCES]
    run.save(update_fields=["status", "finished_at", "result", "digest", "headline", "differences"])
    details = {"digest": run.digest, "differences": len(run.differences or [])}
    _record("answered a service run", run, by=RUNNER, details=details)


@transaction.atomic
def _fail(run: ServiceRun, sentence: str) -> None:
    if runs.mark_failed(run, sentence):
        _record("could not answer a service run", run, by=RUNNER, details={"sentence": sentence})


def _record(
    action: str, run: ServiceRun, *, by: Actor, reason: str = "", details: dict[str, Any] | None = None
) -> None:
    record(action, by=by, target=run, site_code=run.site.code, reason=reason, details=details)
