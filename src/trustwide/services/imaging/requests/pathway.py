"""The pathway as a state machine: pure, so that thousands of random histories can be tried on it.

Steps follow the imaging pathway of the partners: request, received, vetted, protocolled, safety checked, booked,
reminded, arrived, in the room, started, ended, out of the room, left, reported, verified, acknowledged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How far a request has come."""

    NEW = "new"
    REQUESTED = "requested"
    RECEIVED = "received"
    QUERIED = "queried"
    ACCEPTED = "accepted"
    PROTOCOLLED = "protocolled"
    SAFETY_HELD = "safety_held"
    READY = "ready"
    BOOKED = "booked"
    MISSED = "missed"
    ARRIVED = "arrived"
    IN_ROOM = "in_room"
    SCANNING = "scanning"
    SCANNED = "scanned"
    REPORTED = "reported"
    VERIFIED = "verified"
    ACKNOWLEDGED = "acknowledged"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Event(StrEnum):
    """What can happen to a request."""

    REQUEST = "request"
    RECEIVE = "receive"
    ACCEPT = "accept"
    CHANGE = "change"
    QUERY = "query"
    ANSWER = "answer"
    REJECT = "reject"
    PROTOCOL = "protocol"
    SAFETY_PASS = "safety_pass"  # noqa: S105 - no password
    SAFETY_HOLD = "safety_hold"
    OFFER = "offer"
    DECLINE = "decline"
    BOOK = "book"
    REMIND = "remind"
    CONFIRM = "confirm"
    PATIENT_CANCEL = "patient_cancel"
    HOSPITAL_CANCEL = "hospital_cancel"
    MISS = "miss"
    REBOOK = "rebook"
    ARRIVE = "arrive"
    ENTER_ROOM = "enter_room"
    START = "start"
    END = "end"
    ABANDON = "abandon"
    OUT_OF_ROOM = "out_of_room"
    LEAVE = "leave"
    REPORT = "report"
    VERIFY = "verify"
    ACKNOWLEDGE = "acknowledge"
    WITHDRAW = "withdraw"


S, E = State, Event
BEFORE_BOOKING = (S.REQUESTED, S.RECEIVED, S.QUERIED, S.ACCEPTED, S.PROTOCOLLED, S.SAFETY_HELD, S.READY)
WAITING = (*BEFORE_BOOKING, S.BOOKED, S.MISSED, S.ARRIVED, S.IN_ROOM, S.SCANNING)
CLOSED = (S.ACKNOWLEDGED, S.REJECTED, S.WITHDRAWN)
_AFTER_SCAN = (S.SCANNED, S.REPORTED, S.VERIFIED, S.ACKNOWLEDGED)


def _from(states: Iterable[State], to: State | None = None) -> dict[State, State]:
    """Every one of `states` leads to `to`, or stays as it is."""
    return {state: to or state for state in states}


# event -> the states it may happen in, and where it leads
TRANSITIONS: Mapping[Event, Mapping[State, State]] = {
    E.REQUEST: {S.NEW: S.REQUESTED},
    E.RECEIVE: {S.REQUESTED: S.RECEIVED},
    E.ACCEPT: {S.RECEIVED: S.ACCEPTED},
    E.CHANGE: _from((S.RECEIVED, S.ACCEPTED, S.PROTOCOLLED, S.SAFETY_HELD, S.READY), S.ACCEPTED),
    E.QUERY: _from((S.RECEIVED, S.ACCEPTED, S.PROTOCOLLED, S.SAFETY_HELD, S.READY), S.QUERIED),
    E.ANSWER: {S.QUERIED: S.RECEIVED},
    E.REJECT: _from((S.RECEIVED, S.QUERIED), S.REJECTED),
    E.PROTOCOL: {S.ACCEPTED: S.PROTOCOLLED},
    E.SAFETY_PASS: _from((S.PROTOCOLLED, S.SAFETY_HELD), S.READY),
    E.SAFETY_HOLD: _from((S.PROTOCOLLED, S.READY), S.SAFETY_HELD),
    E.OFFER: _from((S.READY, S.BOOKED)),
    E.DECLINE: _from((S.READY, S.BOOKED)),
    E.BOOK: {S.READY: S.BOOKED},
    E.REMIND: _from((S.BOOKED,)),
    E.CONFIRM: _from((S.BOOKED,)),
    E.PATIENT_CANCEL: {S.BOOKED: S.READY},
    E.HOSPITAL_CANCEL: _from((S.BOOKED, S.ARRIVED), S.READY),
    E.MISS: {S.BOOKED: S.MISSED},
    E.REBOOK: {S.MISSED: S.READY},
    E.ARRIVE: {S.BOOKED: S.ARRIVED},
    E.ENTER_ROOM: {S.ARRIVED: S.IN_ROOM},
    E.START: {S.IN_ROOM: S.SCANNING},
    E.END: {S.SCANNING: S.SCANNED},
    E.ABANDON: _from((S.ARRIVED, S.IN_ROOM, S.SCANNING), S.READY),
    E.OUT_OF_ROOM: _from(_AFTER_SCAN),
    E.LEAVE: _from(_AFTER_SCAN),
    E.REPORT: {S.SCANNED: S.REPORTED},
    E.VERIFY: {S.REPORTED: S.VERIFIED},
    E.ACKNOWLEDGE: {S.VERIFIED: S.ACKNOWLEDGED},
    E.WITHDRAW: _from((*BEFORE_BOOKING, S.BOOKED, S.MISSED), S.WITHDRAWN),
}
ONCE = frozenset({E.OUT_OF_ROOM, E.LEAVE})  # they change no state, and happen once
NEED_A_REASON = frozenset(
    {E.CHANGE, E.QUERY, E.REJECT, E.SAFETY_HOLD, E.PATIENT_CANCEL, E.HOSPITAL_CANCEL, E.ABANDON, E.WITHDRAW}
)


@dataclass(frozen=True)
class NextStep:
    """Who has to do what about a request, and within how many hours of reaching its state."""

    role: str
    words: str
    hours: float


# times to vet and to book are to be confirmed by each group; four weeks to a verified report is the national
# maximum in force since 9 August 2023
NEXT_STEPS: Mapping[State, NextStep] = {
    S.REQUESTED: NextStep("booking_clerk", "Receive the request", 24),
    S.RECEIVED: NextStep("radiologist", "Vet the request", 48),
    S.QUERIED: NextStep("booking_clerk", "Get the referrer's answer", 72),
    S.ACCEPTED: NextStep("radiographer", "Choose the protocol", 48),
    S.PROTOCOLLED: NextStep("radiographer", "Ask the safety questions", 48),
    S.SAFETY_HELD: NextStep("radiographer", "Settle the safety question", 72),
    S.READY: NextStep("booking_clerk", "Offer a date", 48),
    S.BOOKED: NextStep("booking_clerk", "See that the patient comes", 0),
    S.MISSED: NextStep("booking_clerk", "Decide: book again or return to the referrer", 24),
    S.ARRIVED: NextStep("radiographer", "Call the patient in", 0.5),
    S.IN_ROOM: NextStep("radiographer", "Start the scan", 0.5),
    S.SCANNING: NextStep("radiographer", "End the scan", 2),
    S.SCANNED: NextStep("radiologist", "Report", 28 * 24),
    S.REPORTED: NextStep("radiologist", "Verify the report", 24),
    S.VERIFIED: NextStep("booking_clerk", "See that the referrer acknowledges", 7 * 24),
}


class PathwayError(ValueError):
    """An event that cannot happen to a request as it stands; the message says why and what can."""


def check_can_happen(event: Event, state: State, *, happened: Iterable[Event] = (), reason: str = "") -> None:
    """Raise PathwayError, with a sentence, unless `event` may happen in `state` after what `happened`."""
    if state not in TRANSITIONS[event]:
        possible = ", ".join(_words(name) for name in events_in(state)) or "nothing more"
        raise PathwayError(
            f"The request is {_words(state)}, so '{_words(event)}' cannot be done now; what can be done: {possible}."
        )
    before = set(happened)
    if event in ONCE and event in before:
        raise PathwayError(f"'{_words(event)}' was recorded already.")
    if event is Event.LEAVE and Event.OUT_OF_ROOM not in before:
        raise PathwayError("The patient is still in the room; record that they came out first.")
    if event in NEED_A_REASON and not reason.strip():
        raise PathwayError(f"'{_words(event)}' needs a reason; write why.")


def can_happen(event: Event, state: State) -> bool:
    """Whether `event` may happen in `state`."""
    return state in TRANSITIONS[event]


def events_in(state: State) -> tuple[Event, ...]:
    """Everything that may happen in a state."""
    return tuple(event for event, ways in TRANSITIONS.items() if state in ways)


def states_of(events: Iterable[Event]) -> list[State]:
    """The state after each event of a history. Raises PathwayError for one that could not have been."""
    states, state, happened = [], State.NEW, set[Event]()
    for event in events:
        check_can_happen(event, state, happened=happened, reason="-")
        state = TRANSITIONS[event][state]
        happened.add(event)
        states.append(state)
    return states


def _words(name: StrEnum) -> str:
    return name.value.replace("_", " ")
