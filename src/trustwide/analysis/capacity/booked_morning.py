"""The morning of a booked service: cancellations free their slots, and all who are bookable are booked, in order.

Compiled. Much of a long list finds no day and is looked at again tomorrow: it is kept in order, and no day is looked
for once someone no harder to place has found none that morning.
"""

from __future__ import annotations

from trustwide.analysis.capacity import philox
from trustwide.analysis.capacity.compiled import part
from trustwide.analysis.capacity.diary import Book, enter, find, kind_of, put_off, restart_clock, slot_from, strike
from trustwide.analysis.capacity.model import NOBODY, Integers
from trustwide.analysis.capacity.tables import World

_OLDEST_DAY = 40_000
_PATIENT = 0xFFFFFFFF


@part
def book_morning(day: int, world: World, book: Book) -> None:
    """00:00: the newly bookable and those for whom yesterday had no day, merged in the order of their keys."""
    count = _gather(day, world, book)
    put_in_order(count, book.keys)
    book.refused[:] = 1.0
    before, after = day % 2, (day + 1) % 2
    waiting, left, new = book.unplaced_counts[before], 0, 0
    old = 0
    while new < count or old < waiting:
        if old == waiting or (new < count and book.keys[new] < book.unplaced[before, old]):
            key = book.keys[new]
            new += 1
        else:
            key = book.unplaced[before, old]
            old += 1
        if not _book(key & _PATIENT, day, world, book):
            book.unplaced[after, left] = key
            left += 1
    book.unplaced_counts[after] = left


@part
def _gather(day: int, world: World, book: Book) -> int:
    """Keys of those who are due today, in no order; how many."""
    count = 0
    patient = book.due[day]
    while patient != NOBODY:
        following = world.patients[patient].follower
        if book.requests[patient].cancelling:
            book.requests[patient].cancelling = 0
            if book.restarts[1]:
                restart_clock(patient, day, world, book)
            strike(patient, world, book)
        book.keys[count] = key_of(patient, world, book)
        count += 1
        patient = following
    return count


@part
def _book(patient: int, day: int, world: World, book: Book) -> bool:
    """Give a patient the earliest appointment; whether there is one."""
    journey, request = world.journeys[patient], book.requests[patient]
    slot = slot_from(patient, day, world, book)
    kind = kind_of(journey.stream, slot, world)
    if request.willing >= book.refused[kind, journey.site]:
        return False
    window, start = find(patient, day, slot, world, book)
    if window == NOBODY:
        book.refused[kind, journey.site] = request.willing
        return False
    enter(patient, window, start, slot, world, book)
    draw_cancellation(patient, day, world, book)
    return True


@part
def draw_cancellation(patient: int, today: int, world: World, book: Book) -> None:
    """Whether the patient will cancel the appointment just made: at their notice, but not before tomorrow."""
    stream, request = world.streams[world.journeys[patient].stream], book.requests[patient]
    if stream.cancel_probability == 0.0:
        return
    number = world.patients[patient].number
    draw, _ = philox.uniforms(
        world.seed, world.replication, stream.source, number, philox.CANCELLATION, request.appointments
    )
    appointment_day = book.pages[request.window].day
    cancel_day = max(today + 1, appointment_day - stream.cancel_notice)
    if draw < stream.cancel_probability and cancel_day <= appointment_day:
        request.cancelling = 1
        put_off(patient, cancel_day, world, book)


@part
def key_of(patient: int, world: World, book: Book) -> int:
    """A number that sorts by priority, then request date, then request id."""
    priority = world.streams[world.journeys[patient].stream].priority
    return int((((priority << 20) + book.requests[patient].requested + _OLDEST_DAY) << 32) + patient)


@part
def put_in_order(count: int, keys: Integers) -> None:
    """Heapsort (Williams 1964), in place."""
    for top in range(count // 2 - 1, -1, -1):
        _sink(top, count, keys)
    for last in range(count - 1, 0, -1):
        keys[0], keys[last] = keys[last], keys[0]
        _sink(0, last, keys)


@part
def _sink(top: int, count: int, keys: Integers) -> None:
    while 2 * top + 1 < count:
        child = 2 * top + 1
        if child + 1 < count and keys[child + 1] > keys[child]:
            child += 1
        if keys[top] >= keys[child]:
            return
        keys[top], keys[child] = keys[child], keys[top]
        top = child
