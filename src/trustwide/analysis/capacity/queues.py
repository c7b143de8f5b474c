"""Patients of compiled runs: writing them down, the queues they stand in, and whether they attend."""

from __future__ import annotations

import math

from trustwide.analysis.capacity import philox
from trustwide.analysis.capacity.arrivals import draw_site
from trustwide.analysis.capacity.compiled import part
from trustwide.analysis.capacity.model import LOST, NOBODY, WAITING
from trustwide.analysis.capacity.tables import World


@part
def admit(patient: int, stream: int, world: World) -> None:
    """Write down a new arrival."""
    number = world.streams[stream].next_number
    journey = world.journeys[patient]
    journey.stream = stream
    journey.site = draw_site(stream, number, world)
    journey.outcome = WAITING
    journey.missed = 0
    journey.served_by = NOBODY
    journey.arrived = world.streams[stream].next_time
    journey.left = math.inf
    world.patients[patient].number = number
    world.patients[patient].duration = world.streams[stream].next_duration


@part
def join(patient: int, now: float, world: World) -> None:
    """Stand at the tail of the stream's queue at the site."""
    cell = world.cells[world.journeys[patient].stream, world.journeys[patient].site]
    world.patients[patient].joined = now
    world.patients[patient].follower = NOBODY
    if cell.head < 0:
        cell.head = patient
    else:
        world.patients[cell.tail].follower = patient
    cell.tail = patient


@part
def head(stream: int, site: int, now: float, world: World) -> int:
    """The head of a queue, once those whose patience has run out are gone."""
    patient = world.cells[stream, site].head
    if world.streams[stream].patience == math.inf:
        return int(patient)
    while patient >= 0 and world.patients[patient].joined + world.streams[stream].patience < now:
        world.journeys[patient].outcome = LOST
        world.journeys[patient].left = world.patients[patient].joined + world.streams[stream].patience
        patient = world.patients[patient].follower
    world.cells[stream, site].head = patient
    return int(patient)


@part
def attends(stream: int, number: int, visit: int, time: float, world: World) -> bool:
    """Whether a stream's `number`-th patient attends the `visit`-th time, at `time`."""
    probability = missed_probability(stream, time, world)
    if probability == 0.0:
        return True
    source = world.streams[stream].source
    draw, _ = philox.uniforms(world.seed, world.replication, source, number, philox.ATTENDANCE, visit)
    return bool(draw >= probability)


@part
def missed_probability(stream: int, time: float, world: World) -> float:
    """How likely a patient of the stream is not to attend at `time`."""
    then = time >= world.streams[stream].then_from
    return float(world.streams[stream].missed_then if then else world.streams[stream].missed_probability)
