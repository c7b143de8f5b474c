"""Times that a cancellation frees are offered to those who wait, a few at once; the first to accept has the time.

An offer holds nothing. Who is booked elsewhere and accepts frees their own time, which is offered in turn; the chain
ends after `settings.FREED_CHAIN` links.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from trustwide.commons.audit.actions import SystemActor
from trustwide.services.imaging.booking.exceptions import BookingError
from trustwide.services.imaging.booking.models import Appointment, Offer, ScannerSession, TravelTime
from trustwide.services.imaging.booking.offers import expire_offers, make_offer
from trustwide.services.imaging.booking.rules import suits
from trustwide.services.imaging.booking.slots import Slot, question_for, slot_is_free
from trustwide.services.imaging.messages import rules, texts
from trustwide.services.imaging.messages.actions import queue_message
from trustwide.services.imaging.messages.models import Message
from trustwide.services.imaging.requests.models import ImagingRequest, Priority
from trustwide.services.imaging.requests.pathway import PathwayError, State
from trustwide.services.imaging.waiting.clocks import LONDON

BY = SystemActor("freed times")
CANCELLED = (Appointment.State.PATIENT_CANCELLED, Appointment.State.HOSPITAL_CANCELLED)
LOOKED_AT = 200  # of those who wait, first ones first
ROUNDS = 3  # then the time is left to the clerks
SOONER_BY = datetime.timedelta(days=14)  # who is booked is asked only for a gain of this
A_MOMENT = datetime.timedelta(minutes=1)
ANSWERED_WITHIN = datetime.timedelta(days=7)  # a clerk's offer without an end; then the patient may be asked again
TIMES_A_ROUND = 100
URGENCY = {priority: rank for rank, priority in enumerate(Priority)}


def is_worth_offering(appointment: Appointment, now: datetime.datetime) -> bool:
    """Whether an ended appointment leaves its time free early enough for somebody else to come."""
    notice = datetime.timedelta(hours=settings.FREED_NOTICE_HOURS)
    ended = appointment.state in CANCELLED and not appointment.overbooked
    return ended and appointment.starts_at >= now + notice and links_before(appointment) < settings.FREED_CHAIN


def offer_freed_time(appointment_id: int) -> int:
    """Offer the time of a cancelled appointment to the next few who could use it; how many offers were made.

    It may be run again at any time: while offers are open, or after `ROUNDS` rounds, it does nothing.
    """
    now = timezone.now()
    if not rules.leaves_here():
        return 0
    with transaction.atomic():
        # two jobs for one appointment queue at its row, and the second finds the offers of the first
        locked = Appointment.objects.select_for_update(of=("self",))
        appointment = locked.select_related("session__scanner", "session__site__partner").get(pk=appointment_id)
        if not is_worth_offering(appointment, now) or _is_asked_enough(appointment):
            return 0
        if not _can_be_used(appointment):
            return 0
        return sum(_offer(request, slot, appointment, now) for request, slot in _chosen(appointment, now))


def close_taken_offers(appointment: Appointment) -> int:
    """Offers of a time that somebody has now are gone; how many."""
    begins = Offer.objects.filter(session=appointment.session_id, starts_at__lt=appointment.ends_at)
    open_still = begins.filter(answer=Offer.Answer.PENDING).exclude(request=appointment.request_id)
    taken = [
        pk
        for pk, starts_at, minutes in open_still.order_by().values_list("pk", "starts_at", "minutes")
        if starts_at + datetime.timedelta(minutes=minutes) > appointment.starts_at
    ]
    if not taken:
        return 0
    pending = Offer.objects.filter(pk__in=taken, answer=Offer.Answer.PENDING)
    return pending.update(answer=Offer.Answer.GONE, answered_at=timezone.now())


def offer_freed_time_job(appointment_id: int) -> None:
    """The same as a background job."""
    offer_freed_time(appointment_id)


def offer_again(now: datetime.datetime) -> int:
    """Offers nobody answered in time end, and the next few are asked; how many new offers.

    So are those for whom nobody could come at first, or whose job was lost.
    """
    expire_offers(now)
    return sum(offer_freed_time(pk) for pk in times_to_offer(now))


def who_could_come(appointment: Appointment, now: datetime.datetime) -> Iterator[tuple[ImagingRequest, Slot]]:
    """Those who could use a freed time, most urgent first, then whose wait breaches soonest.

    Only who is reached at once, and can open their page by the date of birth.
    """
    session = appointment.session
    journeys = {
        time.origin_id: time.minutes for time in TravelTime.objects.filter(destination=session.site_id)
    } | {session.site_id: 0}  # fmt: skip
    for request in _waiting(appointment, now)[:LOOKED_AT]:
        question = question_for(request)
        if question.minutes > appointment.minutes or not suits(session, question, appointment.starts_at):
            continue
        travel = journeys.get(request.patient.nearest_id or 0)
        if _would_travel(request, session, travel):
            yield request, _slot(session, appointment.starts_at, question.minutes, travel)


def times_to_offer(now: datetime.datetime) -> list[int]:
    """Cancelled appointments whose time may be offered (again): a hundred drawn anew at each round, soonest first."""
    soon = now + datetime.timedelta(hours=settings.FREED_NOTICE_HOURS)
    open_or_done = (Offer.Answer.PENDING, Offer.Answer.ACCEPTED, Offer.Answer.GONE)
    done = Offer.objects.filter(freed_by=OuterRef("pk"), answer__in=open_or_done)
    same_time = Appointment.objects.filter(
        session=OuterRef("session"), starts_at=OuterRef("starts_at"), overbooked=False
    )  # fmt: skip
    ended = (
        Appointment.objects.filter(state__in=CANCELLED, overbooked=False, starts_at__gte=soon)
        .filter(session__closed_reason="", session__scanner__in_use=True)
        .exclude(Exists(done))
        .exclude(Exists(same_time.filter(Q(state=Appointment.State.BOOKED) | Q(pk__gt=OuterRef("pk")))))
        .annotate(asked=Count("freed_offers"))
        .filter(asked__lt=ROUNDS * settings.FREED_OFFERS_AT_ONCE)
    )
    # drawn, so that times nobody can use do not keep the others waiting
    drawn = ended.order_by("?").values_list("starts_at", "pk")[:TIMES_A_ROUND]
    return [pk for _, pk in sorted(drawn)]


def links_before(appointment: Appointment) -> int:
    """How many freed times led to this one being free: 0 for a plain cancellation."""
    links, before = 0, _freed_before(appointment)
    while before is not None and links < settings.FREED_CHAIN:
        links, before = links + 1, _freed_before(before)
    return links


def _can_be_used(appointment: Appointment) -> bool:
    """Whether nobody has the time meanwhile, and the scanner works then."""
    scanner, starts_at = appointment.session.scanner, appointment.starts_at
    free = slot_is_free(appointment.session, starts_at, appointment.minutes)
    return free and scanner.in_use and not scanner.is_down_at(starts_at)


def _is_asked_enough(appointment: Appointment) -> bool:
    """Whether offers of this time are open, or as many were made as there may be."""
    answers = list(appointment.freed_offers.values_list("answer", flat=True))
    return Offer.Answer.PENDING in answers or len(answers) >= ROUNDS * settings.FREED_OFFERS_AT_ONCE


def _freed_before(appointment: Appointment) -> Appointment | None:
    """The appointment whose freed time was taken in place of this one, if that is why it ended."""
    if appointment.ended_at is None:
        return None
    span = (appointment.ended_at, appointment.ended_at + A_MOMENT)
    accepted = Offer.objects.filter(
        request=appointment.request_id, answer=Offer.Answer.ACCEPTED, freed_by__isnull=False
    )
    taken = accepted.filter(answered_at__range=span).select_related("freed_by").first()
    return taken.freed_by if taken else None


def _waiting(appointment: Appointment, now: datetime.datetime) -> QuerySet[ImagingRequest]:
    scanner, at = appointment.session.scanner, appointment.starts_at
    gains = Q(state=State.READY) | Q(state=State.BOOKED, appointment_at__gt=at + SOONER_BY)
    unended = Q(expires_at=None, made_at__gt=now - ANSWERED_WITHIN)
    open_still = Q(answer=Offer.Answer.PENDING, starts_at__gt=now) & (Q(expires_at__gt=now) | unended)
    asked = Offer.objects.filter(request=OuterRef("pk")).filter(
        open_still | Q(session=appointment.session_id, starts_at=at)
    )
    day = at.astimezone(LONDON).date()
    urgency = Case(
        *(When(priority=priority, then=Value(rank)) for priority, rank in URGENCY.items()), output_field=IntegerField()
    )
    return (
        ImagingRequest.objects.active(day)
        .filter(gains, exam__modality=scanner.modality, exam__minutes__lte=appointment.minutes)
        .filter(exam__partnership=appointment.session.site.partner.partnership_id)
        .filter(exam__preparation_days__lte=(at - now).days)
        .filter(patient__reminders_stopped_at=None, patient__merged_into=None, patient__born_on__isnull=False)
        .exclude(rules.by_letter_only("patient"))
        .exclude(pk=appointment.request_id)
        .exclude(Exists(asked))
        .select_related("patient", "exam", "site")
        .prefetch_related("patient__needs")
        .alias(urgency=urgency)
        .order_by("urgency", "breach_on", "pk")
    )


def _chosen(appointment: Appointment, now: datetime.datetime) -> list[tuple[ImagingRequest, Slot]]:
    """The first few, one request a patient."""
    chosen: dict[int, tuple[ImagingRequest, Slot]] = {}
    for request, slot in who_could_come(appointment, now):
        chosen.setdefault(request.patient_id, (request, slot))
        if len(chosen) == settings.FREED_OFFERS_AT_ONCE:
            break
    return list(chosen.values())


def _would_travel(request: ImagingRequest, session: ScannerSession, travel: int | None) -> bool:
    """Where nobody asked how far a patient would go, they are asked only about the site whose list they are on."""
    if request.patient.travel_minutes is None:
        return session.site_id in (request.site_id, request.patient.nearest_id)
    return travel is not None and travel <= request.patient.travel_minutes


def _slot(session: ScannerSession, starts_at: datetime.datetime, minutes: int, travel: int | None) -> Slot:
    scanner, site = session.scanner, session.site
    return Slot(
        session.pk, scanner.name, scanner.mobile, site.pk, site.short_name, starts_at, minutes, travel, False
    )  # fmt: skip


def _offer(request: ImagingRequest, slot: Slot, freed_by: Appointment, now: datetime.datetime) -> bool:
    """Offer one time to one patient and tell them; whether it could be offered."""
    latest = slot.starts_at - datetime.timedelta(hours=settings.FREED_NOTICE_HOURS / 2)
    until = min(rules.after_day_hours(now, settings.FREED_ANSWER_HOURS), latest)
    try:
        with transaction.atomic():
            offer = make_offer(request, slot, by=BY, expires_at=until, freed_by=freed_by)
    except (BookingError, PathwayError):
        # somebody acted on the request since it was read; the next round asks again
        return False
    text = texts.offer(slot.starts_at, slot.site, until)
    queue_message(request, Message.Kind.OFFER, text, offer=offer, now=now)
    return True
