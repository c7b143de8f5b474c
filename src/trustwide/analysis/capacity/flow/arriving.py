"""Who comes to a department, and when: drawn by compiled code, type by type."""

from __future__ import annotations

import math

from trustwide.analysis.capacity import philox
from trustwide.analysis.capacity.compiled import kernel, part
from trustwide.analysis.capacity.flow import laws
from trustwide.analysis.capacity.flow.model import INSIDE
from trustwide.analysis.capacity.flow.tables import Plan
from trustwide.analysis.capacity.tables import Records

NO_ROOM = -1
_DAY = 1440.0


@kernel
def draw_coming(plan: Plan, seed: philox.Word, replication: int, patients: Records) -> int:
    """Write down those who come before the end, type by type; how many, or NO_ROOM if `patients` is too short."""
    count = 0
    for number in range(plan.types.size):
        if plan.types[number].per_minute > 0.0:
            count = _at_rates(number, count, plan, seed, replication, patients)
        else:
            count = _at_times(number, count, plan, seed, replication, patients)
        if count == NO_ROOM:
            return NO_ROOM
    return count


@part
def _at_times(number: int, count: int, plan: Plan, seed: philox.Word, replication: int, patients: Records) -> int:
    kind = plan.types[number]
    index = 0
    while plan.listed[number, index] < math.inf:
        first, second = philox.uniforms(seed, replication, kind.source, index, laws.COMING, 0)
        arrived = plan.listed[number, index]
        if kind.off_sd > 0.0 or kind.off_mean != 0.0:
            arrived = max(0.0, arrived + (kind.off_mean + kind.off_sd * philox.normal(first)))
        if second >= kind.missed and arrived < plan.end:
            if count == patients.size:
                return NO_ROOM
            _admit(count, number, index, arrived, patients)
            count += 1
        index += 1
    return count


@part
def _at_rates(number: int, count: int, plan: Plan, seed: philox.Word, replication: int, patients: Records) -> int:
    """A Poisson process whose rate varies, by thinning (Lewis and Shedler 1979)."""
    kind = plan.types[number]
    index, time = 0, 0.0
    while True:
        first, second = philox.uniforms(seed, replication, kind.source, index, laws.COMING, 0)
        time += philox.exponential(first) / kind.per_minute
        if time >= plan.last_arrival:
            return count
        if second * kind.per_minute < plan.per_minute[number, int(time % _DAY)]:
            if count == patients.size:
                return NO_ROOM
            _admit(count, number, index, time, patients)
            count += 1
        index += 1


@part
def _admit(row: int, number: int, index: int, arrived: float, patients: Records) -> None:
    patients[row].type = number
    patients[row].number = index
    patients[row].arrived = arrived
    patients[row].left = math.inf
    patients[row].outcome = INSIDE
