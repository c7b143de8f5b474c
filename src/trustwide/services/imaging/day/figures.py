"""What the pages of the day show: each scanner's list, how late it runs, and where every patient is."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Min, Prefetch, Q
from django.utils import timezone

from trustwide.commons.accounts.models import User
from trustwide.commons.patients.models import PatientNeed
from trustwide.commons.patients.needs import extra_minutes
from trustwide.services.imaging.booking.models import Appointment, Scanner, ScannerSession
from trustwide.services.imaging.day.actions import OF_THE_DAY
from trustwide.services.imaging.requests.models import ImagingRequest, PathwayEvent
from trustwide.services.imaging.requests.pathway import Event, State, events_in
from trustwide.services.imaging.waiting.clocks import LONDON

CANCELLED = (Appointment.State.PATIENT_CANCELLED, Appointment.State.HOSPITAL_CANCELLED)
NOT_HERE = (State.BOOKED, State.MISSED, State.READY, State.WITHDRAWN)
A_DAY = datetime.timedelta(days=1)
LATE = 10  # minutes from which a list is said to run late
_IN_THE_DEPARTMENT = {
    State.ARRIVED: "Waiting",
    State.IN_ROOM: "In the scan room",
    State.SCANNING: "Being scanned",
}


@dataclass(frozen=True)
class Visit:
    """One appointment of the day. where: where the patient is now. steps: what can be recorded next. needs: of now."""

    appointment: Appointment
    where: str
    steps: tuple[Event, ...]
    is_late: bool
    needs: tuple[PatientNeed, ...]

    @property
    def too_short(self) -> bool:
        """Whether what the patient needs now asks for more than the appointment was made for."""
        wanted = self.request.exam.minutes + extra_minutes(need.code for need in self.needs)
        return self.appointment.minutes < wanted

    @property
    def request(self) -> ImagingRequest:
        """The request behind it."""
        return self.appointment.request


@dataclass(frozen=True)
class ScannerSummary:
    """A scanner's day in figures. minutes_late: how far behind its list it is now, 0 if it is not."""

    session: ScannerSession
    came: int
    booked: int
    minutes_late: int

    @property
    def scanner(self) -> Scanner:
        """Whose day it is."""
        return self.session.scanner


@dataclass(frozen=True)
class ScannerDay:
    """A scanner's list."""

    session: ScannerSession
    visits: tuple[Visit, ...]

    @property
    def scanner(self) -> Scanner:
        """Whose list it is."""
        return self.session.scanner


def summaries(user: User, day: datetime.date, *, site_id: int | None = None) -> list[ScannerSummary]:
    """Every scanner this person may see on one day at the hospital, in one query."""
    start = datetime.datetime.combine(day, datetime.time(), LONDON)
    end = datetime.datetime.combine(day + A_DAY, datetime.time(), LONDON)
    sessions = ScannerSession.objects.for_user(user).open_between(start, end).select_related("scanner__site", "site")
    if site_id is not None:
        sessions = sessions.filter(site=site_id)
    kept = ~Q(appointments__state__in=CANCELLED) & Q(appointments__isnull=False)
    here = Q(appointments__state=Appointment.State.BOOKED, appointments__request__state=State.ARRIVED)
    counted = sessions.annotate(
        booked_in=Count("appointments", filter=kept),
        came=Count("appointments", filter=kept & ~Q(appointments__request__state__in=NOT_HERE)),
        first_here=Min("appointments__starts_at", filter=here),
    )
    now = timezone.now()
    return [
        ScannerSummary(one, one.came, one.booked_in, lateness(one.first_here, now))  # type: ignore[attr-defined]
        for one in counted.order_by("site__name", "scanner__code", "opens_at")
    ]


def day_lists(sessions: Iterable[ScannerSession]) -> list[ScannerDay]:
    """The lists of some sessions."""
    leaving = PathwayEvent.objects.filter(kind__in=[Event.OUT_OF_ROOM, Event.LEAVE])
    visits = (
        Appointment.objects.filter(session__in=[one.pk for one in sessions])
        .exclude(state__in=CANCELLED)
        .select_related("request__patient", "request__exam")
        .prefetch_related(Prefetch("request__events", leaving, to_attr="leaving"), "request__patient__needs")
        .order_by("starts_at")
    )
    of_session: dict[int, list[Appointment]] = defaultdict(list)
    for visit in visits:
        of_session[visit.session_id].append(visit)
    now = timezone.now()
    return [_scanner_day(session, of_session[session.pk], now) for session in sessions]


def lateness(first_here: datetime.datetime | None, now: datetime.datetime) -> int:
    """Minutes a list runs late: how long ago the first patient who is here should have been called in."""
    return max(0, int((now - first_here).total_seconds() // 60)) if first_here else 0


def headline(days: Iterable[ScannerSummary]) -> str:
    """The first line: which lists run late."""
    late = sorted((one for one in days if one.minutes_late >= LATE), key=lambda one: -one.minutes_late)
    if not late:
        return "No list runs late."
    said = [f"{one.scanner} runs {one.minutes_late} minutes late" for one in late[:3]]
    more = f", and {len(late) - 3} more lists run late" if len(late) > 3 else ""
    return f"{'; '.join(said)}{more}."


def board(user: User, day: datetime.date, *, site_id: int) -> list[tuple[ScannerSummary, list[tuple[str, str]]]]:
    """For a screen in a waiting area: by scanner, a patient's ticket and where they are. No names."""
    scanners = summaries(user, day, site_id=site_id)
    lists = day_lists([one.session for one in scanners])
    return [
        (one, [(ticket(visit.appointment), visit.where) for visit in list_.visits if visit.where])
        for one, list_ in zip(scanners, lists, strict=True)
    ]


def ticket(appointment: Appointment) -> str:
    """A short mark a patient is told on arrival: a letter of the scanner and three digits."""
    return f"{appointment.session.scanner.code[:1]}{appointment.pk % 1000:03d}"


def _scanner_day(session: ScannerSession, appointments: list[Appointment], now: datetime.datetime) -> ScannerDay:
    for one in appointments:
        one.session = session
    return ScannerDay(session, tuple(_visit(one, now) for one in appointments))


def _visit(appointment: Appointment, now: datetime.datetime) -> Visit:
    stage = appointment.request.stage
    in_force = appointment.state == Appointment.State.BOOKED
    steps = [event for event in events_in(stage) if event in OF_THE_DAY] if in_force else _after(appointment)
    if appointment.starts_at > now:
        steps = [event for event in steps if event is not Event.MISS]
    late = stage is State.BOOKED and in_force and appointment.starts_at < now
    needs = tuple(need for need in appointment.request.patient.needs.all() if need.ended_at is None)
    return Visit(appointment, _IN_THE_DEPARTMENT.get(stage, "") if in_force else "", tuple(steps), late, needs)


def _after(appointment: Appointment) -> list[Event]:
    """After the scan: out of the room, then away."""
    if appointment.state != Appointment.State.DONE:
        return []
    recorded = {row.kind for row in appointment.request.leaving}  # type: ignore[attr-defined]
    return [event for event in (Event.OUT_OF_ROOM, Event.LEAVE) if event not in recorded][:1]
