"""What a request's events come to: state, next step, clocks. Pure: rows are read and written by `actions`."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from trustwide.services.imaging.requests.pathway import NEXT_STEPS, Event, State, states_of
from trustwide.services.imaging.waiting.clocks import Clocks, Happening, clocks_of

LATE_AFTER = datetime.timedelta(minutes=30)  # after the time of an appointment somebody must say what became of it
_NO_DATE_ANY_MORE = frozenset(
    {Event.PATIENT_CANCEL, Event.HOSPITAL_CANCEL, Event.MISS, Event.ABANDON, Event.WITHDRAW, Event.REJECT}
)


@dataclass(frozen=True)
class Derived:
    """The columns of a request that follow from its events; names are those of `ImagingRequest`."""

    state: State
    state_since: datetime.datetime
    events_count: int
    next_role: str
    next_due_at: datetime.datetime | None
    started_on: datetime.date
    experienced_from: datetime.date
    breach_on: datetime.date
    stopped_on: datetime.date | None
    stop_reason: str
    appointment_at: datetime.datetime | None
    scanned_at: datetime.datetime | None
    verified_at: datetime.datetime | None


def derive(asked_on: datetime.date, due_on: datetime.date | None, events: Sequence[Happening]) -> Derived:
    """What `events`, in order, come to. Raises PathwayError for a history that could not have been."""
    states = states_of(event.kind for event in events)
    state, since = states[-1], _since(events, states)
    clocks = clocks_of(asked_on, due_on, events)
    date = _appointment_at(events)
    step = NEXT_STEPS.get(state)
    return Derived(
        state=state,
        state_since=since,
        events_count=len(events),
        next_role=step.role if step else "",
        next_due_at=_due(state, since, date, clocks),
        started_on=clocks.started_on,
        experienced_from=clocks.experienced_from,
        breach_on=clocks.breach_on,
        stopped_on=clocks.stopped_on,
        stop_reason=clocks.stop_reason,
        appointment_at=date,
        scanned_at=_last(events, Event.END),
        verified_at=_last(events, Event.VERIFY),
    )


def _since(events: Sequence[Happening], states: Sequence[State]) -> datetime.datetime:
    """When the present state was reached: the event before which it was another."""
    other = [place for place, state in enumerate(states) if state is not states[-1]]
    return events[other[-1] + 1 if other else 0].at


def _appointment_at(events: Sequence[Happening]) -> datetime.datetime | None:
    for event in reversed(events):
        if event.kind is Event.BOOK:
            return datetime.datetime.fromisoformat(event.details["starts_at"])
        if event.kind in _NO_DATE_ANY_MORE:
            return None
    return None


def _last(events: Sequence[Happening], kind: Event) -> datetime.datetime | None:
    return next((event.at for event in reversed(events) if event.kind is kind), None)


def _due(
    state: State, since: datetime.datetime, date: datetime.datetime | None, clocks: Clocks
) -> datetime.datetime | None:
    step = NEXT_STEPS.get(state)
    if step is None:
        return None
    if state is State.BOOKED and date is not None:
        return date + LATE_AFTER
    due = since + datetime.timedelta(hours=step.hours)
    if state is State.READY and clocks.experienced_from > since.date():
        # a planned exam is booked for when it is due, not before
        due += clocks.experienced_from - since.date()
    return due
