"""Who may change a scanner's hours, and what may become of a session; each rule once, with two doors."""

from __future__ import annotations

import datetime

from django.db.models import QuerySet
from django.utils import timezone

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import can, check_can, sites_where
from trustwide.commons.audit.actions import Actor
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.booking.exceptions import BookingError
from trustwide.services.imaging.booking.models import Scanner, ScannerSession

MOST_OVERBOOKED = 20


def check_can_change_hours(by: Actor, scanner: Scanner) -> None:
    """Raise NotAllowedError unless the person changes hours where the scanner belongs; a named job may."""
    if isinstance(by, User):
        check_can(by, "manage_sessions", scanner.site)


def can_change_hours(by: User, scanner: Scanner) -> bool:
    """Whether `check_can_change_hours` has nothing to say."""
    return can(by, "manage_sessions", scanner.site)


def scanners_to_change(user: User) -> QuerySet[Scanner]:
    """Scanners in use whose hours this person may change."""
    sites = sites_where(user, "manage_sessions").of_the_group()
    mine: QuerySet[Scanner] = Scanner.objects.filter(in_use=True, site__in=sites).select_related("site")
    return mine


def sites_for(scanner: Scanner) -> QuerySet[Site]:
    """Where a scanner can stand: a van at any site of its partnership, another one only at its own."""
    if not scanner.mobile:
        return Site.objects.filter(pk=scanner.site_id)
    return Site.objects.filter(partner__partnership=scanner.site.partner.partnership_id)


def check_ahead(session: ScannerSession) -> None:
    """Raise BookingError for a session that has begun."""
    if session.opens_at <= timezone.now():
        raise BookingError("That session has begun; only those ahead can be changed.")


def check_starts_ahead(from_on: datetime.date) -> None:
    """Raise BookingError unless other hours begin on a later day than today."""
    if from_on <= timezone.localdate():
        raise BookingError("Other hours begin tomorrow at the earliest; choose a later day.")


def check_overbook_limit(session: ScannerSession, limit: int) -> None:
    """Raise BookingError for a limit that is under what is over-booked already, or beyond reason."""
    if limit < session.overbooked:
        raise BookingError(
            f"{_patients(session.overbooked)} over-booked in that session already; the limit cannot be {limit}."
        )
    if limit > MOST_OVERBOOKED:
        raise BookingError(f"Over-booking limit: {MOST_OVERBOOKED} patients at most, got {limit}.")


def check_can_stand_at(session: ScannerSession, site: Site) -> None:
    """Raise BookingError unless the session is a van's, ahead, and empty, and the site one it can go to."""
    check_ahead(session)
    if not session.scanner.mobile:
        raise BookingError(f"{session.scanner} is not mobile; it stays at {session.site.short_name}.")
    if booked := session.appointments.in_force().count():
        raise BookingError(f"{_patients(booked)} booked in that session; move them first.")
    if not sites_for(session.scanner).filter(pk=site.pk).exists():
        raise BookingError(f"{site} is no site of this partnership; choose another one.")


def _patients(number: int) -> str:
    return "1 patient is" if number == 1 else f"{number} patients are"
