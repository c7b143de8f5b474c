"""The appointment diary of booked streams: who has which slot of which session, and where the next free one is.

Compiled; `reference_booked` says the same plainly.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from trustwide.analysis.capacity.compiled import part
from trustwide.analysis.capacity.model import NOBODY, Integers, Reals
from trustwide.analysis.capacity.tables import BOOKING_DAYS, Records, World

# One record a session. taken: appointments in it; called: how many of them the day has dealt with; minutes: how long
# they are together.
PAGE = np.dtype([("day", "i8"), ("taken", "i8"), ("called", "i8"), ("minutes", "f8")], align=True)

# What is kept of a booked patient beside `tables.PATIENT`. requested: day of the request, negative before the start.
# window, start: of the present appointment. appointments: how many there have been. cancelling: the present appointment
# will be cancelled by the patient. willing: draw that says how far the patient would travel.
REQUEST = np.dtype(
    [
        ("requested", "i8"),
        ("window", "i8"),
        ("start", "f8"),
        ("appointments", "i8"),
        ("cancelling", "i8"),
        ("willing", "f8"),
    ],
    align=True,
)

# The waiting list at the start; given: day of the appointment already given, or one of the two below.
LISTED = np.dtype([("stream", "i8"), ("site", "i8"), ("requested", "i8"), ("given", "i8")], align=True)

NOT_GIVEN, AFTER_THE_RUN = -1, -2

ALL_HOLDS, WALK_IN_HOLDS, NO_HOLDS = 0, 1, 2  # before the release days, within them, for appointments already given

_SMALL = 1e-9


class Book(NamedTuple):
    """All that booking reads and writes beside the world.

    hold: (streams,), share of a static device's session kept. admitted: (sites, sites), share of a site's patients who
    accept another. first_from: (devices, days + 1), a device's first session on or after a day. free_from: (devices,
    streams), the first session after the release days that may have room. by_stream: (sessions, streams), minutes
    booked. starts, patients: (sessions, most in one). due: (days + 1,), first of those to be looked at on a morning.
    keys: room to put them in order.
    """

    release_days: int
    hold: Reals
    admitted: Reals
    first_from: Integers
    free_from: Integers
    pages: Records
    by_stream: Reals
    starts: Reals
    patients: Integers
    listed: Records
    requests: Records
    due: Integers
    keys: Integers


@part
def find(patient: int, today: int, world: World, book: Book) -> tuple[int, float]:
    """The earliest day with room, within it the earliest start, then the lower device: session and start, or NOBODY."""
    stream, site = world.journeys[patient].stream, world.journeys[patient].site
    best, best_day, best_start = NOBODY, today + BOOKING_DAYS, 0.0
    for device in range(world.devices.size):
        if not world.accepts[device, stream]:
            continue
        if book.requests[patient].willing >= book.admitted[site, world.devices[device].site]:
            continue
        window, start = _first_room(device, stream, today, best_day, world, book)
        if window == NOBODY:
            continue
        if best == NOBODY or start < best_start:
            best, best_day, best_start = window, book.pages[window].day, start
    return best, best_start


@part
def _first_room(device: int, stream: int, today: int, last_day: int, world: World, book: Book) -> tuple[int, float]:
    """A device's first session with room from the notice on, no later than `last_day`.

    Few sessions lie within the release days and are looked at each time. Among the others room only ever shrinks, but
    for cancellations, so the search goes on where the last one ended.
    """
    earliest = today + world.streams[stream].notice_days
    released_until = max(today + book.release_days + 1, earliest)
    end = book.first_from[device, last_day + 1]
    for window in range(book.first_from[device, earliest], min(book.first_from[device, released_until], end)):
        start = room(window, device, stream, WALK_IN_HOLDS, world, book)
        if start >= 0.0:
            return window, start
    window = max(book.first_from[device, released_until], book.free_from[device, stream])
    start = -1.0
    while window < end:
        start = room(window, device, stream, ALL_HOLDS, world, book)
        if start >= 0.0:
            break
        window += 1
    book.free_from[device, stream] = max(window, book.free_from[device, stream])
    return (window if start >= 0.0 else NOBODY), start


@part
def room(window: int, device: int, stream: int, holds: int, world: World, book: Book) -> float:
    """Where a slot of the stream first fits in a session, -1 if nowhere."""
    slot = world.streams[stream].slot
    opens, closes = world.windows[window].opens, world.windows[window].closes
    free = closes - opens - book.pages[window].minutes
    if free < slot or free - _kept(window, device, stream, holds, world, book) < slot - _SMALL:
        return -1.0
    time = opens
    for index in range(book.pages[window].taken):
        if book.starts[window, index] - time >= slot:
            return float(time)
        other = world.journeys[book.patients[window, index]].stream
        time = book.starts[window, index] + world.streams[other].slot
    return float(time) if closes - time >= slot else -1.0


@part
def _kept(window: int, device: int, stream: int, holds: int, world: World, book: Book) -> float:
    """Minutes of a session that are held for other streams and not yet used by them."""
    kept = 0.0
    if world.devices[device].mobile or holds == NO_HOLDS:
        return kept
    length = world.windows[window].closes - world.windows[window].opens
    for other in range(world.streams.size):
        if other == stream or book.hold[other] == 0.0 or not world.accepts[device, other]:
            continue
        if not world.streams[other].booked:
            kept += book.hold[other] * length
        elif holds == ALL_HOLDS and world.streams[other].priority <= world.streams[stream].priority:
            kept += max(book.hold[other] * length - book.by_stream[window, other], 0.0)
    return kept


@part
def enter(patient: int, window: int, start: float, world: World, book: Book) -> None:
    """Write an appointment into a session, in order of time."""
    stream = world.journeys[patient].stream
    page = book.pages[window]
    index = page.taken
    while index > 0 and book.starts[window, index - 1] > start:
        book.starts[window, index] = book.starts[window, index - 1]
        book.patients[window, index] = book.patients[window, index - 1]
        index -= 1
    book.starts[window, index] = start
    book.patients[window, index] = patient
    page.taken += 1
    page.minutes += world.streams[stream].slot
    book.by_stream[window, stream] += world.streams[stream].slot
    book.requests[patient].window = window
    book.requests[patient].start = start
    book.requests[patient].appointments += 1


@part
def strike(patient: int, world: World, book: Book) -> None:
    """Take a patient's appointment out of its session, which may make room earlier than the searches had got to."""
    stream, window = world.journeys[patient].stream, book.requests[patient].window
    page = book.pages[window]
    index = 0
    while book.patients[window, index] != patient:
        index += 1
    page.taken -= 1
    for later in range(index, page.taken):
        book.starts[window, later] = book.starts[window, later + 1]
        book.patients[window, later] = book.patients[window, later + 1]
    page.minutes -= world.streams[stream].slot
    book.by_stream[window, stream] -= world.streams[stream].slot
    for device in range(world.devices.size):
        if world.devices[device].first_window <= window < world.devices[device].last_window:
            for other in range(world.streams.size):
                book.free_from[device, other] = min(book.free_from[device, other], window)


@part
def put_off(patient: int, day: int, world: World, book: Book) -> None:
    """Look at a patient again on the morning of a day; never, if that is after the run."""
    if day < book.due.size:
        world.patients[patient].follower = book.due[day]
        book.due[day] = patient
