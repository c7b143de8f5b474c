"""One session: who is booked in it and what is free; and where a van will be with what it can take."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from trustwide.commons.accounts.models import User
from trustwide.services.imaging.booking.cells import CELL_MINUTES, FREE, cells_in
from trustwide.services.imaging.booking.hours.days import A_WEEK, day_of, from_to, monday_of
from trustwide.services.imaging.booking.hours.figures import sessions_of
from trustwide.services.imaging.booking.models import Appointment, Scanner, ScannerSession
from trustwide.services.imaging.booking.slots import CELL
from trustwide.services.imaging.requests.models import ExamType, ImagingRequest, Priority
from trustwide.services.imaging.waiting.clocks import midnight

VAN_WEEKS = 12


@dataclass(frozen=True)
class Gap:
    """Free time of a session."""

    starts_at: datetime.datetime
    minutes: int


@dataclass(frozen=True)
class Line:
    """A stretch of a session: somebody booked, or free time. seen: whether the reader may see who it is."""

    starts_at: datetime.datetime
    minutes: int
    appointment: Appointment | None
    seen: bool = False

    @property
    def when(self) -> str:
        """08:00–08:20."""
        return from_to(self.starts_at, self.starts_at + datetime.timedelta(minutes=self.minutes))


@dataclass(frozen=True)
class SessionPage:
    """What the page of one session shows."""

    session: ScannerSession
    lines: tuple[Line, ...]
    booked: int
    free_minutes: int

    @property
    def when(self) -> str:
        """08:00–20:00."""
        return from_to(self.session.opens_at, self.session.closes_at)

    @property
    def answer(self) -> str:
        """8 patients booked, 3 hours 20 minutes free."""
        if not self.session.is_open:
            return f"Closed: {self.session.closed_reason}."
        who = "Nobody is" if not self.booked else "1 patient is" if self.booked == 1 else f"{self.booked} patients are"
        free = f"{length_words(self.free_minutes)} free" if self.free_minutes else "nothing is free"
        return f"{who} booked, {free} of {length_words(self.session.minutes)}."


@dataclass(frozen=True)
class VanDay:
    """A van's day. room: how many exams of its usual length still fit."""

    session: ScannerSession
    free_minutes: int
    room: int

    @property
    def when(self) -> str:
        """08:00–20:00."""
        return from_to(self.session.opens_at, self.session.closes_at)


@dataclass(frozen=True)
class Rota:
    """A van over the weeks: its days, week by week, and the exams that fit it. usual: minutes of those, on average."""

    scanner: Scanner
    weeks: tuple[tuple[datetime.date, tuple[tuple[VanDay, ...], ...]], ...]
    exams: tuple[ExamType, ...]
    usual: int

    @property
    def days(self) -> list[VanDay]:
        """All its days."""
        return [one for _, days in self.weeks for day in days for one in day]

    @property
    def room(self) -> int:
        """Exams of its usual length that still fit."""
        return sum(one.room for one in self.days)

    @property
    def sites(self) -> list[tuple[str, int]]:
        """How many days it is open at each site, most first."""
        held: dict[str, int] = defaultdict(int)
        for one in self.days:
            if one.session.is_open:
                held[one.session.site.short_name] += 1
        return sorted(held.items(), key=lambda pair: (-pair[1], pair[0]))

    @property
    def priorities(self) -> list[str]:
        """What its days are kept for; empty where any of them takes everybody."""
        kept = [set(one.session.priorities) for one in self.days if one.session.is_open]
        if not kept or not all(kept):
            return []
        names = dict(Priority.choices)
        return sorted(str(names.get(one, one)).lower() for one in set().union(*kept))


def session_page(user: User, session: ScannerSession) -> SessionPage:
    """Everybody booked in a session and the gaps between them: two queries. Patients of other lists have no name."""
    booked = session.appointments.in_force().select_related("request__patient", "request__exam", "request__site")
    appointments = list(booked)
    seen = set(ImagingRequest.objects.for_user(user).filter(appointments__in=appointments).values_list("pk", flat=True))
    lines = [Line(one.starts_at, one.minutes, one, one.request_id in seen) for one in appointments]
    free = gaps(session)
    lines += [Line(one.starts_at, one.minutes, None) for one in free] if session.is_open else []
    lines.sort(key=lambda line: (line.starts_at, line.appointment is None))
    return SessionPage(session, tuple(lines), len(appointments), sum(one.minutes for one in free))


def gaps(session: ScannerSession) -> list[Gap]:
    """Its free stretches in order."""
    found, cell = [], 0
    for mark, run in groupby(session.cells):
        count = len(list(run))
        if mark == FREE:
            found.append(Gap(session.opens_at + cell * CELL, count * CELL_MINUTES))
        cell += count
    return found


def van_rotas(user: User, today: datetime.date) -> list[Rota]:
    """Where each van will be over twelve weeks, and what it can take there: three queries."""
    monday = monday_of(today)
    begin, end = midnight(today), midnight(monday + VAN_WEEKS * A_WEEK)
    ahead = sessions_of(user).filter(scanner__mobile=True, opens_at__gte=begin, opens_at__lt=end)
    sessions: dict[int, list[ScannerSession]] = defaultdict(list)
    for session in ahead.select_related("scanner", "site"):
        sessions[session.scanner_id].append(session)
    own = Scanner.objects.for_user(user).filter(mobile=True, in_use=True)
    vans = Scanner.objects.filter(mobile=True, pk__in=list(sessions)) | own
    vans = vans.select_related("site__partner").distinct()
    exams = list(
        ExamType.objects.filter(in_use=True, partnership__in={van.site.partner.partnership_id for van in vans})
    )
    return [_rota(van, sessions[van.pk], exams, monday) for van in vans]


def length_words(minutes: int) -> str:
    """3 hours 20 minutes."""
    hours, left = divmod(minutes, 60)
    parts = [f"{hours} hour{'' if hours == 1 else 's'}"] if hours else []
    if left or not parts:
        parts.append(f"{left} minutes")
    return " ".join(parts)


def _rota(van: Scanner, sessions: Sequence[ScannerSession], exams: Iterable[ExamType], monday: datetime.date) -> Rota:
    fits = tuple(one for one in exams if _fits(van, sessions, one))
    usual = cells_in(round(sum(one.minutes for one in fits) / len(fits))) * CELL_MINUTES if fits else 0
    days: dict[tuple[datetime.date, int], list[VanDay]] = defaultdict(list)
    for session in sessions:
        free = gaps(session) if session.is_open else []
        room = sum(gap.minutes // usual for gap in free) if usual else 0
        day = day_of(session.opens_at)
        days[monday_of(day), day.weekday()].append(VanDay(session, sum(gap.minutes for gap in free), room))
    mondays = [monday + number * A_WEEK for number in range(VAN_WEEKS)]
    weeks = tuple((week, tuple(tuple(days[week, day]) for day in range(7))) for week in mondays)
    return Rota(van, weeks, fits, usual)


def _fits(van: Scanner, sessions: Iterable[ScannerSession], exam: ExamType) -> bool:
    """Whether the van has what an exam needs, and on one of its days somebody signed off for it."""
    if (exam.modality, exam.partnership_id) != (van.modality, van.site.partner.partnership_id):
        return False
    signed_off = not exam.competence or any(exam.competence in one.competences for one in sessions)
    return signed_off and set(exam.scanner_must_have) <= set(van.has)
