"""The fast path: one first-come queue at devices that are always open and never fail, without an event list.

Kiefer and Wolfowitz 1955: whoever arrives takes the lowest-numbered device that is free, or else the one that is free
first. Equal to the last bit to the event kernel wherever both apply (`fast` decides).
"""

from __future__ import annotations

import math

from trustwide.analysis.capacity import philox
from trustwide.analysis.capacity.compiled import kernel, part
from trustwide.analysis.capacity.devices import occupy
from trustwide.analysis.capacity.model import NOBODY, SEEN, WAITING, Reals
from trustwide.analysis.capacity.tables import World

DRAWN_AT_ONCE = 512


@kernel
def run_recursion(world: World, free: Reals, pairs: Reals) -> tuple[int, float]:
    """One replication, as `walk_in.run_walk_in`. `free` (devices,) starts at zero; `pairs` (2, n) is room to draw."""
    stream = world.streams[0]
    limit = world.stop_after if world.stop_after > 0 else world.journeys.size + 1
    admitted, arrived, finish = 0, 0.0, 0.0
    while admitted < limit:
        drawn = admitted % pairs.shape[1]
        if drawn == 0:
            philox.fill_uniforms(world.seed, world.replication, stream.source, admitted, philox.ARRIVAL, pairs)
        arrived += stream.gap * philox.exponential(pairs[0, drawn])
        if arrived >= world.end:
            break
        if admitted == world.journeys.size:
            return -1, arrived
        duration = philox.variate(stream.duration_kind, stream.duration_first, stream.duration_second, pairs[1, drawn])
        finish = max(finish, _serve(admitted, arrived, duration, world, free))
        admitted += 1
    return admitted, world.end if world.end < math.inf else finish


@part
def _serve(patient: int, arrived: float, duration: float, world: World, free: Reals) -> float:
    device = _device(arrived, free)
    start = max(arrived, free[device])
    seen = start < world.end
    journey = world.journeys[patient]
    journey.stream = 0
    journey.site = 0
    journey.missed = 0
    journey.arrived = arrived
    journey.outcome = SEEN if seen else WAITING
    journey.served_by = device if seen else NOBODY
    journey.left = start if seen else math.inf
    if not seen:
        return 0.0
    ends = occupy(device, start, duration, math.inf, world)
    free[device] = ends + world.devices[device].changeover
    return float(ends)


@part
def _device(arrived: float, free: Reals) -> int:
    first = 0
    for device in range(free.size):
        if free[device] <= arrived:
            return device
        if free[device] < free[first]:
            first = device
    return first
