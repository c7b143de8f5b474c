"""What an extract tells of one request, as events that the pathway allows. Pure: nothing is read or written here.

An extract knows few steps. Steps between two that it knows are added at the time of the later one, marked as implied.
"""

from __future__ import annotations

import datetime
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC
from functools import lru_cache
from typing import Any

from trustwide.services.imaging.activity.codes import NOTHING_YET, REJECTED, WITHDRAWN, State
from trustwide.services.imaging.requests.pathway import NEED_A_REASON, TRANSITIONS, Event
from trustwide.services.imaging.requests.pathway import State as Stage
from trustwide.services.imaging.waiting.clocks import LONDON, Happening

E = Event
Moment = datetime.datetime
IMPLIED: dict[str, Any] = {"implied": True}
MOVED = "moved in the radiology system"
_BETWEEN = (
    E.RECEIVE, E.ANSWER, E.ACCEPT, E.PROTOCOL, E.SAFETY_PASS, E.REBOOK, E.BOOK, E.ARRIVE, E.ENTER_ROOM, E.START, E.END,
    E.REPORT,
)  # fmt: skip
_BEFORE_ANOTHER_DATE = (E.HOSPITAL_CANCEL, E.ABANDON)
_OF_A_VISIT = frozenset(
    {E.BOOK, E.ARRIVE, E.ENTER_ROOM, E.START, E.END, E.MISS, E.PATIENT_CANCEL, E.HOSPITAL_CANCEL, E.ABANDON}
)
_SURE = frozenset(  # their time is what matters; steps before them give way
    {E.REQUEST, E.MISS, E.PATIENT_CANCEL, E.HOSPITAL_CANCEL, E.ABANDON, E.END, E.REPORT, E.VERIFY, E.REJECT, E.WITHDRAW}
)
_ENDED = {
    State.MISSED.value: E.MISS,
    State.PATIENT_CANCELLED.value: E.PATIENT_CANCEL,
    State.HOSPITAL_CANCELLED.value: E.HOSPITAL_CANCEL,
}


@dataclass(frozen=True)
class Visit:
    """One appointment, or one unbooked coming, as a row of the extract tells it. outcome: one of `codes.OUTCOMES`."""

    appointment: Moment | None
    booked: Moment | None
    arrived: Moment | None
    started: Moment | None
    finished: Moment | None
    cancelled: Moment | None
    outcome: str
    scanner: int | None = None

    @property
    def starts_at(self) -> Moment | None:
        """When it was to begin; for one that was not booked, when the patient came."""
        return self.appointment or self.arrived or self.started or self.finished


@dataclass(frozen=True)
class Told:
    """Everything an extract says about one request; visits in the order of their dates."""

    requested: Moment
    received: Moment | None
    vetted: Moment | None
    reported: Moment | None
    verified: Moment | None
    visits: tuple[Visit, ...]


@dataclass(frozen=True)
class Fact:
    """One thing that happened. starts_at: of the visit it belongs to. assumed: whether its time was worked out."""

    kind: Event
    at: Moment
    starts_at: Moment | None = None
    assumed: bool = False

    def happening(self, at: Moment, *, implied: bool = False) -> Happening:
        """As an event of the pathway, with what clocks and bookings read from it."""
        details: dict[str, Any] = dict(IMPLIED) if implied or self.assumed else {}
        if self.starts_at is not None and self.kind is E.BOOK:
            details["starts_at"] = self.starts_at.isoformat()
        if self.starts_at is not None and self.kind in _ENDED.values():
            details["appointment_on"] = self.starts_at.astimezone(LONDON).date().isoformat()
        return Happening(self.kind, at, details)


def facts_of(told: Told, now: Moment) -> list[Fact]:
    """What happened, in order, with times that fit together."""
    came = [moment for visit in told.visits for moment in (visit.arrived, visit.started, visit.finished) if moment]
    facts = [Fact(E.REQUEST, min([told.requested, *came]))]
    facts.append(Fact(E.RECEIVE, told.received or facts[0].at, assumed=told.received is None))
    if told.vetted:
        facts.append(Fact(E.ACCEPT, told.vetted))
    for place, visit in enumerate(told.visits, start=1):
        reported = place == len(told.visits) and bool(told.reported or told.verified)
        facts += _of_visit(visit, now, reported=reported)
    if told.reported:
        facts.append(Fact(E.REPORT, told.reported))
    if told.verified:
        facts.append(Fact(E.VERIFY, told.verified))
    return _fitted(facts)


def _of_visit(visit: Visit, now: Moment, *, reported: bool) -> list[Fact]:
    starts = visit.starts_at
    if starts is None:
        return _without_a_date(visit, now)
    past = min(starts, now)
    known = visit.arrived or visit.started or visit.finished
    scanned = bool(visit.finished or visit.outcome == State.DONE or reported)
    ended = scanned or visit.outcome not in ("", NOTHING_YET)
    first = known or visit.cancelled or (past if ended else None)
    facts = [Fact(E.BOOK, visit.booked or first or Moment.min.replace(tzinfo=UTC), starts, visit.booked is None)]
    if visit.arrived:
        facts.append(Fact(E.ARRIVE, visit.arrived, starts))
    if visit.started:
        facts.append(Fact(E.START, visit.started, starts))
    if scanned and visit.outcome != State.ABANDONED:
        at = visit.finished or visit.started or visit.arrived or past
        return [*facts, Fact(E.END, at, starts, visit.finished is None)]
    return facts + _outcome(visit, past, starts)


def _outcome(visit: Visit, past: Moment, starts: Moment) -> list[Fact]:
    if kind := _ENDED.get(visit.outcome):
        at = visit.cancelled if visit.cancelled and kind is not E.MISS else past
        return [Fact(kind, at, starts)]
    if visit.outcome == State.ABANDONED:
        return [Fact(E.ABANDON, visit.finished or visit.started or visit.arrived or past, starts)]
    if visit.outcome in (REJECTED, WITHDRAWN):
        kind = E.REJECT if visit.outcome == REJECTED else E.WITHDRAW
        return [Fact(kind, visit.cancelled or past)]
    return []


def _without_a_date(visit: Visit, now: Moment) -> list[Fact]:
    """A request that was taken off before it had a date; anything else needs one to mean something."""
    at = visit.cancelled or Moment.min.replace(tzinfo=UTC)
    if visit.outcome == REJECTED:
        return [Fact(E.REJECT, at, assumed=visit.cancelled is None)]
    if visit.outcome in (WITHDRAWN, State.PATIENT_CANCELLED, State.HOSPITAL_CANCELLED):
        return [Fact(E.WITHDRAW, at, assumed=visit.cancelled is None)]
    return []


def _fitted(facts: list[Fact]) -> list[Fact]:
    """Times in order: those that matter stand, and a step before one gives way to it."""
    last, fitted = facts[0].at, list[Fact]()
    for place, fact in enumerate(facts):
        sure = (later.at for later in facts[place:] if later.kind in _SURE and later.at >= facts[0].at)
        at = fact.at if fact.kind in _SURE else min([fact.at, *sure])
        last = max(at, last)
        fitted.append(Fact(fact.kind, last, fact.starts_at, fact.assumed))
    return fitted


@dataclass
class History:
    """Events of a request so far, and how it goes on. `reasons` has one text for each event."""

    events: list[Happening] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    stage: Stage = Stage.NEW
    _seen: set[tuple[Event, Moment | None]] = field(default_factory=set)
    _visit: Moment | None = None

    @classmethod
    def so_far(cls, events: Sequence[Happening]) -> History:
        """The history that these events are."""
        history = cls()
        for event in events:
            history._add(event, "")
        return history

    def go_on(self, facts: Sequence[Fact]) -> None:
        """Add what is new of `facts`, each with the steps it takes to get there. What cannot follow is left out."""
        for fact in facts:
            visit = fact.starts_at if fact.kind in _OF_A_VISIT else None
            if (fact.kind, visit) in self._seen or self._is_of_an_earlier_date(fact):
                continue
            wanted = _possible_end(fact, self.stage)
            way = _way(self.stage, wanted.kind)
            if way is None:
                continue
            at = max(fact.at, self.events[-1].at) if self.events else fact.at
            for step in way:
                starts = self._visit if step in _BEFORE_ANOTHER_DATE else fact.starts_at
                self._add(Fact(step, at, starts or at).happening(at, implied=True), MOVED)
            self._add(wanted.happening(at), "as the radiology system has it")

    def _is_of_an_earlier_date(self, fact: Fact) -> bool:
        """Whether a date was missed or cancelled that another has replaced: it must not end the one in force."""
        gone = fact.starts_at != self._visit and (E.BOOK, fact.starts_at) in self._seen
        return gone and fact.kind in _ENDED.values()

    def withdraw(self, at: Moment, code: str, reason: str) -> None:
        """End here: the request is taken off, for a reason of which `code` is the short name."""
        self._add(Happening(E.WITHDRAW, max(at, self.events[-1].at), {"code": code}), reason)

    def _add(self, event: Happening, reason: str) -> None:
        if event.kind is E.BOOK:
            self._visit = datetime.datetime.fromisoformat(event.details["starts_at"])
        self._seen.add((event.kind, self._visit if event.kind in _OF_A_VISIT else None))
        self.stage = TRANSITIONS[event.kind][self.stage]
        self.events.append(event)
        self.reasons.append(reason if event.kind in NEED_A_REASON else "")


def _possible_end(fact: Fact, stage: Stage) -> Fact:
    """A request that was accepted before can no longer be rejected; it is withdrawn."""
    if fact.kind is E.REJECT and _way(stage, E.REJECT) is None:
        return Fact(E.WITHDRAW, fact.at, fact.starts_at, fact.assumed)
    return fact


@lru_cache(maxsize=1000)
def _way(stage: Stage, kind: Event) -> tuple[Event, ...] | None:
    """The fewest steps from `stage` to one in which `kind` can happen; None where it no longer can."""
    steps = (*_BETWEEN, *_BEFORE_ANOTHER_DATE) if kind is E.BOOK else _BETWEEN
    queue, been = deque[tuple[Stage, tuple[Event, ...]]]([(stage, ())]), {stage}
    while queue:
        at, way = queue.popleft()
        if at in TRANSITIONS[kind]:
            return way
        for step in steps:
            to = TRANSITIONS[step].get(at)
            if to is not None and to not in been:
                been.add(to)
                queue.append((to, (*way, step)))
    return None
