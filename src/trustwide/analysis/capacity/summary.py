"""From the journeys of one replication to its figures: counts, exact means, medians and 95th percentiles of waits."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from trustwide.analysis.capacity.compiled import kernel, part
from trustwide.analysis.capacity.devices import downtime, open_minutes
from trustwide.analysis.capacity.model import (
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
from trustwide.analysis.capacity.tables import Records, World

_BINS = 2048
_ARRIVED, _SEEN, _MEAN, _MEDIAN, _P95, _WAITED, _OVER_2, _OVER_6, _OVER_13, _MISSED, _LOST, _WITHIN = range(12)


class Scratch(NamedTuple):
    """Room for the waits of all patients, stream by stream, and to pick order statistics from them."""

    waits: Reals
    picked: Reals
    bins: Integers
    first: Integers


def scratch_for(patients: int, streams: int) -> Scratch:
    return Scratch(np.empty(patients), np.empty(patients), np.empty(_BINS, np.int64), np.zeros(streams + 1, np.int64))


def figures_of(world: World, admitted: int, end: float, misfits: int, scratch: Scratch) -> Figures:
    """The figures of a replication that has run. Only whole weeks are in `weeks`."""
    streams = np.zeros((world.streams.size, len(STREAM_FIGURES)))
    scanners = np.zeros((int(world.devices.scanner.max()) + 1, len(SCANNER_FIGURES)))
    opening = np.zeros(world.streams.size, np.int64)
    weeks = np.zeros((int(end // MINUTES_A_WEEK), world.streams.size, len(WEEK_FIGURES)), np.int64)
    _stream_figures(world, admitted, streams, scratch)
    _week_figures(world.journeys, admitted, opening, weeks)
    _scanner_figures(world, end, scanners)
    return Figures(streams, scanners, opening, weeks, np.array([misfits]))


@kernel
def _stream_figures(world: World, admitted: int, figures: Reals, scratch: Scratch) -> None:
    """Patients who arrived before the warm-up are left out."""
    for patient in range(admitted):
        journey = world.journeys[patient]
        if _counts(patient, world):
            row = figures[journey.stream]
            row[_ARRIVED] += 1
            row[_MISSED] += journey.missed
            row[_SEEN] += journey.outcome == SEEN
            row[_LOST] += journey.outcome != SEEN and journey.outcome != WAITING
    scratch.first[0] = 0
    for stream in range(world.streams.size):
        scratch.first[stream + 1] = scratch.first[stream]
    total = 0
    for stream in range(world.streams.size):
        scratch.first[stream] = total
        total += int(figures[stream, _SEEN])
    for patient in range(admitted):
        journey = world.journeys[patient]
        if journey.outcome == SEEN and _counts(patient, world):
            scratch.waits[scratch.first[journey.stream]] = _wait(patient, world)
            scratch.first[journey.stream] += 1
    for stream in range(world.streams.size):
        seen = int(figures[stream, _SEEN])
        _wait_figures(stream, scratch.first[stream] - seen, seen, world, figures, scratch)


@part
def _counts(patient: int, world: World) -> bool:
    return world.warm_up == 0.0 or world.journeys[patient].arrived >= world.warm_up


@part
def _wait(patient: int, world: World) -> float:
    """Days from the request's date to the scan's for booked streams, minutes to the start of the scan for walk-ins."""
    journey = world.journeys[patient]
    if world.streams[journey.stream].booked:
        return float((journey.left // MINUTES_A_DAY) - (journey.arrived // MINUTES_A_DAY))
    return float(journey.left - journey.arrived)


@part
def _wait_figures(stream: int, first: int, seen: int, world: World, figures: Reals, scratch: Scratch) -> None:
    row = figures[stream]
    for column in range(_MEAN, _OVER_13 + 1):
        row[column] = math.nan
    row[_WITHIN] = math.nan
    if seen == 0:
        return
    week = 7.0 if world.streams[stream].booked else MINUTES_A_WEEK
    limits = (0.0, 2 * week, 6 * week, 13 * week)
    within = world.streams[stream].within_days
    total, longest = 0.0, 0.0
    waited, over_2, over_6, over_13, in_time = 0, 0, 0, 0, 0
    for index in range(first, first + seen):
        wait = scratch.waits[index]
        total += wait
        longest = max(longest, wait)
        waited += wait > limits[0]
        over_2 += wait >= limits[1]
        over_6 += wait >= limits[2]
        over_13 += wait >= limits[3]
        in_time += wait <= within
    row[_MEAN] = total / seen
    row[_WAITED] = waited / seen
    row[_OVER_2] = over_2 / seen
    row[_OVER_6] = over_6 / seen
    row[_OVER_13] = over_13 / seen
    if within >= 0:
        row[_WITHIN] = in_time / seen
    _sort_into_bins(first, seen, longest, scratch)
    row[_MEDIAN] = _quantile(0.5, first, seen, longest, scratch)
    row[_P95] = _quantile(0.95, first, seen, longest, scratch)


@part
def _bin(wait: float, longest: float) -> int:
    return int(wait * ((_BINS - 1) / longest)) if longest > 0.0 else 0


@part
def _sort_into_bins(first: int, count: int, longest: float, scratch: Scratch) -> None:
    for index in range(_BINS):
        scratch.bins[index] = 0
    for index in range(first, first + count):
        scratch.bins[_bin(scratch.waits[index], longest)] += 1


@part
def _quantile(share: float, first: int, count: int, longest: float, scratch: Scratch) -> float:
    """Interpolated between the two order statistics about rank share x (count - 1), as numpy.quantile does."""
    rank = share * (count - 1)
    lower = int(rank)
    low = _order_statistic(lower, first, count, longest, scratch)
    if rank == lower:
        return low
    high = _order_statistic(lower + 1, first, count, longest, scratch)
    return low + (high - low) * (rank - lower)


@part
def _order_statistic(rank: int, first: int, count: int, longest: float, scratch: Scratch) -> float:
    """The wait of this rank, from 0: its bin is found first, so that only few waits have to be ordered."""
    chosen, below = 0, 0
    while below + scratch.bins[chosen] <= rank:
        below += scratch.bins[chosen]
        chosen += 1
    found = 0
    for index in range(first, first + count):
        if _bin(scratch.waits[index], longest) == chosen:
            scratch.picked[found] = scratch.waits[index]
            found += 1
    return _select(rank - below, found, scratch.picked)


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
def _week_figures(journeys: Records, admitted: int, opening: Integers, weeks: Integers) -> None:
    """Counts by week, and who was on the list at the end of each: those who had come less those who had left."""
    for patient in range(admitted):
        journey = journeys[patient]
        if journey.arrived < 0.0:
            opening[journey.stream] += 1
        else:
            _count(_week(journey.arrived), journey.stream, 1, weeks)
        if journey.outcome != WAITING:
            _count(_week(journey.left), journey.stream, 2 if journey.outcome == SEEN else 3, weeks)
    for stream in range(opening.size):
        waiting = opening[stream]
        for week in range(weeks.shape[0]):
            waiting += weeks[week, stream, 1] - weeks[week, stream, 2] - weeks[week, stream, 3]
            weeks[week, stream, 0] = waiting


@part
def _count(week: int, stream: int, column: int, weeks: Integers) -> None:
    if week < weeks.shape[0]:
        weeks[week, stream, column] += 1


@part
def _week(minute: float) -> int:
    """Whole weeks before a minute; the correction is for the rounding of the quicker product."""
    week = int(minute * (1.0 / MINUTES_A_WEEK))
    if minute < week * MINUTES_A_WEEK:
        return week - 1
    return week + 1 if minute >= (week + 1) * MINUTES_A_WEEK else week


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
