"""When each scanner is down if only so many can be repaired at once: worked out before a run, in plain Python.

Breakdowns go by the calendar and not by use, so no patient changes them; but a broken scanner may wait for a crew.
"""

from __future__ import annotations

import heapq
import math
from typing import Any, NamedTuple

import numpy as np

from trustwide.analysis.capacity import philox
from trustwide.analysis.capacity.model import Reals

Outages = list[tuple[float, float]]


class Unit(NamedTuple):
    """Of a record of `tables.DEVICE`: where its draws come from, and how long it is up and its repair takes."""

    source: int
    up_kind: int
    up_first: float
    up_second: float
    down_kind: int
    down_first: float
    down_second: float
    then_from: float
    then_factor: float


def outages_of(devices: np.recarray[Any, Any], crews: int, end: float, seed: int, replication: int) -> Reals:
    """From when to when each device is down, repaired by `crews` in the order in which they failed.

    Shape (devices, most breakdowns + 1, 2) in minutes, infinite after a device's last that begins before `end`; no
    devices where `crews` is 0, which sets no limit. The draws are those of devices that need not wait for a crew.
    """
    units = [Unit(*row) for row in devices[list(Unit._fields)].tolist()] if crews else []
    found: list[Outages] = [[] for _ in units]
    failing = [(_fails(unit, [], seed, replication), number) for number, unit in enumerate(units)]
    heapq.heapify(failing)
    free = [0.0] * crews
    while failing and failing[0][0] < end:
        failed, number = failing[0]
        unit, outages = units[number], found[number]
        _, down = _draw(unit, len(outages), seed, replication)
        repaired = max(failed, free[0]) + philox.variate(unit.down_kind, unit.down_first, unit.down_second, down)
        heapq.heapreplace(free, repaired)
        outages.append((failed, repaired))
        heapq.heapreplace(failing, (_fails(unit, outages, seed, replication), number))
    table = np.full((len(found), max(map(len, found), default=0) + 1, 2), math.inf)
    for number, outages in enumerate(found):
        table[number, : len(outages)] = np.reshape(outages, (-1, 2))
    return table


def _fails(unit: Unit, before: Outages, seed: int, replication: int) -> float:
    """When a device fails next that has been down as `before` says."""
    up_from = before[-1][1] if before else 0.0
    up, _ = _draw(unit, len(before), seed, replication)
    minutes = philox.variate(unit.up_kind, unit.up_first, unit.up_second, up)
    return up_from + (minutes / unit.then_factor if up_from >= unit.then_from else minutes)


def _draw(unit: Unit, breakdown: int, seed: int, replication: int) -> tuple[float, float]:
    return philox.uniforms(np.uint64(seed), replication, unit.source, breakdown, philox.BREAKDOWN, 0)
