"""Who is waiting, and how long? The rows that an address asks for, and the counts above them."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, F, OuterRef, Q

from trustwide.commons.accounts.models import User
from trustwide.commons.nhsuk.formats import day as day_words
from trustwide.commons.patients.models import PatientNeed
from trustwide.services.imaging.requests.actions import happenings
from trustwide.services.imaging.requests.models import ImagingRequest, PathwayEvent, Priority, RequestQuerySet
from trustwide.services.imaging.requests.pathway import Event
from trustwide.services.imaging.waiting.clocks import LONDON, clocks_of
from trustwide.services.imaging.waiting.notes import NOTHING, Standing, standings
from trustwide.services.imaging.waiting.scope import waiting_for

ROWS_A_PAGE = 50
ACTIVE, PLANNED, OVERDUE = "active", "planned", "overdue"
KINDS = ((ACTIVE, "Active"), (PLANNED, "Planned, not yet due"), (OVERDUE, "Planned and overdue"))
BOOKED, NO_DATE = "yes", "no"
SORTS = {
    "breach": ("breach_on",),
    "own": ("experienced_from",),
    "dm01": ("started_on",),
    "target": ("target_on",),
    "asked": ("requested_at",),
    "date": ("appointment_at",),
    "site": ("site__name", "breach_on"),
    "exam": ("exam__name", "breach_on"),
    "next": ("next_due_at",),
}
RESETTING = (Event.MISS, Event.PATIENT_CANCEL, Event.DECLINE)


@dataclass(frozen=True)
class Asked:
    """What an address asks for. sort: a key of SORTS, after a minus for the other way round."""

    site: str = ""
    test: str = ""
    priority: str = ""
    booked: str = ""
    before: datetime.date | None = None
    state: str = ""
    weeks: int | None = None
    needs: str = ""
    kind: str = ACTIVE
    columns: tuple[str, ...] = ()
    sort: str = "breach"
    page: int = 1

    def query(self, **changes: Any) -> str:
        """The part of the address after "?" that asks for the same, but for `changes`; its first page unless given."""
        asked = replace(self, page=1) if "page" not in changes else self
        asked = replace(asked, **changes)
        parts: dict[str, Any] = {name: getattr(asked, name) for name in ("site", "test", "priority", "booked", "state")}
        parts |= {"before": asked.before.isoformat() if asked.before else "", "weeks": asked.weeks}
        parts |= {"needs": asked.needs, "kind": asked.kind if asked.kind != ACTIVE else "", "columns": asked.columns}
        parts |= {"sort": asked.sort if asked.sort != "breach" else "", "page": asked.page if asked.page > 1 else ""}
        return urlencode({name: value for name, value in parts.items() if value}, doseq=True)


@dataclass(frozen=True)
class WaitingRow:
    """A waiting request with both its waits in days, why its clock was set anew, and what stands of it."""

    request: ImagingRequest
    dm01: int
    own: int
    resets: str
    needs: str
    standing: Standing


@dataclass(frozen=True)
class Counts:
    """How many wait, by kind, as the other filters leave them. breached, without: of the kind that is shown."""

    active: int
    planned: int
    overdue: int
    breached: int
    without: int

    def of(self, kind: str) -> int:
        """How many of one kind."""
        return {ACTIVE: self.active, PLANNED: self.planned, OVERDUE: self.overdue}[kind]


@dataclass(frozen=True)
class ListPage:
    """One page of the list. `pages` is its place among all, for the links to the others."""

    asked: Asked
    counts: Counts
    rows: tuple[WaitingRow, ...]
    pages: Page[int]
    answer: str

    @property
    def total(self) -> int:
        """How many rows there are on all pages."""
        return self.counts.of(self.asked.kind)


def list_page(user: User, asked: Asked, day: datetime.date) -> ListPage:
    """What this person sees of the list on a day."""
    counts = count(user, asked, day)
    pages = Paginator(range(counts.of(asked.kind)), ROWS_A_PAGE).get_page(asked.page)
    first = (pages.number - 1) * ROWS_A_PAGE
    # the keys of the page first: what rows show is looked up for fifty, not for all that stand before them
    keys = list(found(user, asked, day).values_list("pk", flat=True)[first : first + ROWS_A_PAGE])
    shown = {request.pk: request for request in ImagingRequest.objects.light().filter(pk__in=keys)}
    rows = rows_of([shown[key] for key in keys], day)
    return ListPage(asked, counts, tuple(rows), pages, answer(asked.kind, counts))


def found(user: User, asked: Asked, day: datetime.date) -> RequestQuerySet:
    """Every request that the address asks for, in its order, with what the rows show."""
    return _filtered(user, asked, day).filter(_of_kind(asked.kind, day)).light().order_by(*_order(asked.sort))


def count(user: User, asked: Asked, day: datetime.date) -> Counts:
    """All counts above the list, in one query."""
    shown = _of_kind(asked.kind, day)
    late = shown & Q(breach_on__lte=day)
    sums = {kind: Count("pk", filter=_of_kind(kind, day)) for kind, _ in KINDS}
    more = {"breached": Count("pk", filter=late), "without": Count("pk", filter=late & Q(appointment_at=None))}
    return Counts(**_filtered(user, asked, day).aggregate(**sums, **more))


def rows_of(requests: Sequence[ImagingRequest] | RequestQuerySet, day: datetime.date) -> Iterator[WaitingRow]:
    """Rows of requests, with their events, needs and notes looked up for all of them at once."""
    here = list(requests)
    resets = _resets(here)
    needs = _needs(here)
    stand = standings([request.pk for request in here])
    for request in here:
        dm01, own = (max(0, (day - since).days) for since in (request.started_on, request.experienced_from))
        yield WaitingRow(
            request, dm01, own, resets.get(request.pk, ""), needs.get(request.patient_id, ""),
            stand.get(request.pk, NOTHING),
        )  # fmt: skip


def many_rows(requests: RequestQuerySet, day: datetime.date, most: int) -> Iterator[WaitingRow]:
    """Rows of up to `most` requests, looked up a thousand at a time."""
    stream = requests[:most].iterator(chunk_size=1000)
    while group := list(islice(stream, 1000)):
        yield from rows_of(group, day)


def answer(kind: str, counts: Counts) -> str:
    """The first line of the page."""
    total = counts.of(kind)
    if kind == PLANNED:
        return f"{total:,} planned exams are not due yet; their clocks start on the day they are due."
    who = "planned exams are overdue and wait like all others" if kind == OVERDUE else "are waiting"
    if not counts.breached:
        return f"{total:,} {who}; nobody has waited six weeks."
    no_date = f"{counts.without:,} of them without a date" if counts.without else "all of them with a date"
    return f"{total:,} {who}: {counts.breached:,} for six weeks or longer, {no_date}."


def _filtered(user: User, asked: Asked, day: datetime.date) -> RequestQuerySet:
    """Waiting requests, as all filters but the kind leave them."""
    rows = waiting_for(user)
    plain = {"site__code": asked.site, "test": asked.test, "priority": asked.priority, "state": asked.state}
    rows = rows.filter(**{name: value for name, value in plain.items() if value})
    if asked.booked:
        rows = rows.filter(appointment_at__isnull=asked.booked == NO_DATE)
    if asked.before:
        rows = rows.filter(breach_on__lt=asked.before)
    if asked.weeks is not None:
        rows = rows.filter(started_on__lte=day - datetime.timedelta(weeks=asked.weeks))
    if asked.needs:
        needed = PatientNeed.objects.current().filter(patient=OuterRef("patient"), code=asked.needs)
        rows = rows.filter(Exists(needed))
    return rows


def _of_kind(kind: str, day: datetime.date) -> Q:
    """Planned exams stand apart until they are due; from that day they wait like all others."""
    ahead = Q(priority=Priority.PLANNED, due_on__gt=day)
    if kind == PLANNED:
        return ahead
    return ~ahead if kind == ACTIVE else Q(priority=Priority.PLANNED, due_on__lte=day)


def _order(sort: str) -> list[Any]:
    down = sort.startswith("-")
    order: list[Any] = []
    for name in SORTS[sort.removeprefix("-")]:
        column = F(name)
        may_be_empty = name in ("appointment_at", "next_due_at")
        empty_last = {"nulls_last": True} if may_be_empty else {}
        order.append(column.desc(**empty_last) if down else column.asc(**empty_last))
    return [*order, "-pk" if down else "pk"]


def _resets(requests: Sequence[ImagingRequest]) -> dict[int, str]:
    """Why the clock of each request was set anew. Most never were, and only the others' events are read."""
    anew = {one.pk: one for one in requests if one.started_on != one.experienced_from}
    events: dict[int, list[PathwayEvent]] = defaultdict(list)
    for event in PathwayEvent.objects.filter(request__in=list(anew), kind__in=RESETTING) if anew else ():
        events[event.request_id].append(event)
    said = {}
    for pk, one in anew.items():
        asked_on = one.requested_at.astimezone(LONDON).date()
        resets = clocks_of(asked_on, one.due_on, happenings(events[pk])).resets
        said[pk] = "; ".join(f"{why}, {day_words(day)}" for day, why in resets)
    return said


def _needs(requests: Sequence[ImagingRequest]) -> dict[int, str]:
    names: dict[int, list[str]] = defaultdict(list)
    for need in PatientNeed.objects.current().filter(patient__in={one.patient_id for one in requests}):
        names[need.patient_id].append(str(need))
    return {patient: ", ".join(sorted(each)) for patient, each in names.items()}
