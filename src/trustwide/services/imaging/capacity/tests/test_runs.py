"""Runs of a service: what they answer agrees with the engine, they repeat, and survive what befalls a worker."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from django.utils import timezone

from trustwide.analysis import capacity
from trustwide.commons.accounts.actions import add_member
from trustwide.commons.accounts.models import Membership
from trustwide.commons.accounts.rules import NotAllowedError
from trustwide.commons.accounts.tests.cast import STAGE, person
from trustwide.commons.audit.models import AuditEvent
from trustwide.services.imaging import runs
from trustwide.services.imaging.capacity import run_actions, run_figures
from trustwide.services.imaging.capacity.description import service_of
from trustwide.services.imaging.capacity.models import ServiceRun
from trustwide.services.imaging.capacity.tests.service_stage import PLANNER, START, a_service, answered, ask
from trustwide.services.imaging.runs import RunStateError

pytestmark = pytest.mark.django_db
NOTHING, SET, SEARCH = ServiceRun.Kind.NOTHING, ServiceRun.Kind.SET, ServiceRun.Kind.SEARCH


@pytest.fixture
def service(cast):
    return a_service(cast.north, cast.people[PLANNER])


@pytest.fixture
def planner(cast):
    return cast.people[PLANNER]


def test_a_run_gives_the_digits_of_the_engine(service, planner):
    run = answered(service, planner)
    alone = capacity.simulate(service_of(service.newest), 20, 1).to_dict()
    kept = run.result["nothing"]
    assert (run.status, kept["digest"]) == (ServiceRun.Status.DONE, alone["digest"])
    assert (kept["streams"], kept["scanners"]) == (alone["streams"], alone["scanners"])
    assert run.headline.startswith("If nothing changes the list ")
    actions = AuditEvent.objects.filter(target_type="imaging.servicerun").values_list("action", "actor_id")
    assert list(actions) == [
        ("asked for a service run", planner.audit_id), ("answered a service run", "system:service runs"),
    ]  # fmt: skip


def test_the_course_is_the_list_of_the_engine_week_by_week(service, planner):
    result = capacity.simulate(service_of(service.newest), 20, 1)
    rows = run_figures.course(result)
    lists = result.weeks[:, :, :, 0].sum(axis=2)  # counted by other code than the cells the course is made from
    assert rows[0]["list"]["median"] == 90
    assert len(rows) == 17
    for week, row in enumerate(rows[1:]):
        assert row["month"] == (START + datetime.timedelta(days=7 * week + 7)).isoformat()
        low, median, high = np.quantile(lists[:, week], [0.1, 0.5, 0.9])
        assert (row["list"]["low"], row["list"]["median"], row["list"]["high"]) == (
            round(low),
            round(median),
            round(high),
        )
    seen, days = (result.cells[:, 12:16, :, :, column].sum(axis=(1, 2, 3)) for column in (1, 2))
    assert rows[16]["scanned_mean_weeks"]["median"] == pytest.approx(np.median(days / seen) / 7, abs=0.006)


def test_a_set_is_tried_in_the_same_replications_as_a_search_tries_it(service, planner):
    found = answered(service, planner, SEARCH).result
    best = found["plans"][0]
    tried = answered(service, planner, SET, *best["levers"]).result
    assert tried["plan"]["probability_target_met"] == best["probability_target_met"]
    assert tried["plan"]["scanned_mean_weeks"] == best["scanned_mean_weeks"]
    assert tried["do_nothing"]["weeks"] == found["do_nothing"]["weeks"]
    assert tried["best"]["weeks"] == found["best"]["weeks"]
    nothing = next(plan for plan in found["plans"] if not plan["levers"])
    assert tried["nothing_plan"]["scanned_mean_weeks"] == nothing["scanned_mean_weeks"]


def test_measures_that_exclude_each_other_are_refused_in_a_sentence(cast, planner):
    levers = [
        {"id": "one", "title": "The one", "does": {"pool_lists": True}, "excludes": ["other"]},
        {"id": "other", "title": "The other", "does": {"scale_did_not_attend": 0.5}},
    ]
    run = answered(a_service(cast.north, planner, levers=levers), planner, SET, "one", "other")
    assert (run.status, run.failure) == (
        ServiceRun.Status.FAILED, "The one and The other cannot be taken together. Switch one of them off.",
    )  # fmt: skip


@pytest.mark.parametrize("kind", [NOTHING, SET, SEARCH])
def test_a_repeat_is_equal_to_the_last_digit_whatever_became_of_the_service(service, planner, kind):
    run = answered(service, planner, kind, "reminders")
    again = run_actions.repeat_run(run, by=planner)
    run_actions.answer_run(again.pk)
    again.refresh_from_db()
    assert (again.differences, again.digest, again.result) == ([], run.digest, run.result)
    assert again not in ServiceRun.objects.originals()
    assert answered(service, planner, kind, "reminders", seed=2).digest != run.digest


def test_a_repeat_names_what_differs(service, planner):
    run = answered(service, planner)
    spoilt = run.result | {"nothing": run.result["nothing"] | {"used": 0.5}}
    ServiceRun.objects.filter(pk=run.pk).update(result=spoilt)
    run.refresh_from_db()
    again = run_actions.repeat_run(run, by=planner)
    run_actions.answer_run(again.pk)
    again.refresh_from_db()
    assert len(again.differences) == 1
    assert again.differences[0].startswith("nothing.used: 0.5 then, ")


def die_at(monkeypatch, done_at, act):
    """Say every step, and do something at one of them."""
    said = runs.Progress.__call__

    def watch(self, done, total):
        self.said = timezone.now() - runs.SAY_EVERY
        if done >= done_at:
            act()
        said(self, done, total)

    monkeypatch.setattr(runs.Progress, "__call__", watch)


@pytest.mark.parametrize("kind", [NOTHING, SET, SEARCH])
def test_a_killed_run_gives_the_same_answer_when_it_is_taken_up_again(service, planner, kind, monkeypatch, settings):
    untouched, killed = answered(service, planner, kind, "reminders"), ask(service, planner, kind, "reminders")

    def kill():
        raise SystemExit  # as a killed worker: no handler of ours sees it

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        die_at(patch, 4, kill)
        run_actions.answer_run(killed.pk)
    killed.refresh_from_db()
    assert (killed.status, killed.result) == (ServiceRun.Status.RUNNING, None)
    run_actions.answer_run(killed.pk)
    killed.refresh_from_db()
    assert (killed.result, killed.digest) == (untouched.result, untouched.digest)


@pytest.mark.parametrize("kind", [NOTHING, SET, SEARCH])
def test_a_cancelled_run_stops_at_the_next_step(service, planner, kind, monkeypatch):
    run = ask(service, planner, kind)
    die_at(monkeypatch, 3, lambda: run_actions.cancel_run(run, by=planner))
    run_actions.answer_run(run.pk)
    run.refresh_from_db()
    assert (run.status, run.result) == (ServiceRun.Status.CANCELLED, None)
    assert run.progress_done < run.progress_total or not run.progress_total
    assert not run_actions.cancel_run(run, by=planner)


def test_a_silent_run_is_taken_up_again_once(service, planner, settings, django_capture_on_commit_callbacks):
    settings.JOBS = "now"
    run = ask(service, planner)
    silent = timezone.now() - runs.SILENT_FOR - datetime.timedelta(seconds=1)
    ServiceRun.objects.filter(pk=run.pk).update(status="running", started_at=silent, seen_alive_at=silent)
    with django_capture_on_commit_callbacks(execute=True):
        assert run_actions.take_up_again(run)
        assert not run_actions.take_up_again(run)
    run.refresh_from_db()
    assert run.status == ServiceRun.Status.DONE


def test_run_twice_answers_once(service, planner):
    run = answered(service, planner)
    run_actions.answer_run(run.pk)
    assert AuditEvent.objects.filter(action="answered a service run").count() == 1


def test_a_fault_of_the_program_is_not_shown_to_people(service, planner, monkeypatch, caplog):
    monkeypatch.setattr(run_figures, "answer_of", lambda run, progress: 1 / 0)
    run = answered(service, planner)
    assert run.failure == f"The search met a fault in this program. Tell whoever runs it that run {run.pk} failed."
    assert "ZeroDivisionError" in caplog.text


def test_what_a_search_cannot_answer_is_said(service, planner):
    run = answered(service, planner, SEARCH, date="2026-01-20")
    assert run.status == ServiceRun.Status.FAILED
    assert run.failure.startswith("by: must be from 2026-02-22")


def test_plans_and_runs_share_the_room_a_person_has(service, planner, cast):
    from trustwide.services.imaging.tests import plan_stage

    plan_stage.import_growing_list()
    plan_stage.ask(cast)
    first = ask(service, planner)
    ask(service, planner)
    with pytest.raises(RunStateError, match="You have 3 searches under way"):
        ask(service, planner)
    run_actions.cancel_run(first, by=planner)
    ask(service, planner)


def test_saving_and_sharing(service, planner, cast):
    south = person("South Planner")
    add_member(south, Membership.Role.PLANNER, cast.south, by=STAGE, reason="test")
    run = answered(service, planner)
    with pytest.raises(RunStateError, match="Save the run under a name first"):
        run_actions.share_run(run, shared=True, by=planner)
    run_actions.name_run(run, name="As it is", note="n", by=planner)
    assert run not in ServiceRun.objects.for_user(south)
    assert run in ServiceRun.objects.for_user(cast.people["board_member"])
    run_actions.share_run(run, shared=True, by=planner)
    assert run in ServiceRun.objects.for_user(south)
    run_actions.archive_run(run, by=planner, reason="old")
    assert run in ServiceRun.objects.for_user(south)
    assert run not in ServiceRun.objects.originals()


def test_an_answer_that_is_not_there_is_not_used(service, planner):
    run = ask(service, planner)
    for act in (
        lambda: run_actions.repeat_run(run, by=planner),
        lambda: run_actions.name_run(run, name="x", note="", by=planner),
    ):
        with pytest.raises(RunStateError, match="no answer yet"):
            act()


def test_only_those_who_may_change_anything(service, planner, cast):
    board, lead = cast.people["board_member"], cast.people["improvement_lead"]
    run = answered(service, planner)
    for act in (
        lambda: ask(service, board),
        lambda: run_actions.repeat_run(run, by=board),
        lambda: run_actions.name_run(run, name="x", note="", by=lead),
        lambda: run_actions.share_run(run, shared=True, by=lead),
        lambda: run_actions.archive_run(run, reason="x", by=lead),
        lambda: run_actions.cancel_run(run, by=lead),
    ):
        with pytest.raises(NotAllowedError):
            act()
