"""The earliest suitable time over all sites and the van, from sessions kept as rows of five-minute cells.

`Calendar` holds the open sessions of a span in memory, so that one search reads them once and many patients who must be
moved never get the same time. `reference.py` looks at every minute of every day instead.
"""

from __future__ import annotations

import datetime
import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from django.utils import timezone

from trustwide.commons.organisations.models import Site
from trustwide.commons.patients.needs import extra_minutes, scanner_must_have, wants_quiet
from trustwide.services.imaging.booking.cells import CELL_MINUTES, TAKEN, cells_in, fill, first_fit, is_free
from trustwide.services.imaging.booking.models import Scanner, ScannerSession, TravelTime
from trustwide.services.imaging.requests.models import ImagingRequest, Priority
from trustwide.services.imaging.waiting.clocks import LONDON

CELL = datetime.timedelta(minutes=CELL_MINUTES)
QUIET = datetime.timedelta(hours=1)  # at the start of a session the department is calm
A_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class SlotQuestion:
    """What is looked for. minutes: with what needs add. earliest, latest: aware; a slot begins in between.

    must_have: tags a scanner must have. home: id of the site nearest to the patient. travel: the longest extra journey
    accepted, in minutes; None asks for no limit. sites: only these ids; None for all of the partnership. needs: what
    the patient needs, by code; minutes, must_have and quiet follow from them.
    """

    partnership_id: int
    modality: str
    minutes: int
    earliest: datetime.datetime
    latest: datetime.datetime
    priority: str
    must_have: frozenset[str] = frozenset()
    competence: str = ""
    quiet: bool = False
    home: int | None = None
    travel: int | None = None
    sites: frozenset[int] | None = None
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Slot:
    """A free time. travel: extra minutes from home, None where nobody knows. suits_quiet: it is at a calm time."""

    session_id: int
    scanner: str
    mobile: bool
    site_id: int
    site: str
    starts_at: datetime.datetime
    minutes: int
    travel: int | None
    suits_quiet: bool


@dataclass(frozen=True)
class OpenSession:
    """A session with what a search asks of it."""

    id: int
    scanner_id: int
    scanner: str
    mobile: bool
    modality: str
    has: frozenset[str]
    site_id: int
    site: str
    opens_at: datetime.datetime
    cells: str
    competences: frozenset[str]
    priorities: frozenset[str]

    def suits(self, question: SlotQuestion) -> bool:
        """Whether its scanner, operators and rules allow what is asked for."""
        return (
            self.modality == question.modality
            and question.must_have <= self.has
            and (not question.competence or question.competence in self.competences)
            and (not self.priorities or question.priority in self.priorities)
            and (question.sites is None or self.site_id in question.sites)
        )

    def at(self, cell: int) -> datetime.datetime:
        """When a cell begins."""
        return self.opens_at + cell * CELL

    def cell_at(self, moment: datetime.datetime) -> int:
        """The first cell that begins at `moment` or later."""
        return max(0, -((self.opens_at - moment) // CELL))


class Calendar:
    """The open sessions of a span."""

    def __init__(self, sessions: Iterable[OpenSession], travel: Mapping[tuple[int, int], int]) -> None:
        self.sessions = {session.id: session for session in sorted(sessions, key=lambda one: one.opens_at)}
        self.travel = travel

    @classmethod
    def load(
        cls, partnership_id: int, modality: str, earliest: datetime.datetime, latest: datetime.datetime
    ) -> Calendar:
        """Read every session that can hold a slot beginning between `earliest` and `latest`: three queries."""
        scanners = {
            row.pk: row
            for row in Scanner.objects.filter(site__partner__partnership=partnership_id, modality=modality, in_use=True)
        }
        sites = dict(Site.objects.filter(partner__partnership=partnership_id).values_list("pk", "short_name"))
        rows = (
            ScannerSession.objects.filter(scanner__in=list(scanners), closed_reason="")
            .filter(opens_at__gt=earliest - A_DAY, opens_at__lt=latest, closes_at__gt=earliest)
            .filter(cells__contains=".")
            .values_list("pk", "scanner_id", "site_id", "opens_at", "cells", "competences", "priorities")
        )
        sessions = [_open_session(row, scanners[row[1]], sites[row[2]]) for row in rows]
        times = TravelTime.objects.filter(origin__in=list(sites)).values_list("origin", "destination", "minutes")
        return cls(sessions, {(origin, to): minutes for origin, to, minutes in times})

    def find(self, question: SlotQuestion, *, limit: int = 10, a_session: int = 1) -> list[Slot]:
        """The earliest slots, at most `a_session` of one session; nearer ones first among those at one time."""
        found: list[Slot] = []
        for session in self.sessions.values():
            if len(found) >= limit and session.opens_at > _last_useful(found, limit, question):
                break
            travel = self._journey(question, session)
            if session.suits(question) and _accepted(question, travel):
                found.extend(_free_times(session, question, travel, a_session))
        return heapq.nsmallest(limit, found, key=lambda slot: (*_calm_first(question, slot), *_order(slot)))

    def take(self, slot: Slot) -> None:
        """Mark a slot as taken here, so that the next search does not find it; the database does not change."""
        session = self.sessions[slot.session_id]
        cells = fill(session.cells, session.cell_at(slot.starts_at), cells_in(slot.minutes), TAKEN)
        self.sessions[slot.session_id] = replace(session, cells=cells)

    def without(self, scanner_id: int, until: datetime.datetime) -> Calendar:
        """The calendar without a scanner's sessions that open before a time."""
        left = (s for s in self.sessions.values() if s.scanner_id != scanner_id or s.opens_at >= until)
        return Calendar(left, self.travel)

    def _journey(self, question: SlotQuestion, session: OpenSession) -> int | None:
        if question.home is None:
            return None
        return 0 if question.home == session.site_id else self.travel.get((question.home, session.site_id))


def find_slots(question: SlotQuestion, *, limit: int = 10, a_session: int = 1) -> list[Slot]:
    """The earliest suitable times over every site and van of the partnership."""
    calendar = Calendar.load(question.partnership_id, question.modality, question.earliest, question.latest)
    return calendar.find(question, limit=limit, a_session=a_session)


def question_for(
    request: ImagingRequest, earliest: datetime.datetime | None = None, latest: datetime.datetime | None = None
) -> SlotQuestion:
    """What to look for on behalf of a request: its exam, its patient's needs and journey, notice to prepare.

    Without `latest`, six weeks from the earliest time.
    """
    exam, patient = request.exam, request.patient
    needs = tuple(sorted(need.code for need in patient.needs.all() if need.ended_at is None))
    prepared_in = 0 if request.priority in (Priority.EMERGENCY, Priority.INPATIENT) else exam.preparation_days
    notice = timezone.now() + datetime.timedelta(days=prepared_in)
    begin = max(notice, earliest) if earliest else notice
    if request.priority == Priority.PLANNED and request.due_on:
        begin = max(begin, datetime.datetime.combine(request.due_on, datetime.time(), LONDON))
    return SlotQuestion(
        partnership_id=exam.partnership_id,
        modality=exam.modality,
        minutes=exam.minutes + extra_minutes(needs),
        earliest=begin,
        latest=latest or begin + 42 * A_DAY,
        priority=request.priority,
        must_have=frozenset(exam.scanner_must_have) | scanner_must_have(needs),
        competence=exam.competence,
        quiet=wants_quiet(needs),
        home=patient.nearest_id,
        travel=patient.travel_minutes,
        needs=needs,
    )


def _open_session(row: tuple, scanner: Scanner, site: str) -> OpenSession:  # type: ignore[type-arg]
    pk, scanner_id, site_id, opens_at, cells, competences, priorities = row
    closed = _cells_down(scanner, opens_at, cells)
    return OpenSession(
        pk, scanner_id, scanner.name, scanner.mobile, scanner.modality, frozenset(scanner.has), site_id, site,
        opens_at, closed, frozenset(competences), frozenset(priorities),
    )  # fmt: skip


def _cells_down(scanner: Scanner, opens_at: datetime.datetime, cells: str) -> str:
    """While a scanner is down nothing of its sessions is free."""
    if scanner.down_since is None:
        return cells
    if scanner.down_until is None:
        return TAKEN * len(cells)
    down = min(max(0, -((opens_at - scanner.down_until) // CELL)), len(cells))
    return TAKEN * down + cells[down:]


def _free_times(session: OpenSession, question: SlotQuestion, travel: int | None, most: int) -> Iterator[Slot]:
    count = cells_in(question.minutes)
    cell = session.cell_at(question.earliest)
    for _ in range(most):
        cell = first_fit(session.cells, count, cell)
        if cell < 0 or session.at(cell) >= question.latest:
            return
        starts_at = session.at(cell)
        yield Slot(
            session.id, session.scanner, session.mobile, session.site_id, session.site, starts_at, count * CELL_MINUTES,
            travel, starts_at < session.opens_at + QUIET,
        )  # fmt: skip
        cell += count


def _accepted(question: SlotQuestion, travel: int | None) -> bool:
    return question.travel is None or travel is None or travel <= question.travel


def _order(slot: Slot) -> tuple[datetime.datetime, int, int]:
    return slot.starts_at, slot.travel if slot.travel is not None else 10_000, slot.session_id


def _calm_first(question: SlotQuestion, slot: Slot) -> tuple[datetime.date, bool] | tuple[()]:
    """Where a calm time is wanted, calm times of a day stand before the others of that day."""
    return (slot.starts_at.astimezone(LONDON).date(), not slot.suits_quiet) if question.quiet else ()


def _last_useful(found: list[Slot], limit: int, question: SlotQuestion) -> datetime.datetime:
    """After this time no session can have a better slot than those found."""
    last = heapq.nsmallest(limit, (slot.starts_at for slot in found))[-1]
    return last + A_DAY if question.quiet else last


def slot_is_free(session: ScannerSession, starts_at: datetime.datetime, minutes: int) -> bool:
    """Whether a time lies in a session and nobody has it."""
    offset = starts_at - session.opens_at
    return offset % CELL == datetime.timedelta() and is_free(session.cells, offset // CELL, cells_in(minutes))
