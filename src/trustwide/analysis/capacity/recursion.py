"""The fast path: one first-come queue at devices that are always open and never fail, without an event list.

Kiefer and Wolfowitz 1955: whoever arrives takes the lowest-numbered device that is free, or else the one that is free
first. Equal to the last bit to the event kernel wherever both apply (`fast` decides).
"""

from __future__ import annotations

import math

import numpy as np

from trustwide.analysis.capacity import philox
from trustwide.analysis.capacity.compiled import kernel, part
from trustwide.analysis.capacity.devices import occupy
from trustwide.analysis.capacity.model import NOBODY, SEEN, WAITING, Reals
from trustwide.analysis.capacity.tables import World

DRAWN_AT_ONCE = 512


@kernel
def run_recursion(world: World, free: Reals, drawn: Reals) -> tuple[int, float]:
    """One replication, as `walk_in.run_walk_in`. `free` (devices,) starts at zero; `drawn` (3, n) is room to draw."""
    limit = world.stop_after if world.stop_after > 0 else world.journeys.size + 1
    admitted, arrived, finish = 0, 0.0, 0.0
    while admitted < limit and arrived < world.end:
        arrived = _draw(admitted, arrived, world, drawn)
        for index in range(min(drawn.shape[1], limit - admitted)):
            if drawn[0, index] >= world.end:
                break
            if admitted == world.journeys.size:
                return -1, arrived
            finish = max(finish, _serve(admitted, drawn[0, index], drawn[2, index], world, free))
            admitted += 1
    return admitted, world.end if world.end < math.inf else finish


@part
def _draw(first: int, arrived: float, world: World, drawn: Reals) -> float:
    """When the next patients arrive (row 0 of `drawn`) and how long they take (row 2); when the last arrives."""
    stream = world.streams[0]
    philox.fill_uniforms(world.seed, world.replication, stream.source, first, philox.ARRIVAL, drawn)
    for index in range(drawn.shape[1]):
        arrived += stream.gap * philox.exponential(drawn[0, index])
        drawn[0, index] = arrived
    philox.variates(stream.duration_kind, stream.duration_first, stream.duration_second, drawn[1], drawn[2])
    return arrived


@part
def _serve(patient: int, arrived: float, duration: float, world: World, free: Reals) -> float:
    device, start = _device(arrived, free)
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
def _device(arrived: float, free: Reals) -> tuple[int, float]:
    """The device that can start first, the lowest-numbered of equals, and when."""
    first, start = np.uint64(0), max(free[0], arrived)  # unsigned: signed indices may count from the end, and cost more
    for device in range(1, free.size):
        time = max(free[device], arrived)
        first = np.uint64(device) if time < start else first
        start = min(time, start)
    return int(first), start
