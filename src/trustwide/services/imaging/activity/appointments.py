"""Puts the visits of an extract on scanners' sessions; a day without a session gets one, as long as its visits."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from trustwide.commons.audit.actions import Actor
from trustwide.services.imaging.activity.codes import State
from trustwide.services.imaging.activity.history import MOVED, Visit
from trustwide.services.imaging.booking.cells import CELL_MINUTES, FREE, TAKEN, all_free, cells_in, fill, is_free
from trustwide.services.imaging.booking.models import Appointment, Scanner, ScannerSession
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.waiting.clocks import LONDON

HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)
LONGEST = 24 * HOUR
AT_ONCE = 500
HOLD_TIME = frozenset({State.BOOKED, State.DONE, State.MISSED, State.ABANDONED})  # the others gave it back
_CHANGED = ["cells", "version", "overbooked", "overbook_limit"]
Days = dict[tuple[int, datetime.date], list[ScannerSession]]


@dataclass(frozen=True)
class Span:
    """The first and the last minute of a scanner's visits on one day."""

    scanner: int
    day: datetime.date
    first: datetime.datetime
    last: datetime.datetime


class Diary:
    """The sessions that visits are put on, in memory until `save`."""

    def __init__(self, spans: Iterable[Span], by: Actor) -> None:
        self.by, self.days, self.changed = by, Days(), dict[int, ScannerSession]()
        self.by_pk: dict[int, ScannerSession] = {}
        wanted = {(span.scanner, span.day): span for span in spans}
        self._load(wanted)
        self._open({key: span for key, span in wanted.items() if key not in self.days})

    def _load(self, wanted: dict[tuple[int, datetime.date], Span]) -> None:
        if not wanted:
            return
        first, last = min(s.first for s in wanted.values()), max(s.last for s in wanted.values())
        held = ScannerSession.objects.select_for_update().filter(
            scanner__in={scanner for scanner, _ in wanted}, opens_at__gte=first - DAY, opens_at__lt=last + DAY
        )
        self._keep(held.order_by("opens_at"))

    def _open(self, wanted: dict[tuple[int, datetime.date], Span]) -> None:
        sites = dict(Scanner.objects.filter(pk__in={scanner for scanner, _ in wanted}).values_list("pk", "site_id"))
        sessions = []
        for span in wanted.values():
            opens = span.first.replace(minute=0, second=0, microsecond=0)
            closes = min(-(-(span.last - opens) // HOUR) * HOUR, LONGEST) + opens
            cells = all_free(int((closes - opens).total_seconds()) // 60)
            sessions.append(
                ScannerSession(
                    scanner_id=span.scanner, site_id=sites[span.scanner], opens_at=opens, closes_at=closes, cells=cells
                )
            )
        self._keep(ScannerSession.objects.bulk_create(sessions, batch_size=AT_ONCE))

    def _keep(self, sessions: Iterable[ScannerSession]) -> None:
        for session in sessions:
            day = session.opens_at.astimezone(LONDON).date()
            self.days.setdefault((session.scanner_id, day), []).append(session)
            self.by_pk[session.pk] = session

    def put(
        self, request: ImagingRequest, visit: Visit, minutes: int, *, in_force: bool, moved_at: datetime.datetime | None
    ) -> Appointment | None:
        """A new appointment for a visit whose scanner is known; None for any other."""
        if visit.scanner is None or visit.appointment is None:
            return None
        starts = visit.appointment
        sessions = self.days[visit.scanner, starts.astimezone(LONDON).date()]
        session = min(sessions, key=lambda s: (not s.opens_at <= starts < s.closes_at, abs(s.opens_at - starts)))
        appointment = Appointment(
            request=request, session=session, starts_at=starts, minutes=minutes,
            booked_at=visit.booked or request.requested_at, booked_by=self.by.audit_name[:200],
        )  # fmt: skip
        tell_outcome(appointment, visit, in_force=in_force, moved_at=moved_at)
        if appointment.state in HOLD_TIME:
            self._take(appointment)
        return appointment

    def _take(self, appointment: Appointment) -> None:
        session = appointment.session
        first, count = _place(appointment)
        if is_free(session.cells, first, count):
            session.cells = fill(session.cells, first, count, TAKEN)
        else:
            appointment.overbooked = True
            session.overbooked += 1
            session.overbook_limit = max(session.overbook_limit, session.overbooked)
        self.changed[session.pk] = session

    def release(self, appointment: Appointment) -> None:
        """Give back the time of an appointment that was in force and no longer holds it."""
        session = self.by_pk.get(appointment.session_id)
        if session is None:
            session = ScannerSession.objects.select_for_update().get(pk=appointment.session_id)
            self.by_pk[session.pk] = session
        appointment.session = session
        first, count = _place(appointment)
        if appointment.overbooked:
            session.overbooked -= 1
        else:
            session.cells = fill(session.cells, first, count, FREE)
        self.changed[session.pk] = session

    def save(self) -> None:
        """Write every session that changed."""
        for session in self.changed.values():
            session.version += 1
        ScannerSession.objects.bulk_update(self.changed.values(), _CHANGED, batch_size=AT_ONCE)


def tell_outcome(
    appointment: Appointment, visit: Visit, *, in_force: bool, moved_at: datetime.datetime | None = None
) -> None:
    """Set what became of an appointment. One without an outcome that is not in force was moved, at `moved_at`.

    When one was cancelled or moved stays empty where nobody wrote it down: its own time would be notice of nothing.
    """
    state = _state_of(visit, in_force=in_force)
    appointment.state = state
    if state is State.BOOKED:
        return
    moved = state is State.HOSPITAL_CANCELLED and visit.outcome != State.HOSPITAL_CANCELLED
    ended = visit.finished or visit.cancelled or visit.started or visit.arrived or (moved_at if moved else None)
    if ended is None and state not in (State.HOSPITAL_CANCELLED, State.PATIENT_CANCELLED):
        ended = appointment.starts_at
    appointment.ended_at = ended
    appointment.ended_reason = MOVED if moved else ""
    if state in (State.DONE, State.ABANDONED):
        appointment.first_time = state is State.DONE


def _state_of(visit: Visit, *, in_force: bool) -> Appointment.State:
    if visit.outcome == State.ABANDONED:
        return State.ABANDONED
    if visit.finished or visit.outcome == State.DONE:
        return State.DONE
    if visit.outcome in (State.MISSED, State.PATIENT_CANCELLED, State.HOSPITAL_CANCELLED):
        return State(visit.outcome)
    return State.BOOKED if in_force else State.HOSPITAL_CANCELLED


def _place(appointment: Appointment) -> tuple[int, int]:
    """The first cell of an appointment in its session, and how many it takes."""
    minutes = (appointment.starts_at - appointment.session.opens_at).total_seconds() / 60
    return int(minutes // CELL_MINUTES), cells_in(appointment.minutes)


def held_appointments(requests: Iterable[int]) -> dict[int, dict[datetime.datetime, Appointment]]:
    """Appointments that requests (their ids) have, by their time."""
    held: dict[int, dict[datetime.datetime, Appointment]] = defaultdict(dict)
    for appointment in Appointment.objects.filter(request__in=list(requests)).order_by("pk"):
        held[appointment.request_id][appointment.starts_at] = appointment
    return held
