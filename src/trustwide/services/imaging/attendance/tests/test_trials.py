"""Trials: counted by hand, closed while they run, and never begun where they cannot tell anything."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from trustwide.analysis.attendance import Arm, effect_of_calls, held_out, patients_needed
from trustwide.commons.accounts.rules import NotAllowedError
from trustwide.services.imaging.attendance import actions, figures, rules, words
from trustwide.services.imaging.attendance.models import Trial, TrialMember
from trustwide.services.imaging.attendance.tests.attendance_stage import a_trial, coming, switch_on, with_key
from trustwide.services.imaging.booking.models import Appointment
from trustwide.services.imaging.messages.actions import queue_reminders
from trustwide.services.imaging.messages.models import Message
from trustwide.services.imaging.messages.tests.message_stage import booked


@pytest.fixture
def group(cast):
    switch_on(cast)
    return cast.group


def join(trial, out, state, *, patient=None):
    """An appointment in the trial whose end is known."""
    cast_group = type("Cast", (), {"group": trial.partnership, "north": join.site})
    held = coming(cast_group, patient=patient)
    Appointment.objects.filter(pk=held.pk).update(state=state)
    TrialMember.objects.create(trial=trial, appointment=held, patient=held.request.patient, held_out=out)
    return held.request.patient


@pytest.fixture(autouse=True)
def _site(cast):
    join.site = cast.north


def test_a_trial_counted_by_hand(cast, group):
    """Called: 5 patients, 1 missed. Left out: 4 patients, 3 missed. Two have no outcome."""
    trial = a_trial(cast)
    twice = join(trial, False, "missed")
    join(trial, False, "done", patient=twice)  # the same patient counts once, by the first
    for state in ("done", "abandoned", "patient_cancelled", "done"):
        join(trial, False, state)
    join(trial, False, "booked")
    join(trial, False, "hospital_cancelled")
    for state in ("missed", "missed", "missed", "done"):
        join(trial, True, state)
    closed = figures.trial_result(trial, timezone.localdate())
    assert (closed.members, closed.patients, closed.effect) == (12, 9, None)
    assert words.answer(closed) == f"Too early to say: 9 of {closed.needed:,} patients."
    actions.stop_trial(trial, reason="a test", by=cast.chief)
    result = figures.trial_result(trial, timezone.localdate())
    assert (result.effect.called, result.effect.held_out) == (Arm(5, 1), Arm(4, 3))
    said = words.answer(result)
    assert "Among those called 20.0% missed, among those left out 75.0%: 55.0 points fewer" in said
    assert f"with 9 of the {result.needed:,} patients it needed" in said
    assert words.ratio(result.effect).startswith("0.27 times as many")


def test_the_number_needed_follows_from_the_first_model_and_does_not_move(cast, group):
    trial = a_trial(cast, hold_out=0.2)
    needed = patients_needed(0.2, 0.14, 0.2)
    assert figures.planned_patients(trial) == needed
    newer = {"all": {}, "tenths": [{"missed": 0.4}], "groups": []}
    group.attendance_models.create(quality=newer, appointments=1)
    assert figures.planned_patients(trial) == needed


def test_an_interval_reads_from_the_smaller_to_the_larger():
    """Newcombe, Statistics in Medicine 17 (1998), table II: 56 of 70 less 48 of 80 is 0.2, 0.0524 to 0.3339."""
    helped = effect_of_calls(Arm(80, 48), Arm(70, 56))
    assert words._points(helped.difference) == "20.0 points fewer (5.2 to 33.4)"
    unclear = effect_of_calls(Arm(100, 9), Arm(100, 10))
    assert words._points(unclear.difference).startswith("1.0 points fewer (from ")
    assert words._points(unclear.difference).endswith(" more)")
    harm = effect_of_calls(Arm(70, 56), Arm(80, 48))
    assert words._points(harm.difference) == "20.0 points more (5.2 to 33.4)"


def test_a_finished_trial_measures_what_a_call_does(cast, group):
    trial = a_trial(cast)
    assert figures.assumed_effect(group, timezone.localdate()) == figures.AssumedEffect(0.3, None)
    for out, states in ((False, ["missed"] * 6 + ["done"] * 18), (True, ["missed"] * 24)):
        for state in states:
            join(trial, out, state)
    over = trial.ends_on + dt.timedelta(days=1)
    assert figures.assumed_effect(group, over).trial is None  # it has fewer patients than it needed
    model = group.attendance_models.get()
    type(model).objects.filter(pk=model.pk).update(quality={"tenths": [{"missed": 0.99}]})
    assert figures.planned_patients(trial) <= 48
    measured = figures.assumed_effect(group, over)
    assert (measured.trial, measured.share) == (trial, pytest.approx(0.75))


@pytest.mark.parametrize(
    ("facts", "says"),
    [({"hold_out": 0.04}, "from 5% to 50%"), ({"hold_out": 0.6}, "from 5% to 50%"), ({"days": 0}, "ends after"),
     ({"days": 800}, "within two years"), ({"began_on": dt.date(2020, 1, 1)}, "cannot begin in the past")],
)  # fmt: skip
def test_what_cannot_be_tried_is_refused(cast, group, facts, says):
    with pytest.raises(rules.AttendanceRefusedError, match=says):
        a_trial(cast, **facts)
    assert not Trial.objects.exists()


def test_one_trial_of_a_kind_at_a_time(cast, group):
    first = a_trial(cast)
    with pytest.raises(rules.AttendanceRefusedError, match="tries the same until"):
        a_trial(cast)
    a_trial(cast, "reminders")
    actions.stop_trial(first, reason="a test", by=cast.chief)
    assert a_trial(cast).key != first.key
    with pytest.raises(rules.AttendanceRefusedError, match="over already"):
        actions.stop_trial(first, reason="again", by=cast.chief)


def test_no_trial_without_a_model_or_by_one_site_alone(cast, group):
    today = timezone.localdate()
    given = {"name": "x", "kind": "calls", "hold_out": 0.2, "began_on": today, "ends_on": today + dt.timedelta(days=9)}
    with pytest.raises(rules.AttendanceRefusedError, match="Work the risks out first"):
        actions.start_trial(group, by=cast.chief, **given)
    with pytest.raises(NotAllowedError):
        actions.start_trial(group, by=cast.people["radiology_manager"], **given)


def test_reminders_are_left_out_by_the_lot_and_both_arms_are_kept(cast, group, django_assert_num_queries):
    now = timezone.now()
    held = [coming(cast) for _ in range(12)]
    assert figures.reminder_trials(now) == []
    assert actions.draw_reminders([], held) == set()
    trial = with_key(a_trial(cast, "reminders"))
    lots = held_out(trial.key, figures.people([each.request.patient_id for each in held]), 0.5)
    left_out = {each.pk for each, out in zip(held, lots, strict=True) if out}
    assert figures.reminder_trials(now) == [trial]
    with django_assert_num_queries(2):
        assert actions.draw_reminders([trial], held) == left_out
    assert actions.draw_reminders([trial], held) == left_out
    assert trial.members.count() == 12
    group.impact_assessments.update(review_on=timezone.localdate() - dt.timedelta(days=1))
    assert figures.reminder_trials(now) == []


def test_the_queue_of_reminders_leaves_them_out(stage, settings):
    settings.LIVE_BOOKING = True
    switch_on(stage.cast)
    trial = with_key(a_trial(stage.cast, "reminders"))
    held = [booked(stage, days=7) for _ in range(10)]
    Appointment.objects.update(booked_at=held[0].starts_at - dt.timedelta(days=20))
    trial.ends_on = held[-1].starts_at.date() + dt.timedelta(days=30)
    trial.save()
    now = held[0].starts_at - dt.timedelta(days=6, hours=12)
    switch_on(stage.cast, review_on=trial.ends_on)
    assert queue_reminders(now) == trial.members.filter(held_out=False).count() > 0
    reminded = set(Message.objects.filter(kind="reminder").values_list("appointment_id", flat=True))
    assert reminded == set(trial.members.filter(held_out=False).values_list("appointment_id", flat=True))
    assert trial.members.filter(held_out=True).count() == 10 - len(reminded) > 0
    assert queue_reminders(now) == 0
    actions.stop_trial(trial, reason="a test", by=stage.cast.chief)
    assert queue_reminders(now) == 10 - len(reminded)
