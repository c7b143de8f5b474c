"""Answers that patients send: taken once, read, acted on where they are clear, and left to a clerk where not."""

from __future__ import annotations

import datetime
from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import check_can
from trustwide.commons.audit.actions import Actor, record
from trustwide.commons.organisations.exceptions import NotAllowedError
from trustwide.commons.patients.actor import PatientActor
from trustwide.commons.patients.models import Patient
from trustwide.services.imaging.booking.actions import cancel, confirm
from trustwide.services.imaging.booking.exceptions import BookingError
from trustwide.services.imaging.booking.models import Appointment, Offer
from trustwide.services.imaging.booking.offers import decline_offer
from trustwide.services.imaging.messages import rules, texts
from trustwide.services.imaging.messages.actions import opt_out, queue_message
from trustwide.services.imaging.messages.figures import sees_unknown
from trustwide.services.imaging.messages.models import Message, Reply
from trustwide.services.imaging.requests.pathway import PathwayError

ReadAs = Reply.ReadAs
BY_ITSELF = "read by the system"
LONGEST_TEXT = 1000
CANCELLED_BY_TEXT = "The patient answered NO to a text message"
NUL = "\x00"


def take_reply(provider_id: str, sender: str, text: str, at: datetime.datetime) -> Reply:
    """Keep an answer and act on it. The same `provider_id` again changes nothing. sender: a mobile number."""
    patients = _patients(sender)
    reply = Reply(
        provider_id=provider_id, text=text.replace(NUL, "")[:LONGEST_TEXT], read_as=rules.read_reply(text),
        received_at=at, message=_last_message(patients),
    )  # fmt: skip
    try:
        with transaction.atomic():
            reply.save()
            if _act(reply, patients):
                reply.handled_at, reply.handled_by = timezone.now(), BY_ITSELF
                reply.save(update_fields=["handled_at", "handled_by"])
    except IntegrityError:
        # a provider delivers again what it believes was lost
        return Reply.objects.get(provider_id=provider_id)
    except (BookingError, PathwayError):
        # somebody acted on the request meanwhile: a person looks at what is meant
        reply.pk = None
        reply.save(force_insert=True)
    return reply


@transaction.atomic
def handle_reply(reply: Reply, *, by: User) -> None:
    """A clerk has done what an answer asks for; doing it twice changes nothing."""
    check_can(by, "make_bookings", reply.message.request.site if reply.message else None)
    if reply.message is None and not sees_unknown(by, "make_bookings"):
        raise NotAllowedError("Nobody can tell whose answer this is. Ask an administrator to look at it.")
    unhandled = Reply.objects.filter(pk=reply.pk, handled_at=None)
    if unhandled.update(handled_at=timezone.now(), handled_by=by.audit_name[:200]):
        record("handled a reply", by=by, target=reply)


def _act(reply: Reply, patients: list[Patient]) -> bool:
    """Do what a reply says; whether nobody has to look at it any more."""
    if not patients:
        return False
    does: dict[str, Callable[[Reply, list[Patient]], bool]] = {
        ReadAs.YES: _yes, ReadAs.NO: _no, ReadAs.STOP: _stop,
    }  # fmt: skip
    act = does.get(reply.read_as)
    return act(reply, patients) if act else False


def _yes(reply: Reply, patients: list[Patient]) -> bool:
    appointment = _only_appointment(patients)
    if _offer_of(reply) is not None or appointment is None:
        return _ask_for_the_link(reply)
    confirm(appointment, by=PatientActor(appointment.request.patient))
    return True


def _no(reply: Reply, patients: list[Patient]) -> bool:
    offer, open_offers = _offer_of(reply), _open_offers(patients)
    if (offer or open_offers) and not _is_one_persons(patients, open_offers):
        return False
    if offer is not None:
        return _decline(reply, offer)
    appointment = _only_appointment(patients)
    if appointment is None:
        return _ask_for_the_link(reply)
    by: Actor = PatientActor(appointment.request.patient)
    cancel(appointment, by=by, by_patient=True, reason=CANCELLED_BY_TEXT)
    text = texts.cancelled_by_reply(appointment.starts_at)
    queue_message(appointment.request, Message.Kind.ANSWER, text)
    return True


def _stop(reply: Reply, patients: list[Patient]) -> bool:
    for patient in patients:
        opt_out(patient, by=PatientActor(patient))
    _answer(reply, texts.stopped())
    return True


def _decline(reply: Reply, offer: Offer) -> bool:
    if offer.answer == Offer.Answer.PENDING:
        decline_offer(offer, by=PatientActor(offer.request.patient), reason="Answered NO to a text message")
    return _answer(reply, texts.declined_by_reply())


def _ask_for_the_link(reply: Reply) -> bool:
    """Whether there was a message to which the answer can be tied; else a person looks."""
    return _answer(reply, texts.use_the_link())


def _answer(reply: Reply, text: str) -> bool:
    return reply.message is not None and bool(queue_message(reply.message.request, Message.Kind.ANSWER, text))


def _patients(sender: str) -> list[Patient]:
    numbers = rules.same_number(sender)
    return list(Patient.objects.in_use().filter(mobile__in=numbers).exclude(mobile="")) if numbers else []


def _last_message(patients: list[Patient]) -> Message | None:
    """What a reply of one of these people most likely answers: the message sent to them last."""
    sent = Message.objects.filter(
        patient__in=patients, channel=Patient.ContactBy.SMS, state=Message.State.SENT
    ).exclude(kind=Message.Kind.ANSWER)
    return sent.select_related("offer__request__patient", "request__patient").order_by("-sent_at").first()


def _offer_of(reply: Reply) -> Offer | None:
    return reply.message.offer if reply.message and reply.message.kind == Message.Kind.OFFER else None


def _open_offers(patients: list[Patient]) -> list[Offer]:
    """Offers that these people were told of and can still answer."""
    now = timezone.now()
    ahead = Offer.objects.filter(answer=Offer.Answer.PENDING, starts_at__gt=now, request__patient__in=patients)
    told = ahead.filter(messages__state=Message.State.SENT).filter(Q(expires_at=None) | Q(expires_at__gt=now))
    return list(told.select_related("request").distinct())


def _is_one_persons(patients: list[Patient], offers: list[Offer]) -> bool:
    """Whether at most one offer is open, and of those who share the number one alone has anything to say no to."""
    if len(patients) == 1 or len(offers) > 1:
        return len(offers) <= 1
    ahead = Appointment.objects.in_force().filter(request__patient__in=patients, starts_at__gt=timezone.now())
    booked = ahead.values_list("request__patient", flat=True)
    return len({offer.request.patient_id for offer in offers} | set(booked)) == 1


def _only_appointment(patients: list[Patient]) -> Appointment | None:
    """The one appointment ahead of all who share a number; None where there is none, or more than one."""
    ahead = Appointment.objects.in_force().filter(request__patient__in=patients, starts_at__gt=timezone.now())
    found = list(ahead.select_related("request__patient", "request__site", "session")[:2])
    return found[0] if len(found) == 1 else None
