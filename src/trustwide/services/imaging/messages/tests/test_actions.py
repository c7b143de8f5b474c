"""Messages: queued once, not against a patient's wish, and stopped with their appointment."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.commons.patients.actions import merge_patients
from trustwide.services.imaging.booking.actions import cancel, move
from trustwide.services.imaging.booking.slots import find_slots, question_for
from trustwide.services.imaging.messages import actions, texts
from trustwide.services.imaging.messages.models import Message
from trustwide.services.imaging.messages.tests.message_stage import booked, reachable
from trustwide.services.imaging.models import Appointment

DAY = dt.timedelta(days=1)


def queued(**which):
    return list(Message.objects.filter(**which).order_by("pk").values_list("kind", "state"))


def long_ago(appointment):
    Appointment.objects.filter(pk=appointment.pk).update(booked_at=appointment.booked_at - 30 * DAY)


def test_reminders_seven_and_two_days_before_and_each_once(stage):
    appointment = booked(stage)
    long_ago(appointment)
    at = appointment.starts_at
    assert actions.queue_reminders(at - 7.5 * DAY) == 0
    assert [actions.queue_reminders(at - 7 * DAY) for _ in range(3)] == [1, 0, 0]
    assert actions.queue_reminders(at - 6.2 * DAY) == 0
    assert actions.queue_reminders(at - 4 * DAY) == 0
    assert [actions.queue_reminders(at - 1.9 * DAY) for _ in range(3)] == [1, 0, 0]
    assert actions.queue_reminders(at - 0.5 * DAY) == 0
    assert queued() == [("reminder", "waiting")] * 2
    assert "MRI" not in Message.objects.first().text
    assert "knee" not in Message.objects.first().text


def test_who_was_booked_a_moment_ago_is_not_reminded(stage):
    appointment = booked(stage)
    Appointment.objects.filter(pk=appointment.pk).update(booked_at=appointment.starts_at - 6.9 * DAY)
    assert actions.queue_reminders(appointment.starts_at - 6.8 * DAY) == 0


def test_a_letter_comes_too_late_for_two_days_before(stage):
    appointment = booked(stage, contact_by="letter")
    long_ago(appointment)
    assert actions.queue_reminders(appointment.starts_at - 7 * DAY) == 1
    assert actions.queue_reminders(appointment.starts_at - 2 * DAY) == 0


def test_reminders_take_as_many_queries_for_twelve_as_for_three(stage):
    taken = []
    for number in (3, 12):
        for _ in range(number):
            long_ago(booked(stage, days=0 if number == 3 else 14))
        at = Appointment.objects.order_by("-starts_at").first().starts_at - 7 * DAY + dt.timedelta(minutes=1)
        with CaptureQueriesContext(connection) as queries:
            assert actions.queue_reminders(at) == number
        taken.append(len(queries))
    assert taken[0] == taken[1]


def test_letters_that_come_too_late_keep_nobody_waiting(stage, monkeypatch):
    monkeypatch.setattr(actions, "AT_ONCE", 2)
    no_address = {"mobile": "", "email": ""}
    for facts in ({"contact_by": "letter"}, no_address, {"contact_by": "letter"}):
        long_ago(booked(stage, **facts))
    last = booked(stage)
    long_ago(last)
    assert actions.queue_reminders(last.starts_at - 2 * DAY) == 1
    assert Message.objects.get().appointment == last


def test_those_who_opted_out_on_the_record_that_stands_for_them_keep_nobody_waiting(stage, monkeypatch):
    monkeypatch.setattr(actions, "AT_ONCE", 1)
    opted_out, last = booked(stage), booked(stage)
    into = reachable(stage).patient
    merge_patients(opted_out.request.patient, into, by=STAGE, reason="x")
    actions.opt_out(into, by=STAGE)
    for appointment in (opted_out, last):
        long_ago(appointment)
    assert actions.queue_reminders(last.starts_at - 2 * DAY) == 1
    assert Message.objects.get().appointment == last


def test_an_opt_out_ends_reminders_and_offers_but_not_news(stage):
    request = reachable(stage)
    at = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
    for kind in (Message.Kind.REMINDER, Message.Kind.OFFER, Message.Kind.MOVED):
        actions.queue_message(request, kind, "text", now=at)
    actions.opt_out(request.patient, by=STAGE)
    assert queued() == [("reminder", "stopped"), ("offer", "stopped"), ("moved", "waiting")]
    assert actions.queue_message(request, Message.Kind.REMINDER, "text") is None
    assert actions.queue_message(request, Message.Kind.CANCELLED, "text") is not None
    actions.opt_out(request.patient, by=STAGE, stopped=False)
    assert actions.queue_message(request, Message.Kind.REMINDER, "text") is not None


def test_nothing_is_queued_where_nobody_is_booked_live(stage, settings):
    appointment = booked(stage)
    long_ago(appointment)
    settings.LIVE_BOOKING = False
    assert actions.queue_message(appointment.request, Message.Kind.BOOKED, "text") is None
    assert actions.queue_reminders(appointment.starts_at - 7 * DAY) == 0


def test_the_patient_hears_of_the_booking_and_of_the_cancellation_by_the_hospital(
    stage, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        appointment = booked(stage)
    assert queued() == [("booked", "waiting")]
    with django_capture_on_commit_callbacks(execute=True):
        cancel(appointment, by=STAGE, by_patient=False, reason="scanner down")
    assert queued() == [("booked", "stopped"), ("cancelled", "waiting")]
    assert "scanner down" not in Message.objects.last().text


@pytest.mark.parametrize("by_patient", [True, False])
def test_a_move_is_told_as_one_change(stage, django_capture_on_commit_callbacks, by_patient):
    appointment = booked(stage)
    later = find_slots(question_for(appointment.request, appointment.starts_at + 3 * DAY), limit=1)[0]
    with django_capture_on_commit_callbacks(execute=True):
        move(appointment, later.session_id, later.starts_at, by=STAGE, by_patient=by_patient, reason="asked")
    assert queued(state="waiting") == [("moved", "waiting")]
    assert texts.when(later.starts_at) in Message.objects.get(state="waiting").text


def test_who_cancels_needs_no_message(stage, django_capture_on_commit_callbacks):
    appointment = booked(stage)
    with django_capture_on_commit_callbacks(execute=True):
        cancel(appointment, by=STAGE, by_patient=True, reason="unwell")
    assert queued() == []
