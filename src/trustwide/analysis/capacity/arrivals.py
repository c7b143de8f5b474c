"""Arrivals of every stream, in order of time, drawn by compiled code."""

from __future__ import annotations

import math

from trustwide.analysis.capacity import philox
from trustwide.analysis.capacity.compiled import part
from trustwide.analysis.capacity.demand_tables import LISTED_TIMES, NOBODY_ARRIVES
from trustwide.analysis.capacity.tables import World

_DAY = 1440.0


@part
def next_arrival(number: int, world: World) -> None:
    """Draw a stream's next arrival (the first, at the start), with the duration of that patient's scan."""
    stream = world.streams[number]
    if stream.gap == NOBODY_ARRIVES:
        stream.next_time = math.inf
        return
    stream.next_number += 1
    gap, duration = philox.uniforms(world.seed, world.replication, stream.source, stream.next_number, philox.ARRIVAL, 0)
    advance(number, philox.exponential(gap), world)
    stream.next_duration = philox.variate(stream.duration_kind, stream.duration_first, stream.duration_second, duration)


@part
def advance(number: int, gap: float, world: World) -> None:
    """Set when a stream's `next_number`-th patient arrives: so many mean gaps after the one before."""
    stream = world.streams[number]
    if stream.gap == LISTED_TIMES:
        stream.next_time = world.timetable[number, min(stream.next_number, world.timetable.shape[1] - 1)]
    elif stream.gap > 0.0:
        stream.next_time += stream.gap * gap
    else:
        stream.clock += gap
        stream.next_time = _when_expected(number, world)


@part
def _when_expected(number: int, world: World) -> float:
    """The moment by which `clock` arrivals were expected: a varying rate is a steady one on another clock."""
    clock, day = world.streams[number].clock, world.streams[number].day
    while day + 1 < world.expected.shape[1] and world.expected[number, day + 1] <= clock:
        day += 1
    world.streams[number].day = day
    if day + 1 == world.expected.shape[1]:
        return math.inf
    into_day = (clock - world.expected[number, day]) / (world.expected[number, day + 1] - world.expected[number, day])
    return float((day + into_day) * _DAY)


@part
def draw_site(stream: int, number: int, world: World) -> int:
    """The site at which a stream's `number`-th patient is requested."""
    if world.cells[stream, 0].below == 1.0:
        return 0
    draw, _ = philox.uniforms(world.seed, world.replication, world.streams[stream].source, number, philox.PLACE, 0)
    site = 0
    while draw >= world.cells[stream, site].below:
        site += 1
    return site
