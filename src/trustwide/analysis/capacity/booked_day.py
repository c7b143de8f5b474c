"""One day of a booked service: appointments as they come, walk-ins in the gaps, breakdowns and lateness.

Compiled; `reference_day` says the same plainly. A day's sessions are followed to their end; a walk-in who arrives after
midnight belongs to the next day.
"""

from __future__ import annotations

import math

from trustwide.analysis.capacity.arrivals import next_arrival
from trustwide.analysis.capacity.compiled import part
from trustwide.analysis.capacity.devices import earliest_event, occupy, up_from
from trustwide.analysis.capacity.diary import Book, put_off, restart_clock
from trustwide.analysis.capacity.model import LOST, NOBODY, SEEN
from trustwide.analysis.capacity.queues import admit, attends, head, join
from trustwide.analysis.capacity.tables import World

_DAY = 1440.0
_GAP, _STARTED, _HELD_UP = 0, 1, 2


@part
def run_day(day: int, admitted: int, world: World, book: Book) -> int:
    """Follow a day; how many patients have arrived by its end, or NOBODY if there is no room for them."""
    for device in range(world.devices.size):
        _open(device, day, world, book)
    midnight = (day + 1) * _DAY
    while True:
        device = earliest_event(world)
        stream = _next_walk_in(world)
        arrival = world.streams[stream].next_time if stream != NOBODY else math.inf
        if arrival >= midnight:
            arrival = math.inf
        event = world.devices[device].event
        if event <= arrival:
            if event == math.inf:
                return admitted
            _look(device, event, day, world, book)
            continue
        if admitted == world.journeys.size:
            return NOBODY
        admit(admitted, stream, world)
        join(admitted, arrival, world)
        next_arrival(stream, world)
        _offer(admitted, arrival, day, world, book)
        admitted += 1


@part
def _open(number: int, day: int, world: World, book: Book) -> None:
    """Move a device on to its next session of this day, if there is one."""
    device = world.devices[number]
    while device.window < device.last_window and book.pages[device.window].day < day:
        device.window += 1
    device.scanning = 1
    device.event = math.inf
    if device.window < device.last_window and book.pages[device.window].day == day:
        device.event = max(world.windows[device.window].opens, device.ready)


@part
def _next_walk_in(world: World) -> int:
    """The walk-in stream whose next arrival is first, NOBODY if there is no such stream."""
    first = NOBODY
    for stream in range(world.streams.size):
        if world.streams[stream].booked:
            continue
        if first == NOBODY or world.streams[stream].next_time < world.streams[first].next_time:
            first = stream
    return first


@part
def _offer(patient: int, now: float, day: int, world: World, book: Book) -> None:
    """A walk-in has come: the lowest-numbered device with a long enough gap takes whoever is next."""
    stream, site = world.journeys[patient].stream, world.journeys[patient].site
    for device in range(world.devices.size):
        idle = world.devices[device].site == site and world.devices[device].scanning == 0
        if idle and world.accepts[device, stream] and _look(device, now, day, world, book):
            return


@part
def _look(number: int, now: float, day: int, world: World, book: Book) -> bool:
    """What a device does now: the booked patient whose time has come, else a walk-in, else wait. Whether it starts."""
    device = world.devices[number]
    device.scanning = 1
    called = _call_booked(number, now, day, world, book)
    if called != _GAP:
        return called == _STARTED
    page, closes = book.pages[device.window], world.windows[device.window].closes
    last = page.called == page.taken
    if last and now >= closes:
        device.window += 1
        _open(number, day, world, book)
        return False
    until = closes if last else book.starts[device.window, page.called]
    up = up_from(number, now, world)
    if up > now:
        device.event = min(up, until)
        return False
    patient = _choose(number, now, math.inf if last else until, closes, world)
    if patient == NOBODY:
        device.scanning = 0
        device.event = until
        return False
    world.cells[world.journeys[patient].stream, world.journeys[patient].site].head = world.patients[patient].follower
    _scan(patient, number, now, world)
    return True


@part
def _call_booked(number: int, now: float, day: int, world: World, book: Book) -> int:
    """Deal with those whose time has come: missed, displaced, held up by a breakdown, or started."""
    device = world.devices[number]
    page, closes = book.pages[device.window], world.windows[device.window].closes
    while page.called < page.taken and book.starts[device.window, page.called] <= now:
        patient = book.patients[device.window, page.called]
        journey, request = world.journeys[patient], book.requests[patient]
        if not attends(journey.stream, world.patients[patient].number, request.appointments, request.start, world):
            _miss(patient, day, world, book)
            page.called += 1
            continue
        up = up_from(number, now, world)
        if not _may_start(up, request.slot, closes, device.overrun):
            put_off(patient, day + 1, world, book)
            page.called += 1
            continue
        if up > now:
            device.event = up
            return _HELD_UP
        page.called += 1
        _scan(patient, number, now, world)
        return _STARTED
    return _GAP


@part
def _may_start(time: float, slot: float, closes: float, overrun: float) -> bool:
    """Whether a slot that starts now ends soon enough after closing."""
    return bool(time + slot <= closes + overrun) if overrun < math.inf else time < closes


@part
def _miss(patient: int, day: int, world: World, book: Book) -> None:
    """A missed appointment: bookable tomorrow, or back to the referrer."""
    journey = world.journeys[patient]
    journey.missed += 1
    if book.restarts[0]:
        restart_clock(patient, day, world, book)
    if journey.missed > world.streams[journey.stream].rebook_times:
        journey.outcome = LOST
        journey.left = book.requests[patient].start
    else:
        put_off(patient, day + 1, world, book)


@part
def _choose(number: int, now: float, until: float, closes: float, world: World) -> int:
    """The first walk-in by priority, then by time of arrival, whose slot fits before the next booked start."""
    device = world.devices[number]
    best, best_priority = NOBODY, 0
    for stream in range(world.streams.size):
        if world.streams[stream].booked or not world.accepts[number, stream]:
            continue
        patient = head(stream, device.site, now, world)
        slot, priority = world.streams[stream].slot, world.streams[stream].priority
        if patient == NOBODY or now + slot > until or not _may_start(now, slot, closes, device.overrun):
            continue
        sooner = priority == best_priority and world.patients[patient].joined < world.patients[best].joined
        if best == NOBODY or priority < best_priority or sooner:
            best, best_priority = patient, priority
    return best


@part
def _scan(patient: int, number: int, now: float, world: World) -> None:
    device, journey = world.devices[number], world.journeys[patient]
    closes = world.windows[device.window].closes
    journey.outcome = SEEN
    journey.served_by = number
    journey.left = now
    device.ready = occupy(number, now, world.patients[patient].duration, closes, world) + device.changeover
    device.event = device.ready
