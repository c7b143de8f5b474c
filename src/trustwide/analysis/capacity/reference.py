"""The rules of walk-in services in plain Python: slow, readable, and what the kernels must equal to the last bit.

It shares with them the random draws and the service's numbers (`tables`), and nothing of how a run is followed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from trustwide.analysis.capacity import philox
from trustwide.analysis.capacity.demand_tables import LISTED_TIMES, NOBODY_ARRIVES
from trustwide.analysis.capacity.model import JOURNEY, LOST, NOBODY, SEEN, WAITING, Service
from trustwide.analysis.capacity.tables import PATIENT, Records, World, records, world_of


@dataclass(eq=False)
class Patient:
    """One patient; times in minutes from the start."""

    stream: int
    site: int
    number: int
    arrived: float
    duration: float
    joined: float
    missed: int = 0
    outcome: int = WAITING
    left: float = math.inf
    device: int = NOBODY


@dataclass
class Device:
    """One scanner with its sessions and the breakdowns it has had or will have."""

    number: int
    world: World
    sessions: list[tuple[float, float]]
    outages: list[tuple[float, float]] = field(default_factory=list)
    free_from: float = 0.0
    ended: float = 0.0
    busy: float = 0.0
    late: float = 0.0

    def next_ready(self, time: float) -> tuple[float, float]:
        """The earliest moment from `time` in session and up, and when that session closes; infinite if none is."""
        for opens, closes in self.sessions:
            ready = max(time, opens)
            while ready < closes:
                repaired = self.repaired(ready)
                if repaired == ready:
                    return ready, closes
                ready = repaired
        return math.inf, math.inf

    def repaired(self, time: float) -> float:
        """`time` if the device is up, else when it will be."""
        while not self.outages or self.outages[-1][1] <= time:
            self.outages.append(self._next_outage())
        return next((end for begin, end in self.outages if begin <= time < end), time)

    def _next_outage(self) -> tuple[float, float]:
        row = self.world.devices[self.number]
        if row.up_kind == philox.NEVER:
            return math.inf, math.inf
        if self.world.crews:
            begin, end = self.world.outages[self.number, len(self.outages)]
            return float(begin), float(end)
        up, down = philox.uniforms(
            self.world.seed, self.world.replication, row.source, len(self.outages), philox.BREAKDOWN, 0
        )
        repaired = self.outages[-1][1] if self.outages else 0.0
        factor = row.then_factor if repaired >= row.then_from else 1.0
        begin = repaired + philox.variate(row.up_kind, row.up_first, row.up_second, up) / factor
        return begin, begin + philox.variate(row.down_kind, row.down_first, row.down_second, down)

    def occupy(self, time: float, minutes: float, closes: float) -> None:
        ends = self.ended = time + minutes
        self.free_from = ends + float(self.world.devices[self.number].changeover)
        if time >= self.world.warm_up:
            counted = min(ends, self.world.end)
            self.busy += max(min(counted, closes) - time, 0.0)
            self.late += max(counted - max(closes, time), 0.0)


def reference_world(service: Service, seed: int, replication: int) -> World:
    """The service's numbers for one replication."""
    return world_of(service).for_run(seed, replication, records([], PATIENT), records([], JOURNEY))


def devices_of(world: World) -> list[Device]:
    return [
        Device(
            number,
            world,
            [(float(w.opens), float(w.closes)) for w in world.windows[row.first_window : row.last_window]],
        )
        for number, row in enumerate(world.devices)
    ]


def arrivals_of(world: World, stream: int) -> Iterator[Patient]:
    """A stream's patients in order of arrival, without end."""
    row = world.streams[stream]
    time, clock, number = 0.0, 0.0, 0
    while row.gap != NOBODY_ARRIVES:
        gap, draw = philox.uniforms(world.seed, world.replication, row.source, number, philox.ARRIVAL, 0)
        if row.gap == LISTED_TIMES:
            time = next(iter(world.timetable[stream, number:]), math.inf)
        elif row.gap > 0.0:
            time += row.gap * philox.exponential(gap)
        else:
            clock += philox.exponential(gap)
            time = _when_expected(world.expected[stream], clock)
        duration = philox.variate(row.duration_kind, row.duration_first, row.duration_second, draw)
        yield Patient(stream, site_of(world, stream, number), number, time, duration, joined=time)
        number += 1


def _when_expected(by_midnight: np.ndarray, clock: float) -> float:
    day = int(np.searchsorted(by_midnight, clock, side="right")) - 1
    if day + 1 == by_midnight.size:
        return math.inf
    return float((day + (clock - by_midnight[day]) / (by_midnight[day + 1] - by_midnight[day])) * 1440.0)


def site_of(world: World, stream: int, number: int) -> int:
    source = world.streams[stream].source
    draw, _ = philox.uniforms(world.seed, world.replication, source, number, philox.PLACE, 0)
    return next(site for site, cell in enumerate(world.cells[stream]) if draw < cell.below)


class WalkIns:
    """One replication under way."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.devices = devices_of(world)
        self.sources = [arrivals_of(world, stream) for stream in range(world.streams.size)]
        self.coming = [next(source, None) for source in self.sources]
        self.returning: list[Patient] = []
        self.waiting: list[Patient] = []
        self.patients: list[Patient] = []

    def run(self) -> float:
        """Follow events in order of time; when the run ended."""
        while True:
            time, kind, number = min(self._events())
            if time >= self.world.end or time == math.inf:
                break
            if kind == _START:
                self._start(self.devices[number], time)
            elif kind == _RETURN:
                self._join(self.returning.pop(number), time)
            else:
                self._arrive(number)
        for patient in self.waiting:
            self._lose_if_impatient(patient, self.world.end)
        if self.world.end < math.inf:
            return self.world.end
        return max(device.ended for device in self.devices)

    def _events(self) -> Iterator[tuple[float, int, int]]:
        """What can happen next; at one moment starts come before returns, and those before arrivals."""
        yield math.inf, _ARRIVAL, 0
        for device in self.devices:
            yield self._next_start(device), _START, device.number
        for number, patient in enumerate(self.returning):
            yield patient.joined, _RETURN, number
        for stream, coming in enumerate(self.coming):
            if coming is not None:
                yield coming.arrived, _ARRIVAL, stream

    def _next_start(self, device: Device) -> float:
        """The first moment at which the device could start someone who is waiting."""
        return min((self._could_start(device, patient) for patient in self.waiting), default=math.inf)

    def _could_start(self, device: Device, patient: Patient) -> float:
        row = self.world.devices[device.number]
        if not self.world.accepts[device.number, patient.stream] or row.site != patient.site:
            return math.inf
        time = max(device.free_from, patient.joined)
        while True:
            time, closes = device.next_ready(time)
            if time == math.inf or time > patient.joined + self.world.streams[patient.stream].patience:
                return math.inf
            if time + self.world.streams[patient.stream].slot <= closes + row.overrun:
                return time
            time = closes

    def _start(self, device: Device, time: float) -> None:
        """Call the first by priority, then by time of joining, of those who can start now."""
        ready = [patient for patient in self.waiting if self._could_start(device, patient) == time]
        patient = min(ready, key=lambda one: (self.world.streams[one.stream].priority, one.joined, one.stream))
        self.waiting.remove(patient)
        _, closes = device.next_ready(time)
        if self._attends(patient, time):
            patient.outcome, patient.left, patient.device = SEEN, time, device.number
            device.occupy(time, patient.duration, closes)
        else:
            device.occupy(time, float(self.world.streams[patient.stream].slot_lost), closes)
            self._miss(patient, time)

    def _attends(self, patient: Patient, time: float) -> bool:
        row = self.world.streams[patient.stream]
        draw, _ = philox.uniforms(
            self.world.seed, self.world.replication, row.source, patient.number, philox.ATTENDANCE, patient.missed
        )
        return bool(draw >= (row.missed_then if time >= row.then_from else row.missed_probability))

    def _miss(self, patient: Patient, time: float) -> None:
        row = self.world.streams[patient.stream]
        patient.missed += 1
        if patient.missed > row.rebook_times:
            patient.outcome, patient.left = LOST, time
        else:
            patient.joined = time + float(row.return_after)
            self.returning.append(patient)

    def _arrive(self, stream: int) -> None:
        patient = self.coming[stream]
        if patient is None:
            return
        self.patients.append(patient)
        self.coming[stream] = next(self.sources[stream], None)
        if len(self.patients) == self.world.stop_after:
            self.coming = [None] * len(self.coming)
        self._join(patient, patient.arrived)

    def _join(self, patient: Patient, time: float) -> None:
        for other in list(self.waiting):
            self._lose_if_impatient(other, time)
        self.waiting = [other for other in self.waiting if other.outcome == WAITING]
        self.waiting.append(patient)

    def _lose_if_impatient(self, patient: Patient, time: float) -> None:
        limit = patient.joined + float(self.world.streams[patient.stream].patience)
        if limit < time:
            patient.outcome, patient.left = LOST, limit


_START, _RETURN, _ARRIVAL = 0, 1, 2


def journeys_of(patients: list[Patient]) -> Records:
    """Patients as the kernels write them down."""
    rows = [(p.arrived, p.left, p.stream, p.site, p.device, p.missed, p.outcome) for p in patients]
    return records(rows, JOURNEY)
