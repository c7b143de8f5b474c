"""A department as typed arrays: the one shape the compiled kernel reads, so that a new layout never recompiles."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from trustwide.analysis.capacity import philox
from trustwide.analysis.capacity.flow import laws
from trustwide.analysis.capacity.flow.department_checks import next_steps, source_of
from trustwide.analysis.capacity.flow.department_fields import LEAVE, PatientType, Resource, StepLaw
from trustwide.analysis.capacity.flow.model import NO_PLACE, OUTSIDE, Department
from trustwide.analysis.capacity.model import MINUTES_A_DAY, Integers, Reals
from trustwide.analysis.capacity.service_words import minute_of
from trustwide.analysis.capacity.tables import Records, records

_DAY = int(MINUTES_A_DAY)

# One record a type of patient. door: the edge by which they come in. per_minute: the highest rate, 0 for patients who
# come at listed times; off_mean, off_sd, missed: of those.
TYPE = np.dtype(
    [
        ("source", "i8"),
        ("priority", "i8"),
        ("turned_away", "i8"),
        ("door", "i8"),
        ("per_minute", "f8"),
        ("off_mean", "f8"),
        ("off_sd", "f8"),
        ("missed", "f8"),
    ]
)

# One record a visit of a pathway, in the order of the file. kind, first, second, third: the law of its duration.
# first_edge: where its edges begin.
PLACE = np.dtype(
    [
        ("type", "i8"),
        ("step", "i8"),
        ("source", "i8"),
        ("kind", "i8"),
        ("first", "f8"),
        ("second", "f8"),
        ("third", "f8"),
        ("first_edge", "i8"),
    ]
)

# One record a way on from a place (or from OUTSIDE) to the next (or OUTSIDE). below: taken if the draw is below it and
# not below that of the edge before. keeps: whether anything is kept on the way. seat: the resource to wait in.
EDGE = np.dtype([("start", "i8"), ("to", "i8"), ("below", "f8"), ("keeps", "i8"), ("seat", "i8")])

CHANGE = np.dtype([("time", "f8"), ("resource", "i8"), ("by", "i8")])


class Plan(NamedTuple):
    """Records of TYPE, PLACE, EDGE and CHANGE (how many of a resource there are changes by so many; in order of time).

    holds: (places, resources), what a visit holds. kept: (edges, resources), what is kept on the way on. listed:
    (types, most), minutes from the first midnight, infinite after the last. per_minute: (types, 1440), rates by minute
    of the day. last_arrival, end: minutes from the first midnight; nobody comes at a rate after the last day.
    """

    types: Records
    places: Records
    edges: Records
    changes: Records
    holds: Integers
    kept: Integers
    listed: Reals
    per_minute: Reals
    last_arrival: float
    end: float
    steps: int


def plan_of(department: Department) -> Plan:
    """The arrays of a department."""
    fields = department.fields
    names = [resource.id for resource in fields.resources]
    places, edges, doors = _pathways(department)
    holds = np.zeros((len(places), len(names)), dtype=np.int64)
    kept = np.zeros((len(edges), len(names)), dtype=np.int64)
    for number, place in enumerate(places):
        for name, count in fields.steps[place[1]].holds.items():
            holds[number, names.index(name)] = count
    for number, (start, to, *_) in enumerate(edges):
        if start != OUTSIDE and to != OUTSIDE:
            for name in fields.steps[places[start][1]].keeps:
                kept[number, names.index(name)] = holds[start, names.index(name)]
    table = records(edges, EDGE)
    table.keeps = kept.any(axis=1)
    return Plan(
        types=records([_type_row(patient, door) for patient, door in zip(fields.patients, doors, strict=True)], TYPE),
        places=records(places, PLACE),
        edges=table,
        changes=records(sorted(_changes(fields.resources, fields.days)), CHANGE),
        holds=holds,
        kept=kept,
        listed=_listed(department),
        per_minute=np.array([_rates(patient) for patient in fields.patients]),
        last_arrival=fields.days * MINUTES_A_DAY,
        end=department.end,
        steps=len(fields.steps),
    )


def expected_patients(plan: Plan) -> float:
    """How many are expected to come in one run, those included who do not attend."""
    days = plan.last_arrival / MINUTES_A_DAY
    return float(np.isfinite(plan.listed).sum() + plan.per_minute.sum() * days)


Row = tuple[int, int, int, int, float, float, float, int]
Way = tuple[int, int, float, int, int]


def _pathways(department: Department) -> tuple[list[Row], list[Way], list[int]]:
    """Rows of PLACE and of EDGE, and each type's door."""
    steps = [step.id for step in department.fields.steps]
    places: list[Row] = []
    edges: list[Way] = []
    doors = []
    for number, patient in enumerate(department.fields.patients):
        first = len(places)
        here = [visit.step for visit in patient.pathway]
        doors.append(len(edges))
        edges.append((OUTSIDE, first, 1.0, 0, _seat(department, here[0])))
        for index, visit in enumerate(patient.pathway):
            step = steps.index(visit.step)
            law = _law(visit.duration or department.fields.steps[step].duration)
            places.append((number, step, source_of(visit.step), *law, len(edges)))
            for name, below in _cumulated(next_steps(patient, index)):
                to = OUTSIDE if name == LEAVE else first + here.index(name)
                seat = NO_PLACE if name == LEAVE else _seat(department, name)
                edges.append((first + index, to, below, 0, seat))
    return places, edges, doors


def _cumulated(ways: dict[str, float]) -> Iterator[tuple[str, float]]:
    """Ways that are ever taken, each with the probability of it or one before it; the last with exactly 1."""
    taken = [(name, probability) for name, probability in ways.items() if probability > 0.0]
    below = 0.0
    for name, probability in taken[:-1]:
        below += probability
        yield name, below
    yield taken[-1][0], 1.0


def _seat(department: Department, name: str) -> int:
    fields = department.fields
    bays = next(step.waits_in for step in fields.steps if step.id == name)
    return NO_PLACE if bays is None else [resource.id for resource in fields.resources].index(bays)


def _law(law: StepLaw) -> tuple[int, float, float, float]:
    """Kind and three parameters of a duration, as `duration_of` takes them."""
    if law.exponential:
        return philox.EXPONENTIAL, law.exponential.mean, 0.0, 0.0
    if law.lognormal:
        return philox.LOGNORMAL, *philox.lognormal_of_log(law.lognormal.mean, law.lognormal.sd), 0.0
    if law.normal:
        return laws.NORMAL, law.normal.mean, law.normal.sd, law.normal.at_least
    if law.triangular and law.triangular.low < law.triangular.high:
        return laws.TRIANGULAR, law.triangular.low, law.triangular.mode, law.triangular.high
    return philox.FIXED, law.triangular.low if law.triangular else float(law.fixed or 0.0), 0.0, 0.0


def _type_row(patient: PatientType, door: int) -> tuple[int, int, int, int, float, float, float, float]:
    off = patient.arrivals.off_time
    highest = max((patient.arrivals.per_hour or {}).values(), default=0.0) / 60.0
    off_mean, off_sd = (off.mean, off.sd) if off else (0.0, 0.0)
    return (
        zlib.crc32(patient.id.encode()),
        patient.priority,
        int(patient.if_full == "turn_away"),
        door,
        highest,
        off_mean,
        off_sd,
        patient.arrivals.did_not_attend,
    )


def opening_parts(resource: Resource, days: int) -> Iterator[tuple[float, float, int]]:
    """When so many of a resource are there: from, to (minutes from the first midnight; infinite if always), count."""
    if resource.times is None:
        yield 0.0, float("inf"), resource.count
        return
    for day in range(days):
        for part in resource.times:
            opens, closes = (day * MINUTES_A_DAY + minute_of(clock) for clock in (part.opens, part.closes))
            yield opens, closes, part.count or resource.count


def _changes(resources: list[Resource], days: int) -> Iterator[tuple[float, int, int]]:
    for number, resource in enumerate(resources):
        by: defaultdict[float, int] = defaultdict(int)
        for opens, closes, count in opening_parts(resource, days):
            by[opens] += count
            by[closes] -= count
        yield from ((time, number, change) for time, change in by.items() if change and time < float("inf"))


def _listed(department: Department) -> Reals:
    """(types, most): when patients of each type are due or were seen to come."""
    days = department.fields.days
    times = [list(_due(patient, days)) for patient in department.fields.patients]
    listed = np.full((len(times), max(map(len, times)) + 1), np.inf)
    for number, row in enumerate(times):
        listed[number, : len(row)] = row
    return listed


def _due(patient: PatientType, days: int) -> Iterator[float]:
    coming = patient.arrivals
    yield from sorted(coming.recorded or [])
    daily: list[float] = sorted(minute_of(clock) for clock in coming.appointments or [])
    for slots in coming.slots or []:
        opens, closes = minute_of(slots.opens), minute_of(slots.closes)
        count = int((closes - opens) // slots.every) + 1
        daily += [opens + index * slots.every for index in range(count) for _ in range(slots.each)]
    for day in range(days):
        yield from (day * MINUTES_A_DAY + time for time in daily)


def _rates(patient: PatientType) -> Reals:
    """(1440,): patients a minute, by minute of the day."""
    rates = np.zeros(_DAY)
    for clock, per_hour in sorted((patient.arrivals.per_hour or {}).items()):
        rates[minute_of(clock) :] = per_hour / 60.0
    return rates
