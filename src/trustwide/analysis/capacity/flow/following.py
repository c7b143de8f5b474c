"""The kernel that follows patients through a department, event by event. Compiled; `reference` says what it means."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from trustwide.analysis.capacity import philox
from trustwide.analysis.capacity.compiled import kernel, part
from trustwide.analysis.capacity.flow import laws
from trustwide.analysis.capacity.flow.arriving import NO_ROOM
from trustwide.analysis.capacity.flow.model import GONE, NO_PLACE, OUTSIDE, TURNED_AWAY
from trustwide.analysis.capacity.flow.tables import Plan
from trustwide.analysis.capacity.model import NOBODY, Integers, Reals
from trustwide.analysis.capacity.tables import Records

_IN_HEAP, _TICKETS, _VISITS = 0, 1, 2


class Desk(NamedTuple):
    """What the kernel keeps in a run; one serves every replication.

    free: (resources,), how many are not held, negative if some were taken away while held. head, tail: (2 x edges,),
    the queue of an edge's patients who still keep what they kept (even) and of those who have a bay to wait in (odd).
    The rest is by patient: who follows in the queue, the ticket drawn on joining it, the edge they are on, this visit
    and the one before, the edge they will leave by, and how often they were at each step. times, whose: the heap of
    ends of steps. counts: how many are in the heap, tickets drawn, visits begun.
    """

    free: Integers
    head: Integers
    tail: Integers
    follower: Integers
    ticket: Integers
    visit: Integers
    before: Integers
    leaving_by: Integers
    been: Integers
    times: Reals
    whose: Integers
    counts: Integers


def desk_for(plan: Plan, patients: int) -> Desk:
    """Room for so many patients."""
    queues = 2 * plan.edges.size

    def whole(*shape: int) -> Integers:
        return np.zeros(shape, dtype=np.int64)

    return Desk(
        free=whole(plan.holds.shape[1]),
        head=whole(queues),
        tail=whole(queues),
        follower=whole(patients),
        ticket=whole(patients),
        visit=whole(patients),
        before=whole(patients),
        leaving_by=whole(patients),
        been=whole(patients, plan.steps),
        times=np.zeros(patients + 1),
        whose=whole(patients + 1),
        counts=whole(3),
    )


@kernel
def follow(plan: Plan, seed: philox.Word, replication: int, patients: Records, visits: Records, desk: Desk) -> int:
    """One replication of those who come (in order of arrival). How many visits were written down, or NO_ROOM."""
    _clear(patients.size, desk)
    arrived, changed = 0, 0
    while True:
        if desk.counts[_VISITS] == visits.size:
            return NO_ROOM
        ending = desk.times[0] if desk.counts[_IN_HEAP] > 0 else math.inf
        change = plan.changes[changed].time if changed < plan.changes.size else math.inf
        arrival = patients[arrived].arrived if arrived < patients.size else math.inf
        now = min(ending, change, arrival)
        if now >= plan.end or now == math.inf:
            return int(desk.counts[_VISITS])
        came = NOBODY
        if ending == now:
            _finish(_pop(desk), now, plan, patients, visits, desk)
        elif change == now:
            desk.free[plan.changes[changed].resource] += plan.changes[changed].by
            changed += 1
        else:
            came = arrived
            arrived += 1
            _join(came, plan.types[patients[came].type].door, now, plan, visits, desk)
        _settle(now, plan, seed, replication, patients, visits, desk)
        if came != NOBODY:
            _turn_away(came, now, plan, patients, desk)


@part
def _clear(patients: int, desk: Desk) -> None:
    for resource in range(desk.free.size):
        desk.free[resource] = 0
    for queue in range(desk.head.size):
        desk.head[queue] = NOBODY
    for patient in range(patients):
        desk.visit[patient] = NOBODY
        for step in range(desk.been.shape[1]):
            desk.been[patient, step] = 0
    for count in range(desk.counts.size):
        desk.counts[count] = 0


@part
def _join(patient: int, edge: int, now: float, plan: Plan, visits: Records, desk: Desk) -> None:
    """Begin to wait for the step that an edge leads to."""
    number = desk.counts[_VISITS]
    desk.counts[_VISITS] += 1
    visit = visits[number]
    visit.patient = patient
    visit.place = plan.edges[edge].to
    visit.joined = now
    visit.seated = math.inf
    visit.began = math.inf
    visit.ended = math.inf
    visit.left = math.inf
    desk.before[patient] = desk.visit[patient]
    desk.visit[patient] = number
    desk.ticket[patient] = desk.counts[_TICKETS]
    desk.counts[_TICKETS] += 1
    _stand(patient, 2 * edge, desk)


@part
def _stand(patient: int, queue: int, desk: Desk) -> None:
    """Stand at the tail of a queue."""
    desk.follower[patient] = NOBODY
    if desk.head[queue] == NOBODY:
        desk.head[queue] = patient
    else:
        desk.follower[desk.tail[queue]] = patient
    desk.tail[queue] = patient


@part
def _settle(
    now: float, plan: Plan, seed: philox.Word, replication: int, patients: Records, visits: Records, desk: Desk
) -> None:
    """Start everybody who can; then whoever can sit down does. Each time the first by priority and ticket."""
    while True:
        queue = _first(True, plan, patients, desk)
        if queue != NOBODY:
            _start(queue, now, plan, seed, replication, patients, visits, desk)
            continue
        queue = _first(False, plan, patients, desk)
        if queue == NOBODY:
            return
        _sit(queue, now, plan, visits, desk)


@part
def _first(to_start: bool, plan: Plan, patients: Records, desk: Desk) -> int:
    """The queue whose head is first of those who can start (or sit down), or NOBODY."""
    best = NOBODY
    priority, ticket = 0, 0
    for queue in range(desk.head.size):
        patient = desk.head[queue]
        if patient == NOBODY:
            continue
        mine = plan.types[patients[patient].type].priority
        if best != NOBODY and (mine > priority or (mine == priority and desk.ticket[patient] > ticket)):
            continue
        if _can_start(queue, plan, desk) if to_start else _can_sit(queue, plan, desk):
            best, priority, ticket = queue, mine, desk.ticket[patient]
    return best


@part
def _has(queue: int, resource: int, plan: Plan) -> int:
    """How many of a resource a patient in a queue occupies."""
    if queue & 1:
        return int(plan.edges[queue >> 1].seat == resource)
    return int(plan.kept[queue >> 1, resource])


@part
def _can_start(queue: int, plan: Plan, desk: Desk) -> bool:
    place = plan.edges[queue >> 1].to
    for resource in range(desk.free.size):
        more = plan.holds[place, resource] - _has(queue, resource, plan)
        if more > 0 and desk.free[resource] < more:
            return False
    return True


@part
def _can_sit(queue: int, plan: Plan, desk: Desk) -> bool:
    seat = plan.edges[queue >> 1].seat
    if queue & 1 or seat == NO_PLACE:
        return False
    return bool(_has(queue, seat, plan) > 0 or desk.free[seat] > 0)


@part
def _call(queue: int, now: float, plan: Plan, visits: Records, desk: Desk) -> int:
    """The head of a queue leaves it and gives up what they occupied."""
    patient = desk.head[queue]
    desk.head[queue] = desk.follower[patient]
    for resource in range(desk.free.size):
        desk.free[resource] += _has(queue, resource, plan)
    if not queue & 1 and plan.edges[queue >> 1].keeps:
        visits[desk.before[patient]].left = now
    return int(patient)


@part
def _sit(queue: int, now: float, plan: Plan, visits: Records, desk: Desk) -> None:
    patient = _call(queue, now, plan, visits, desk)
    desk.free[plan.edges[queue >> 1].seat] -= 1
    visits[desk.visit[patient]].seated = now
    _stand(patient, queue + 1, desk)


@part
def _start(
    queue: int,
    now: float,
    plan: Plan,
    seed: philox.Word,
    replication: int,
    patients: Records,
    visits: Records,
    desk: Desk,
) -> None:
    patient = _call(queue, now, plan, visits, desk)
    number = plan.edges[queue >> 1].to
    place = plan.places[number]
    for resource in range(desk.free.size):
        desk.free[resource] -= plan.holds[number, resource]
    visits[desk.visit[patient]].began = now
    source, index = plan.types[place.type].source, patients[patient].number
    lasts, way = laws.step_draws(seed, replication, source, index, place.source, desk.been[patient, place.step])
    desk.been[patient, place.step] += 1
    edge = place.first_edge
    while way >= plan.edges[edge].below:
        edge += 1
    desk.leaving_by[patient] = edge
    _push(now + laws.duration_of(place.kind, place.first, place.second, place.third, lasts), patient, desk)


@part
def _finish(patient: int, now: float, plan: Plan, patients: Records, visits: Records, desk: Desk) -> None:
    """A step is over: what is not kept is given up, and the patient leaves or waits for the next step."""
    edge = desk.leaving_by[patient]
    for resource in range(desk.free.size):
        desk.free[resource] += plan.holds[plan.edges[edge].start, resource] - plan.kept[edge, resource]
    visits[desk.visit[patient]].ended = now
    if not plan.edges[edge].keeps:
        visits[desk.visit[patient]].left = now
    if plan.edges[edge].to == OUTSIDE:
        patients[patient].left = now
        patients[patient].outcome = GONE
    else:
        _join(patient, edge, now, plan, visits, desk)


@part
def _turn_away(patient: int, now: float, plan: Plan, patients: Records, desk: Desk) -> None:
    """Who would be turned away and got neither in nor a seat: alone in the queue, for so did all before them."""
    kind = plan.types[patients[patient].type]
    if kind.turned_away and desk.head[2 * kind.door] == patient:
        desk.head[2 * kind.door] = NOBODY
        patients[patient].left = now
        patients[patient].outcome = TURNED_AWAY


@part
def _push(time: float, patient: int, desk: Desk) -> None:
    """Into the heap of ends, ordered by time and then by patient."""
    node = desk.counts[_IN_HEAP]
    desk.counts[_IN_HEAP] += 1
    while node > 0:
        parent = (node - 1) >> 1
        if desk.times[parent] < time or (desk.times[parent] == time and desk.whose[parent] < patient):
            break
        desk.times[node] = desk.times[parent]
        desk.whose[node] = desk.whose[parent]
        node = parent
    desk.times[node] = time
    desk.whose[node] = patient


@part
def _pop(desk: Desk) -> int:
    """The patient whose step ends first."""
    first = desk.whose[0]
    desk.counts[_IN_HEAP] -= 1
    last = desk.counts[_IN_HEAP]
    time, patient = desk.times[last], desk.whose[last]
    node = 0
    while 2 * node + 1 < last:
        child = 2 * node + 1
        if child + 1 < last and (
            desk.times[child + 1] < desk.times[child]
            or (desk.times[child + 1] == desk.times[child] and desk.whose[child + 1] < desk.whose[child])
        ):
            child += 1
        if time < desk.times[child] or (time == desk.times[child] and patient < desk.whose[child]):
            break
        desk.times[node] = desk.times[child]
        desk.whose[node] = desk.whose[child]
        node = child
    desk.times[node] = time
    desk.whose[node] = patient
    return int(first)
