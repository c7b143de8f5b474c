"""Who will breach, and what is being done? The weeks in which waits pass six weeks, and the rows of the meeting."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, F, IntegerField, Q, Value, When
from django.db.models.functions import TruncDate

from trustwide.commons.accounts.models import User
from trustwide.commons.nhsuk.formats import clock
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.requests.models import ImagingRequest, RequestQuerySet
from trustwide.services.imaging.waiting.clocks import LONDON
from trustwide.services.imaging.waiting.notes import NOTHING, Standing, standings
from trustwide.services.imaging.waiting.scope import waiting_for

WEEKS_AHEAD = 6
ROWS_A_PAGE = 100
MOST_ROWS = 5_000  # in a workbook
FRIDAY = 4
NO_DATE = Q(appointment_at=None)
TOO_LATE = Q(date__gte=F("breach_on"))  # a scan on the day itself comes after six weeks, too


@dataclass(frozen=True)
class MeetingAsked:
    """What the address asks for. week: 0 for passed already, 1 for this week, ...; everyone: also who is in time."""

    site: str = ""
    test: str = ""
    week: int | None = None
    everyone: bool = False
    page: int = 1

    def query(self, **changes: Any) -> str:
        """The part of the address after "?" that asks for the same, but for `changes`."""
        asked = replace(self, **{"page": 1, **changes})
        parts = {"site": asked.site, "test": asked.test, "everyone": "on" if asked.everyone else ""}
        parts |= {"week": "" if asked.week is None else str(asked.week), "page": str(asked.page) * (asked.page > 1)}
        return urlencode({name: value for name, value in parts.items() if value})


@dataclass(frozen=True)
class Cell:
    """Requests of a site that pass six weeks in one week: without a date, with one that is too late, or in time."""

    no_date: int = 0
    too_late: int = 0
    in_time: int = 0

    def __add__(self, other: Cell) -> Cell:
        return Cell(self.no_date + other.no_date, self.too_late + other.too_late, self.in_time + other.in_time)

    @property
    def breaching(self) -> int:
        """Those who will pass six weeks unless something is done."""
        return self.no_date + self.too_late

    @property
    def all(self) -> int:
        """All of them."""
        return self.breaching + self.in_time


@dataclass(frozen=True)
class Week:
    """A column of the matrix. first, last: the days on which waits reach six weeks."""

    number: int
    words: str
    first: datetime.date | None
    last: datetime.date


@dataclass(frozen=True)
class MeetingRow:
    """A request of the meeting. place: whether it has a date, in words. dm01_days, own_days: both waits."""

    request: ImagingRequest
    place: str
    standing: Standing
    dm01_days: int
    own_days: int


@dataclass(frozen=True)
class Meeting:
    """The page: its first line, the matrix of sites by weeks, and a page of rows."""

    asked: MeetingAsked
    answer: str
    weeks: tuple[Week, ...]
    sites: tuple[Site, ...]
    cells: dict[tuple[int, int], Cell]
    rows: tuple[MeetingRow, ...]
    pages: Page[int]

    @property
    def cut(self) -> str:
        """What a workbook leaves out, in a sentence; empty where it has all rows."""
        count = self.pages.paginator.count
        if count <= MOST_ROWS:
            return ""
        return (
            f"A workbook has the first {MOST_ROWS:,} of these {count:,} rows; choose a site, test or week for others."
        )

    @cached_property
    def totals(self) -> dict[int, Cell]:
        """All sites together, by week."""
        sums: dict[int, Cell] = defaultdict(Cell)
        for (_, week), cell in self.cells.items():
            sums[week] += cell
        return dict(sums)


def meeting(user: User, asked: MeetingAsked, day: datetime.date, sites: Sequence[Site]) -> Meeting:
    """What the meeting sees on a day; `sites` are those whose lists the person may see."""
    weeks = weeks_from(day)
    cells = _cells(user, asked, day, weeks)
    total = sum(
        cell.all if asked.everyone else cell.breaching
        for (_, week), cell in cells.items()
        if asked.week in (None, week)
    )
    pages = Paginator(range(total), ROWS_A_PAGE).get_page(asked.page)
    first = (pages.number - 1) * ROWS_A_PAGE
    rows = rows_of(found(user, asked, day)[first : first + ROWS_A_PAGE], day)
    shown = tuple(site for site in sites if any(pk == site.pk for pk, _ in cells))
    return Meeting(asked, _answer(user, asked, day), weeks, shown, cells, rows, pages)


def weeks_from(day: datetime.date) -> tuple[Week, ...]:
    """Passed already, this week, and the weeks after it, each to its Sunday."""
    monday = day - datetime.timedelta(days=day.weekday())
    found = [Week(0, "Passed already", None, day)]
    for number in range(1, WEEKS_AHEAD + 1):
        begin = monday + datetime.timedelta(weeks=number - 1)
        words = "Rest of this week" if number == 1 else f"Week of {begin.day} {begin:%B}"
        first = max(begin, day + datetime.timedelta(days=1))
        found.append(Week(number, words, first, begin + datetime.timedelta(days=6)))
    return tuple(found)


def found(user: User, asked: MeetingAsked, day: datetime.date) -> RequestQuerySet:
    """The requests of the meeting, the first to pass six weeks first."""
    weeks = weeks_from(day)
    rows = _near(user, asked, day, weeks)
    if asked.week is not None:
        week = weeks[asked.week]
        rows = rows.filter(breach_on__lte=week.last)
        rows = rows.filter(breach_on__gte=week.first) if week.first else rows
    rows = rows if asked.everyone else rows.filter(NO_DATE | TOO_LATE)
    return rows.light().order_by("breach_on", "pk")


def rows_of(requests: RequestQuerySet, day: datetime.date) -> tuple[MeetingRow, ...]:
    """Rows of requests, with both waits at the end of a day and what stands of each."""
    here = list(requests)
    stand = standings([request.pk for request in here])
    return tuple(
        MeetingRow(
            one, place_of(one), stand.get(one.pk, NOTHING), max(0, (day - one.started_on).days),
            max(0, (day - one.experienced_from).days),
        )
        for one in here
    )  # fmt: skip


def place_of(request: ImagingRequest) -> str:
    """Whether a request has a date, and whether it comes in time."""
    if request.appointment_at is None:
        return "No date"
    late = request.appointment_at.astimezone(LONDON).date() >= request.breach_on
    return f"{clock(request.appointment_at)}{', too late' if late else ''}"


def _near(user: User, asked: MeetingAsked, day: datetime.date, weeks: Sequence[Week]) -> RequestQuerySet:
    rows = waiting_for(user, breach_by=weeks[-1].last).active(day)
    plain = {"site__code": asked.site, "test": asked.test}
    rows = rows.filter(**{name: value for name, value in plain.items() if value})
    return rows.annotate(date=TruncDate("appointment_at", tzinfo=LONDON))


def _cells(user: User, asked: MeetingAsked, day: datetime.date, weeks: Sequence[Week]) -> dict[tuple[int, int], Cell]:
    """(site, week) -> its counts, in one query."""
    upto = [When(breach_on__lte=week.last, then=Value(week.number)) for week in weeks]
    grouped = _near(user, asked, day, weeks).annotate(week=Case(*upto, output_field=IntegerField()))
    counted = grouped.order_by().values_list("site", "week").annotate(
        all=Count("pk"), none=Count("pk", filter=NO_DATE), late=Count("pk", filter=TOO_LATE)
    )  # fmt: skip
    return {(site, week): Cell(none, late, every - none - late) for site, week, every, none, late in counted}


def _answer(user: User, asked: MeetingAsked, day: datetime.date) -> str:
    friday = day + datetime.timedelta(days=(FRIDAY - day.weekday()) % 7)
    soon = Q(breach_on__gt=day, breach_on__lte=friday)
    counts = _near(user, asked, day, weeks_from(day)).aggregate(
        will=Count("pk", filter=soon & (NO_DATE | TOO_LATE)), none=Count("pk", filter=soon & NO_DATE),
        passed=Count("pk", filter=Q(breach_on__lte=day)),
    )  # fmt: skip
    return said(counts["will"], counts["none"], counts["passed"])


def said(will: int, none: int, passed: int) -> str:
    """The first line of the meeting."""
    before = f" {passed:,} {'has' if passed == 1 else 'have'} passed already." if passed else ""
    if not will:
        return f"Nobody else will pass six weeks by Friday.{before}"
    dates = f"{none:,} {'has' if none == 1 else 'have'} no date" if none else "all have a date, but too late"
    return f"{will:,} will pass six weeks by Friday; {dates}.{before}"
