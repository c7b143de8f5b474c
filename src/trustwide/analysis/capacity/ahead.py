"""Everybody who will walk in during a run, drawn before it: nobody's arrival depends on what happens to the others.

Compiled. The same numbers as one by one (`arrivals`), drawn for many patients at a time and so several times as fast.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from trustwide.analysis.capacity import philox
from trustwide.analysis.capacity.arrivals import advance
from trustwide.analysis.capacity.compiled import kernel, part
from trustwide.analysis.capacity.demand_tables import NOBODY_ARRIVES
from trustwide.analysis.capacity.model import NOBODY, WAITING, Integers, Reals
from trustwide.analysis.capacity.tables import World

NO_ROOM = -1
_AT_ONCE = 128


class Ahead(NamedTuple):
    """Room for the next patients of each stream.

    times, durations, places, attendances: (streams, n), of each patient. column: (streams,), which comes next.
    pairs: (2, n), room to draw.
    """

    times: Reals
    durations: Reals
    places: Reals
    attendances: Reals
    column: Integers
    pairs: Reals


def ahead_for(streams: int) -> Ahead:
    """Room for so many streams."""
    rows = (streams, _AT_ONCE)
    return Ahead(
        times=np.zeros(rows),
        durations=np.zeros(rows),
        places=np.zeros(rows),
        attendances=np.zeros(rows),
        column=np.zeros(streams, np.int64),
        pairs=np.empty((2, _AT_ONCE)),
    )


@kernel
def draw_arrivals(world: World, ahead: Ahead, attendances: Reals) -> int:
    """Write down all who arrive, in order of time; how many, NO_ROOM if `journeys` is too short.

    attendances: (patients,), the draw for each patient's first visit.
    """
    for stream in range(world.streams.size):
        ahead.column[stream] = _AT_ONCE
    limit = world.stop_after if world.stop_after > 0 else world.journeys.size + 1
    admitted = 0
    while admitted < limit:
        for stream in range(world.streams.size):
            if ahead.column[stream] == _AT_ONCE:
                _draw(stream, world, ahead)
        stream = _earliest(ahead)
        while ahead.column[stream] < _AT_ONCE and admitted < limit:
            if ahead.times[stream, ahead.column[stream]] >= world.end:
                return admitted
            if ahead.times[stream, ahead.column[stream]] == math.inf:
                return admitted
            if admitted == world.journeys.size:
                return NO_ROOM
            _admit(admitted, stream, world, ahead, attendances)
            admitted += 1
            ahead.column[stream] += 1
            if ahead.column[stream] < _AT_ONCE:
                stream = _earliest(ahead)
    return admitted


@part
def _earliest(ahead: Ahead) -> int:
    """The stream whose next patient is first; the first of equals."""
    first, time = 0, ahead.times[0, ahead.column[0]]
    for stream in range(1, ahead.column.size):
        other = ahead.times[stream, ahead.column[stream]]
        first = stream if other < time else first
        time = min(other, time)
    return first


@part
def _draw(stream: int, world: World, ahead: Ahead) -> None:
    """Draw a stream's next patients."""
    row, pairs = world.streams[stream], ahead.pairs
    ahead.column[stream] = 0
    first = row.next_number + 1
    if row.gap == NOBODY_ARRIVES:
        ahead.times[stream, 0] = math.inf
        return
    philox.fill_uniforms(world.seed, world.replication, row.source, first, philox.ARRIVAL, pairs)
    for index in range(_AT_ONCE):
        pairs[0, index] = philox.exponential(pairs[0, index])
    for index in range(_AT_ONCE):
        row.next_number += 1
        advance(stream, pairs[0, index], world)
        ahead.times[stream, index] = row.next_time
    philox.variates(row.duration_kind, row.duration_first, row.duration_second, pairs[1], ahead.durations[stream])
    if world.cells[stream, 0].below < 1.0:
        philox.fill_uniforms(world.seed, world.replication, row.source, first, philox.PLACE, pairs)
        for index in range(_AT_ONCE):
            ahead.places[stream, index] = pairs[0, index]
    if row.missed_probability > 0.0 or row.missed_then > 0.0:
        philox.fill_uniforms(world.seed, world.replication, row.source, first, philox.ATTENDANCE, pairs)
        for index in range(_AT_ONCE):
            ahead.attendances[stream, index] = pairs[0, index]


@part
def _admit(patient: int, stream: int, world: World, ahead: Ahead, attendances: Reals) -> None:
    column = ahead.column[stream]
    site = 0
    while world.cells[stream, site].below < 1.0 and ahead.places[stream, column] >= world.cells[stream, site].below:
        site += 1
    journey = world.journeys[patient]
    journey.stream = stream
    journey.site = site
    journey.outcome = WAITING
    journey.missed = 0
    journey.served_by = NOBODY
    journey.arrived = ahead.times[stream, column]
    journey.left = math.inf
    world.patients[patient].number = world.streams[stream].next_number - (_AT_ONCE - 1) + column
    world.patients[patient].duration = ahead.durations[stream, column]
    attendances[patient] = ahead.attendances[stream, column]
