"""A relaxed model that can rule a set of levers out without simulating it: more work than the sessions can hold.

Minutes of appointments are a fluid that may go into any minute of any session of a site (of all sites on one list):
nothing breaks down, nobody cancels late, no minute is lost between slots, and demand is three standard deviations low.
By Little's law (Little 1961) a list whose mean wait is the target holds the arrivals of that many weeks; whoever is
beyond that must have had their appointments by the date. If even these do not fit, the target cannot be met.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from trustwide.analysis.capacity.model import MINUTES_A_DAY, Reals, Service
from trustwide.analysis.capacity.planner.question import Question
from trustwide.analysis.capacity.service_fields import Stream, Target
from trustwide.analysis.capacity.tables import World, records, world_of

# weeks of arrivals that a list may hold, for each week of the target: 1 for the mean of those scanned; the waiting have
# waited half as long as they will; a median says less of the mean. A quarter is added for what is not steady.
_WEEKS_OF_LIST = {
    ("scanned", "mean"): 1.0, ("scanned", "median"): 3.0, ("scanned", "p95"): 1.25,
    ("waiting", "mean"): 2.0, ("waiting", "median"): 6.0, ("waiting", "p95"): 1.25,
}  # fmt: skip
_LATITUDE = 1.25
_DEVIATIONS = 3.0


@dataclass(frozen=True)
class Room:
    """Of the tightest site, or of all on one list: minutes of appointments that must be had by the date, and minutes
    of sessions that could hold them."""

    needed: float
    sessions: float

    @property
    def suffices(self) -> bool:
        return self.needed <= self.sessions

    @property
    def use(self) -> float:
        """Needed as a share of what there is; above 1 the target is out of reach."""
        return self.needed / self.sessions if self.sessions else math.inf


def room_for(service: Service, question: Question) -> Room:
    """Room in a service that runs until the date asked about."""
    world = world_of(service)
    needed = sum(_needed(number, service, world, question) for number in question.targets)
    sessions = _sessions(service, world, question)
    if service.fields.booking and service.fields.booking.pool_lists:
        needed, sessions = np.array([np.sum(needed)]), np.array([sessions.sum()])
    rooms = [Room(float(one), float(other)) for one, other in zip(np.atleast_1d(needed), sessions, strict=True)]
    return max(rooms, key=lambda room: room.use)


def _needed(number: int, service: Service, world: World, question: Question) -> Reals:
    """Minutes of appointments of one stream, by site."""
    stream, target = service.fields.demand[number], question.targets[number]
    listed = [
        sum(row.stream == stream.id and row.site == site.id for row in service.waiting_list)
        for site in service.fields.sites
    ]
    days = 7 * question.weeks
    share = np.diff(world.cells[number].below, prepend=0.0)
    arrivals = expected_requests(number, world, 0, days) * share
    kept = _LATITUDE * expected_requests(number, world, max(0, days - _days_of_list(target)), days) * share
    must = np.maximum(np.array(listed) + arrivals - _DEVIATIONS * np.sqrt(arrivals) - kept, 0.0)
    return np.asarray(must * _minutes(stream))


def _days_of_list(target: Target) -> int:
    return math.ceil(7 * target.weeks * _WEEKS_OF_LIST[target.who, target.statistic])


def expected_requests(stream: int, world: World, first: int, last: int) -> float:
    """Requests of a stream from one day to another, days from the start."""
    gap = float(world.streams[stream].gap)
    if gap >= 0:
        return (last - first) * MINUTES_A_DAY / gap if gap else 0.0
    return float(world.expected[stream, last] - world.expected[stream, first])


def _minutes(stream: Stream) -> float:
    """The least minutes of appointments that a request takes on average until it leaves the list."""
    slot = float(stream.slot or 0)
    if stream.short_slot:
        slot += stream.short_slot.share * (stream.short_slot.minutes - slot)
    missed = stream.did_not_attend
    if missed is None:
        return slot
    probability = min(missed.probability, missed.then.probability if missed.then else 1.0)
    return slot * sum(probability**turn for turn in range(missed.rebook.times + 1))


def _sessions(service: Service, world: World, question: Question) -> Reals:
    """Minutes that may be booked by the date, by site."""
    room = np.zeros(len(service.fields.sites))
    for number, device in enumerate(world.devices):
        if any(world.accepts[number, stream] for stream in question.targets):
            windows = records(world.windows[device.first_window : device.last_window])
            windows = records(windows[windows.opens < 7 * question.weeks * MINUTES_A_DAY])
            held = 0.0 if device.mobile else sum(_holds_of_walk_ins(number, service, world))
            free = np.where(windows.opens // MINUTES_A_DAY <= _last_given(service), 1.0, 1.0 - held)
            room[device.site] += float(((windows.closes - windows.opens) * free).sum())
    return room


def _holds_of_walk_ins(device: int, service: Service, world: World) -> Iterator[float]:
    hold = service.fields.booking.hold if service.fields.booking else {}
    for number, stream in enumerate(service.fields.demand):
        if stream.access == "walk_in" and world.accepts[device, number]:
            yield hold.get(stream.id, 0.0)


def _last_given(service: Service) -> int:
    """Day of the last appointment given before the start: until then holds may be booked over."""
    given = [row.appointment_on for row in service.waiting_list if row.appointment_on is not None]
    return (max(given) - service.fields.start).days if given else -1
