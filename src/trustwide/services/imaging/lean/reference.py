"""The lean measures written out one record at a time: slow, and the definition that the frames must agree with."""

from __future__ import annotations

import datetime
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from trustwide.services.imaging.lean import names
from trustwide.services.imaging.lean.names import REPORT_DAYS, SHORT_NOTICE_HOURS
from trustwide.services.imaging.waiting.clocks import LONDON

Moment = datetime.datetime
Key = tuple[str, int, str, datetime.date]
SENT_BACK = ("query", "change", "safety_hold", "miss", "patient_cancel", "hospital_cancel", "abandon")


@dataclass(frozen=True)
class Session:
    """An open session that is over."""

    number: int
    site: int
    modality: str
    opens: Moment
    open_minutes: int
    booked_minutes: int


@dataclass(frozen=True)
class Visit:
    """An appointment: its session, and what became of it."""

    session: Session
    starts: Moment
    state: str
    ended: Moment | None


@dataclass(frozen=True)
class History:
    """A request: whose list it is on, since when its patient waits, its recorded events in order, its visits.

    implied: kinds of the events that nobody recorded.
    """

    site: int
    modality: str
    waits_from: datetime.date
    scanned: Moment | None
    events: Sequence[tuple[str, Moment]]
    visits: Sequence[Visit]
    implied: Sequence[str] = ()

    def last(self, kind: str) -> Moment | None:
        """When this last happened."""
        return next((at for each, at in reversed(self.events) if each == kind), None)

    def times(self, *kinds: str) -> int:
        """How often one of these was recorded."""
        return sum(kind in kinds for kind, _ in self.events)

    def sent_back(self, *kinds: str) -> int:
        """How often one of these happened, also where nobody recorded it."""
        return self.times(*kinds) + sum(kind in kinds for kind in self.implied)


def measured(histories: Iterable[History], sessions: Iterable[Session], now: Moment) -> dict[Key, tuple[float, float]]:
    """Numerator and denominator by measure, site, modality and month; nothing where the denominator would be zero."""
    found: dict[Key, list[float]] = defaultdict(lambda: [0.0, 0.0])
    histories = list(histories)
    for code, site, modality, day, over, under in _counted(histories, list(sessions), now):
        pair = found[code, site, modality, day.replace(day=1)]
        pair[0] += over
        pair[1] += under
    # where no session was open there is no takt, though there were requests
    return {key: (over, under) for key, (over, under) in found.items() if under and (over or key[0] != names.TAKT)}


_Count = tuple[str, int, str, datetime.date, float, float]


def _counted(histories: list[History], sessions: list[Session], now: Moment) -> Iterator[_Count]:
    for history in histories:
        asked = history.events[0][1]
        yield names.TAKT, history.site, history.modality, _day(asked), 0, 1
        for visit in history.visits:
            yield from _of_visit(history, visit)
        if history.scanned is not None:
            yield from _of_exam(history, history.scanned, asked, now)
    for session in sessions:
        yield from _of_session(session, histories)


def _of_visit(history: History, visit: Visit) -> Iterator[_Count]:
    where = visit.session.site, history.modality, _day(visit.starts)
    if visit.state in ("missed", "done"):
        yield names.MISSED, *where, visit.state == "missed", 1
    if visit.state != "booked":
        cancelled = visit.state in ("patient_cancelled", "hospital_cancelled")
        if not cancelled:
            yield names.SHORT_NOTICE, *where, 0, 1
        elif visit.ended is not None:
            late = (visit.starts - visit.ended).total_seconds() < SHORT_NOTICE_HOURS * 3600
            yield names.SHORT_NOTICE, *where, late, 1


def _of_exam(history: History, scanned: Moment, asked: Moment, now: Moment) -> Iterator[_Count]:
    done = next((visit for visit in history.visits if visit.state == "done"), None)
    here = done.session.site if done else history.site, history.modality, _day(scanned)
    of_list = history.site, history.modality, _day(scanned)
    verified = history.last("verify")
    arrived, left = history.last("arrive"), history.last("leave")
    if arrived and left:
        yield names.DOOR_TO_DOOR, *here, _minutes(arrived, left), 1
    yield names.FIRST_TIME, *here, history.sent_back("abandon") == 0 and history.times("arrive") <= 1, 1
    if verified:
        yield names.REPORT_HOURS, *here, _minutes(scanned, verified) / 60, 1
    limit = datetime.timedelta(days=REPORT_DAYS)
    if verified or now - scanned > limit:
        yield names.REPORT_IN_TIME, *here, verified is not None and verified - scanned <= limit, 1
    yield names.WAIT_DAYS, *of_list, max(0, (_day(scanned) - history.waits_from).days), 1
    yield names.RIGHT_THROUGH, *of_list, history.sent_back(*SENT_BACK) == 0, 1
    started, ended = history.last("start"), history.last("end")
    if started and ended and verified:
        yield names.VALUE_ADDING, *of_list, _minutes(started, ended), _minutes(asked, verified) / 1440


def _of_session(session: Session, histories: list[History]) -> Iterator[_Count]:
    where = session.site, session.modality, _day(session.opens)
    every = (stay for history in histories for stay in stays_in(session, history))
    stays = sorted(every, key=lambda stay: stay[0])
    used = sum(_minutes(entered, until) for entered, _, until in stays)
    yield names.UTILISATION, *where, used, session.open_minutes
    yield names.FILLED, *where, session.booked_minutes, session.open_minutes
    yield names.TAKT, *where, session.open_minutes, 0
    for (_, out, _), (entered, _, _) in itertools.pairwise(stays):
        if out < _NEVER:
            yield names.CHANGEOVER, *where, max(0.0, _minutes(out, entered)), 1


_NEVER = datetime.datetime.max.replace(tzinfo=datetime.UTC)


def stays_in(session: Session, history: History) -> Iterator[tuple[Moment, Moment, Moment]]:
    """Times in the room of a session: in, out (never, if it was not recorded) and until when the room was taken."""
    entries = [place for place, (kind, _) in enumerate(history.events) if kind == "enter_room"]
    for place, beyond in zip(entries, [*entries[1:], len(history.events)], strict=False):
        after = dict(reversed(history.events[place + 1 : beyond]))
        entered = history.events[place][1]
        abandoned = after.get("abandon")  # what follows it belongs to a later visit
        out = abandoned or after.get("out_of_room")
        until = out or after.get("end")
        state = "abandoned" if abandoned else "done"
        theirs = [visit for visit in history.visits if visit.state == state]
        if until is None or not theirs:
            continue
        if min(theirs, key=lambda visit: abs(visit.starts - entered)).session.number == session.number:
            yield entered, out or _NEVER, until


def _minutes(start: Moment, end: Moment) -> float:
    return (end - start).total_seconds() / 60


def _day(moment: Moment) -> datetime.date:
    return moment.astimezone(LONDON).date()
