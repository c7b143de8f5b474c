"""What the staff's pages of messages show: answers to look at, and freed times on offer."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils import timezone

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import can, sites_where
from trustwide.commons.organisations.models import Partnership
from trustwide.services.imaging.booking.models import Offer
from trustwide.services.imaging.messages.models import Reply


@dataclass(frozen=True)
class FreedTime:
    """One time that a cancellation freed, with the offers of it, and how many of them have no answer yet."""

    offers: tuple[Offer, ...]

    @property
    def first(self) -> Offer:
        """Any of the offers: they share time, session and site."""
        return self.offers[0]

    @property
    def answers(self) -> str:
        """How many gave which answer: 2 no answer yet, 1 declined."""
        given = [offer.get_answer_display().lower() for offer in self.offers]
        return ", ".join(f"{given.count(answer)} {answer}" for answer in dict.fromkeys(given))


def replies_for(user: User | AnonymousUser, permission: str = "view_bookings") -> QuerySet[Reply]:
    """Answers about requests of this person's sites, and those of unknown senders where they may be seen."""
    seen = Q(message__request__site__in=sites_where(user, permission).of_the_group())
    if sees_unknown(user, permission):
        seen |= Q(message=None)
    return Reply.objects.filter(seen).select_related("message__patient", "message__request__site")


def sees_unknown(user: User | AnonymousUser, permission: str = "view_bookings") -> bool:
    """Whether somebody may see answers of unknown senders: of several partnerships nobody can tell whose they are."""
    if not sites_where(user, permission).of_the_group().exists():
        return False
    return Partnership.objects.filter(comparison=False).count() == 1 or can(user, "view_audit")


def to_handle(user: User | AnonymousUser) -> QuerySet[Reply]:
    """Answers somebody has to look at, oldest first."""
    return replies_for(user).filter(handled_at=None).order_by("received_at", "pk")


def freed_times(user: User | AnonymousUser) -> list[FreedTime]:
    """Times ahead that were offered because somebody cancelled, at this person's sites, soonest first."""
    sites = sites_where(user, "view_bookings").of_the_group()
    offers = (
        Offer.objects.filter(freed_by__isnull=False, starts_at__gt=timezone.now(), session__site__in=sites)
        .select_related("session__scanner", "session__site")
        .order_by("starts_at", "freed_by", "pk")
    )
    times: dict[int | None, list[Offer]] = {}
    for offer in offers:
        times.setdefault(offer.freed_by_id, []).append(offer)
    return [FreedTime(tuple(found)) for found in times.values()]
