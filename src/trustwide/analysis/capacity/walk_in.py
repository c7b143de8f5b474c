"""The event kernel for services in which everybody walks in: queues by priority and arrival, scanners by number.

Compiled. Its state is in the records of `tables` (a copy for each replication) and in PATIENT.
"""

from __future__ import annotations

import math

from trustwide.analysis.capacity.arrivals import earliest_arrival, next_arrival
from trustwide.analysis.capacity.compiled import kernel, part
from trustwide.analysis.capacity.devices import earliest_event, next_breakdown, occupy, ready_from
from trustwide.analysis.capacity.model import LOST, NOBODY, SEEN, WAITING
from trustwide.analysis.capacity.queues import admit, attends, head, join
from trustwide.analysis.capacity.tables import World

NO_ROOM, STUCK = -1, -2


@kernel
def run_walk_in(world: World) -> tuple[int, float]:
    """One replication: `journeys` and the counts of `devices` are filled; how many patients arrived, when it ended.

    The number is NO_ROOM if `journeys` is too short, STUCK if the calendar ends before the last patient leaves.
    """
    for device in range(world.devices.size):
        next_breakdown(device, world)
    for stream in range(world.streams.size):
        next_arrival(stream, world)
    admitted, finish = 0, 0.0
    while True:
        device = earliest_event(world)
        back, back_time = _earliest_return(world)
        stream = earliest_arrival(world)
        # at one moment devices come before returning patients, and those before new ones
        now = min(world.devices[device].event, back_time, world.streams[stream].next_time)
        if now >= world.end or now == math.inf:
            break
        if world.devices[device].event == now:
            world.devices[device].scanning = 0
            ends = _start_next(device, now, world)
        else:
            patient = admitted
            if back_time == now:
                patient = _come_back(back, world)
            elif admitted == world.journeys.size:
                return NO_ROOM, now
            else:
                admit(patient, stream, world)
                next_arrival(stream, world)
                admitted += 1
                if admitted == world.stop_after:
                    _stop_arrivals(world)
            join(patient, now, world)
            ends = _offer(patient, now, world)
        finish = max(finish, ends)
    return _close(admitted, finish, world)


@part
def _close(admitted: int, finish: float, world: World) -> tuple[int, float]:
    for stream in range(world.cells.shape[0]):
        for site in range(world.cells.shape[1]):
            head(stream, site, world.end, world)
    if world.end < math.inf:
        return admitted, world.end
    stuck = admitted < world.stop_after
    for patient in range(admitted):
        stuck = stuck or world.journeys[patient].outcome == WAITING
    return (STUCK if stuck else admitted), finish


@part
def _earliest_return(world: World) -> tuple[int, float]:
    """The stream whose patient comes back next, and when."""
    first, time = 0, math.inf
    for number in range(world.streams.size):
        patient = world.streams[number].returning_head
        if patient != NOBODY and world.patients[patient].joined < time:
            first, time = number, world.patients[patient].joined
    return first, time


@part
def _stop_arrivals(world: World) -> None:
    for number in range(world.streams.size):
        world.streams[number].next_time = math.inf


@part
def _come_back(stream: int, world: World) -> int:
    """The patient of a stream who comes back now."""
    patient = world.streams[stream].returning_head
    world.streams[stream].returning_head = world.patients[patient].follower
    return int(patient)


@part
def _offer(patient: int, now: float, world: World) -> float:
    """Somebody has joined: the lowest-numbered idle device that can starts; when the scan ends, else 0."""
    stream, site = world.journeys[patient].stream, world.journeys[patient].site
    for number in range(world.devices.size):
        if world.accepts[number, stream] and world.devices[number].site == site and world.devices[number].scanning == 0:
            ends = _start_next(number, now, world)
            if ends > 0.0:
                return ends
    return 0.0


@part
def _start_next(number: int, now: float, world: World) -> float:
    """Let an idle device take whoever is next for it; when that ends, else 0 and the device waits for an event."""
    device = world.devices[number]
    ready = ready_from(number, now, world)
    closes = math.inf if ready == math.inf else world.windows[device.window].closes
    patient, anyone = _choose(number, now, closes, world)
    if ready > now or patient == NOBODY:
        look_again = ready if ready > now else closes
        device.event = look_again if anyone else math.inf
        return 0.0
    minutes = _call(patient, number, now, world)
    ends = occupy(number, now, minutes, closes, world)
    device.scanning = 1
    device.event = ends + device.changeover
    return ends


@part
def _choose(number: int, now: float, closes: float, world: World) -> tuple[int, bool]:
    """The first by priority, then by time of joining, whose slot still fits; and whether anyone waits at all."""
    latest = closes + world.devices[number].overrun
    best, best_priority, anyone = NOBODY, 0, False
    for stream in range(world.streams.size):
        if not world.accepts[number, stream]:
            continue
        patient = head(stream, world.devices[number].site, now, world)
        anyone = anyone or patient != NOBODY
        if patient == NOBODY or now + world.streams[stream].slot > latest:
            continue
        priority = world.streams[stream].priority
        sooner = priority == best_priority and world.patients[patient].joined < world.patients[best].joined
        if best == NOBODY or priority < best_priority or sooner:
            best, best_priority = patient, priority
    return best, anyone


@part
def _call(patient: int, device: int, now: float, world: World) -> float:
    """Call a patient from the head of a queue: scanned, or not there. Minutes the device is taken."""
    journey = world.journeys[patient]
    world.cells[journey.stream, journey.site].head = world.patients[patient].follower
    if not attends(journey.stream, world.patients[patient].number, journey.missed, world):
        _miss(patient, now, world)
        return float(world.streams[journey.stream].slot_lost)
    journey.outcome = SEEN
    journey.served_by = device
    journey.left = now
    return float(world.patients[patient].duration)


@part
def _miss(patient: int, now: float, world: World) -> None:
    """A missed visit: back to the referrer, or back to the tail of the queue after some days."""
    stream = world.streams[world.journeys[patient].stream]
    world.journeys[patient].missed += 1
    if world.journeys[patient].missed > stream.rebook_times:
        world.journeys[patient].outcome = LOST
        world.journeys[patient].left = now
        return
    world.patients[patient].joined = now + stream.return_after
    world.patients[patient].follower = NOBODY
    if stream.returning_head == NOBODY:
        stream.returning_head = patient
    else:
        world.patients[stream.returning_tail].follower = patient
    stream.returning_tail = patient
