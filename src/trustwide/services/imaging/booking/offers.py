"""Times offered to patients: made, accepted, declined. An offer holds nothing; who accepts first gets the time."""

from __future__ import annotations

import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from trustwide.commons.audit.actions import Actor
from trustwide.services.imaging.booking.actions import book, cancel, session_of
from trustwide.services.imaging.booking.exceptions import BookingError, SlotTakenError
from trustwide.services.imaging.booking.models import Appointment, Offer, ScannerSession
from trustwide.services.imaging.booking.rules import check_suits, is_reasonable
from trustwide.services.imaging.booking.slots import Slot, question_for, slot_is_free
from trustwide.services.imaging.requests.actions import happen
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.requests.pathway import Event, State
from trustwide.services.imaging.waiting.clocks import LONDON

Answer = Offer.Answer


@transaction.atomic
def make_offer(
    request: ImagingRequest,
    slot: Slot,
    *,
    by: Actor,
    expires_at: datetime.datetime | None = None,
    freed_by: Appointment | None = None,
) -> Offer:
    """Offer a slot to a patient and keep that it was offered."""  # fmt: skip
    now = timezone.now()
    offer = Offer.objects.create(
        request=request, session_id=slot.session_id, starts_at=slot.starts_at, minutes=slot.minutes, made_at=now,
        made_by=by.audit_name, expires_at=expires_at, freed_by=freed_by,
        # an earlier time that somebody with a date may take or leave is no offer under the rules
        reasonable=freed_by is None and request.stage is State.READY and is_reasonable(_day(slot.starts_at), _day(now)),
    )  # fmt: skip
    happen(request, Event.OFFER, by=by, details={"offer": offer.pk, "starts_at": slot.starts_at.isoformat()})
    return offer


def offered_slot(request: ImagingRequest, session_id: int, starts_at: datetime.datetime) -> Slot:
    """A time somebody chose for a request, if it suits and is free. Raises BookingError, naming what is wrong."""
    question = question_for(request)
    session = session_of(session_id)
    check_suits(session, question, starts_at)
    if not slot_is_free(session, starts_at, question.minutes):
        raise SlotTakenError("That time is no longer free; look again at what is.")
    scanner, site = session.scanner, session.site
    return Slot(
        session.pk, scanner.name, scanner.mobile, site.pk, site.short_name, starts_at, question.minutes, None, False
    )


def accept_offer(offer: Offer, *, by: Actor) -> Appointment:
    """Book what was offered; who is booked elsewhere moves. Raises SlotTakenError where somebody was first.

    Then the offer is marked as gone and everything else stays as it was.
    """
    _check_open(offer)
    try:
        with transaction.atomic():
            return _accept(offer, by)
    except SlotTakenError:
        Offer.objects.filter(pk=offer.pk, answer=Answer.PENDING).update(answer=Answer.GONE, answered_at=timezone.now())
        raise SlotTakenError("That time has been taken by somebody else. Nothing else has changed.") from None


@transaction.atomic
def decline_offer(offer: Offer, *, by: Actor, reason: str = "") -> None:
    """Keep that a patient declined; two reasonable offers declined may start the DM01 clock again."""
    _check_open(offer)
    _answer(offer, Answer.DECLINED, reason)
    details = {
        "offer": offer.pk, "offered_on": _day(offer.starts_at).isoformat(), "reasonable": offer.reasonable,
    }  # fmt: skip
    happen(offer.request, Event.DECLINE, by=by, reason=reason, details=details)


def expire_offers(now: datetime.datetime) -> int:
    """Mark offers nobody answered in time; how many."""
    late = Offer.objects.filter(Q(expires_at__lt=now) | Q(starts_at__lt=now), answer=Answer.PENDING)
    return late.update(answer=Answer.EXPIRED, answered_at=now)


def withdraw_offers(session: ScannerSession) -> int:
    """Open offers of a session that closes or moves are gone; how many."""
    pending = Offer.objects.filter(session=session, answer=Answer.PENDING)
    return pending.update(answer=Answer.GONE, answered_at=timezone.now())


def _accept(offer: Offer, by: Actor) -> Appointment:
    current = offer.request.appointments.in_force().first()
    if current is not None:
        cancel(current, by=by, by_patient=False, reason="Moved to an earlier time that was offered")
    # what the patient needs may have grown since the offer was made
    minutes = max(offer.minutes, question_for(offer.request).minutes)
    appointment = book(offer.request, offer.session_id, offer.starts_at, by=by, minutes=minutes)
    # an offer that is accepted was reasonable, whatever notice it gave
    offer.reasonable = True
    _answer(offer, Answer.ACCEPTED, "")
    return appointment


def _answer(offer: Offer, answer: Offer.Answer, reason: str) -> None:
    taken = Offer.objects.filter(pk=offer.pk, answer=Answer.PENDING).update(
        answer=answer, answered_at=timezone.now(), reason=reason.replace("\x00", "")[:300], reasonable=offer.reasonable
    )
    if not taken:
        raise BookingError("This offer was answered a moment ago; look at the request again.")
    offer.answer = answer


def _check_open(offer: Offer) -> None:
    now = timezone.now()
    if offer.answer != Answer.PENDING:
        raise BookingError(f"This offer is closed: {offer.get_answer_display().lower()}.")
    if offer.starts_at <= now or (offer.expires_at and offer.expires_at <= now):
        raise BookingError("This offer has expired; ask for another time.")


def _day(moment: datetime.datetime) -> datetime.date:
    return moment.astimezone(LONDON).date()
