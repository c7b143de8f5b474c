"""Both waits of a request, from its events: the patient's own and the one of the monthly return (DM01).

Which rules hold on a day comes from `analysis.capacity.clocks`, where they are dated rows. The reference, which counts
days one by one, is in `reference.py`.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from trustwide.analysis.capacity.clocks import dm01_rules_on
from trustwide.services.imaging.requests.pathway import Event

LONDON = ZoneInfo("Europe/London")
SIX_WEEKS = 42  # days: six weeks or more is a breach
NOTICE_DAYS = 21  # of a reasonable offer; one that is accepted is reasonable whatever its notice


def midnight(day: datetime.date) -> datetime.datetime:
    """The first moment of a day at the hospital."""
    return datetime.datetime.combine(day, datetime.time(), LONDON)


@dataclass(frozen=True)
class Happening:
    """An event without its row: what, when (aware), and its details.

    Details read here: `appointment_on` (of a missed or cancelled appointment), `offered_on` and `reasonable` (of a
    declined offer), both dates as ISO text.
    """

    kind: Event
    at: datetime.datetime
    details: dict[str, Any]

    @property
    def day(self) -> datetime.date:
        """The day on which it happened, at the hospital."""
        return self.at.astimezone(LONDON).date()


@dataclass(frozen=True)
class Clocks:
    """started_on: of the DM01 clock; it may lie ahead. experienced_from: of the patient's own. stopped_on: of both."""

    started_on: datetime.date
    experienced_from: datetime.date
    stopped_on: datetime.date | None
    stop_reason: str
    resets: tuple[tuple[datetime.date, str], ...]

    @property
    def breach_on(self) -> datetime.date:
        """The day on which the DM01 wait is six weeks."""
        return self.started_on + datetime.timedelta(days=SIX_WEEKS)

    def dm01_days(self, day: datetime.date) -> int:
        """Days waited by the DM01 clock at the end of `day`, as it stands now."""
        return max(0, (self._until(day) - self.started_on).days)

    def experienced_days(self, day: datetime.date) -> int:
        """Days the patient has waited at the end of `day`."""
        return max(0, (self._until(day) - self.experienced_from).days)

    def _until(self, day: datetime.date) -> datetime.date:
        return min(day, self.stopped_on) if self.stopped_on else day


STOPS = {Event.END: "scanned", Event.REJECT: "rejected", Event.WITHDRAW: "withdrawn"}


def clocks_of(asked_on: datetime.date, due_on: datetime.date | None, events: Sequence[Happening]) -> Clocks:
    """Both clocks after `events`, in order. due_on: of a planned exam, whose clocks start when it is due."""
    begin = max(asked_on, due_on) if due_on else asked_on
    resets = tuple(_resets(begin, events))
    stop = next((event for event in events if event.kind in STOPS), None)
    return Clocks(
        started_on=max((day for day, _ in resets), default=begin),
        experienced_from=begin,
        stopped_on=stop.day if stop else None,
        stop_reason=_reason(stop),
        resets=resets,
    )


def _resets(begin: datetime.date, events: Sequence[Happening]) -> list[tuple[datetime.date, str]]:
    found: list[tuple[datetime.date, str]] = []
    declined: list[datetime.date] = []
    for event in events:
        rules = dm01_rules_on(event.day)
        if event.kind is Event.MISS and rules.missed:
            found.append((_day(event, "appointment_on"), "missed"))
        elif event.kind is Event.PATIENT_CANCEL and rules.cancelled:
            found.append((_day(event, "appointment_on"), "cancelled by the patient"))
        elif event.kind is Event.DECLINE and event.details.get("reasonable"):
            declined.append(_day(event, "offered_on"))
            if len(declined) == rules.refusals:
                found.append((declined[0], f"{rules.refusals} reasonable offers declined"))
                declined = []
    return [(day, why) for day, why in found if day > begin]


def _day(event: Happening, name: str) -> datetime.date:
    given = event.details.get(name)
    return datetime.date.fromisoformat(given) if given else event.day


def _reason(stop: Happening | None) -> str:
    if stop is None:
        return ""
    return str(stop.details.get("code") or STOPS[stop.kind])
