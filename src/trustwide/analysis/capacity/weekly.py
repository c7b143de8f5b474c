"""What happened in each week of a replication, by stream and site, and who waited at its end. Compiled."""

from __future__ import annotations

import math

from trustwide.analysis.capacity.compiled import kernel, part
from trustwide.analysis.capacity.diary import Book, long_from
from trustwide.analysis.capacity.model import MINUTES_A_DAY, MINUTES_A_WEEK, SEEN, WAITING, Integers, Reals
from trustwide.analysis.capacity.tables import World


@kernel
def count_weeks(world: World, admitted: int, opening: Integers, weeks: Integers, cells: Reals) -> None:
    """Counts by week, and who was on the list at the end of each: those who had come less those who had left.

    Each patient adds to the week they join the list in, the one they become a long waiter in and the one they leave.
    Those are changes of the list; added up over the weeks they are the list.
    """
    came, came_ends, left, left_ends = -1, 0.0, -1, 0.0
    for patient in range(admitted):
        journey = world.journeys[patient]
        # most come and leave in the week in which the one before them did
        if not came_ends - MINUTES_A_WEEK <= journey.arrived < came_ends:
            came = _week(journey.arrived)
            came_ends = (came + 1) * MINUTES_A_WEEK
        if journey.outcome != WAITING and not left_ends - MINUTES_A_WEEK <= journey.left < left_ends:
            left = _week(journey.left)
            left_ends = (left + 1) * MINUTES_A_WEEK
        if came < 0:
            opening[journey.stream] += 1
        elif came < weeks.shape[0]:
            weeks[came, journey.stream, 1] += 1
        _count_leaving(patient, max(came, 0), left, world, weeks, cells)
    _add_up(opening, weeks, cells)


@part
def _count_leaving(patient: int, came: int, left: int, world: World, weeks: Integers, cells: Reals) -> None:
    journey = world.journeys[patient]
    last = weeks.shape[0]
    leaves = journey.outcome != WAITING and left < last
    stays_until = left if leaves else last
    if leaves:
        weeks[left, journey.stream, 2 if journey.outcome == SEEN else 3] += 1
        if journey.outcome == SEEN:
            row = cells[left, journey.stream, journey.site]
            row[1] += 1
            row[2] += wait_of(patient, world) / (1.0 if world.streams[journey.stream].booked else MINUTES_A_DAY)
    if came < stays_until:
        cells[came, journey.stream, journey.site, 0] += 1
        if leaves:
            cells[left, journey.stream, journey.site, 0] -= 1
        overdue = max(_overdue_from(patient, world), 0)
        if overdue < stays_until:
            cells[overdue, journey.stream, journey.site, 3] += 1
            if leaves:
                cells[left, journey.stream, journey.site, 3] -= 1


@part
def _add_up(opening: Integers, weeks: Integers, cells: Reals) -> None:
    """From changes of the list to the list."""
    for week in range(weeks.shape[0]):
        for stream in range(opening.size):
            waiting = opening[stream] if week == 0 else weeks[week - 1, stream, 0]
            weeks[week, stream, 0] = waiting + weeks[week, stream, 1] - weeks[week, stream, 2] - weeks[week, stream, 3]
            for site in range(cells.shape[2] if week > 0 else 0):
                cells[week, stream, site, 0] += cells[week - 1, stream, site, 0]
                cells[week, stream, site, 3] += cells[week - 1, stream, site, 3]


@part
def _week(minute: float) -> int:
    """Whole weeks before a minute."""
    return math.floor(minute / MINUTES_A_WEEK)


@part
def _overdue_from(patient: int, world: World) -> int:
    """The first week of the run at whose end a patient who is still there has waited six weeks.

    For booked streams whole days to the last day of the week count, as in monthly returns.
    """
    arrived = world.journeys[patient].arrived
    if world.streams[world.journeys[patient].stream].booked:
        return int(long_from(int(arrived // MINUTES_A_DAY)))
    return int(math.ceil(arrived / MINUTES_A_WEEK) + 5)


@kernel
def add_dm01(world: World, book: Book, admitted: int, cells: Reals) -> None:
    """The long waiters of booked streams on the DM01 clock: as it ran before it was last restarted, and since."""
    weeks = cells.shape[0]
    for patient in range(admitted):
        journey = world.journeys[patient]
        if not world.streams[journey.stream].booked:
            continue
        left = weeks if journey.outcome == WAITING else min(_week(journey.left), weeks)
        overdue = max(long_from(book.requests[patient].clock), 0)
        if overdue < left:
            cells[overdue, journey.stream, journey.site, 4] += 1
            if left < weeks:
                cells[left, journey.stream, journey.site, 4] -= 1
    for week in range(weeks):
        for stream in range(cells.shape[1]):
            for site in range(cells.shape[2]):
                cells[week, stream, site, 4] += book.over_6_weeks[week, stream, site]
                if week > 0:
                    cells[week, stream, site, 4] += cells[week - 1, stream, site, 4]


@part
def wait_of(patient: int, world: World) -> float:
    """Days from the request's date to the scan's for booked streams, minutes to the start of the scan for walk-ins."""
    journey = world.journeys[patient]
    if world.streams[journey.stream].booked:
        return float((journey.left // MINUTES_A_DAY) - (journey.arrived // MINUTES_A_DAY))
    return float(journey.left - journey.arrived)
