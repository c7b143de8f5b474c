"""The slot search done the slow way: every five minutes of every day, held against every appointment."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from trustwide.services.imaging.booking.slots import CELL, QUIET, OpenSession, SlotQuestion
from trustwide.services.imaging.waiting.clocks import LONDON


@dataclass(frozen=True)
class Taken:
    """An appointment in force: whose session, from when to when."""

    session_id: int
    starts_at: datetime.datetime
    ends_at: datetime.datetime


def earliest_times(
    question: SlotQuestion,
    sessions: Sequence[OpenSession],
    appointments: Sequence[Taken],
    travel: dict[tuple[int, int], int],
    limit: int,
) -> list[tuple[int, datetime.datetime]]:
    """(session id, start) of the best `limit` slots, one a session: what `Calendar.find` must give."""
    length = -(-datetime.timedelta(minutes=question.minutes) // CELL) * CELL
    found = []
    for session in sessions:
        journey = 0 if question.home == session.site_id else travel.get((question.home or 0, session.site_id))
        too_far = question.home is not None and question.travel is not None and (journey or 0) > question.travel
        if too_far or not session.suits(question):
            continue
        start = session.opens_at
        closes = session.opens_at + len(session.cells) * CELL
        while start + length <= closes:
            if question.earliest <= start < question.latest and not _clashes(session, start, length, appointments):
                calm = start < session.opens_at + QUIET
                found.append((start, calm, journey if question.home is not None else None, session.id))
                break
            start += CELL

    def rank(one: tuple[datetime.datetime, bool, int | None, int]) -> tuple[object, ...]:
        start, calm, journey, session = one
        day = (start.astimezone(LONDON).date(), not calm) if question.quiet else ()
        return (*day, start, 10_000 if journey is None else journey, session)

    found.sort(key=rank)
    return [(session, start) for start, _, _, session in found[:limit]]


def _clashes(
    session: OpenSession, start: datetime.datetime, length: datetime.timedelta, appointments: Sequence[Taken]
) -> bool:
    return any(
        one.session_id == session.id and one.starts_at < start + length and start < one.ends_at for one in appointments
    )
