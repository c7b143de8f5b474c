"""Booking, cancelling, moving and offering: what is refused says why, and what is done leaves slots and lists right."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db.models import Count

from trustwide.commons.accounts.rules import NotAllowedError
from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.commons.organisations.actions import create_partner, create_partnership, create_site
from trustwide.commons.patients.actions import record_need
from trustwide.services.imaging.booking import actions, offers, sessions
from trustwide.services.imaging.booking.cells import CELL_MINUTES, TAKEN
from trustwide.services.imaging.booking.exceptions import BookingError, SlotTakenError
from trustwide.services.imaging.booking.models import Appointment, Offer, ScannerSession
from trustwide.services.imaging.booking.slots import find_slots, question_for
from trustwide.services.imaging.requests.pathway import PathwayError
from trustwide.services.imaging.waiting.clocks import LONDON


def booked(stage, scanner="MR1", day=0, minutes=0, **facts):
    """A request booked so many minutes into a session."""
    request = stage.request(**facts)
    session = stage.session(scanner, day)
    starts = session.opens_at + dt.timedelta(minutes=minutes)
    return actions.book(request, session.pk, starts, by=STAGE)


def cells_agree():
    """Whether every session's cells are just those of its appointments in force."""
    for session in ScannerSession.objects.all():
        held = session.appointments.in_force().filter(overbooked=False)
        if session.cells.count(TAKEN) * CELL_MINUTES != sum(one.minutes for one in held):
            return False
    return True


def test_booking_takes_the_slot_and_gives_the_request_its_date(stage):
    appointment = booked(stage)
    request = appointment.request
    request.refresh_from_db()
    assert (request.state, request.appointment_at) == ("booked", appointment.starts_at)
    assert appointment.session.site == stage.cast.north
    assert cells_agree()
    free = find_slots(question_for(stage.request()), limit=5)
    assert appointment.starts_at not in {slot.starts_at for slot in free if slot.session_id == appointment.session_id}


def test_one_slot_is_never_given_twice(stage):
    first = booked(stage)
    for shift in (0, 5, 15):
        with pytest.raises(SlotTakenError, match="no longer free"):
            actions.book(stage.request(), first.session_id, first.starts_at + dt.timedelta(minutes=shift), by=STAGE)
    assert Appointment.objects.in_force().count() == 1
    assert cells_agree()


def test_a_request_has_one_appointment_at_most(stage):
    first = booked(stage)
    with pytest.raises(PathwayError, match="The request is booked"):
        actions.book(first.request, first.session_id, first.starts_at + dt.timedelta(hours=1), by=STAGE)
    assert cells_agree()


@pytest.mark.parametrize(
    ("facts", "scanner", "day", "says"),
    [
        ({"exam": "CHEAD"}, "MR1", 0, "needs another kind of scanner"),
        ({"exam": "MCARD"}, "MR2", 2, "has no cardiac"),
        ({"exam": "MCARD"}, "MR1", 0, "Nobody signed off for cardiac mr works on North MR1 then"),
        ({"priority": "urgent"}, "VAN", 0, "kept for routine requests"),
        ({"priority": "planned"}, "MR1", 0, "too soon"),
    ],
)
def test_what_does_not_suit_is_refused_with_the_reason(stage, facts, scanner, day, says):
    request = stage.request(**facts)
    session = stage.session(scanner, day)
    with pytest.raises(BookingError, match=says):
        actions.book(request, session.pk, session.opens_at, by=STAGE)
    assert not Appointment.objects.exists()


def test_a_scanner_that_is_down_takes_nobody(stage):
    request, session = stage.request(), stage.session("MR1")
    session.scanner.down_since = session.opens_at - dt.timedelta(days=9)
    session.scanner.down_until = session.opens_at + dt.timedelta(hours=2)
    session.scanner.save()
    with pytest.raises(BookingError, match="North MR1 is down then"):
        actions.book(request, session.pk, session.opens_at, by=STAGE)
    actions.book(request, session.pk, session.opens_at + dt.timedelta(hours=2), by=STAGE)


def test_the_past_is_refused(stage):
    request = stage.request()
    session = stage.session("MR1")
    ScannerSession.objects.filter(pk=session.pk).update(
        opens_at=session.opens_at - dt.timedelta(days=60), closes_at=session.closes_at - dt.timedelta(days=60)
    )
    with pytest.raises(BookingError, match="in the past"):
        actions.book(request, session.pk, session.opens_at - dt.timedelta(days=60), by=STAGE)


def test_cancelling_frees_the_slot_and_restarts_the_return_clock_only(stage):
    appointment = booked(stage)
    request = appointment.request
    actions.cancel(appointment, by=STAGE, by_patient=True, reason="on holiday")
    request.refresh_from_db()
    assert (request.state, request.appointment_at) == ("ready", None)
    assert request.started_on == actions.local_day(appointment)
    assert request.experienced_from == request.requested_at.astimezone(LONDON).date()
    assert cells_agree()
    assert booked(stage).starts_at == appointment.starts_at


def test_a_hospital_cancellation_keeps_the_clock_running(stage):
    appointment = booked(stage)
    actions.cancel(appointment, by=STAGE, by_patient=False, reason="scanner fault")
    appointment.request.refresh_from_db()
    assert appointment.request.started_on == appointment.request.experienced_from


def test_an_appointment_is_ended_once(stage):
    appointment = booked(stage)
    again = Appointment.objects.get(pk=appointment.pk)
    actions.cancel(appointment, by=STAGE, by_patient=True, reason="ill")
    with pytest.raises(BookingError, match=r"no longer in force|ended this appointment a moment ago"):
        actions.cancel(again, by=STAGE, by_patient=True, reason="ill")
    assert cells_agree()


def test_a_move_that_fails_changes_nothing(stage):
    mine, other = booked(stage), booked(stage, minutes=60)
    with pytest.raises(SlotTakenError):
        actions.move(mine, other.session_id, other.starts_at, by=STAGE, by_patient=False, reason="earlier")
    mine = Appointment.objects.get(pk=mine.pk)
    mine.request.refresh_from_db()
    assert (mine.state, mine.request.state, mine.request.appointment_at) == ("booked", "booked", mine.starts_at)
    assert cells_agree()


def test_over_booking_stops_at_its_limit(stage):
    first = booked(stage)
    second = actions.book(stage.request(), first.session_id, first.starts_at, by=STAGE, overbook=True)
    with pytest.raises(BookingError, match="may be over-booked 1 times"):
        actions.book(stage.request(), first.session_id, first.starts_at, by=STAGE, overbook=True)
    actions.cancel(second, by=STAGE, by_patient=False, reason="not needed")
    actions.book(stage.request(), first.session_id, first.starts_at, by=STAGE, overbook=True)
    assert cells_agree()


def test_whoever_may_not_book_changes_nothing(stage):
    request, session = stage.request(), stage.session("MR1")
    with pytest.raises(NotAllowedError):
        actions.book(request, session.pk, session.opens_at, by=stage.cast.people["ward_nurse"])
    assert cells_agree()
    assert not Appointment.objects.exists()


def test_of_three_offers_of_one_time_one_is_accepted(stage):
    slot = find_slots(question_for(stage.request()), limit=1)[0]
    made = [offers.make_offer(stage.request(), slot, by=STAGE) for _ in range(3)]
    offers.accept_offer(made[1], by=STAGE)
    for late in (made[0], made[2]):
        with pytest.raises(SlotTakenError, match="taken by somebody else"):
            offers.accept_offer(late, by=STAGE)
    answers = Offer.objects.values_list("answer").annotate(Count("pk")).order_by("answer")
    assert dict(answers) == {"accepted": 1, "gone": 2}
    assert cells_agree()


def test_two_reasonable_offers_declined_start_the_return_clock_at_the_first(stage):
    request = stage.request()
    late = dt.datetime.combine(stage.monday + dt.timedelta(days=28), dt.time(), LONDON)
    slots = find_slots(question_for(request, earliest=late), limit=2)
    for slot in slots:
        offers.decline_offer(offers.make_offer(request, slot, by=STAGE), by=STAGE)
    request.refresh_from_db()
    assert request.started_on == slots[0].starts_at.astimezone(LONDON).date()


def test_sessions_are_made_once_and_not_on_bank_holidays(stage):
    scanner = stage.scanners["MR1"]
    again = sessions.make_sessions(
        scanner.templates.all(), stage.monday, stage.monday + dt.timedelta(weeks=8), by=STAGE
    )
    christmas = dt.date(2027, 12, 20)
    sessions.make_sessions(scanner.templates.all(), christmas, christmas + dt.timedelta(days=10), by=STAGE)
    days = {s.opens_at.astimezone(LONDON).date() for s in scanner.sessions.filter(opens_at__year=2027)}
    assert again == 0
    assert dt.date(2027, 12, 24) in days
    assert not days & {dt.date(2027, 12, 27), dt.date(2027, 12, 28)}


@pytest.mark.parametrize("day", [dt.date(2027, 3, 28), dt.date(2026, 10, 25), dt.date(2027, 1, 3)])
def test_hours_stay_the_same_on_the_wall_when_the_clocks_change(stage, day):
    scanner = stage.scanners["MR1"]
    template = sessions.add_template(
        scanner, day.weekday(), dt.time(0, 30), dt.time(6), by=STAGE, from_on=dt.date(2026, 1, 1)
    )
    sessions.make_sessions([template], day, day, by=STAGE)
    made = ScannerSession.objects.get(template=template)
    assert made.opens_at.astimezone(LONDON).time() == dt.time(0, 30)
    assert made.closes_at.astimezone(LONDON).time() == dt.time(6)
    assert made.minutes == (made.closes_at - made.opens_at).total_seconds() / 60


def test_a_day_is_closed_and_opened_without_touching_the_template(stage):
    appointment = booked(stage)
    session = ScannerSession.objects.get(pk=appointment.session_id)
    with pytest.raises(BookingError, match="1 patient is booked"):
        sessions.close_session(session, by=STAGE, reason="service visit")
    actions.cancel(appointment, by=STAGE, by_patient=False, reason="service visit")
    session.refresh_from_db()
    sessions.close_session(session, by=STAGE, reason="service visit")
    with pytest.raises(BookingError, match="is closed then: service visit"):
        actions.book(stage.request(), session.pk, session.opens_at, by=STAGE)
    assert stage.scanners["MR1"].templates.count() == 7
    sessions.open_again(session, by=STAGE)
    actions.book(stage.request(), session.pk, session.opens_at, by=STAGE)


def test_a_scanner_is_not_opened_twice_at_a_time(stage):
    session = stage.session("VAN")
    with pytest.raises(BookingError, match="has a session at that time already"):
        sessions.open_day(
            session.scanner, session.opens_at + dt.timedelta(hours=1), session.closes_at, by=stage.cast.chief
        )


def test_another_partnerships_session_is_as_if_it_were_not_there(stage):
    request, session = stage.request(), stage.session("MR1")
    others = create_partnership("others", "Other Group", by=STAGE)
    site = create_site(create_partner(others, "T7", "Other Trust", by=STAGE), "X1", "Other Hospital", by=STAGE)
    ScannerSession.objects.filter(pk=session.pk).update(site=site)
    with pytest.raises(BookingError, match="There is no such session any more"):
        actions.book(request, session.pk, session.opens_at, by=STAGE)


def test_nobody_lies_in_two_scanners_at_once(stage):
    first = booked(stage)
    second = stage.request("CHEAD")
    type(second).objects.filter(pk=second.pk).update(patient=first.request.patient)
    second = type(second).objects.select_related("exam", "patient", "site").get(pk=second.pk)
    session = stage.session("CT1")
    with pytest.raises(BookingError, match="another appointment at 08:00"):
        actions.book(second, session.pk, session.opens_at + dt.timedelta(minutes=15), by=STAGE)
    actions.book(second, session.pk, session.opens_at + dt.timedelta(minutes=20), by=STAGE)


def test_a_form_sent_twice_moves_nothing_and_resets_no_clock(stage):
    appointment = booked(stage)
    same = (appointment.session_id, appointment.starts_at)
    again = actions.move(appointment, *same, by=STAGE, by_patient=True, reason="x")
    appointment.request.refresh_from_db()
    assert again == appointment
    assert appointment.request.started_on == appointment.request.experienced_from


def test_a_time_that_is_over_is_missed_not_cancelled(stage):
    appointment = booked(stage)
    Appointment.objects.filter(pk=appointment.pk).update(starts_at=appointment.starts_at - dt.timedelta(days=30))
    appointment.refresh_from_db()
    with pytest.raises(BookingError, match="say on the day's list what became of it"):
        actions.cancel(appointment, by=STAGE, by_patient=False, reason="late")


def test_an_earlier_time_declined_by_somebody_with_a_date_resets_no_clock(stage):
    appointment = booked(stage, day=40)
    late = dt.datetime.combine(stage.monday + dt.timedelta(days=28), dt.time(), LONDON)
    for slot in find_slots(question_for(appointment.request, earliest=late), limit=2):
        offers.decline_offer(offers.make_offer(appointment.request, slot, by=STAGE), by=STAGE)
    appointment.request.refresh_from_db()
    assert appointment.request.started_on == appointment.request.experienced_from


def test_an_accepted_offer_is_as_long_as_the_patient_needs_by_then(stage):
    request = stage.request()
    offer = offers.make_offer(request, find_slots(question_for(request), limit=1)[0], by=STAGE)
    record_need(request.patient, "dementia", by=STAGE)
    assert offers.accept_offer(Offer.objects.get(pk=offer.pk), by=STAGE).minutes == 35


def test_closing_a_session_ends_its_offers_and_it_opens_beside_no_other(stage):
    request, session = stage.request(), stage.session("MR1")
    offer = offers.make_offer(request, find_slots(question_for(request), limit=1)[0], by=STAGE)
    sessions.close_session(session, by=STAGE, reason="service visit")
    offer.refresh_from_db()
    assert offer.answer == Offer.Answer.GONE
    beside = {"site": session.site, "closes_at": session.closes_at, "cells": session.cells[12:]}
    ScannerSession.objects.create(scanner=session.scanner, opens_at=session.opens_at + dt.timedelta(hours=1), **beside)
    with pytest.raises(BookingError, match="works at that time already"):
        sessions.open_again(session, by=STAGE)
