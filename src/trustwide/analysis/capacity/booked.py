"""The kernel for services with booked streams, day by day: the morning's bookings, the day's scans, the new requests.

Compiled. `reference_booked` says the same in plain Python; `diary` finds and keeps appointments, `booked_day` follows a
day's sessions.
"""

from __future__ import annotations

import math

from trustwide.analysis.capacity import philox
from trustwide.analysis.capacity.arrivals import next_arrival
from trustwide.analysis.capacity.booked_day import run_day
from trustwide.analysis.capacity.booked_morning import book_morning, draw_cancellation, key_of, put_in_order
from trustwide.analysis.capacity.compiled import kernel, part
from trustwide.analysis.capacity.devices import next_breakdown
from trustwide.analysis.capacity.diary import NEVER_POOLED, NO_HOLDS, NOT_GIVEN, Book, enter, put_off, room, slot_from
from trustwide.analysis.capacity.model import NOBODY, WAITING
from trustwide.analysis.capacity.queues import admit, head
from trustwide.analysis.capacity.tables import World

NO_ROOM = -1
LISTED_FROM = 2**31  # numbers of those on the waiting list; new arrivals of a stream count from 0

_DAY = 1440.0


@kernel
def run_booked(world: World, book: Book) -> tuple[int, int]:
    """One replication: `journeys` and the counts of `devices` are filled; how many patients, how many misfits.

    Misfits are appointments given before the start that no session has room for: they are booked again. The number of
    patients is NO_ROOM if `journeys` is too short.
    """
    for device in range(world.devices.size):
        next_breakdown(device, world)
    for stream in range(world.streams.size):
        next_arrival(stream, world)
    if book.listed.size > world.journeys.size:
        return NO_ROOM, 0
    _admit_listed(world, book)
    misfits = _place_given(world, book)
    admitted = book.listed.size
    for day in range(int(world.end / _DAY)):
        book_morning(day, world, book)
        admitted = run_day(day, admitted, world, book)
        if admitted != NO_ROOM:
            admitted = _take_requests(day, admitted, world, book)
        if admitted == NO_ROOM:
            return NO_ROOM, 0
    for stream in range(world.cells.shape[0]):
        for site in range(world.cells.shape[1]):
            head(stream, site, world.end, world)
    return admitted, misfits


@part
def _admit_listed(world: World, book: Book) -> None:
    """Write down the waiting list, in the order of request ids."""
    for patient in range(book.listed.size):
        listed, journey = book.listed[patient], world.journeys[patient]
        journey.stream = listed.stream
        journey.site = listed.site
        journey.outcome = WAITING
        journey.missed = 0
        journey.served_by = NOBODY
        journey.arrived = listed.requested * _DAY
        journey.left = math.inf
        stream = world.streams[listed.stream]
        number = LISTED_FROM + patient
        _, draw = philox.uniforms(world.seed, world.replication, stream.source, number, philox.ARRIVAL, 0)
        world.patients[patient].number = number
        world.patients[patient].duration = philox.variate(
            stream.duration_kind, stream.duration_first, stream.duration_second, draw
        )
        _new_request(patient, listed.requested, world, book)


@part
def _new_request(patient: int, day: int, world: World, book: Book) -> None:
    request = book.requests[patient]
    request.requested = day
    request.clock = day
    request.window = NOBODY
    request.appointments = 0
    request.cancelling = 0
    request.short = 0
    stream = world.streams[world.journeys[patient].stream]
    number = world.patients[patient].number
    request.willing = 0.0
    if book.pooled_from < NEVER_POOLED:
        _, request.willing = philox.uniforms(world.seed, world.replication, stream.source, number, philox.PLACE, 0)
    if stream.short_share > 0.0:
        draw, _ = philox.uniforms(world.seed, world.replication, stream.source, number, philox.SHORT_SLOT, 0)
        request.short = int(draw < stream.short_share)


@part
def _place_given(world: World, book: Book) -> int:
    """Appointments given before the start keep their day if a session of it has room; how many do not."""
    count, misfits = 0, 0
    for patient in range(book.listed.size):
        if book.listed[patient].given == NOT_GIVEN:
            put_off(patient, 0, world, book)
        elif book.listed[patient].given >= 0:
            book.keys[count] = key_of(patient, world, book)
            count += 1
    put_in_order(count, book.keys)
    for index in range(count):
        patient = book.keys[index] & 0xFFFFFFFF
        day = book.listed[patient].given
        window, start = _room_on(patient, day, world, book)
        if window == NOBODY:
            misfits += 1
            put_off(patient, 0, world, book)
            continue
        enter(patient, window, start, slot_from(patient, -1, world, book), world, book)
        if day >= world.streams[world.journeys[patient].stream].cancel_notice:
            draw_cancellation(patient, -1, world, book)
    return misfits


@part
def _room_on(patient: int, day: int, world: World, book: Book) -> tuple[int, float]:
    """The earliest start on a day at the patient's own site, then the lower device; holds do not bind."""
    stream, site = world.journeys[patient].stream, world.journeys[patient].site
    best, best_start = NOBODY, math.inf
    for device in range(world.devices.size):
        if not world.accepts[device, stream] or world.devices[device].site != site:
            continue
        for window in range(book.first_from[device, day], book.first_from[device, day + 1]):
            start = room(window, device, stream, slot_from(patient, -1, world, book), NO_HOLDS, world, book)
            if 0.0 <= start < best_start:
                best, best_start = window, start
    return best, best_start


@part
def _take_requests(day: int, admitted: int, world: World, book: Book) -> int:
    """The day's new requests go to vetting, which takes whole days; how many patients there are then."""
    for stream in range(world.streams.size):
        row = world.streams[stream]
        while row.booked and row.next_time < (day + 1) * _DAY:
            if admitted == world.journeys.size:
                return NO_ROOM
            admit(admitted, stream, world)
            world.journeys[admitted].arrived = day * _DAY
            next_arrival(stream, world)
            _new_request(admitted, day, world, book)
            number = world.patients[admitted].number
            draw, _ = philox.uniforms(world.seed, world.replication, row.source, number, philox.VETTING, 0)
            vetting = philox.variate(row.vetting_kind, row.vetting_first, row.vetting_second, draw)
            if vetting < book.due.size:
                put_off(admitted, day + max(1, math.ceil(vetting)), world, book)
            admitted += 1
    return admitted
