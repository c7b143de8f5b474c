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
# they are together. packed: how many of the first follow each other without a gap, until `packed_until`.
PAGE = np.dtype(
    [
        ("day", "i8"),
        ("taken", "i8"),
        ("called", "i8"),
        ("minutes", "f8"),
        ("packed", "i8"),
        ("packed_until", "f8"),
    ],
    align=True,
)

# What is kept of a booked patient beside `tables.PATIENT`. requested: day of the request, negative before the start.
# window, start, slot: of the present appointment. appointments: how many there have been. cancelling: the present
# appointment will be cancelled by the patient. short: the short slot is enough. clock: day the DM01 clock started last.
# willing: draw that says how far the patient would travel.
REQUEST = np.dtype(
    [
        ("requested", "i8"),
        ("window", "i8"),
        ("start", "f8"),
        ("slot", "f8"),
        ("appointments", "i8"),
        ("cancelling", "i8"),
        ("short", "i8"),
        ("clock", "i8"),
        ("willing", "f8"),
    ],
    align=True,
)

# The waiting list at the start; given: day of the appointment already given, or one of the two below.
LISTED = np.dtype([("stream", "i8"), ("site", "i8"), ("requested", "i8"), ("given", "i8")], align=True)

NOT_GIVEN, AFTER_THE_RUN = -1, -2
NEVER_POOLED = 2**31  # a day after every run

ALL_HOLDS, WALK_IN_HOLDS, NO_HOLDS = 0, 1, 2  # before the release days, within them, for appointments already given

DAY = 1440.0
_SMALL = 1e-9


class Book(NamedTuple):
    """All that booking reads and writes beside the world.

    hold: (streams,), share of a static device's session kept. admitted: (sites, sites), share of a site's patients who
    accept another, from day `pooled_from` on. first_from: (devices, days + 1), a device's first session on or after a
    day. free_from: (devices, 2 x streams), the first session after the release days that may have room for a stream's
    slot, or its short one. by_stream: (sessions, streams), minutes booked. starts, ends, patients: (sessions, most in
    one). due: (days + 1,), first of those to be looked at on a morning. keys: room to put them in order.

    unplaced: (2, patients), the keys of those who found no day, on even and on odd mornings, and how many. refused:
    (2 x streams, sites), the least `willing` of those who found none this morning, 1 if all did. restarts: whether a
    missed and a cancelled appointment restart the DM01 clock. over_6_weeks: (weeks + 1, streams, sites), changes of
    the number over six weeks on that clock, of those whose clock has been started again.
    """

    release_days: int
    pooled_from: int
    restarts: tuple[bool, bool]
    hold: Reals
    admitted: Reals
    first_from: Integers
    free_from: Integers
    pages: Records
    by_stream: Reals
    starts: Reals
    ends: Reals
    patients: Integers
    listed: Records
    requests: Records
    due: Integers
    keys: Integers
    unplaced: Integers
    unplaced_counts: Integers
    refused: Reals
    over_6_weeks: Reals


@part
def slot_from(patient: int, today: int, world: World, book: Book) -> float:
    """Minutes a patient is given in an appointment made on a day; before the start is day -1."""
    stream = world.streams[world.journeys[patient].stream]
    if book.requests[patient].short and today >= stream.short_from:
        return float(stream.short_slot)
    return float(stream.slot)


@part
def kind_of(stream: int, slot: float, world: World) -> int:
    """A number for a stream's slot, the long one or the short one."""
    return int(2 * stream + int(slot < world.streams[stream].slot))


@part
def find(patient: int, today: int, slot: float, world: World, book: Book) -> tuple[int, float]:
    """The earliest day with room, within it the earliest start, then the lower device: session and start, or NOBODY."""
    stream, site = world.journeys[patient].stream, world.journeys[patient].site
    best, best_day, best_start = NOBODY, today + BOOKING_DAYS, 0.0
    for device in range(world.devices.size):
        there = world.devices[device].site
        if not world.accepts[device, stream] or (there != site and today < book.pooled_from):
            continue
        if book.requests[patient].willing >= book.admitted[site, there]:
            continue
        window, start = _first_room(device, stream, slot, today, best_day, world, book)
        if window == NOBODY:
            continue
        if best == NOBODY or start < best_start:
            best, best_day, best_start = window, book.pages[window].day, start
    return best, best_start


@part
def _first_room(
    device: int, stream: int, slot: float, today: int, last_day: int, world: World, book: Book
) -> tuple[int, float]:
    """A device's first session with room from the notice on, no later than `last_day`.

    Few sessions lie within the release days and are looked at each time. Among the others room only ever shrinks, but
    for cancellations, so the search goes on where the last one ended.
    """
    earliest = today + world.streams[stream].notice_days
    released_until = max(today + book.release_days + 1, earliest)
    end = book.first_from[device, last_day + 1]
    for window in range(book.first_from[device, earliest], min(book.first_from[device, released_until], end)):
        start = room(window, device, stream, slot, WALK_IN_HOLDS, world, book)
        if start >= 0.0:
            return window, start
    kind = kind_of(stream, slot, world)
    window = max(book.first_from[device, released_until], book.free_from[device, kind])
    start = -1.0
    while window < end:
        start = room(window, device, stream, slot, ALL_HOLDS, world, book)
        if start >= 0.0:
            break
        window += 1
    book.free_from[device, kind] = max(window, book.free_from[device, kind])
    return (window if start >= 0.0 else NOBODY), start


@part
def room(window: int, device: int, stream: int, slot: float, holds: int, world: World, book: Book) -> float:
    """Where a stream's patient with this slot first fits in a session, -1 if nowhere."""
    page, opens, closes = book.pages[window], world.windows[window].opens, world.windows[window].closes
    free = closes - opens - page.minutes
    if free < slot or free - _kept(window, device, stream, holds, world, book) < slot - _SMALL:
        return -1.0
    time = page.packed_until
    for index in range(page.packed, page.taken):
        if book.starts[window, index] - time >= slot:
            return float(time)
        time = book.ends[window, index]
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
def enter(patient: int, window: int, start: float, slot: float, world: World, book: Book) -> None:
    """Write an appointment into a session, in order of time."""
    stream = world.journeys[patient].stream
    page = book.pages[window]
    index = page.taken
    while index > 0 and book.starts[window, index - 1] > start:
        book.starts[window, index] = book.starts[window, index - 1]
        book.ends[window, index] = book.ends[window, index - 1]
        book.patients[window, index] = book.patients[window, index - 1]
        index -= 1
    book.starts[window, index] = start
    book.ends[window, index] = start + slot
    book.patients[window, index] = patient
    page.taken += 1
    page.minutes += slot
    while page.packed < page.taken and book.starts[window, page.packed] == page.packed_until:
        page.packed_until = book.ends[window, page.packed]
        page.packed += 1
    book.by_stream[window, stream] += slot
    book.requests[patient].window = window
    book.requests[patient].start = start
    book.requests[patient].slot = slot
    book.requests[patient].appointments += 1


@part
def strike(patient: int, world: World, book: Book) -> None:
    """Take a patient's appointment out of its session, which may make room earlier than the searches had got to."""
    stream, window = world.journeys[patient].stream, book.requests[patient].window
    page = book.pages[window]
    index = 0
    while book.patients[window, index] != patient:
        index += 1
    if index < page.packed:
        page.packed = index
        page.packed_until = book.starts[window, index]
    page.taken -= 1
    for later in range(index, page.taken):
        book.starts[window, later] = book.starts[window, later + 1]
        book.ends[window, later] = book.ends[window, later + 1]
        book.patients[window, later] = book.patients[window, later + 1]
    page.minutes -= book.requests[patient].slot
    book.by_stream[window, stream] -= book.requests[patient].slot
    for device in range(world.devices.size):
        if world.devices[device].first_window <= window < world.devices[device].last_window:
            for kind in range(book.free_from.shape[1]):
                book.free_from[device, kind] = min(book.free_from[device, kind], window)


@part
def put_off(patient: int, day: int, world: World, book: Book) -> None:
    """Look at a patient again on the morning of a day; never, if that is after the run."""
    if day < book.due.size:
        world.patients[patient].follower = book.due[day]
        book.due[day] = patient


@part
def restart_clock(patient: int, today: int, world: World, book: Book) -> None:
    """Start a patient's DM01 clock anew on the day of the appointment that was missed or cancelled today."""
    request, journey = book.requests[patient], world.journeys[patient]
    overdue, week = max(long_from(request.clock), 0), today // 7
    if overdue < week:
        book.over_6_weeks[overdue, journey.stream, journey.site] += 1.0
        book.over_6_weeks[week, journey.stream, journey.site] -= 1.0
    request.clock = int(request.start // DAY)


@part
def long_from(clock: int) -> int:
    """The first week of the run at whose end, on its last day, a clock started on a day has run for six weeks."""
    return (clock + 6 * 7) // 7
