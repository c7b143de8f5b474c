"""The booking side of a service as typed arrays: sessions as pages of a diary, holds, travel and the waiting list."""

from __future__ import annotations

import numpy as np

from trustwide.analysis.capacity.clocks import dm01_rules_on
from trustwide.analysis.capacity.diary import AFTER_THE_RUN, LISTED, NEVER_POOLED, NOT_GIVEN, PAGE, REQUEST, Book
from trustwide.analysis.capacity.model import MINUTES_A_DAY, MINUTES_A_WEEK, NOBODY, Integers, Reals, Service
from trustwide.analysis.capacity.service_words import willing_share
from trustwide.analysis.capacity.tables import World, records


def book_of(service: Service, world: World, room: int) -> Book:
    """The empty diary of a service, with room for so many patients."""
    booking, rules = service.fields.booking, dm01_rules_on(service.fields.start)
    hold = booking.hold if booking else {}
    days = (world.windows.opens // MINUTES_A_DAY).astype(np.int64)
    shortest = min(min(row.slot, row.short_slot or row.slot) for row in world.streams if row.booked)
    most = int((world.windows.closes - world.windows.opens).max(initial=0) // shortest) + 1
    pages = np.zeros(world.windows.size, PAGE)
    pages["day"] = days
    pages["packed_until"] = world.windows.opens
    streams = world.streams.size
    return Book(
        release_days=booking.release_days if booking else 0,
        pooled_from=booking.pool_from_week * 7 if booking and booking.pool_lists else NEVER_POOLED,
        hold=np.array([hold.get(stream.id, 0.0) for stream in service.fields.demand]),
        admitted=_admitted(service),
        first_from=_first_from(world, days),
        free_from=np.zeros((world.devices.size, 2 * streams), np.int64),
        pages=records(pages),
        by_stream=np.zeros((world.windows.size, streams)),
        starts=np.zeros((world.windows.size, most)),
        ends=np.zeros((world.windows.size, most)),
        patients=np.zeros((world.windows.size, most), np.int64),
        listed=_listed(service, world),
        requests=records(np.empty(room, REQUEST)),
        due=np.empty(int(world.end // MINUTES_A_DAY) + 1, np.int64),
        keys=np.empty(room, np.int64),
        unplaced=np.empty((2, room), np.int64),
        unplaced_counts=np.zeros(2, np.int64),
        refused=np.ones((2 * streams, world.cells.shape[1])),
        restarts=(rules.missed, rules.cancelled),
        over_6_weeks=np.zeros((int(world.end // MINUTES_A_WEEK) + 1, *world.cells.shape)),
    )


def clear(book: Book, empty: Book, world: World) -> None:
    """Make a diary empty again for the next replication."""
    book.pages[:] = empty.pages
    book.by_stream[:] = 0.0
    book.free_from[:] = world.devices.first_window[:, None]
    book.due[:] = NOBODY
    book.over_6_weeks[:] = 0.0
    book.unplaced_counts[:] = 0


def _first_from(world: World, days: Integers) -> Integers:
    last_day = world.expected.shape[1]
    wanted = np.arange(last_day + 1)
    return np.array(
        [
            device.first_window + np.searchsorted(days[device.first_window : device.last_window], wanted)
            for device in world.devices
        ],
        dtype=np.int64,
    )


def _admitted(service: Service) -> Reals:
    """Share of each site's patients (rows) who accept each site (columns): their own, others if pooled."""
    sites = [site.id for site in service.fields.sites]
    return np.array([[willing_share(service.fields, one, other) for other in sites] for one in sites])


def _listed(service: Service, world: World) -> np.recarray:
    streams = {stream.id: number for number, stream in enumerate(service.fields.demand)}
    sites = {site.id: number for number, site in enumerate(service.fields.sites)}
    start = service.fields.start
    last_day = world.expected.shape[1] - 1
    rows = []
    for request in service.waiting_list:
        given = NOT_GIVEN if request.appointment_on is None else (request.appointment_on - start).days
        rows.append(
            (
                streams[request.stream],
                sites[request.site],
                (request.requested_on - start).days,
                AFTER_THE_RUN if given >= last_day else given,
            )
        )
    return records(np.array(rows, dtype=LISTED))
