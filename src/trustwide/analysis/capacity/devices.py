"""When a device can start a scan: its sessions and its breakdowns, followed forward in time by compiled code.

The records are those of `tables`; times are minutes from the start of the run.
"""

from __future__ import annotations

import math

from trustwide.analysis.capacity import philox
from trustwide.analysis.capacity.compiled import part
from trustwide.analysis.capacity.tables import World


@part
def next_breakdown(number: int, world: World) -> None:
    """Move a device on to the breakdown after its present one (the first, at the start)."""
    device = world.devices[number]
    device.breakdown += 1
    if device.up_kind == philox.NEVER:
        device.down_from = math.inf
        device.down_to = math.inf
        return
    if world.crews > 0:
        place = min(device.breakdown, world.outages.shape[1] - 1)
        device.down_from = world.outages[number, place, 0]
        device.down_to = world.outages[number, place, 1]
        return
    up, down = philox.uniforms(world.seed, world.replication, device.source, device.breakdown, philox.BREAKDOWN, 0)
    minutes = philox.variate(device.up_kind, device.up_first, device.up_second, up)
    if device.down_to >= device.then_from:
        minutes /= device.then_factor
    device.down_from = device.down_to + minutes
    device.down_to = device.down_from + philox.variate(device.down_kind, device.down_first, device.down_second, down)


@part
def up_from(number: int, time: float, world: World) -> float:
    """The earliest moment from `time` at which the device is not broken down."""
    while world.devices[number].down_to <= time:
        next_breakdown(number, world)
    return time if time < world.devices[number].down_from else float(world.devices[number].down_to)


@part
def ready_from(number: int, time: float, world: World) -> float:
    """The earliest moment from `time` at which the device is in session and up; infinite when its calendar ends.

    It is kept: until then the device is not ready, and its breakdowns have been followed to that moment.
    """
    device = world.devices[number]
    if time < device.ready:
        return float(device.ready)
    while True:
        while device.window < device.last_window and world.windows[device.window].closes <= time:
            device.window += 1
        if device.window == device.last_window:
            device.ready = math.inf
            return math.inf
        opening = max(time, world.windows[device.window].opens)
        time = up_from(number, opening, world)
        if time == opening:
            device.ready = time
            return time


@part
def occupy(number: int, time: float, minutes: float, closes: float, world: World) -> float:
    """Count an occupation that starts at `time` in a session that closes at `closes`; when it ends."""
    finish = time + minutes
    if world.warm_up <= time:
        counted = min(finish, world.end)
        world.devices[number].busy += max(min(counted, closes) - time, 0.0)
        world.devices[number].late += max(counted - max(closes, time), 0.0)
    return finish


@part
def downtime(number: int, begin: float, end: float, world: World) -> tuple[float, int]:
    """Minutes a device was down between `begin` and `end`, and breakdowns that began there; followed from the start."""
    world.devices[number].breakdown = -1
    world.devices[number].down_to = 0.0
    next_breakdown(number, world)
    minutes, count = 0.0, 0
    while world.devices[number].down_from < end:
        minutes += max(min(world.devices[number].down_to, end) - max(world.devices[number].down_from, begin), 0.0)
        count += int(world.devices[number].down_from >= begin)
        next_breakdown(number, world)
    return minutes, count


@part
def open_minutes(number: int, begin: float, end: float, world: World) -> float:
    """Minutes a device was in session between `begin` and `end`."""
    minutes = 0.0
    for window in range(world.devices[number].first_window, world.devices[number].last_window):
        minutes += max(min(world.windows[window].closes, end) - max(world.windows[window].opens, begin), 0.0)
    return minutes


@part
def earliest_event(world: World) -> int:
    """The device to be looked at next; the lowest-numbered of equals."""
    first = 0
    for number in range(1, world.devices.size):
        if world.devices[number].event < world.devices[first].event:
            first = number
    return first
