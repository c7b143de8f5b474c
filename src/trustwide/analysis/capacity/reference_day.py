"""One day of a booked service in plain Python: appointments as they come, walk-ins in the gaps, breakdowns, lateness.

A booked scan starts at the later of its time and the end of the one before with its changeover. A walk-in may start if
its slot fits before the next booked start. Nothing starts whose slot would end later than the overrun allows: that
patient is displaced. Who is displaced or does not attend is bookable tomorrow.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from trustwide.analysis.capacity import philox
from trustwide.analysis.capacity.model import LOST, SEEN, WAITING
from trustwide.analysis.capacity.reference import Device, Patient

if TYPE_CHECKING:
    from trustwide.analysis.capacity.reference_booked import Booked, Request, Session

DAY = 1440.0


class DayOfBooked:
    """A day under way: each device works through its sessions, walk-ins come until midnight."""

    def __init__(self, booked: Booked, day: int) -> None:
        self.booked = booked
        self.day = day
        self.left = {device.number: self._sessions(device) for device in booked.devices}
        self.to_call = {session: list(session.taken) for sessions in self.left.values() for session in sessions}
        self.looks: dict[int, float] = {}
        for device in booked.devices:
            self._look_at_opening(device)
        self.idle: set[int] = set()

    def _sessions(self, device: Device) -> list[Session]:
        return [s for s in self.booked.sessions if s.device == device.number and s.day == self.day]

    def _look_at_opening(self, device: Device) -> None:
        self.looks.pop(device.number, None)
        if self.left[device.number]:
            self.looks[device.number] = max(self.left[device.number][0].opens, device.free_from)

    def follow(self) -> None:
        """Events in order of time: at one moment devices by number, then the walk-in who arrives."""
        while True:
            device = min(self.looks, key=lambda number: (self.looks[number], number), default=None)
            look = math.inf if device is None else self.looks[device]
            stream = self._next_walk_in()
            arrival = math.inf if stream is None else self._arrival(stream)
            if device is not None and look <= arrival:
                self._look(self.booked.devices[device], look)
            elif stream is not None and arrival < math.inf:
                self._arrive(stream)
            else:
                return

    def _next_walk_in(self) -> int | None:
        return min(self.booked.walk_ins, key=self._arrival, default=None)

    def _arrival(self, stream: int) -> float:
        coming = self.booked.coming[stream]
        return coming.arrived if coming is not None and coming.arrived < (self.day + 1) * DAY else math.inf

    def _arrive(self, stream: int) -> None:
        patient = self.booked.coming[stream]
        if patient is None:
            return
        self.booked.coming[stream] = next(self.booked.walk_ins[stream], None)
        self.booked.patients.append(patient)
        self.booked.queue.append(patient)
        for number in sorted(self.idle):
            row = self.booked.world.devices[number]
            if row.site == patient.site and self.booked.world.accepts[number, stream]:
                self._look(self.booked.devices[number], patient.arrived)
                if patient.outcome == SEEN:
                    return

    def _look(self, device: Device, now: float) -> None:
        """Start whoever may start now on this device, or say when to look again."""
        self.idle.discard(device.number)
        session = self.left[device.number][0]
        calls = self.to_call[session]
        while calls and calls[0][0] <= now:
            start, request = calls[0]
            if not self._attends(request):
                calls.pop(0)
                self._missed(request, start)
                continue
            up = device.repaired(now)
            if not self._may_start(device, up, request.slot, session.closes):
                calls.pop(0)
                self.booked.due[self.day + 1].append(request)
                continue
            if up > now:
                self.looks[device.number] = up
                return
            calls.pop(0)
            self._scan(device, request, now, session.closes)
            return
        if not calls and now >= session.closes:
            self.left[device.number].pop(0)
            self._look_at_opening(device)
            return
        self._gap(device, now, session)

    def _gap(self, device: Device, now: float, session: Session) -> None:
        """Between booked patients: a walk-in whose slot fits, else wait."""
        calls = self.to_call[session]
        until = calls[0][0] if calls else session.closes
        up = device.repaired(now)
        if up > now:
            self.looks[device.number] = min(up, until)
            return
        fitting = list(self._fitting(device, now, calls[0][0] if calls else math.inf, session.closes))
        if not fitting:
            self.looks[device.number] = until
            self.idle.add(device.number)
            return
        patient = min(fitting, key=lambda one: (self.booked.streams[one.stream].priority, one.joined, one.stream))
        self.booked.queue.remove(patient)
        self._scan(device, patient, now, session.closes)

    def _fitting(self, device: Device, now: float, until: float, closes: float) -> Iterator[Patient]:
        """The longest waiting of each stream that the device accepts, if the slot fits."""
        for patient in self.booked.queue:
            self.booked.lose_if_impatient(patient, now)
        self.booked.queue = [patient for patient in self.booked.queue if patient.outcome == WAITING]
        site = self.booked.world.devices[device.number].site
        for stream in self.booked.walk_ins:
            here = [one for one in self.booked.queue if one.stream == stream and one.site == site]
            slot = float(self.booked.streams[stream].slot)
            if not here or not self.booked.world.accepts[device.number, stream]:
                continue
            if now + slot <= until and self._may_start(device, now, slot, closes):
                yield here[0]

    def _may_start(self, device: Device, time: float, slot: float, closes: float) -> bool:
        overrun = float(self.booked.world.devices[device.number].overrun)
        return time < closes if overrun == math.inf else time + slot <= closes + overrun

    def _attends(self, request: Request) -> bool:
        draw, _ = self.booked.draws(request.stream, request.number, philox.ATTENDANCE, request.appointments)
        row = self.booked.streams[request.stream]
        return bool(draw >= (row.missed_then if request.start >= row.then_from else row.missed_probability))

    def _missed(self, request: Request, start: float) -> None:
        request.missed += 1
        if self.booked.rules.missed:
            request.clocks.append((self.day, int(start // DAY)))
        if request.missed > self.booked.streams[request.stream].rebook_times:
            request.outcome, request.left = LOST, start
        else:
            self.booked.due[self.day + 1].append(request)

    def _scan(self, device: Device, patient: Patient, now: float, closes: float) -> None:
        patient.outcome, patient.left, patient.device = SEEN, now, device.number
        device.occupy(now, patient.duration, closes)
        self.looks[device.number] = device.free_from
