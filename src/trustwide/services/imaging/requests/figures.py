"""Where has this request got to? Its events with the time between them, both clocks, its dates, offers and needs."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from trustwide.commons.nhsuk.formats import day
from trustwide.commons.patients.models import PatientNeed
from trustwide.services.imaging.booking.models import Appointment, Offer
from trustwide.services.imaging.messages.models import Message
from trustwide.services.imaging.requests.actions import happenings
from trustwide.services.imaging.requests.models import ImagingRequest, PathwayEvent
from trustwide.services.imaging.requests.pathway import Event, State
from trustwide.services.imaging.requests.words import HAPPENED, ROLES, STATES, about, at_time, days, delay, span
from trustwide.services.imaging.waiting.clocks import LONDON, Clocks, clocks_of

# the way of a request as its picture shows it: the words, and the event that completes each stretch
STRETCHES = (
    ("Asked for", Event.REQUEST),
    ("Received", Event.RECEIVE),
    ("Vetted", Event.ACCEPT),
    ("Protocol", Event.PROTOCOL),
    ("Safety", Event.SAFETY_PASS),
    ("Booked", Event.BOOK),
    ("Arrived", Event.ARRIVE),
    ("Scanned", Event.END),
    ("Reported", Event.REPORT),
    ("Verified", Event.VERIFY),
    ("Acknowledged", Event.ACKNOWLEDGE),
)
# how many stretches are behind a request in each state; those that ended early keep what they reached
_BEHIND = {
    State.REQUESTED: 1, State.RECEIVED: 2, State.QUERIED: 2, State.ACCEPTED: 3, State.PROTOCOLLED: 4,
    State.SAFETY_HELD: 4, State.READY: 5, State.BOOKED: 6, State.MISSED: 5, State.ARRIVED: 7, State.IN_ROOM: 7,
    State.SCANNING: 7, State.SCANNED: 8, State.REPORTED: 9, State.VERIFIED: 10, State.ACKNOWLEDGED: 11,
}  # fmt: skip


A_MINUTE = datetime.timedelta(minutes=1)


@dataclass(frozen=True)
class Stretch:
    """One stretch of the way. kind: done, next or ahead. after: the time since the stretch before it, in words."""

    words: str
    kind: str
    at: datetime.datetime | None = None
    after: str = ""


@dataclass(frozen=True)
class Told:
    """One event: when, what in words, by whom, why, what else is known, and the time since the one before."""

    at: datetime.datetime
    words: str
    by: str
    reason: str
    about: tuple[str, ...]
    after: str
    entered_at: datetime.datetime | None


@dataclass(frozen=True)
class RequestPage:
    """All that the page of a request shows. series: how many planned exams belong together, 0 for one by itself."""

    request: ImagingRequest
    answer: str
    late: str
    overdue: bool
    way: tuple[Stretch, ...]
    events: tuple[Told, ...]
    clocks: Clocks
    today: datetime.date
    appointments: tuple[Appointment, ...]
    offers: tuple[Offer, ...]
    needs: tuple[PatientNeed, ...]
    messages: tuple[Message, ...]
    series: int

    @property
    def waits(self) -> tuple[tuple[str, str, str], ...]:
        """Both clocks: name, days in words, and since when with every time it was set anew."""
        clocks = self.clocks
        until = f", stopped on {day(clocks.stopped_on)}: {clocks.stop_reason}" if clocks.stopped_on else ""
        anew = "; ".join(f"set anew to {day(on)}: {why}" for on, why in clocks.resets)
        own = f"since {day(clocks.experienced_from)}; nothing sets it anew{until}"
        begin = "since" if clocks.started_on <= self.today else "from"
        dm01 = f"{begin} {day(clocks.started_on)}{f' ({anew})' if anew else ''}{until}"
        return (
            ("The patient's own wait", days(clocks.experienced_days(self.today)), own),
            ("DM01 wait", days(clocks.dm01_days(self.today)), dm01),
        )


def request_page(request: ImagingRequest, now: datetime.datetime) -> RequestPage:
    """The page of a request, in a fixed number of queries."""
    rows = list(request.events.order_by("number"))
    today = timezone.localdate(now)
    asked_on = request.requested_at.astimezone(LONDON).date()
    clocks = clocks_of(asked_on, request.due_on, happenings(rows))
    appointments = tuple(
        request.appointments.select_related("session__scanner", "session__site").order_by("-booked_at", "-pk")
    )
    due = request.next_due_at
    return RequestPage(
        request=request,
        answer=answer(request, clocks, appointments, today),
        late=delay(due, now),
        overdue=bool(due and due < now),
        way=way(request.stage, rows),
        events=told(rows),
        clocks=clocks,
        today=today,
        appointments=appointments,
        offers=tuple(request.offers.select_related("session__scanner", "session__site").order_by("-made_at")),
        needs=tuple(request.patient.needs.current()),
        messages=tuple(request.messages.order_by("-send_after")[:50]),
        series=ImagingRequest.objects.filter(patient=request.patient, series=request.series).count()
        if request.series
        else 0,
    )


def answer(request: ImagingRequest, clocks: Clocks, appointments: Sequence[Appointment], today: datetime.date) -> str:
    """The first line: where it stands, how long the patient has waited, and when that is six weeks."""
    waited = days(clocks.experienced_days(today))
    if clocks.stopped_on:
        return f"{STATES[request.stage]}. The wait was {waited}, until {day(clocks.stopped_on)}."
    if clocks.experienced_from > today:
        return f"{_where(request, appointments)}. It is a planned exam, due on {day(clocks.experienced_from)}."
    breach = "six weeks were over" if clocks.breach_on <= today else "six weeks are over"
    by = " by the DM01 clock" if clocks.resets else ""
    return f"{_where(request, appointments)}; {waited} waited, {breach} on {day(clocks.breach_on)}{by}."


def way(state: State, rows: Sequence[PathwayEvent]) -> tuple[Stretch, ...]:
    """The way as a picture: what is behind the request, with its times, and what is ahead."""
    newest = {Event(row.kind): row.at for row in rows}
    behind = _BEHIND.get(state)
    if behind is None:  # rejected or withdrawn: as far as it came, then its end
        events = [Event(row.kind) for row in rows]
        reached = [number for number, (_, event) in enumerate(STRETCHES, start=1) if event in events]
        stretches = [*STRETCHES[: max(reached)], (HAPPENED[events[-1]], events[-1])]
        behind = len(stretches)
    else:
        stretches = list(STRETCHES)
    made: list[Stretch] = []
    before: datetime.datetime | None = None
    for number, (words, event) in enumerate(stretches):
        at = newest.get(event) if number < behind else None
        # steps taken in one go need no time between them in the picture
        after = span(at - before) if at and before and at - before >= A_MINUTE else ""
        kind = "done" if number < behind else "next" if number == behind else "ahead"
        made.append(Stretch(words, kind, at, after))
        before = at or before
    return tuple(made)


def told(rows: Sequence[PathwayEvent]) -> tuple[Told, ...]:
    """Every event in words, newest first."""
    found = []
    for number, row in enumerate(rows):
        event = Event(row.kind)
        gap = row.at - rows[number - 1].at
        after = "" if not number else span(gap) if gap >= A_MINUTE else "at once"
        late = row.recorded_at if row.recorded_at - row.at > datetime.timedelta(minutes=5) else None
        lines = tuple(about(event, row.details))
        found.append(Told(row.at, HAPPENED[event], row.actor_name, row.reason, lines, after, late))
    return tuple(reversed(found))


def whose(role: str) -> str:
    """The role that does the next step, in words for the middle of a sentence."""
    return ROLES[role].lower() if role in ROLES else ""


def _where(request: ImagingRequest, appointments: Sequence[Appointment]) -> str:
    booked = next((one for one in appointments if one.state == Appointment.State.BOOKED), None)
    if request.stage is State.BOOKED and booked is not None:
        return f"Booked for {at_time(booked.starts_at)} on {booked.session.scanner}"
    return STATES[request.stage]
