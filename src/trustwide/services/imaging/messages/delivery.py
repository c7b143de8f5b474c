"""What the sender needs: the next message that is due, taken by one worker only, and what became of it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F

from trustwide.commons.audit.actions import SystemActor
from trustwide.commons.patients.models import Patient
from trustwide.services.imaging.booking.models import Appointment, Offer
from trustwide.services.imaging.messages import rules
from trustwide.services.imaging.messages.models import Message
from trustwide.services.imaging.messages.texts import LINK
from trustwide.services.imaging.patient_pages.links import make_link
from trustwide.services.imaging.requests.actions import happen
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.requests.pathway import Event, State, can_happen

SENDER = SystemActor("messages")
MOST_ATTEMPTS = 5
LEASE = datetime.timedelta(minutes=10)  # longer than any provider is given to answer
LOOKED_AT = 20  # due messages that several workers choose from
NEVER_SENT = "No provider took the message after {} tries; tell the patient by telephone."


@dataclass(frozen=True)
class Outgoing:
    """A message as it leaves. to: the number or address; empty for a letter."""

    message: Message
    to: str
    text: str


def claim_next(now: datetime.datetime) -> Message | None:
    """The next message that is due, for this worker alone: whoever changes its row first has it.

    Should the worker die, the message is due again after `LEASE`.
    """
    while due := list(_due(now)):
        for message in due:
            unclaimed = Message.objects.filter(
                pk=message.pk, state=Message.State.WAITING, attempts=message.attempts, send_after=message.send_after
            )
            if unclaimed.update(attempts=F("attempts") + 1, send_after=now + LEASE):
                message.attempts += 1
                return message
    return None


def prepare(message: Message, now: datetime.datetime) -> Outgoing | None:
    """The message with a fresh link and its address; None where it is no longer wanted, and then it is stopped."""
    message.refresh_from_db(fields=["state"])
    if message.state != Message.State.WAITING or not _still_wanted(message, now):
        Message.objects.filter(pk=message.pk, state=Message.State.WAITING).update(state=Message.State.STOPPED)
        return None
    text = message.text
    if LINK in text and message.channel != Patient.ContactBy.LETTER:
        text = text.replace(LINK, make_link(message.request, now)[1])
    return Outgoing(message, _address(message), text)


@transaction.atomic
def record_sent(message: Message, provider_id: str, now: datetime.datetime) -> None:
    """A provider took the message. A reminder is noted on the appointment and in the request's history."""
    Message.objects.filter(pk=message.pk).update(
        state=Message.State.SENT, sent_at=now, provider_id=provider_id[:120], problem=""
    )
    if message.kind == Message.Kind.REMINDER and message.appointment_id:
        Appointment.objects.filter(pk=message.appointment_id).update(reminded_at=now)
        request = ImagingRequest.objects.select_for_update().get(pk=message.request_id)
        if can_happen(Event.REMIND, State(request.state)):
            happen(request, Event.REMIND, by=SENDER, details={"appointment": message.appointment_id})


def record_failed(message: Message, problem: str, now: datetime.datetime) -> None:
    """A provider refused or did not answer: try again later, and give up after `MOST_ATTEMPTS`."""
    if message.attempts >= MOST_ATTEMPTS:
        changes: dict[str, Any] = {"state": Message.State.FAILED, "problem": NEVER_SENT.format(MOST_ATTEMPTS)}
    else:
        wait = datetime.timedelta(minutes=5 * 2 ** (message.attempts - 1))
        changes = {"send_after": rules.next_allowed(now + wait, message.channel), "problem": problem[:200]}
    Message.objects.filter(pk=message.pk, state=Message.State.WAITING).update(**changes)


def _due(now: datetime.datetime) -> list[Message]:
    waiting = Message.objects.filter(state=Message.State.WAITING, send_after__lte=now)
    if rules.is_quiet(now):
        waiting = waiting.filter(channel=Patient.ContactBy.LETTER)
    related = ("patient", "appointment", "offer", "request__site", "request__exam", "request__patient")
    return list(waiting.select_related(*related)[:LOOKED_AT])


def _still_wanted(message: Message, now: datetime.datetime) -> bool:
    if not rules.wants(message.patient, message.kind):
        return False
    if message.kind == Message.Kind.REMINDER:
        appointment = message.appointment
        return bool(appointment and appointment.state == Appointment.State.BOOKED and appointment.starts_at > now)
    if message.offer is not None:
        offer = message.offer
        return offer.answer == Offer.Answer.PENDING and (offer.expires_at is None or offer.expires_at > now)
    return True


def _address(message: Message) -> str:
    ways = {Patient.ContactBy.SMS: message.patient.mobile, Patient.ContactBy.EMAIL: message.patient.email}
    return ways.get(Patient.ContactBy(message.channel), "")
