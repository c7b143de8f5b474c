"""The booking side of a service as typed arrays: sessions as pages of a diary, holds, travel and the waiting list."""

from __future__ import annotations

import numpy as np

from trustwide.analysis.capacity.diary import AFTER_THE_RUN, LISTED, NOT_GIVEN, PAGE, REQUEST, Book
from trustwide.analysis.capacity.model import MINUTES_A_DAY, NOBODY, Integers, Reals, Service
from trustwide.analysis.capacity.tables import World, records


def book_of(service: Service, world: World, room: int) -> Book:
    """The empty diary of a service, with room for so many patients."""
    booking = service.fields.booking
    hold = booking.hold if booking else {}
    days = (world.windows.opens // MINUTES_A_DAY).astype(np.int64)
    shortest = min(stream.slot for stream in service.booked_streams if stream.slot)
    most = int((world.windows.closes - world.windows.opens).max(initial=0) // shortest) + 1
    pages = np.zeros(world.windows.size, PAGE)
    pages["day"] = days
    streams = world.streams.size
    return Book(
        release_days=booking.release_days if booking else 0,
        hold=np.array([hold.get(stream.id, 0.0) for stream in service.fields.demand]),
        admitted=_admitted(service),
        first_from=_first_from(world, days),
        free_from=np.zeros((world.devices.size, streams), np.int64),
        pages=records(pages),
        by_stream=np.zeros((world.windows.size, streams)),
        starts=np.zeros((world.windows.size, most)),
        patients=np.zeros((world.windows.size, most), np.int64),
        listed=_listed(service, world),
        requests=records(np.empty(room, REQUEST)),
        due=np.empty(int(world.end // MINUTES_A_DAY) + 1, np.int64),
        keys=np.empty(room, np.int64),
    )


def clear(book: Book, empty: Book, world: World) -> None:
    """Make a diary empty again for the next replication."""
    book.pages[:] = empty.pages
    book.by_stream[:] = 0.0
    book.free_from[:] = world.devices.first_window[:, None]
    book.due[:] = NOBODY


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
    travel = service.fields.travel
    admitted = np.eye(len(sites))
    if travel is None or service.fields.booking is None or not service.fields.booking.pool_lists:
        return admitted
    for row, one in enumerate(sites):
        for column, other in enumerate(sites):
            minutes = travel.minutes.get(f"{one}-{other}", travel.minutes.get(f"{other}-{one}"))
            if minutes is not None:
                admitted[row, column] = _willing(minutes, travel.willing)
    return admitted


def _willing(minutes: float, willing: dict[int, float]) -> float:
    """The share at the next key at or above the minutes; nobody travels further than the last key."""
    return min(((key, share) for key, share in willing.items() if key >= minutes), default=(0, 0.0))[1]


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
