"""Writes to messages that wait: put in the queue, stopped. Replies are in `replies`, sending in `delivery`."""

from __future__ import annotations

import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from trustwide.commons.audit.actions import Actor
from trustwide.commons.patients.actions import stop_reminders, surviving
from trustwide.commons.patients.models import Patient
from trustwide.services.imaging.attendance.actions import draw_reminders
from trustwide.services.imaging.attendance.figures import left_out_of, reminder_trials
from trustwide.services.imaging.booking.models import Appointment, Offer
from trustwide.services.imaging.messages import rules, texts
from trustwide.services.imaging.messages.models import Message
from trustwide.services.imaging.requests.models import ImagingRequest

Kind, State = Message.Kind, Message.State
AT_ONCE = 500
POST_TAKES = datetime.timedelta(days=5)
AT_THE_SAME_TIME = datetime.timedelta(minutes=1)


def queue_message(
    request: ImagingRequest,
    kind: Message.Kind,
    text: str,
    *,
    appointment: Appointment | None = None,
    offer: Offer | None = None,
    now: datetime.datetime | None = None,
) -> Message | None:
    """A message that waits until it may go out; None where nobody can be written to, or they opted out."""  # fmt: skip
    message = _message(request, kind, text, now or timezone.now())
    if message is not None:
        message.appointment, message.offer = appointment, offer
        message.save(force_insert=True)
    return message


def queue_reminders(now: datetime.datetime) -> int:
    """Reminders seven and two days before; each once, however often this runs. How many are new."""
    if not rules.leaves_here():
        return 0
    return sum(_remind(now, datetime.timedelta(days=days)) for days in rules.REMIND_DAYS)


@transaction.atomic
def _remind(now: datetime.datetime, before: datetime.timedelta) -> int:
    """Whoever was booked after the reminder was due has just had the message of the booking."""
    a_day = datetime.timedelta(days=1)
    reminded = Message.objects.filter(
        appointment=OuterRef("pk"), kind=Kind.REMINDER, send_after__gte=OuterRef("starts_at") - before
    )
    # locked and looked at again, so that of two workers the second finds the first one's reminders
    due = (
        Appointment.objects.in_force()
        .select_for_update(of=("self",))
        .filter(starts_at__gt=now + before - a_day, starts_at__lte=now + before)
        .filter(booked_at__lte=F("starts_at") - before, request__patient__reminders_stopped_at=None)
        .exclude(request__patient__merged_into__reminders_stopped_at__isnull=False)
        .select_related("session__site", "request__patient__merged_into")
        .order_by("pk")
    )
    if before < POST_TAKES:
        # left out before the first few are taken, else letters that come too late keep everybody else waiting
        due = due.exclude(rules.by_letter_only("request__patient"), request__patient__merged_into=None)
    trials = reminder_trials(now)
    found = list(due.exclude(Exists(reminded)).exclude(Exists(left_out_of(trials)))[:AT_ONCE])
    meanwhile = set(
        Appointment.objects.filter(Exists(reminded), pk__in=[one.pk for one in found]).values_list("pk", flat=True)
    )
    wanted = [one for one in found if one.pk not in meanwhile and not _too_late(one, before)]
    left_out = draw_reminders(trials, wanted)
    made = (_reminder(appointment, now) for appointment in wanted if appointment.pk not in left_out)
    return len(Message.objects.bulk_create([message for message in made if message is not None]))


def _reminder(appointment: Appointment, now: datetime.datetime) -> Message | None:
    text = texts.reminder(appointment.starts_at, appointment.session.site.short_name)
    message = _message(appointment.request, Kind.REMINDER, text, now)
    if message is not None:
        message.appointment = appointment
    return message


def _message(request: ImagingRequest, kind: Message.Kind, text: str, now: datetime.datetime) -> Message | None:
    """A message that is not in the queue yet; None where nobody can be written to, or they opted out."""
    patient = surviving(request.patient)
    if not rules.leaves_here() or not rules.wants(patient, kind):
        return None
    channel = rules.channel_for(patient)
    send_after = rules.next_allowed(now, channel)
    return Message(patient=patient, request=request, kind=kind, channel=channel, text=text, send_after=send_after)


def _too_late(appointment: Appointment, before: datetime.timedelta) -> bool:
    """Whether a letter would come after the appointment."""
    by_letter = rules.channel_for(surviving(appointment.request.patient)) == Patient.ContactBy.LETTER
    return by_letter and before < POST_TAKES


def stop_messages_of(appointment: Appointment) -> int:
    """Nothing about an appointment that ended goes out any more; how many waited."""
    return _stop(appointment=appointment)


@transaction.atomic
def opt_out(patient: Patient, *, by: Actor, stopped: bool = True) -> None:
    """No more reminders and offers, or again; those that wait do not go out."""
    stop_reminders(patient, by=by, stopped=stopped)
    if stopped:
        _stop(patient=patient, kind__in=rules.OPTIONAL)


def tell_booked(appointment: Appointment) -> Message | None:
    """Tell a patient of a new appointment; as a change, where it stands for one that has just ended."""
    request, site = appointment.request, appointment.session.site.short_name
    untold = _stop(request=request, kind=Kind.CANCELLED)
    ended = request.appointments.filter(ended_at__gte=appointment.booked_at - AT_THE_SAME_TIME).exclude(state="missed")
    kind, text = (Kind.MOVED, texts.moved) if untold or ended.exists() else (Kind.BOOKED, texts.booked)
    return queue_message(request, kind, text(appointment.starts_at, site), appointment=appointment)


def tell_cancelled(appointment: Appointment) -> Message | None:
    """Tell a patient that the hospital cancelled; who cancels knows it already."""
    text = texts.cancelled(appointment.starts_at, appointment.session.site.short_name)
    return queue_message(appointment.request, Kind.CANCELLED, text, appointment=appointment)


def _stop(**which: object) -> int:
    return Message.objects.filter(state=State.WAITING, **which).update(state=State.STOPPED)
