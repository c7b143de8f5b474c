"""Asking, answering, repeating and keeping plans."""

from __future__ import annotations

import copy
import datetime

import pytest
from django.utils import timezone

from trustwide.analysis.capacity.monthly import HistoryError, Panel, answer
from trustwide.commons.accounts.actions import add_member
from trustwide.commons.accounts.models import Membership
from trustwide.commons.accounts.rules import NotAllowedError
from trustwide.commons.audit.models import AuditEvent
from trustwide.services.imaging import plan_actions, plan_figures, runs
from trustwide.services.imaging.models import Dm01Return, Plan
from trustwide.services.imaging.plan_actions import run_plan
from trustwide.services.imaging.runs import RunStateError, differences
from trustwide.services.imaging.tests.plan_stage import (
    LAST,
    MONTHS,
    PLANNER,
    a_plan,
    answered,
    ask,
    asked,
    import_growing_list,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(cast):
    import_growing_list()
    return cast


def audited():
    return list(AuditEvent.objects.filter(target_type="imaging.plan").values_list("action", "actor_id"))


def test_a_plan_is_answered_from_what_is_stored_with_it(stage):
    plan = answered(stage, "insourcing")
    history = plan_figures.history_of(stage.north, "MRI")
    alone = answer(history, Panel.from_histories([history]), asked().levers, asked().question)
    assert (plan.status, plan.digest) == (Plan.Status.DONE, alone.digest)
    assert plan.result["plans"] == alone.to_dict()["plans"]
    assert plan.hindsight == alone.to_dict()["hindsight"]
    assert plan.chosen == alone.to_dict()["plans"][0]["levers"]
    assert plan.outcome["plan"]["probability_target_met"] == plan.result["plans"][0]["probability_target_met"]
    person = stage.people[PLANNER].audit_id
    assert audited() == [("asked for a plan", person), ("answered a plan", "system:plan search")]


def test_later_returns_do_not_change_a_repeat(stage):
    plan = answered(stage)
    Dm01Return.objects.update(waiting_list=9999, band_00=9999)
    again = plan_actions.repeat_plan(plan, by=stage.people[PLANNER])
    run_plan(again.pk)
    again.refresh_from_db()
    assert (again.differences, again.digest) == ([], plan.digest)
    assert (again.result, again.outcome) == (plan.result, plan.outcome)
    assert again not in Plan.objects.originals()


def test_a_repeat_names_what_differs(stage):
    plan = answered(stage)
    spoilt = copy.deepcopy(plan.result)
    spoilt["plans"][0]["annual_equivalent"] = 12
    Plan.objects.filter(pk=plan.pk).update(result=spoilt)
    plan.refresh_from_db()
    again = plan_actions.repeat_plan(plan, by=stage.people[PLANNER])
    run_plan(again.pk)
    again.refresh_from_db()
    assert len(again.differences) == 1
    assert again.differences[0].startswith("plans[0].annual_equivalent: 12 then, ")


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2}]}, []),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, ["a[1].b: 2 then, 3 now"]),
        ({"a": [1]}, {"a": [1, 2]}, ["a: [1] then, [1, 2] now"]),
        ({"a": 1}, {"b": 1}, ["a: 1 then, None now", "b: None then, 1 now"]),
    ],
)
def test_differences(before, after, found):
    assert list(differences(before, after)) == found


def test_a_killed_search_gives_the_same_answer_when_it_is_run_again(stage, monkeypatch):
    untouched, killed = answered(stage), ask(stage)
    said = runs.Progress.__call__

    def die(self, done, total):
        self.said = timezone.now() - runs.SAY_EVERY
        said(self, done, total)
        if done == 10:
            raise SystemExit  # as a killed worker: no handler of ours sees it

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(runs.Progress, "__call__", die)
        run_plan(killed.pk)
    killed.refresh_from_db()
    assert (killed.status, killed.progress_done, killed.result) == (Plan.Status.RUNNING, 10, None)
    run_plan(killed.pk)
    killed.refresh_from_db()
    assert (killed.result, killed.outcome, killed.digest) == (untouched.result, untouched.outcome, untouched.digest)


@pytest.mark.parametrize(
    ("status", "silent_for"),
    [(Plan.Status.WAITING, runs.QUEUED_FOR), (Plan.Status.RUNNING, runs.SILENT_FOR)],
)
def test_a_silent_search_is_taken_up_again_once(
    stage, settings, status, silent_for, django_capture_on_commit_callbacks
):
    settings.JOBS = "now"
    plan = ask(stage)
    silent = timezone.now() - silent_for - datetime.timedelta(seconds=1)
    Plan.objects.filter(pk=plan.pk).update(status=status, started_at=silent, seen_alive_at=timezone.now())
    assert not plan_actions.take_up_again(plan)
    Plan.objects.filter(pk=plan.pk).update(seen_alive_at=silent)
    with django_capture_on_commit_callbacks(execute=True):
        assert plan_actions.take_up_again(plan)
        assert not plan_actions.take_up_again(plan)
    plan.refresh_from_db()
    assert plan.status == Plan.Status.DONE


def test_a_search_that_waits_behind_a_busy_worker_is_queued_once(stage, settings, monkeypatch):
    queued = []
    monkeypatch.setattr(plan_actions.jobs, "start", lambda job, pk: queued.append(pk))
    plan = ask(stage)
    while_ago = timezone.now() - datetime.timedelta(minutes=5)
    Plan.objects.filter(pk=plan.pk).update(seen_alive_at=while_ago)
    assert not plan_actions.take_up_again(plan)
    # its worker was killed: it is queued once more, and then waits behind the same busy worker
    Plan.objects.filter(pk=plan.pk).update(status=Plan.Status.RUNNING, started_at=while_ago)
    assert plan_actions.take_up_again(plan)
    Plan.objects.filter(pk=plan.pk).update(seen_alive_at=while_ago)
    assert not plan_actions.take_up_again(plan)
    assert queued == [plan.pk, plan.pk]


def test_run_twice_answers_once(stage):
    plan = answered(stage)
    run_plan(plan.pk)
    assert [action for action, _ in audited()].count("answered a plan") == 1


def test_a_cancelled_search_stops_at_the_next_step(stage, monkeypatch):
    plan = ask(stage)
    said = runs.Progress.__call__

    def cancel(self, done, total):
        if done == 5:
            assert plan_actions.cancel_plan(plan, by=stage.people[PLANNER])
        self.said = timezone.now() - runs.SAY_EVERY
        said(self, done, total)

    monkeypatch.setattr(runs.Progress, "__call__", cancel)
    run_plan(plan.pk)
    plan.refresh_from_db()
    assert (plan.status, plan.progress_done, plan.result) == (Plan.Status.CANCELLED, 4, None)
    run_plan(plan.pk)
    assert not plan_actions.cancel_plan(plan, by=stage.people[PLANNER])
    plan.refresh_from_db()
    assert plan.status == Plan.Status.CANCELLED


def test_progress_counts_every_set(stage):
    plan = answered(stage)
    assert plan.progress_done == plan.progress_total == 2**5  # five measures can act within three months


def test_a_search_that_fails_says_so_in_a_sentence(stage, monkeypatch, caplog):
    wrong = ask(stage)
    Plan.objects.filter(pk=wrong.pk).update(confidence=7)
    run_plan(wrong.pk)
    wrong.refresh_from_db()
    assert (wrong.status, wrong.failure[:11]) == (Plan.Status.FAILED, "confidence:")

    broken = ask(stage)
    monkeypatch.setattr(plan_figures, "answer_of", lambda plan, progress: 1 / 0)
    run_plan(broken.pk)
    broken.refresh_from_db()
    assert broken.status == Plan.Status.FAILED
    assert (
        broken.failure == f"The search met a fault in this program. Tell whoever runs it that plan {broken.pk} failed."
    )
    assert "ZeroDivisionError" in caplog.text


def test_an_error_that_was_not_written_for_people_is_not_shown_to_them(stage, monkeypatch, caplog):
    plan = ask(stage)

    def fail(*_):
        raise ValueError("operands could not be broadcast together")

    monkeypatch.setattr(plan_figures, "answer_of", fail)
    run_plan(plan.pk)
    plan.refresh_from_db()
    assert plan.failure.startswith("The search met a fault in this program.")
    assert "broadcast" in caplog.text


def test_what_cannot_be_answered_is_refused_when_it_is_asked(stage):
    with pytest.raises(HistoryError, match="by: got 2025-12, expected a month after"):
        plan_actions.ask_plan(stage.north, "MRI", asked(by=LAST), by=stage.people[PLANNER])
    with pytest.raises(HistoryError, match="North Hospital has returned no CT month yet"):
        plan_actions.ask_plan(stage.north, "CT", asked(), by=stage.people[PLANNER])
    assert not Plan.objects.exists()


def test_measures_that_cannot_act_by_the_date_are_not_kept_on(stage):
    assert ask(stage, "insourcing", "new-scanner").chosen == ["insourcing"]


def test_a_short_history_is_answered(stage):
    import_growing_list("S1", months=1)
    plan = plan_actions.ask_plan(stage.south, "MRI", asked(by=LAST - MONTHS + 4), by=stage.chief)
    run_plan(plan.pk)
    plan.refresh_from_db()
    assert (plan.status, plan.result["hindsight"]) == (Plan.Status.DONE, None)


def test_saving_keeps_the_set_and_a_second_save_stands_beside_the_first(stage):
    planner, run = stage.people[PLANNER], answered(stage)
    first = plan_actions.save_plan(run, name="First", note="", chosen=("insourcing",), by=planner)
    second = plan_actions.save_plan(run, name="Second", note="n", chosen=("validation",), by=planner)
    assert (first.pk, second.pk != run.pk) == (run.pk, True)
    first.refresh_from_db()
    assert (first.name, first.chosen, first.outcome["plan"]["levers"]) == ("First", ["insourcing"], ["insourcing"])
    assert (second.name, second.note, second.outcome["plan"]["levers"]) == ("Second", "n", ["validation"])
    alone = next(plan for plan in run.result["plans"] if plan["levers"] == ["insourcing"])
    assert first.outcome["plan"] == alone
    again = plan_actions.repeat_plan(first, by=planner)
    run_plan(again.pk)
    again.refresh_from_db()
    assert (again.chosen, again.differences) == (["insourcing"], [])


def test_a_copy_of_somebody_elses_plan_is_ones_own(stage):
    lead = stage.people["improvement_lead"]
    run = answered(stage, name="Theirs")
    mine = plan_actions.save_plan(run, name="Mine", note="", chosen=(), by=lead)
    assert (mine.pk != run.pk, mine.created_by, mine.shared) == (True, lead, False)


def test_a_copy_of_a_plan_that_was_put_away_is_in_the_lists(stage):
    planner = stage.people[PLANNER]
    old = answered(stage, name="Old")
    plan_actions.archive_plan(old, by=planner, reason="old")
    Plan.objects.filter(pk=old.pk).update(differences=["of the run, not of the copy"])
    again = plan_actions.save_plan(old, name="New", note="", chosen=(), by=planner)
    assert set(Plan.objects.originals()) == {again}
    assert again.differences is None
    old.refresh_from_db()
    assert old.archived_at is not None


def test_sharing_and_putting_away(stage):
    planner, clerk = stage.people[PLANNER], stage.people["equipment_manager"]
    run = answered(stage)
    with pytest.raises(RunStateError, match="Save the plan under a name"):
        plan_actions.share_plan(run, shared=True, by=planner)
    plan_actions.rename_plan(run, name="Named", note="", by=planner)
    assert run not in Plan.objects.for_user(clerk)
    plan_actions.share_plan(run, shared=True, by=planner)
    assert run in Plan.objects.for_user(clerk)
    plan_actions.archive_plan(run, by=planner, reason="old")
    assert run in Plan.objects.for_user(clerk)
    assert run not in Plan.objects.for_user(clerk).originals()
    assert AuditEvent.objects.get(action="put a plan away").reason == "old"
    plan_actions.share_plan(run, shared=False, by=planner)
    assert run not in Plan.objects.for_user(clerk)


def test_only_those_who_may_change_anything(stage):
    board, lead = stage.people["board_member"], stage.people["improvement_lead"]
    with pytest.raises(NotAllowedError, match="You may not make plans at North Hospital"):
        ask(stage, by=board)
    plan = answered(stage, name="Theirs")
    for act in (
        lambda: plan_actions.rename_plan(plan, name="x", note="", by=lead),
        lambda: plan_actions.share_plan(plan, shared=True, by=lead),
        lambda: plan_actions.archive_plan(plan, by=lead, reason="x"),
        lambda: plan_actions.cancel_plan(plan, by=lead),
        lambda: plan_actions.repeat_plan(plan, by=board),
        lambda: plan_actions.save_plan(plan, name="x", note="", chosen=(), by=board),
    ):
        with pytest.raises(NotAllowedError):
            act()
    plan_actions.rename_plan(plan, name="By the administrator", note="", by=stage.people["administrator"])


def test_one_person_does_not_take_every_processor(stage):
    searches = [ask(stage) for _ in range(3)]
    with pytest.raises(RunStateError, match="You have 3 searches under way"):
        ask(stage)
    ask(stage, by=stage.people["improvement_lead"])
    plan_actions.cancel_plan(searches[0], by=stage.people[PLANNER])
    ask(stage)


def test_an_answer_that_is_not_there_is_not_used(stage):
    plan = ask(stage)
    with pytest.raises(RunStateError, match="no answer yet"):
        plan_actions.repeat_plan(plan, by=stage.people[PLANNER])
    with pytest.raises(RunStateError, match="no answer yet"):
        plan_actions.save_plan(plan, name="x", note="", chosen=(), by=stage.people[PLANNER])


class TestWhoMayOpen:
    def test_own_and_shared_plans_at_ones_sites(self, cast):
        planner, lead = cast.people[PLANNER], cast.people["improvement_lead"]
        mine = a_plan(cast.north, planner, shared=False)
        shared = a_plan(cast.north, cast.chief)
        elsewhere = a_plan(cast.south, cast.chief)
        assert set(Plan.objects.for_user(planner)) == {mine, shared}
        assert set(Plan.objects.for_user(lead)) == {shared}
        assert set(Plan.objects.for_user(cast.chief)) == {shared, elsewhere}

    @pytest.mark.parametrize("role", ["booking_clerk", "ward_nurse"])
    def test_not_without_the_permission(self, cast, role):
        a_plan(cast.north, cast.chief)
        assert not Plan.objects.for_user(cast.people[role]).exists()

    def test_a_plan_for_a_public_provider_stays_in_the_group(self, cast):
        from trustwide.commons.accounts.tests.cast import STAGE, person
        from trustwide.commons.organisations.actions import create_partner, create_partnership, create_site

        plan = a_plan(cast.public, cast.chief)
        others = create_partnership("others", "Another group", by=STAGE)
        site = create_site(create_partner(others, "T8", "Other Trust", by=STAGE), "O1", "Other Hospital", by=STAGE)
        stranger = person("Other Planner")
        add_member(stranger, Membership.Role.PLANNER, site, by=STAGE, reason="test")
        assert plan in Plan.objects.for_user(cast.people[PLANNER])
        assert plan not in Plan.objects.for_user(stranger)

    def test_nobody_when_a_role_is_taken_away(self, cast):
        planner = cast.people[PLANNER]
        a_plan(cast.north, planner, shared=False)
        planner.memberships.all().delete()
        assert not Plan.objects.for_user(planner).exists()
