"""The event kernel for services in which everybody walks in: queues by priority and arrival, scanners by number.

Compiled. Its state is in the records of `tables` (a copy for each replication), in PATIENT and on the `Floor`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from trustwide.analysis.capacity.compiled import kernel, part
from trustwide.analysis.capacity.devices import next_breakdown, occupy, ready_from
from trustwide.analysis.capacity.events import EventList, clear, events_for, schedule
from trustwide.analysis.capacity.idle import Idle, first_idle, idle_for, set_idle
from trustwide.analysis.capacity.model import LOST, NOBODY, SEEN, WAITING, Integers, Reals
from trustwide.analysis.capacity.queues import attends, head, join, missed_probability
from trustwide.analysis.capacity.tables import World

STUCK = -2


class Floor(NamedTuple):
    """What the kernel keeps beside the world; one serves every replication.

    events: an entry a device, then one for each stream's next returning patient: the order in which they come at one
    moment. order: (streams,), streams by priority. attendances: (patients,), the draw of the first visit.
    """

    events: EventList
    idle: Idle
    order: Integers
    attendances: Reals


def floor_of(world: World, patients: int) -> Floor:
    """The floor of a service, with room for so many patients."""
    streams = world.streams.size
    return Floor(
        events=events_for(world.devices.size + streams),
        idle=idle_for(world.accepts, world.devices.site, world.cells.shape[1]),
        order=np.argsort(world.streams.priority, kind="stable").astype(np.uint32),
        attendances=np.empty(patients),
    )


@kernel
def run_walk_in(world: World, coming: int, floor: Floor) -> tuple[int, float]:
    """One replication of those who are `coming`, written down by `ahead`; how many they were, when it ended.

    `journeys` and the counts of `devices` are filled. The number is STUCK if the calendar ends before the last patient
    leaves.
    """
    _open(world, floor)
    arrived, finish = 0, 0.0
    arrival = world.journeys[0].arrived if coming > 0 else math.inf
    while True:
        event, entry = floor.events.times[1], floor.events.entries[1]
        # at one moment devices come before returning patients, and those before new ones
        now = min(event, arrival)
        if now >= world.end or now == math.inf:
            break
        if event <= arrival and 0 <= entry < world.devices.size:
            ends = _start_next(entry, now, world, floor)
        else:
            if event <= arrival:
                patient = _come_back(entry - world.devices.size, world, floor)
            else:
                patient = arrived
                arrived += 1
                arrival = world.journeys[arrived].arrived if arrived < coming else math.inf
            join(patient, now, world)
            ends = _offer(patient, now, world, floor)
        finish = max(finish, ends)
    return _close(coming, finish, world)


@part
def _open(world: World, floor: Floor) -> None:
    clear(floor.events)
    for device in range(world.devices.size):
        next_breakdown(device, world)
        set_idle(device, True, floor.idle)


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
def _come_back(stream: int, world: World, floor: Floor) -> int:
    """The patient of a stream who comes back now."""
    patient = world.streams[stream].returning_head
    following = world.patients[patient].follower
    world.streams[stream].returning_head = following
    time = world.patients[following].joined if following >= 0 else math.inf
    schedule(world.devices.size + stream, time, floor.events)
    return int(patient)


@part
def _offer(patient: int, now: float, world: World, floor: Floor) -> float:
    """Somebody has joined: the lowest-numbered idle device that can starts; when the scan ends, else 0."""
    stream, site = world.journeys[patient].stream, world.journeys[patient].site
    device = first_idle(stream, site, 0, floor.idle)
    while device >= 0:
        ends = _start_next(device, now, world, floor)
        if ends > 0.0:
            return ends
        device = first_idle(stream, site, device + 1, floor.idle)
    return 0.0


@part
def _start_next(number: int, now: float, world: World, floor: Floor) -> float:
    """Let an idle device take whoever is next for it; when that ends, else 0 and the device waits for an event."""
    device = world.devices[number]
    ready = ready_from(number, now, world)
    closes = math.inf if ready == math.inf else world.windows[device.window].closes
    patient, anyone = _choose(number, now, closes, world, floor)
    if ready > now or patient < 0:
        look_again = ready if ready > now else closes
        # a device that will be looked at when it is ready need not be asked before
        set_idle(number, not (anyone and ready > now), floor.idle)
        schedule(number, look_again if anyone else math.inf, floor.events)
        return 0.0
    set_idle(number, False, floor.idle)
    minutes = _call(patient, number, now, world, floor)
    ends = occupy(number, now, minutes, closes, world)
    schedule(number, ends + device.changeover, floor.events)
    return ends


@part
def _choose(number: int, now: float, closes: float, world: World, floor: Floor) -> tuple[int, bool]:
    """The first by priority, then by time of joining, whose slot still fits; and whether anyone waits at all."""
    latest = closes + world.devices[number].overrun
    best, best_priority, anyone = NOBODY, 0, False
    for place in range(floor.order.size):
        stream = floor.order[place]
        if best >= 0 and world.streams[stream].priority > best_priority:
            break
        if not world.accepts[number, stream]:
            continue
        patient = head(stream, world.devices[number].site, now, world)
        anyone = anyone or patient >= 0
        if patient < 0 or now + world.streams[stream].slot > latest:
            continue
        if best < 0 or world.patients[patient].joined < world.patients[best].joined:
            best, best_priority = patient, world.streams[stream].priority
    return best, anyone


@part
def _call(patient: int, device: int, now: float, world: World, floor: Floor) -> float:
    """Call a patient from the head of a queue: scanned, or not there. Minutes the device is taken."""
    journey = world.journeys[patient]
    world.cells[journey.stream, journey.site].head = world.patients[patient].follower
    if journey.missed == 0:
        present = floor.attendances[patient] >= missed_probability(journey.stream, now, world)
    else:
        present = attends(journey.stream, world.patients[patient].number, journey.missed, now, world)
    if not present:
        _miss(patient, now, world, floor)
        return float(world.streams[journey.stream].slot_lost)
    journey.outcome = SEEN
    journey.served_by = device
    journey.left = now
    return float(world.patients[patient].duration)


@part
def _miss(patient: int, now: float, world: World, floor: Floor) -> None:
    """A missed visit: back to the referrer, or back to the tail of the queue after some days."""
    number = world.journeys[patient].stream
    stream = world.streams[number]
    world.journeys[patient].missed += 1
    if world.journeys[patient].missed > stream.rebook_times:
        world.journeys[patient].outcome = LOST
        world.journeys[patient].left = now
        return
    world.patients[patient].joined = now + stream.return_after
    world.patients[patient].follower = NOBODY
    if stream.returning_head < 0:
        stream.returning_head = patient
        schedule(world.devices.size + number, now + stream.return_after, floor.events)
    else:
        world.patients[stream.returning_tail].follower = patient
    stream.returning_tail = patient
