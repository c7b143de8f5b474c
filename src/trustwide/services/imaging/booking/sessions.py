"""Writes to sessions: made from templates, opened or closed by themselves, without touching the template."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.db import transaction
from django.utils import timezone

from trustwide.analysis.capacity.calendars import england_bank_holidays
from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import check_can
from trustwide.commons.audit.actions import Actor, record
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.booking.cells import all_free
from trustwide.services.imaging.booking.exceptions import BookingError
from trustwide.services.imaging.booking.models import Offer, Scanner, ScannerSession, SessionTemplate
from trustwide.services.imaging.waiting.clocks import LONDON

LONGEST_HOURS = 24


@transaction.atomic
def add_scanner(site: Site, code: str, name: str, modality: str, *, by: Actor, **facts: Any) -> Scanner:
    """A machine that can be booked; `facts` are mobile and has."""
    _check_may(by, site)
    scanner: Scanner = Scanner.objects.create(site=site, code=code, name=name, modality=modality, **facts)
    record("added a scanner", by=by, target=scanner, site_code=site.code)
    return scanner


@transaction.atomic
def add_template(
    scanner: Scanner,
    weekday: int,
    opens: datetime.time,
    closes: datetime.time,
    *,
    by: Actor,
    from_on: datetime.date,
    site: Site | None = None,
    **facts: Any,
) -> SessionTemplate:
    """Hours a scanner usually works. Raises BookingError for hours that end before they begin."""  # fmt: skip
    _check_may(by, scanner.site)
    if opens >= closes:
        raise BookingError(f"The session opens at {opens:%H:%M} and closes at {closes:%H:%M}; it must close later.")
    template = SessionTemplate.objects.create(
        scanner=scanner,
        site=site or scanner.site,
        weekday=weekday,
        opens=opens,
        closes=closes,
        from_on=from_on,
        **facts,
    )
    record("added a session template", by=by, target=template, site_code=scanner.site.code)
    return template


@transaction.atomic
def make_sessions(templates: Iterable[SessionTemplate], first: datetime.date, last: datetime.date, *, by: Actor) -> int:
    """Make the sessions of templates from `first` to `last`, but on bank holidays; how many are new.

    Days that have their session already, open or closed, stay as they are, so it can be run again.
    """
    holidays = set(england_bank_holidays(first.year, last.year))
    made = [
        session_of(template, day)
        for template in templates
        for day in days_of(template, first, last)
        if day not in holidays
    ]
    before = ScannerSession.objects.count()
    ScannerSession.objects.bulk_create(made, ignore_conflicts=True, batch_size=500)
    new = ScannerSession.objects.count() - before
    if new:
        details = {"first": first, "last": last, "sessions": new}
        record("made sessions from templates", by=by, details=details)
    return new


@transaction.atomic
def open_day(
    scanner: Scanner,
    opens_at: datetime.datetime,
    closes_at: datetime.datetime,
    *,
    by: Actor,
    site: Site | None = None,
    competences: Collection[str] = (),
    overbook_limit: int = 0,
) -> ScannerSession:
    """Open a scanner for once. Raises BookingError where it works at that time already."""  # fmt: skip
    _check_may(by, scanner.site)
    _check_hours(scanner, opens_at, closes_at)
    session = ScannerSession(
        scanner=scanner, site=site or scanner.site, opens_at=opens_at, closes_at=closes_at,
        cells=all_free(_minutes(opens_at, closes_at)), competences=sorted(competences), overbook_limit=overbook_limit,
    )  # fmt: skip
    session.save()
    record("opened a session", by=by, target=session, site_code=scanner.site.code)
    return session


@transaction.atomic
def close_session(session: ScannerSession, *, by: Actor, reason: str) -> None:
    """Close one session; its template stays. Raises BookingError while somebody is booked in it."""
    _check_may(by, session.scanner.site)
    if not reason.strip():
        raise BookingError("Say why the session is closed.")
    if booked := session.appointments.in_force().count():
        are = "patient is" if booked == 1 else "patients are"
        raise BookingError(f"{booked} {are} booked in that session; move them first.")
    unchanged = ScannerSession.objects.filter(pk=session.pk, version=session.version)
    if not unchanged.update(closed_reason=reason[:200], version=session.version + 1):
        raise BookingError("Somebody booked into that session a moment ago; look at it again.")
    pending = session.offers.filter(answer=Offer.Answer.PENDING)
    pending.update(answer=Offer.Answer.GONE, answered_at=timezone.now())
    session.refresh_from_db()
    record("closed a session", by=by, target=session, site_code=session.scanner.site.code, reason=reason)


@transaction.atomic
def open_again(session: ScannerSession, *, by: Actor) -> None:
    """Open a session that was closed."""
    _check_may(by, session.scanner.site)
    others = session.scanner.sessions.filter(closed_reason="").exclude(pk=session.pk)
    if others.filter(opens_at__lt=session.closes_at, closes_at__gt=session.opens_at).exists():
        raise BookingError(f"{session.scanner} works at that time already, in a session of its new hours.")
    closed = ScannerSession.objects.filter(pk=session.pk, version=session.version)
    if not closed.update(closed_reason="", version=session.version + 1):
        raise BookingError("Somebody changed that session a moment ago; look at it again.")
    session.refresh_from_db()
    record("opened a session again", by=by, target=session, site_code=session.scanner.site.code)


def days_of(template: SessionTemplate, first: datetime.date, last: datetime.date) -> Iterator[datetime.date]:
    """The days of a template from `first` to `last`."""
    begin = template.from_on + datetime.timedelta(days=(template.weekday - template.from_on.weekday()) % 7)
    step = datetime.timedelta(weeks=template.every_weeks)
    day = begin + max(0, -((begin - first) // step)) * step
    end = min(last, template.until_on or last)
    while day <= end:
        yield day
        day += step


def session_of(template: SessionTemplate, day: datetime.date) -> ScannerSession:
    """A template's session on a day, not yet saved; hours are those of the wall clock."""
    opens_at = datetime.datetime.combine(day, template.opens, LONDON).astimezone(datetime.UTC)
    closes_at = datetime.datetime.combine(day, template.closes, LONDON).astimezone(datetime.UTC)
    return ScannerSession(
        scanner_id=template.scanner_id, site_id=template.site_id, template=template, opens_at=opens_at,
        closes_at=closes_at, cells=all_free(_minutes(opens_at, closes_at)), overbook_limit=template.overbook_limit,
        competences=template.competences, priorities=template.priorities,
    )  # fmt: skip


def _check_hours(scanner: Scanner, opens_at: datetime.datetime, closes_at: datetime.datetime) -> None:
    if not datetime.timedelta() < closes_at - opens_at <= datetime.timedelta(hours=LONGEST_HOURS):
        raise BookingError("A session closes after it opens, and within 24 hours; check the two times.")
    if opens_at < timezone.now():
        raise BookingError("That session would begin in the past; choose a later day.")
    if scanner.sessions.filter(opens_at__lt=closes_at, closes_at__gt=opens_at).exists():
        raise BookingError(f"{scanner} has a session at that time already; open that one again or choose another time.")


def _minutes(opens_at: datetime.datetime, closes_at: datetime.datetime) -> int:
    return int((closes_at - opens_at).total_seconds()) // 60


def _check_may(by: Actor, site: Site) -> None:
    if isinstance(by, User):
        check_can(by, "manage_sessions", site)
