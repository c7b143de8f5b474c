"""The waits counted day by day, slowly: the definition that `clocks` must equal."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from trustwide.analysis.capacity.clocks import dm01_rules_on
from trustwide.services.imaging.requests.pathway import Event
from trustwide.services.imaging.waiting.clocks import Happening


def waits_on(
    day: datetime.date, asked_on: datetime.date, due_on: datetime.date | None, events: Sequence[Happening]
) -> tuple[int, int]:
    """(DM01 days, experienced days) at the end of `day`, each counted from nothing, a day at a time."""
    dm01 = experienced = 0
    first = asked_on if due_on is None or due_on < asked_on else due_on
    today = first
    while today < day:
        if _stopped_by(today, events):
            break
        today += datetime.timedelta(days=1)
        experienced += 1
        dm01 = 0 if _restarts_on_or_after(today, events) else dm01 + 1
    return dm01, experienced


def _stopped_by(day: datetime.date, events: Sequence[Happening]) -> bool:
    return any(e.kind in (Event.END, Event.REJECT, Event.WITHDRAW) and e.day <= day for e in events)


def _restarts_on_or_after(day: datetime.date, events: Sequence[Happening]) -> bool:
    return any(restart >= day for restart in _restarts(events))


def _restarts(events: Sequence[Happening]) -> list[datetime.date]:
    restarts = []
    refused: list[datetime.date] = []
    for event in events:
        rules = dm01_rules_on(event.day)
        missed = event.kind is Event.MISS and rules.missed
        cancelled = event.kind is Event.PATIENT_CANCEL and rules.cancelled
        if missed or cancelled:
            text = event.details.get("appointment_on")
            restarts.append(datetime.date.fromisoformat(text) if text else event.day)
        if event.kind is Event.DECLINE and event.details.get("reasonable") is True:
            text = event.details.get("offered_on")
            refused.append(datetime.date.fromisoformat(text) if text else event.day)
        if rules.refusals and len(refused) == rules.refusals:
            restarts.append(refused.pop(0))
            refused.clear()
    return restarts
