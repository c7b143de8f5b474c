"""From the journeys of one replication to its figures: counts, exact means, medians and 95th percentiles of waits."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from trustwide.analysis.capacity.compiled import kernel, part
from trustwide.analysis.capacity.devices import downtime, open_minutes
from trustwide.analysis.capacity.diary import Book
from trustwide.analysis.capacity.model import (
    CELL_FIGURES,
    MINUTES_A_DAY,
    MINUTES_A_WEEK,
    SCANNER_FIGURES,
    SEEN,
    STREAM_FIGURES,
    WAITING,
    WEEK_FIGURES,
    Figures,
    Integers,
    Reals,
)
from trustwide.analysis.capacity.tables import World
from trustwide.analysis.capacity.weekly import add_dm01, count_weeks, wait_of

_BINS = 2048
_ARRIVED, _SEEN, _MEAN, _MEDIAN, _P95, _WAITED, _OVER_2, _OVER_6, _OVER_13, _MISSED, _LOST, _WITHIN = range(12)
_UNSTAFFED = SCANNER_FIGURES.index("unstaffed_hours")


class Scratch(NamedTuple):
    """Room for the waits of all patients, stream by stream, and to pick order statistics from them.

    first, beyond: (streams,), where a stream's waits begin and end.
    """

    waits: Reals
    picked: Reals
    bins: Integers
    first: Integers
    beyond: Integers
    arrived: Integers


def scratch_for(patients: int, streams: int) -> Scratch:
    places = (np.zeros(streams, np.int64) for _ in range(3))
    return Scratch(np.empty(patients), np.empty(patients), np.empty(_BINS, np.int64), *places)


def figures_of(
    world: World, admitted: int, end: float, misfits: int, scratch: Scratch, book: Book | None = None
) -> Figures:
    """The figures of a replication that has run; `book` of one with booked streams. Only whole weeks are in `weeks`."""
    streams = np.zeros((world.streams.size, len(STREAM_FIGURES)))
    scanners = np.zeros((int(world.devices.scanner.max()) + 1, len(SCANNER_FIGURES)))
    opening = np.zeros(world.streams.size, np.int64)
    weeks = np.zeros((int(end // MINUTES_A_WEEK), world.streams.size, len(WEEK_FIGURES)), np.int64)
    _stream_figures(world, admitted, streams, scratch)
    _scanner_figures(world, end, scanners)
    counted = (world.unstaffed[:, 1] >= world.warm_up) & (world.unstaffed[:, 1] < end)
    for scanner, opens, closes in world.unstaffed[counted]:
        scanners[int(scanner), _UNSTAFFED] += (closes - opens) / 60
    cells = np.zeros((len(weeks), world.streams.size, world.cells.shape[1], len(CELL_FIGURES)))
    count_weeks(world, admitted, opening, weeks, cells)
    dm01 = np.full_like(streams, math.nan)
    if book is not None:
        add_dm01(world, book, admitted, cells)
        _dm01_figures(world, book, admitted, dm01, scratch)
    return Figures(streams, scanners, opening, weeks, np.array([misfits]), cells, dm01)


@kernel
def _stream_figures(world: World, admitted: int, figures: Reals, scratch: Scratch) -> None:
    """Patients who arrived before the warm-up are left out."""
    _lay_out(world, admitted, scratch)
    for patient in range(admitted):
        journey = world.journeys[patient]
        if not _counts(patient, world):
            continue
        scratch.arrived[journey.stream] += 1
        if journey.missed > 0:
            figures[journey.stream, _MISSED] += journey.missed
        if journey.outcome == SEEN:
            scratch.waits[scratch.beyond[journey.stream]] = wait_of(patient, world)
            scratch.beyond[journey.stream] += 1
        elif journey.outcome != WAITING:
            figures[journey.stream, _LOST] += 1
    for stream in range(world.streams.size):
        figures[stream, _ARRIVED] = scratch.arrived[stream]
        figures[stream, _SEEN] = scratch.beyond[stream] - scratch.first[stream]
        _wait_figures(stream, world, figures, scratch)


@kernel
def _dm01_figures(world: World, book: Book, admitted: int, figures: Reals, scratch: Scratch) -> None:
    """The same waits on the DM01 clock, none of them below 0: an appointment may be cancelled for a date to come."""
    _lay_out(world, admitted, scratch)
    for patient in range(admitted):
        journey = world.journeys[patient]
        if journey.outcome == SEEN and world.streams[journey.stream].booked and _counts(patient, world):
            wait = journey.left // MINUTES_A_DAY - book.requests[patient].clock
            scratch.waits[scratch.beyond[journey.stream]] = max(wait, 0.0)
            scratch.beyond[journey.stream] += 1
    for stream in range(world.streams.size):
        if world.streams[stream].booked:
            _wait_figures(stream, world, figures, scratch)


@part
def _lay_out(world: World, admitted: int, scratch: Scratch) -> None:
    """Room for the wait of everybody of each stream."""
    for stream in range(scratch.first.size):
        scratch.beyond[stream] = 0
        scratch.arrived[stream] = 0
    if scratch.first.size > 1:
        for patient in range(admitted):
            scratch.beyond[world.journeys[patient].stream] += 1
    total = 0
    for stream in range(scratch.first.size):
        scratch.first[stream] = total
        total += scratch.beyond[stream]
        scratch.beyond[stream] = scratch.first[stream]


@part
def _counts(patient: int, world: World) -> bool:
    return world.warm_up == 0.0 or world.journeys[patient].arrived >= world.warm_up


@part
def _wait_figures(stream: int, world: World, figures: Reals, scratch: Scratch) -> None:
    row, first, beyond = figures[stream], scratch.first[stream], scratch.beyond[stream]
    for column in range(_MEAN, _OVER_13 + 1):
        row[column] = math.nan
    row[_WITHIN] = math.nan
    seen = beyond - first
    if seen == 0:
        return
    total, longest = 0.0, 0.0
    for index in range(first, beyond):
        total += scratch.waits[index]
        longest = max(longest, scratch.waits[index])
    row[_MEAN] = total / seen
    _shares(stream, world, row, scratch)
    _sort_into_bins(first, beyond, longest, scratch)
    row[_MEDIAN] = _quantile(0.5, first, beyond, longest, scratch)
    row[_P95] = _quantile(0.95, first, beyond, longest, scratch)


@part
def _shares(stream: int, world: World, row: Reals, scratch: Scratch) -> None:
    """How many waited at all, and how long: whole numbers only, so that the loop is vectorised."""
    first, beyond = scratch.first[stream], scratch.beyond[stream]
    week = 7.0 if world.streams[stream].booked else MINUTES_A_WEEK
    within = world.streams[stream].within_days
    waited, over_2, over_6, over_13, in_time = 0, 0, 0, 0, 0
    for index in range(first, beyond):
        wait = scratch.waits[index]
        waited += wait > 0.0
        over_2 += wait >= 2 * week
        over_6 += wait >= 6 * week
        over_13 += wait >= 13 * week
        in_time += wait <= within
    seen = beyond - first
    row[_WAITED] = waited / seen
    row[_OVER_2] = over_2 / seen
    row[_OVER_6] = over_6 / seen
    row[_OVER_13] = over_13 / seen
    if within >= 0:
        row[_WITHIN] = in_time / seen


@part
def _bin(wait: float, scale: float) -> int:
    return int(wait * scale)


@part
def _scale(longest: float) -> float:
    """Bins a minute (or day) of wait."""
    return (_BINS - 1) / longest if longest > 0.0 else 0.0


@part
def _sort_into_bins(first: int, beyond: int, longest: float, scratch: Scratch) -> None:
    scale = _scale(longest)
    for index in range(_BINS):
        scratch.bins[index] = 0
    for index in range(first, beyond):
        scratch.bins[_bin(scratch.waits[index], scale)] += 1


@part
def _quantile(share: float, first: int, beyond: int, longest: float, scratch: Scratch) -> float:
    """Interpolated between the two order statistics about rank share x (count - 1), as numpy.quantile does.

    The bins that hold the two are found first, so that only few waits have to be ordered.
    """
    rank = share * (beyond - first - 1)
    lower = int(rank)
    upper = lower if rank == lower else lower + 1
    low_bin, below = 0, 0
    while below + scratch.bins[low_bin] <= lower:
        below += scratch.bins[low_bin]
        low_bin += 1
    high_bin, upto = low_bin, below + scratch.bins[low_bin]
    while upto <= upper:
        high_bin += 1
        upto += scratch.bins[high_bin]
    found = _pick(low_bin, high_bin, first, beyond, _scale(longest), scratch)
    low = _select(lower - below, found, scratch.picked)
    high = _select(upper - below, found, scratch.picked)
    return low + (high - low) * (rank - lower)


@part
def _pick(low_bin: int, high_bin: int, first: int, beyond: int, scale: float, scratch: Scratch) -> int:
    """Copy the waits of a range of bins; how many they are."""
    found = 0
    for index in range(first, beyond):
        if low_bin <= _bin(scratch.waits[index], scale) <= high_bin:
            scratch.picked[found] = scratch.waits[index]
            found += 1
    return found


@part
def _select(rank: int, count: int, values: Reals) -> float:
    """Quickselect (Hoare 1961) on the first `count` values, in place."""
    low, high = 0, count - 1
    while low < high:
        pivot = values[(low + high) // 2]
        left, right = low, high
        while left <= right:
            while values[left] < pivot:
                left += 1
            while values[right] > pivot:
                right -= 1
            if left <= right:
                values[left], values[right] = values[right], values[left]
                left += 1
                right -= 1
        if rank <= right:
            high = right
        elif rank >= left:
            low = left
        else:
            break
    return float(values[rank])


@kernel
def _scanner_figures(world: World, end: float, figures: Reals) -> None:
    """Rows of the service file: `count` devices are added up."""
    for scanner in range(figures.shape[0]):
        busy, in_session = 0.0, 0.0
        for number in range(world.devices.size):
            if world.devices[number].scanner != scanner:
                continue
            down, breakdowns = downtime(number, world.warm_up, end, world)
            busy += world.devices[number].busy
            in_session += open_minutes(number, world.warm_up, end, world)
            figures[scanner, 1] += down
            figures[scanner, 2] += breakdowns
            figures[scanner, 3] += world.devices[number].late
        figures[scanner, 0] = busy / in_session if in_session > 0.0 else math.nan
