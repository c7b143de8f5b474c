"""Writes to plans: asking, answering in the background, saving, sharing, repeating, putting away; each is audited."""

from __future__ import annotations

import datetime
import json
import logging
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

import trustwide
from trustwide.analysis.capacity.monthly import HistoryError, LeverError
from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import check_can
from trustwide.commons.audit.actions import Actor, SystemActor, record
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging import jobs, plan_figures
from trustwide.services.imaging.plan_forms import Setup
from trustwide.services.imaging.plan_models import Plan
from trustwide.services.imaging.plan_rules import (
    check_can_change_plan,
    check_can_search,
    check_can_share,
    check_can_use_answer,
)

SEARCH = SystemActor("plan search")
SAY_EVERY = datetime.timedelta(seconds=0.5)
SILENT_FOR = datetime.timedelta(minutes=1)
QUEUED_FOR = datetime.timedelta(minutes=15)  # a busy worker takes a search up late; a lost one is never taken up
INPUTS = (
    "site_id", "test", "target_weeks", "by", "confidence", "replications", "seed", "chosen", "levers", "history",
    "usual_course", "hindsight",
)  # fmt: skip
MOST_DIFFERENCES = 20
log = logging.getLogger(__name__)


class _CancelledError(Exception):
    """Somebody no longer wants the answer."""


def ask_plan(site: Site, test: str, setup: Setup, *, by: User, name: str = "", note: str = "") -> Plan:
    """Keep a question with all that its answer follows from, and look for the answer in the background.

    Raises HistoryError when the list's months cannot carry an answer, PlanStateError when too much is under way.
    """
    check_can(by, "make_plans", site)
    key = plan_figures.list_key(site, test)
    # refuse here, in front of the person, what would fail later in the background
    planner = plan_figures.planner_for(key, setup.question, setup.levers)
    inputs, asked = plan_figures.inputs_of(key), planner.question
    plan = Plan(
        site=site, test=test, name=name, note=note, target_weeks=asked.target_weeks, by=_first_day(asked.by),
        confidence=asked.confidence, replications=asked.replications, seed=asked.seed,
        chosen=[lever for lever in setup.chosen if lever not in planner.refused],
        levers=[lever.to_dict() for lever in setup.levers], history=inputs.history.to_dict(),
        usual_course=inputs.usual_course.to_dict(), hindsight=inputs.hindsight,
    )  # fmt: skip
    return _begin(plan, "asked for a plan", by=by)


def repeat_plan(plan: Plan, *, by: User) -> Plan:
    """Answer a plan again from its stored inputs; when it is done, `differences` says where the digits differ."""
    check_can(by, "make_plans", plan.site)
    check_can_use_answer(plan)
    again = Plan(**{name: getattr(plan, name) for name in INPUTS}, repeat_of=plan)
    return _begin(again, "repeated a plan", by=by)


def run_plan(pk: int) -> None:
    """The background job: answer a plan. Run twice, or again after it was killed, it leaves the same answer once."""
    plan = _claim(pk)
    if plan is None:
        return
    try:
        result = plan_figures.answer_of(plan, _Progress(plan.pk))
        if not plan.is_saved and plan.repeat_of_id is None:
            plan.chosen = result["plans"][0]["levers"]
        brings = plan_figures.outcome(plan_figures.planner_of(plan), plan.chosen)
    except _CancelledError:
        return
    except (HistoryError, LeverError) as error:
        _fail(plan, str(error))
    except Exception:  # the edge of the job: nobody else would tell the person who waits
        log.exception("plan %s failed", pk)
        _fail(plan, f"The search met a fault in this program. Tell whoever runs it that plan {pk} failed.")
    else:
        _finish(plan, _as_stored(result), _as_stored(brings))


def take_up_again(plan: Plan) -> bool:
    """Start a search again that fell silent, as after a kill, or that was never begun; whether it was started."""
    now = timezone.now()
    fell_silent = Q(status=Plan.Status.RUNNING, started_at__isnull=False, seen_alive_at__lt=now - SILENT_FOR)
    silent = Plan.objects.filter(fell_silent | Q(seen_alive_at__lt=now - QUEUED_FOR), pk=plan.pk).active()
    if not silent.exists():
        return False
    with transaction.atomic():
        # without a start it is only queued, until a worker takes it up
        if not silent.update(seen_alive_at=now, started_at=None):
            return False
        record("took a plan search up again", by=SEARCH, target=plan, site_code=plan.site.code)
        jobs.start(run_plan, plan.pk)
    return True


@transaction.atomic
def cancel_plan(plan: Plan, *, by: User) -> bool:
    """Stop looking; whether there was still something to stop."""
    check_can_change_plan(by, plan)
    stopped = Plan.objects.filter(pk=plan.pk).active().update(
        status=Plan.Status.CANCELLED, finished_at=timezone.now()
    )  # fmt: skip
    if stopped:
        _record("cancelled a plan search", plan, by=by)
    return bool(stopped)


@transaction.atomic
def save_plan(run: Plan, *, name: str, note: str, chosen: tuple[str, ...], by: User) -> Plan:
    """Keep an answer under a name with this set of measures; an answer that has a name already is kept beside it."""
    check_can(by, "make_plans", run.site)
    check_can_use_answer(run)
    plan = Plan.objects.select_for_update().get(pk=run.pk)
    if plan.is_saved or plan.created_by_id != by.pk:
        plan.pk, plan.shared, plan.repeat_of, plan.created_by = None, False, None, by
        plan.archived_at = plan.differences = None
        plan._state.adding = True
    plan.name, plan.note, plan.chosen = name, note, list(chosen)
    plan.outcome = _as_stored(plan_figures.outcome(plan_figures.planner_of(plan), chosen))
    plan.save()
    _record("saved a plan", plan, by=by, details={"name": name, "measures": list(chosen)})
    return plan


@transaction.atomic
def rename_plan(plan: Plan, *, name: str, note: str, by: User) -> Plan:
    """Change the name and the note."""
    check_can_change_plan(by, plan)
    before, plan.name, plan.note = plan.name, name, note
    plan.save(update_fields=["name", "note"])
    _record("renamed a plan", plan, by=by, details={"before": before, "after": name})
    return plan


@transaction.atomic
def share_plan(plan: Plan, *, shared: bool, by: User) -> Plan:
    """Let everybody who may see plans at the site open it, or nobody else any more."""
    check_can_change_plan(by, plan)
    check_can_share(plan)
    plan.shared = shared
    plan.save(update_fields=["shared"])
    _record("shared a plan" if shared else "stopped sharing a plan", plan, by=by)
    return plan


@transaction.atomic
def archive_plan(plan: Plan, *, by: User, reason: str) -> None:
    """Put a plan away: it leaves every list, and can still be opened by its address."""
    check_can_change_plan(by, plan)
    plan.archived_at = timezone.now()
    plan.save(update_fields=["archived_at"])
    _record("put a plan away", plan, by=by, reason=reason)


def differences(before: Any, after: Any, where: str = "") -> Iterator[str]:
    """Where two answers differ, in words: the place, what it was and what it is."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            yield from differences(before.get(key), after.get(key), f"{where}.{key}" if where else key)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (was, came) in enumerate(zip(before, after, strict=True)):
            yield from differences(was, came, f"{where}[{number}]")
    elif before != after:
        yield f"{where}: {before} then, {after} now"


class _Progress:
    """Tells the page how far the search is, twice a second at most, and hears whether it is still wanted."""

    def __init__(self, pk: int) -> None:
        self.pk, self.said = pk, timezone.now() - SAY_EVERY

    def __call__(self, done: int, total: int) -> None:
        now = timezone.now()
        if now - self.said < SAY_EVERY and done < total:
            return
        self.said = now
        running = Plan.objects.filter(pk=self.pk, status=Plan.Status.RUNNING)
        if not running.update(progress_done=done, progress_total=total, seen_alive_at=now):
            raise _CancelledError


@transaction.atomic
def _begin(plan: Plan, action: str, *, by: User) -> Plan:
    check_can_search(by)
    plan.created_by, plan.version, plan.seen_alive_at = by, trustwide.__version__, timezone.now()
    plan.save()
    _record(action, plan, by=by, details={"target_weeks": plan.target_weeks, "by": plan.by, "seed": plan.seed})
    jobs.start(run_plan, plan.pk)
    return plan


def _claim(pk: int) -> Plan | None:
    """The plan, marked as running; nothing if it was answered or cancelled in the meantime."""
    now = timezone.now()
    waiting = Plan.objects.filter(pk=pk).active()
    if not waiting.update(status=Plan.Status.RUNNING, started_at=now, seen_alive_at=now, progress_done=0):
        return None
    return Plan.objects.select_related("site", "repeat_of").get(pk=pk)


@transaction.atomic
def _finish(plan: Plan, result: dict[str, Any], brings: dict[str, Any]) -> None:
    # two workers may have answered the same plan: the first one's answer stays
    if not Plan.objects.filter(pk=plan.pk, status=Plan.Status.RUNNING).update(status=Plan.Status.DONE):
        return
    plan.status, plan.finished_at = Plan.Status.DONE, timezone.now()
    plan.result, plan.outcome, plan.digest = result, brings, result["digest"]
    first = plan.repeat_of
    if first is not None:
        found = [*differences(first.result, result), *differences(first.outcome, brings)]
        plan.differences = found[:MOST_DIFFERENCES]
    fields = ["status", "finished_at", "result", "outcome", "digest", "chosen", "differences"]
    plan.save(update_fields=fields)
    details = {"digest": plan.digest, "differences": len(plan.differences or [])}
    _record("answered a plan", plan, by=SEARCH, details=details)


@transaction.atomic
def _fail(plan: Plan, sentence: str) -> None:
    changes = {"status": Plan.Status.FAILED, "failure": sentence, "finished_at": timezone.now()}
    if Plan.objects.filter(pk=plan.pk, status=Plan.Status.RUNNING).update(**changes):
        _record("could not answer a plan", plan, by=SEARCH, details={"sentence": sentence})


def _record(action: str, plan: Plan, *, by: Actor, reason: str = "", details: dict[str, Any] | None = None) -> None:
    record(action, by=by, target=plan, site_code=plan.site.code, reason=reason, details=details)


def _as_stored(value: dict[str, Any]) -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(json.dumps(value, allow_nan=False))
    return stored


def _first_day(month: Any) -> datetime.date:
    day: datetime.date = month.astype("datetime64[D]").item()
    return day
