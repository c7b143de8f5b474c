"""The list of calls: who is on it, who is left out by lot, and what a call leads to."""

from __future__ import annotations

import pytest
from django.utils import timezone

from trustwide.analysis.attendance import held_out
from trustwide.commons.accounts.rules import NotAllowedError
from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.services.imaging.attendance import actions, figures, rules
from trustwide.services.imaging.attendance.figures import Asked
from trustwide.services.imaging.attendance.models import Call, TrialMember
from trustwide.services.imaging.attendance.tests.attendance_stage import (
    a_model,
    a_trial,
    coming,
    judge,
    switch_on,
    with_key,
)
from trustwide.services.imaging.booking.actions import book, confirm
from trustwide.services.imaging.booking.models import Appointment
from trustwide.services.imaging.booking.slots import find_slots, question_for


@pytest.fixture
def clerk(cast):
    switch_on(cast)
    return cast.people["booking_clerk"]


def listed(clerk, cast, asked=None):
    return figures.call_list(clerk, cast.group, asked or Asked(), timezone.now())


def test_those_at_most_risk_come_first_within_the_minutes(cast, clerk):
    held = [coming(cast, risk) for risk in (0.1, 0.4, 0.2, 0.3)]
    found = listed(clerk, cast, Asked(minutes=12, a_call=4))
    assert [row.appointment for row in found.rows] == [held[1], held[3], held[2]]
    assert found.prevented == pytest.approx(0.3 * 0.9)
    assert found.sentence == "3 calls of 4 minutes; they would prevent less than one missed appointment."
    assert listed(clerk, cast, Asked(minutes=3, a_call=4)).patients == 0


def test_a_patient_with_two_appointments_is_called_once_about_both(cast, clerk):
    first = coming(cast, 0.2)
    second = coming(cast, 0.2, patient=first.request.patient)
    coming(cast, 0.3)
    found = listed(clerk, cast, Asked(minutes=4, a_call=4))
    assert [row.appointment for row in found.rows] == [first, second]
    assert found.patients == 1


def test_only_coming_unconfirmed_appointments_with_a_risk_at_the_clerks_site(cast, clerk):
    wanted = coming(cast, 0.3, days=3)
    coming(cast, 0.3, days=4)  # too far ahead
    coming(cast, 0.3, days=0)  # today
    coming(cast)  # not judged
    coming(cast, 0.3, site=cast.south)
    Appointment.objects.filter(pk=coming(cast, 0.3).pk).update(confirmed_at=timezone.now())
    Appointment.objects.filter(pk=coming(cast, 0.3).pk).update(state="hospital_cancelled")
    assert [row.appointment for row in listed(clerk, cast).rows] == [wanted]
    assert len(listed(cast.chief, cast).rows) == 2
    assert len(listed(cast.chief, cast, Asked(days=4)).rows) == 3


def test_nobody_is_shown_during_a_trial_until_the_lot_is_drawn(cast, clerk):
    trial = with_key(a_trial(cast))
    held = [coming(cast, 0.3) for _ in range(12)]
    lots = dict(zip(held, held_out(trial.key, figures.people([h.request.patient_id for h in held]), 0.5), strict=True))
    assert 0 < sum(lots.values()) < 12
    before = listed(clerk, cast)
    assert before.rows == ()
    assert len(before.to_draw) == 12
    with pytest.raises(rules.AttendanceRefusedError, match="draw today's list"):
        actions.record_call(next(h for h in held if not lots[h]), Call.Outcome.NOBODY, 4, by=clerk)
    assert actions.draw_list(cast.group, Asked(), timezone.now(), by=clerk) == 12
    assert {m.appointment: m.held_out for m in TrialMember.objects.select_related("appointment")} == lots
    after = listed(clerk, cast)
    assert {row.appointment for row in after.rows} == {h for h in held if not lots[h]}
    assert (after.held_out, after.to_draw) == (sum(lots.values()), frozenset())
    assert actions.draw_list(cast.group, Asked(), timezone.now(), by=clerk) == 0
    with pytest.raises(rules.AttendanceRefusedError, match="leaves this patient out by lot"):
        actions.record_call(next(h for h in held if lots[h]), Call.Outcome.NOBODY, 4, by=clerk)
    assert not Call.objects.exists()


def test_more_minutes_need_another_draw_and_keep_the_first(cast, clerk):
    with_key(a_trial(cast, hold_out=0.05))
    for _ in range(6):
        coming(cast, 0.3)
    actions.draw_list(cast.group, Asked(minutes=8), timezone.now(), by=clerk)
    first = set(TrialMember.objects.values_list("pk", flat=True))
    more = listed(clerk, cast, Asked(minutes=16))
    assert len(more.rows) == 2
    actions.draw_list(cast.group, Asked(minutes=16), timezone.now(), by=clerk)
    assert len(listed(clerk, cast, Asked(minutes=16)).rows) == 4
    assert first < set(TrialMember.objects.values_list("pk", flat=True))


def booked(stage, risk=0.4):
    """Booked by the real action, so that a call can confirm or cancel it."""
    request = stage.request()
    slot = find_slots(question_for(request), limit=1)[0]
    held = book(request, slot.session_id, slot.starts_at, by=STAGE)
    judge(held, risk, a_model(stage.cast))
    return Appointment.objects.select_related("request__site", "request__patient__partnership", "session__site").get(
        pk=held.pk
    )


def test_what_a_call_leads_to(stage, clerk):
    comes, cancels, moves, nobody = (booked(stage) for _ in range(4))
    for held, outcome in zip(
        (comes, cancels, moves, nobody), ("will_come", "cancelled", "moved", "nobody"), strict=True
    ):
        actions.record_call(held, outcome, 4, by=clerk)
        held.refresh_from_db()
    assert comes.confirmed_at is not None
    assert (cancels.state, cancels.request.state) == ("patient_cancelled", "ready")
    assert (moves.state, nobody.state) == ("booked", "booked")
    assert Call.objects.filter(made_by=clerk).count() == 4
    assert comes.request.events.last().actor_id == clerk.audit_id


def test_a_call_about_an_ended_appointment_keeps_nothing(stage, clerk):
    held = booked(stage)
    actions.record_call(held, "cancelled", 4, by=clerk)
    with pytest.raises(ValueError, match="no longer in force"):
        actions.record_call(held, "will_come", 4, by=clerk)
    assert Call.objects.count() == 1


def test_calls_of_the_day_stay_on_the_list(cast, clerk):
    first, second = coming(cast, 0.4), coming(cast, 0.2)
    Call.objects.create(appointment=first, outcome="will_come", made_by=clerk)
    Appointment.objects.filter(pk=first.pk).update(confirmed_at=timezone.now())
    rows = listed(clerk, cast).rows
    assert [(row.appointment, row.is_open) for row in rows] == [(first, False), (second, True)]


def test_nobody_calls_without_the_permission_or_while_off(stage, clerk):
    held = booked(stage)
    with pytest.raises(NotAllowedError):
        actions.record_call(held, "nobody", 4, by=stage.cast.people["radiographer"])
    elsewhere = coming(stage.cast, 0.3, site=stage.cast.south)
    with pytest.raises(NotAllowedError):
        actions.record_call(elsewhere, "nobody", 4, by=clerk)
    switch_on(stage.cast, review_on=timezone.localdate())
    stage.cast.group.impact_assessments.update(review_on=timezone.localdate() - timezone.timedelta(days=1))
    with pytest.raises(rules.RoomOffError):
        actions.record_call(held, "nobody", 4, by=clerk)
    with pytest.raises(rules.RoomOffError):
        actions.draw_list(stage.cast.group, Asked(), timezone.now(), by=clerk)


def test_confirmed_patients_are_not_called(stage, clerk):
    held = booked(stage)
    confirm(held, by=STAGE)
    assert listed(clerk, stage.cast, Asked(days=4)).rows == ()


def test_a_long_list_takes_as_many_queries_as_a_short_one(cast, clerk, django_assert_num_queries):
    with_key(a_trial(cast, hold_out=0.05))
    counts = []
    for more in (6, 20):
        for _ in range(more):
            coming(cast, 0.3)
        actions.draw_list(cast.group, Asked(minutes=600), timezone.now(), by=clerk)
        with django_assert_num_queries(6) as seen:
            listed(clerk, cast, Asked(minutes=600))
        counts.append(len(seen))
    assert counts[0] == counts[1]
