"""The rules of a department in plain Python: slow, readable, and what the kernel must equal to the last bit.

A step starts when all it holds is free (what the patient still keeps counts as free to them). At each moment ends of
steps come first (by patient), then resources that open or close (in the order of the file), then arrivals (by type and
number). After each of these, whoever can start does, one after the other: lowest priority number first, then who
joined first. Only when nobody can start, whoever can sit down in a bay does, in the same order. A resource that closes
lets what is going on end.

It shares with the kernel the random draws and the department's numbers (`tables`), and nothing of how a run is
followed.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from trustwide.analysis.capacity import philox
from trustwide.analysis.capacity.flow import laws
from trustwide.analysis.capacity.flow.model import (
    GONE,
    INSIDE,
    NO_PLACE,
    OUTSIDE,
    PATIENT,
    TURNED_AWAY,
    VISIT,
    Department,
    Run,
)
from trustwide.analysis.capacity.flow.tables import Plan, plan_of
from trustwide.analysis.capacity.tables import records

Things = Counter[int]  # how many of each resource


@dataclass(eq=False)
class Visit:
    """A step of a patient; times in minutes."""

    patient: int
    place: int
    joined: float
    seated: float = math.inf
    began: float = math.inf
    ended: float = math.inf
    left: float = math.inf


@dataclass(eq=False)
class Patient:
    """One patient: what they occupy, the visit they are on, and how often they were at each step."""

    kind: int
    number: int
    arrived: float
    row: int = 0
    left: float = math.inf
    outcome: int = INSIDE
    edge: int = 0
    ticket: int = 0
    occupies: Things = field(default_factory=Counter)
    visit: Visit | None = None
    before: Visit | None = None
    been: Counter[int] = field(default_factory=Counter)


def run_reference(department: Department, seed: int, replication: int) -> Run:
    """One replication."""
    return _Following(plan_of(department), np.uint64(seed), replication).run()


def coming_of(plan: Plan, seed: philox.Word, replication: int) -> list[Patient]:
    """Those who come, in order of time, type and number."""
    coming: list[Patient] = []
    for kind, row in enumerate(plan.types):
        times = _at_rates if row.per_minute > 0 else _at_times
        coming += [Patient(kind, number, time) for number, time in times(plan, kind, seed, replication)]
    coming.sort(key=lambda patient: (patient.arrived, patient.kind, patient.number))
    for number, patient in enumerate(coming):
        patient.row = number
    return coming


def _at_times(plan: Plan, kind: int, seed: philox.Word, replication: int) -> Iterator[tuple[int, float]]:
    row = plan.types[kind]
    for number, due in enumerate(time for time in plan.listed[kind] if time < math.inf):
        off, attends = philox.uniforms(seed, replication, row.source, number, laws.COMING, 0)
        time = float(due)
        if row.off_mean or row.off_sd:
            time = max(0.0, float(due + (row.off_mean + row.off_sd * philox.normal(off))))
        if attends >= row.missed and time < plan.end:
            yield number, time


def _at_rates(plan: Plan, kind: int, seed: philox.Word, replication: int) -> Iterator[tuple[int, float]]:
    """A Poisson process whose rate varies, by thinning (Lewis and Shedler 1979)."""
    row = plan.types[kind]
    number, time = 0, 0.0
    while True:
        gap, counts = philox.uniforms(seed, replication, row.source, number, laws.COMING, 0)
        time += float(philox.exponential(gap) / row.per_minute)
        if time >= plan.last_arrival:
            return
        if counts * row.per_minute < plan.per_minute[kind, int(time % 1440.0)]:
            yield number, time
        number += 1


class _Following:
    """One replication under way."""

    def __init__(self, plan: Plan, seed: philox.Word, replication: int) -> None:
        self.plan, self.seed, self.replication = plan, seed, replication
        self.patients = coming_of(plan, seed, replication)
        self.free: Things = Counter()
        self.waiting: list[Patient] = []
        self.ends: list[tuple[float, int]] = []
        self.visits: list[Visit] = []
        self.tickets = 0

    def run(self) -> Run:
        coming = self.patients[::-1]
        changes = list(self.plan.changes)[::-1]
        while True:
            ending = self.ends[0][0] if self.ends else math.inf
            change = float(changes[-1].time) if changes else math.inf
            arrival = coming[-1].arrived if coming else math.inf
            now = min(ending, change, arrival)
            if now >= self.plan.end or now == math.inf:
                return self._written_down()
            if now == ending:
                self._finish(self.patients[heapq.heappop(self.ends)[1]], now)
                self._settle(now)
            elif now == change:
                row = changes.pop()
                self.free[int(row.resource)] += int(row.by)
                self._settle(now)
            else:
                patient = coming.pop()
                self._join(patient, int(self.plan.types[patient.kind].door), now)
                self._settle(now)
                self._turn_away(patient, now)

    def _join(self, patient: Patient, edge: int, now: float) -> None:
        patient.before = patient.visit
        patient.visit = Visit(patient.row, int(self.plan.edges[edge].to), now)
        patient.edge, patient.ticket = edge, self.tickets
        self.tickets += 1
        self.visits.append(patient.visit)
        self.waiting.append(patient)

    def _settle(self, now: float) -> None:
        while True:
            if ready := [patient for patient in self.waiting if self._can_take(patient, self._needs(patient))]:
                self._start(min(ready, key=self._order), now)
            elif ready := [patient for patient in self.waiting if self._can_sit(patient)]:
                self._sit(min(ready, key=self._order), now)
            else:
                return

    def _order(self, patient: Patient) -> tuple[int, int]:
        return int(self.plan.types[patient.kind].priority), patient.ticket

    def _needs(self, patient: Patient) -> Things:
        place = self.plan.edges[patient.edge].to
        return Counter({resource: int(count) for resource, count in enumerate(self.plan.holds[place]) if count})

    def _can_take(self, patient: Patient, needs: Things) -> bool:
        return all(
            count <= patient.occupies[resource] or count <= patient.occupies[resource] + self.free[resource]
            for resource, count in needs.items()
        )

    def _can_sit(self, patient: Patient) -> bool:
        seat = int(self.plan.edges[patient.edge].seat)
        standing = patient.visit is not None and patient.visit.seated == math.inf
        return standing and seat != NO_PLACE and self._can_take(patient, Counter({seat: 1}))

    def _occupy(self, patient: Patient, things: Things, now: float) -> None:
        """Give up what the patient occupies and take other things."""
        if patient.before is not None and patient.before.left == math.inf:
            patient.before.left = now
        self.free.update(patient.occupies)
        self.free.subtract(things)
        patient.occupies = things

    def _sit(self, patient: Patient, now: float) -> None:
        self._occupy(patient, Counter({int(self.plan.edges[patient.edge].seat): 1}), now)
        if patient.visit is not None:
            patient.visit.seated = now

    def _start(self, patient: Patient, now: float) -> None:
        self.waiting.remove(patient)
        self._occupy(patient, self._needs(patient), now)
        if patient.visit is not None:
            patient.visit.began = now
        place = int(self.plan.edges[patient.edge].to)
        row = self.plan.places[place]
        lasts, way = laws.step_draws(
            self.seed,
            self.replication,
            self.plan.types[patient.kind].source,
            patient.number,
            row.source,
            patient.been[int(row.step)],
        )
        patient.been[int(row.step)] += 1
        patient.edge = next(
            number for number, edge in enumerate(self.plan.edges) if edge.start == place and way < edge.below
        )
        ends = now + laws.duration_of(row.kind, row.first, row.second, row.third, lasts)
        heapq.heappush(self.ends, (ends, patient.row))

    def _finish(self, patient: Patient, now: float) -> None:
        keeps = Counter({resource: int(n) for resource, n in enumerate(self.plan.kept[patient.edge]) if n})
        self.free.update(patient.occupies)
        self.free.subtract(keeps)
        patient.occupies = keeps
        if patient.visit is not None:
            patient.visit.ended = now
            patient.visit.left = math.inf if keeps else now
        if self.plan.edges[patient.edge].to == OUTSIDE:
            patient.left, patient.outcome = now, GONE
        else:
            self._join(patient, patient.edge, now)

    def _turn_away(self, patient: Patient, now: float) -> None:
        if self.plan.types[patient.kind].turned_away and patient in self.waiting and not patient.occupies:
            self.waiting.remove(patient)
            patient.left, patient.outcome = now, TURNED_AWAY

    def _written_down(self) -> Run:
        patients = [(p.kind, p.number, p.arrived, p.left, p.outcome) for p in self.patients]
        visits = [(v.patient, v.place, v.joined, v.seated, v.began, v.ended, v.left) for v in self.visits]
        return Run(records(patients, PATIENT), records(visits, VISIT))
