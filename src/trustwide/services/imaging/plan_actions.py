"""Writes to plans: asking, answering in the background, saving, sharing, repeating, putting away; each is audited."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

import trustwide
from trustwide.analysis.capacity.monthly import HistoryError, LeverError
from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import check_can
from trustwide.commons.audit.actions import Actor, SystemActor, record
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging import jobs, plan_figures, runs
from trustwide.services.imaging.plan_forms import Setup
from trustwide.services.imaging.plan_models import Plan
from trustwide.services.imaging.plan_rules import (
    check_can_change_plan,
    check_can_share,
    check_can_use_answer,
)

SEARCH = SystemActor("plan search")
INPUTS = (
    "site_id", "test", "target_weeks", "by", "confidence", "replications", "seed", "chosen", "levers", "history",
    "usual_course", "hindsight",
)  # fmt: skip


def ask_plan(site: Site, test: str, setup: Setup, *, by: User, name: str = "", note: str = "") -> Plan:
    """Keep a question with all that its answer follows from, and look for the answer in the background.

    Raises HistoryError when the list's months cannot carry an answer, RunStateError when too much is under way.
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
    plan = runs.claim(Plan, pk, "site")
    if plan is None:
        return
    answer = runs.attempt(
        plan, lambda progress: _answer(plan, progress), refusals=(HistoryError, LeverError),
        fail=lambda sentence: _fail(plan, sentence),
    )  # fmt: skip
    if answer is not None:
        _finish(plan, *answer)


def take_up_again(plan: Plan) -> bool:
    """Start a search again that fell silent, as after a kill, or that was never begun; whether it was started."""
    return runs.take_up_again(plan, run_plan, tell=lambda: _record("took a plan search up again", plan, by=SEARCH))


@transaction.atomic
def cancel_plan(plan: Plan, *, by: User) -> bool:
    """Stop looking; whether there was still something to stop."""
    check_can_change_plan(by, plan)
    stopped = runs.mark_cancelled(plan)
    if stopped:
        _record("cancelled a plan search", plan, by=by)
    return stopped


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
    plan.outcome = runs.as_stored(plan_figures.outcome(plan_figures.planner_of(plan), chosen))
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


@transaction.atomic
def _begin(plan: Plan, action: str, *, by: User) -> Plan:
    runs.check_has_room(by)
    plan.created_by, plan.version, plan.seen_alive_at = by, trustwide.__version__, timezone.now()
    plan.save()
    _record(action, plan, by=by, details={"target_weeks": plan.target_weeks, "by": plan.by, "seed": plan.seed})
    jobs.start(run_plan, plan.pk)
    return plan


def _answer(plan: Plan, progress: runs.Progress) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answer, and what the chosen set brings: the best one, where nobody chose."""
    result = plan_figures.answer_of(plan, progress)
    if not plan.is_saved and plan.repeat_of_id is None:
        plan.chosen = result["plans"][0]["levers"]
    brings = plan_figures.outcome(plan_figures.planner_of(plan), plan.chosen)
    return runs.as_stored(result), runs.as_stored(brings)


@transaction.atomic
def _finish(plan: Plan, result: dict[str, Any], brings: dict[str, Any]) -> None:
    if not runs.mark_done(plan):
        return
    plan.result, plan.outcome, plan.digest = result, brings, result["digest"]
    if plan.repeat_of_id is not None:
        first = Plan.objects.get(pk=plan.repeat_of_id)
        found = [*runs.differences(first.result, result), *runs.differences(first.outcome, brings)]
        plan.differences = found[: runs.MOST_DIFFERENCES]
    fields = ["status", "finished_at", "result", "outcome", "digest", "chosen", "differences"]
    plan.save(update_fields=fields)
    details = {"digest": plan.digest, "differences": len(plan.differences or [])}
    _record("answered a plan", plan, by=SEARCH, details=details)


@transaction.atomic
def _fail(plan: Plan, sentence: str) -> None:
    if runs.mark_failed(plan, sentence):
        _record("could not answer a plan", plan, by=SEARCH, details={"sentence": sentence})


def _record(action: str, plan: Plan, *, by: Actor, reason: str = "", details: dict[str, Any] | None = None) -> None:
    record(action, by=by, target=plan, site_code=plan.site.code, reason=reason, details=details)


def _first_day(month: Any) -> datetime.date:
    day: datetime.date = month.astype("datetime64[D]").item()
    return day
