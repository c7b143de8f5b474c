"""The rules of booked services in plain Python, in the order of the day: what the kernel must equal to the last bit.

At 00:00 cancellations free their slots and all who are bookable are booked, in the order priority, request date,
request id: the earliest day from the notice on with room on a scanner that suits, within it the earliest start, then
the lower scanner. Then the day is followed (`reference_day`), and its new requests go to vetting.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field

from trustwide.analysis.capacity import philox
from trustwide.analysis.capacity.booked import LISTED_FROM
from trustwide.analysis.capacity.clocks import dm01_rules_on
from trustwide.analysis.capacity.model import LOST, WAITING, Service
from trustwide.analysis.capacity.reference import (
    Device,
    Patient,
    WalkIns,
    arrivals_of,
    devices_of,
    journeys_of,
    reference_world,
)
from trustwide.analysis.capacity.reference_day import DayOfBooked
from trustwide.analysis.capacity.tables import Records, World

DAY = 1440.0


@dataclass(eq=False)
class Request(Patient):
    """A booked patient. `requested`: day of the request; `rank`: place among all patients, in the order of ids.

    session, start, slot: of the present appointment. clocks: DM01 restarts, as (day known, day it runs from).
    """

    requested: int = 0
    rank: int = 0
    appointments: int = 0
    session: Session | None = None
    start: float = math.inf
    slot: float = 0.0
    cancelling: bool = False
    clocks: list[tuple[int, int]] = field(default_factory=list)


@dataclass(eq=False)
class Session:
    """One session of one device with its appointments, as (start, patient) in order of start."""

    device: int
    day: int
    opens: float
    closes: float
    taken: list[tuple[float, Request]] = field(default_factory=list)


class Booked:
    """One replication under way."""

    def __init__(self, service: Service, seed: int, replication: int) -> None:
        self.service = service
        self.world: World = reference_world(service, seed, replication)
        self.devices: list[Device] = devices_of(self.world)
        self.streams = self.world.streams
        self.walk_ins = {n: arrivals_of(self.world, n) for n, row in enumerate(self.streams) if not row.booked}
        self.requests = {n: arrivals_of(self.world, n) for n, row in enumerate(self.streams) if row.booked}
        self.coming = {n: next(source, None) for n, source in (self.walk_ins | self.requests).items()}
        self.sessions = [
            Session(device.number, int(opens // DAY), opens, closes)
            for device in self.devices
            for opens, closes in device.sessions
        ]
        self.due: dict[int, list[Request]] = defaultdict(list)
        self.queue: list[Patient] = []
        self.patients: list[Patient] = []
        self.misfits = 0
        self.rules = dm01_rules_on(service.fields.start)

    def run(self) -> None:
        self._start_from_the_list()
        for day in range(int(self.world.end // DAY)):
            self._morning(day)
            DayOfBooked(self, day).follow()
            self._take_requests(day)
        for patient in self.queue:
            self.lose_if_impatient(patient, self.world.end)

    # the starting list

    def _start_from_the_list(self) -> None:
        given: list[tuple[Request, int]] = []
        for number, row in enumerate(self.service.waiting_list):
            request = self._listed(number)
            self.patients.append(request)
            if row.appointment_on is None:
                self.due[0].append(request)
            else:
                given.append((request, (row.appointment_on - self.service.fields.start).days))
        for request, day in sorted(given, key=lambda pair: self.order(pair[0])):
            if day < self.world.expected.shape[1] - 1:
                self._keep_given(request, day)

    def _listed(self, number: int) -> Request:
        row = self.service.waiting_list[number]
        stream = [one.id for one in self.service.fields.demand].index(row.stream)
        site = [one.id for one in self.service.fields.sites].index(row.site)
        day = (row.requested_on - self.service.fields.start).days
        table = self.streams[stream]
        _, draw = self.draws(stream, LISTED_FROM + number, philox.ARRIVAL)
        duration = philox.variate(table.duration_kind, table.duration_first, table.duration_second, draw)
        return Request(
            stream, site, LISTED_FROM + number, day * DAY, duration, joined=day * DAY, requested=day, rank=number
        )

    def _keep_given(self, request: Request, day: int) -> None:
        slot = self.slot_from(request, -1)
        own = [s for s in self.sessions if s.day == day and self.devices_row(s).site == request.site]
        places = [
            (start, session.device, session)
            for session in own
            if self.world.accepts[session.device, request.stream] and (start := self._gap(session, slot)) is not None
        ]
        if not places:
            self.misfits += 1
            self.due[0].append(request)
            return
        start, _, session = min(places, key=lambda place: place[:2])
        self._enter(request, session, start, slot)
        if day >= self.streams[request.stream].cancel_notice:
            self._draw_cancellation(request, -1)

    # 00:00

    def _morning(self, day: int) -> None:
        bookable = self.due.pop(day, [])
        for request in bookable:
            if request.cancelling and request.session is not None:
                request.session.taken.remove((request.start, request))
                request.cancelling = False
                if self.rules.cancelled:
                    request.clocks.append((day, int(request.start // DAY)))
        for request in sorted(bookable, key=self.order):
            place = self._earliest(request, day)
            if place is None:
                self.due[day + 1].append(request)
            else:
                self._enter(request, *place, self.slot_from(request, day))
                self._draw_cancellation(request, day)

    def order(self, request: Request) -> tuple[int, int, int]:
        """Priority, request date, request id."""
        return self.streams[request.stream].priority, request.requested, request.rank

    def _earliest(self, request: Request, today: int) -> tuple[Session, float] | None:
        """The earliest day with room, within it the earliest start, then the lower device."""
        first, last = today + self.streams[request.stream].notice_days, today + 120
        places = [
            (session.day, start, session.device, session)
            for session in self.sessions
            if first <= session.day <= last
            and self._suits(session, request, today)
            and (start := self._room(session, request, today)) is not None
        ]
        if not places:
            return None
        _, start, _, session = min(places, key=lambda place: place[:3])
        return session, start

    def _suits(self, session: Session, request: Request, today: int) -> bool:
        if not self.world.accepts[session.device, request.stream]:
            return False
        there = self.devices_row(session).site
        if there == request.site:
            return True
        _, willing = self.draws(request.stream, request.number, philox.PLACE)
        return willing < self._share_who_accept(request.site, there, today)

    def _share_who_accept(self, here: int, there: int, today: int) -> float:
        travel, booking, sites = self.service.fields.travel, self.service.fields.booking, self.service.fields.sites
        if travel is None or booking is None or not booking.pool_lists or today < 7 * booking.pool_from_week:
            return 0.0
        names = f"{sites[here].id}-{sites[there].id}", f"{sites[there].id}-{sites[here].id}"
        minutes = next((travel.minutes[name] for name in names if name in travel.minutes), math.inf)
        keys = [key for key in sorted(travel.willing) if key >= minutes]
        return travel.willing[keys[0]] if keys else 0.0

    def _room(self, session: Session, request: Request, today: int) -> float | None:
        slot = self.slot_from(request, today)
        used = sum(other.slot for _, other in session.taken)
        kept = 0.0 if self.devices_row(session).mobile else self._kept(session, request, today)
        free = session.closes - session.opens - used - kept
        return self._gap(session, slot) if free >= slot - 1e-9 else None

    def _kept(self, session: Session, request: Request, today: int) -> float:
        """Held for others and not used by them: walk-ins always, booked streams as urgent or more until the release."""
        booking = self.service.fields.booking
        released = today + (booking.release_days if booking else 0)
        kept = 0.0
        for number, stream in enumerate(self.service.fields.demand):
            share = booking.hold.get(stream.id, 0.0) if booking else 0.0
            if number == request.stream or share == 0.0 or not self.world.accepts[session.device, number]:
                continue
            held = share * (session.closes - session.opens)
            if stream.access == "walk_in":
                kept += held
            elif session.day > released and stream.priority <= self.streams[request.stream].priority:
                used = sum(other.slot for _, other in session.taken if other.stream == number)
                kept += max(held - used, 0.0)
        return kept

    def _gap(self, session: Session, slot: float) -> float | None:
        """The earliest start at which a slot fits between the appointments."""
        time = session.opens
        for start, other in session.taken:
            if start - time >= slot:
                return time
            time = start + other.slot
        return time if session.closes - time >= slot else None

    def _enter(self, request: Request, session: Session, start: float, slot: float) -> None:
        session.taken.append((start, request))
        session.taken.sort(key=lambda pair: pair[0])
        request.session, request.start, request.slot = session, start, slot
        request.appointments += 1

    def _draw_cancellation(self, request: Request, today: int) -> None:
        row = self.streams[request.stream]
        draw, _ = self.draws(request.stream, request.number, philox.CANCELLATION, request.appointments)
        if request.session is None or draw >= row.cancel_probability:
            return
        day = max(today + 1, request.session.day - int(row.cancel_notice))
        if day <= request.session.day:
            request.cancelling = True
            self.due[day].append(request)

    # the day's new requests

    def _take_requests(self, day: int) -> None:
        for stream, source in self.requests.items():
            while (coming := self.coming[stream]) is not None and coming.arrived < (day + 1) * DAY:
                self.coming[stream] = next(source, None)
                request = Request(
                    stream, coming.site, coming.number, day * DAY, coming.duration, joined=day * DAY, requested=day
                )
                request.rank = len(self.patients)
                self.patients.append(request)
                self.due[day + max(1, math.ceil(self._vetting(request)))].append(request)

    def _vetting(self, request: Request) -> float:
        row = self.streams[request.stream]
        draw, _ = self.draws(request.stream, request.number, philox.VETTING)
        return min(philox.variate(row.vetting_kind, row.vetting_first, row.vetting_second, draw), 1e6)

    # what the day needs too

    def draws(self, stream: int, number: int, purpose: int, attempt: int = 0) -> tuple[float, float]:
        return philox.uniforms(
            self.world.seed, self.world.replication, self.streams[stream].source, number, purpose, attempt
        )

    def slot_from(self, request: Request, today: int) -> float:
        """Minutes a patient is given in an appointment made on a day; before the start is day -1."""
        stream = self.service.fields.demand[request.stream]
        draw, _ = self.draws(request.stream, request.number, philox.SHORT_SLOT)
        if stream.short_slot and today >= 7 * stream.short_slot.from_week and draw < stream.short_slot.share:
            return float(stream.short_slot.minutes)
        return float(stream.slot or 0)

    def devices_row(self, session: Session) -> Records:
        row: Records = self.world.devices[session.device]
        return row

    def lose_if_impatient(self, patient: Patient, time: float) -> None:
        limit = patient.joined + float(self.streams[patient.stream].patience)
        if patient.outcome == WAITING and limit < time:
            patient.outcome, patient.left = LOST, limit


def run_reference(service: Service, seed: int, replication: int) -> tuple[Records, list[Device]]:
    """One replication of any service by its rules: the journeys, and the devices with what they did."""
    if service.booked_streams:
        booked = Booked(service, seed, replication)
        booked.run()
        return journeys_of(booked.patients), booked.devices
    walk_ins = WalkIns(reference_world(service, seed, replication))
    walk_ins.run()
    return journeys_of(walk_ins.patients), walk_ins.devices
