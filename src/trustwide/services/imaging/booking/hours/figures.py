"""A week of scanners' real sessions, and how full the weeks ahead are."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import sites_where
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.booking.cells import CELL_MINUTES, TAKEN
from trustwide.services.imaging.booking.hours.days import (
    A_DAY,
    A_WEEK,
    bank_holidays,
    day_of,
    from_to,
    monday_of,
)
from trustwide.services.imaging.booking.hours.follows import is_changed_for_the_day
from trustwide.services.imaging.booking.models import Scanner, ScannerSession
from trustwide.services.imaging.plan_charts import AS_USUAL, CHOSEN, Spec, frame
from trustwide.services.imaging.waiting.clocks import midnight

WEEKS = 6
BOOKED, OPEN = "Booked", "Still free"


@dataclass(frozen=True)
class Filled:
    """Minutes open and minutes taken of some sessions."""

    minutes: int = 0
    taken: int = 0

    @property
    def share(self) -> float | None:
        """How full, of one; None where nothing is open."""
        return self.taken / self.minutes if self.minutes else None

    @property
    def hours(self) -> float:
        """Open."""
        return self.minutes / 60

    @property
    def free_hours(self) -> float:
        """Not taken."""
        return (self.minutes - self.taken) / 60


@dataclass(frozen=True)
class Shown:
    """A session as the week shows it. once: opened for that day. changed: not as its template has it."""

    session: ScannerSession
    filled: Filled
    once: bool
    changed: bool

    @property
    def when(self) -> str:
        """08:00–20:00."""
        return from_to(self.session.opens_at, self.session.closes_at)


@dataclass(frozen=True)
class Row:
    """A scanner with its sessions by day; site is where the row stands, first_of_site opens a group of rows."""

    scanner: Scanner
    site: Site
    days: tuple[tuple[Shown, ...], ...]
    filled: Filled
    first_of_site: bool


@dataclass(frozen=True)
class Day:
    """A day of the week. holiday: its name, empty for an ordinary day."""

    date: datetime.date
    holiday: str


@dataclass(frozen=True)
class WeekAhead:
    """A week with all its open sessions."""

    monday: datetime.date
    filled: Filled


@dataclass(frozen=True)
class Week:
    """What the page shows. closed: how many sessions are."""

    monday: datetime.date
    days: tuple[Day, ...]
    rows: tuple[Row, ...]
    filled: Filled
    closed: int
    is_this: bool

    @property
    def before(self) -> datetime.date:
        """The Monday before."""
        return self.monday - A_WEEK

    @property
    def after(self) -> datetime.date:
        """The Monday after."""
        return self.monday + A_WEEK

    @property
    def answer(self) -> str:
        """11 scanners, 756 hours open this week, 83% booked; 2 sessions closed."""
        when = "this week" if self.is_this else f"in the week of {self.monday:%-d %B %Y}"
        working = sum(any(row.days) for row in self.rows)
        if not working:
            return f"No scanner has a session {when}."
        share = "" if self.filled.share is None else f", {self.filled.share:.0%} booked"
        closed = _count(self.closed, "session") if self.closed else "none"
        return f"{_count(working, 'scanner')}, {self.filled.hours:,.0f} hours open {when}{share}; {closed} closed."


def sessions_of(user: User) -> QuerySet[ScannerSession]:
    """Sessions at sites where this person works with bookings, and those of scanners that belong there."""
    there: QuerySet[ScannerSession] = ScannerSession.objects.for_user(user)
    return there | ScannerSession.objects.filter(scanner__in=Scanner.objects.for_user(user))


def sites_of(user: User) -> list[Site]:
    """Sites where this person works with bookings."""
    return list(sites_where(user, "view_bookings").of_the_group().order_by("name"))


def sites_to_stand_at(partnerships: Sequence[int]) -> list[Site]:
    """Every site of these partnerships (ids): where a van can go."""
    sites = Site.objects.filter(partner__partnership__in=partnerships).select_related("partner")
    return list(sites.order_by("name"))


def week(user: User, monday: datetime.date, today: datetime.date, site: int | None = None) -> Week:
    """The sessions of a week: of one site (id), or of all that this person may see. Three queries."""
    sessions = list(_between(user, monday, monday + A_WEEK, site).select_related("scanner__site", "template", "site"))
    rows = _rows(_scanners(user, sessions, site), sessions)
    holidays = bank_holidays(monday, monday + A_WEEK - A_DAY)
    days = tuple(Day(monday + number * A_DAY, holidays.get(monday + number * A_DAY, "")) for number in range(7))
    closed = sum(not one.is_open for one in sessions)
    return Week(monday, days, rows, _filled(sessions), closed, monday == monday_of(today))


def weeks_ahead(user: User, monday: datetime.date, site: int | None = None) -> list[WeekAhead]:
    """How full each of six weeks is: one query."""
    rows = _between(user, monday, monday + WEEKS * A_WEEK, site).filter(closed_reason="")
    held: dict[datetime.date, list[str]] = defaultdict(list)
    for opens_at, cells in rows.values_list("opens_at", "cells"):
        held[monday_of(day_of(opens_at))].append(cells)
    mondays = [monday + number * A_WEEK for number in range(WEEKS)]
    return [WeekAhead(day, _of_cells(held[day])) for day in mondays]


def ahead_words(weeks: Sequence[WeekAhead]) -> str:
    """What the picture of the weeks ahead shows."""
    free = sum(one.filled.free_hours for one in weeks)
    minutes, taken = sum(one.filled.minutes for one in weeks), sum(one.filled.taken for one in weeks)
    if not minutes:
        return "Nothing is open in these six weeks."
    return f"Six weeks: {minutes / 60:,.0f} hours open, {taken / minutes:.0%} of them booked, {free:,.0f} hours free."


def ahead_chart(weeks: Sequence[WeekAhead]) -> Spec:
    """Hours booked and hours still free, week by week, as a Vega-Lite specification."""
    rows = [
        {"week": f"{one.monday:%-d %b}", "kind": kind, "hours": round(hours, 1), "order": order}
        for one in weeks
        for order, (kind, hours) in enumerate(((BOOKED, one.filled.taken / 60), (OPEN, one.filled.free_hours)))
    ]
    return {
        **frame("Hours open by week", 190),
        "data": {"values": rows},
        "mark": {"type": "bar", "tooltip": True},
        "encoding": {
            "x": {
                "field": "week", "type": "nominal", "sort": None, "title": "Week that begins on",
                "axis": {"labelAngle": 0},
            },
            "y": {"field": "hours", "type": "quantitative", "title": "Hours", "axis": {"tickCount": 5}},
            "color": {
                "field": "kind", "type": "nominal", "legend": {"title": None, "orient": "top"},
                "scale": {"domain": [BOOKED, OPEN], "range": [CHOSEN, "#b9d4ec"]},
            },
            "stroke": {"value": AS_USUAL},
            "order": {"field": "order"},
        },
    }  # fmt: skip


def _between(
    user: User, first: datetime.date, end: datetime.date, site: int | None
) -> QuerySet[ScannerSession]:  # fmt: skip
    found = sessions_of(user).filter(opens_at__gte=midnight(first), opens_at__lt=midnight(end))
    return found.filter(site=site) if site else found


def _scanners(user: User, sessions: Iterable[ScannerSession], site: int | None) -> list[Scanner]:
    """Scanners in use of these sites, and whichever have a session here."""
    own = Scanner.objects.for_user(user).filter(in_use=True).select_related("site")
    found = {one.pk: one for one in (own.filter(site=site) if site else own)}
    for session in sessions:
        found.setdefault(session.scanner_id, session.scanner)
    return sorted(found.values(), key=lambda one: (one.site.name, one.mobile, one.modality, one.code))


def _rows(scanners: Iterable[Scanner], sessions: Iterable[ScannerSession]) -> tuple[Row, ...]:
    days: dict[int, list[list[Shown]]] = defaultdict(lambda: [[] for _ in range(7)])
    held: dict[int, list[ScannerSession]] = defaultdict(list)
    for session in sessions:
        held[session.scanner_id].append(session)
        days[session.scanner_id][day_of(session.opens_at).weekday()].append(_shown(session))
    rows: list[Row] = []
    for one in scanners:
        first = not rows or rows[-1].site != one.site
        shown = tuple(tuple(day) for day in days[one.pk])
        rows.append(Row(one, one.site, shown, _filled(held[one.pk]), first))
    return tuple(rows)


def _shown(session: ScannerSession) -> Shown:
    once = session.template_id is None
    filled = Filled(session.minutes, session.minutes_taken)
    return Shown(session, filled, once, session.is_open and not once and is_changed_for_the_day(session))


def _filled(sessions: Iterable[ScannerSession]) -> Filled:
    return _of_cells([one.cells for one in sessions if one.is_open])


def _of_cells(cells: Sequence[str]) -> Filled:
    minutes = sum(len(one) for one in cells) * CELL_MINUTES
    return Filled(minutes, sum(one.count(TAKEN) for one in cells) * CELL_MINUTES)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
