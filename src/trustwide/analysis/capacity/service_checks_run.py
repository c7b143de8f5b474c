"""Services that no run could serve: nobody ever seen, no session ever open, far more work than there is room for.

These look at the whole calendar of the run: closed days, maintenance, staff and the weeks that changes act from.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from trustwide.analysis.capacity.calendars import Window, calendar_of
from trustwide.analysis.capacity.model import Service
from trustwide.analysis.capacity.service_fields import Breakdowns, Scanner, ServiceFields, Stream
from trustwide.analysis.capacity.service_words import mean_minutes_of, mean_of, per_day, serves, sites_of, willing_share

# Work for each minute of room above which a run says nothing but that it cannot be done. A booked list may well be
# overloaded: that is why it is looked at.
MOST_LOAD_BOOKED, MOST_LOAD_WALK_IN = 3.0, 1.5

_FOR_EVER = "must be < 1 where patients are booked again, or that goes on and nobody is ever seen; got 1"
_YEAR = 364
_MOST_DEVICE_DAYS = 3_000_000  # above this laying out the calendar twice would take too long


class _Open(NamedTuple):
    """One scanner of the file, one of its `count`, with its sessions over the days looked at."""

    scanner: Scanner
    windows: list[Window]


def run_problems(fields: ServiceFields) -> Iterator[str]:
    """Problems of a service whose fields are in order."""
    yield from _endless_rebooking(fields)
    service = Service(fields)
    days = service.days or _YEAR
    if days * sum(scanner.count for scanner in fields.scanners) > _MOST_DEVICE_DAYS:
        return
    windows = iter(calendar_of(service, days).windows)
    opened = [_Open(scanner, next(windows)) for scanner in fields.scanners for _ in range(scanner.count)]
    closed = list(_never_open(fields, opened))
    yield from closed
    if not closed and not fields.allow_overload:
        yield from _overload(fields, opened, days)


def _endless_rebooking(fields: ServiceFields) -> Iterator[str]:
    for number, stream in enumerate(fields.demand):
        missed = stream.did_not_attend
        if missed is None or missed.rebook.times == 0:
            continue
        path = f"demand[{number}].did_not_attend"
        if missed.then and missed.then.probability == 1:
            yield f"{path}.then.probability: {_FOR_EVER}"
        elif missed.probability == 1 and missed.then is None:
            yield f"{path}.probability: {_FOR_EVER}"


def _never_open(fields: ServiceFields, opened: list[_Open]) -> Iterator[str]:
    for number, stream in enumerate(fields.demand):
        if stream.arrivals == "none" and fields.waiting_list is None:
            continue
        for site, share in sites_of(stream).items():
            if share > 0 and not any(
                _fits(one.scanner, window, stream)
                for one in opened
                if serves(one.scanner, stream) and willing_share(fields, site, one.scanner.site) > 0
                for window in one.windows
            ):
                yield (
                    f"demand[{number}]: no session in which {stream.id} of site {site} could be scanned is ever open "
                    "during the run; look at sessions, from_week, until_week, closed_on, maintenance and staff"
                )


def _fits(scanner: Scanner, window: Window, stream: Stream) -> bool:
    late = 0.0 if stream.access == "booked" else float("inf") if scanner.overrun == "finish" else scanner.overrun.up_to
    return (stream.slot or 0) <= window[1] - window[0] + late


def _overload(fields: ServiceFields, opened: list[_Open], days: int) -> Iterator[str]:
    """Work against room for each modality at each site (all sites together where lists are pooled)."""
    pooled = fields.booking is not None and fields.booking.pool_lists
    together = [[site.id for site in fields.sites]] if pooled else []
    for modality in dict.fromkeys(stream.modality for stream in fields.demand):
        streams = [stream for stream in fields.demand if stream.modality == modality]
        for sites in together or [[site.id] for site in fields.sites]:
            yield from _overload_of(streams, sites, opened, days, "demand")
    for number, stream in enumerate(fields.demand):
        if any(one.scanner.suits is not None for one in opened):
            for sites in together or [[site] for site in sites_of(stream)]:
                yield from _overload_of([stream], sites, opened, days, f"demand[{number}]")


def _overload_of(streams: list[Stream], sites: list[str], opened: list[_Open], days: int, path: str) -> Iterator[str]:
    limited = [stream for stream in streams if stream.patience_hours is None]
    work = sum(_minutes_a_day(stream, days) * sites_of(stream).get(site, 0.0) for stream in limited for site in sites)
    serving = [one for one in opened if one.scanner.site in sites and any(serves(one.scanner, s) for s in limited)]
    room = sum(_room(one, limited) for one in serving) / days
    booked = any(stream.access == "booked" for stream in limited)
    most = MOST_LOAD_BOOKED if booked else MOST_LOAD_WALK_IN
    if work > most * room:
        wanted = f"{work * 7:,.0f} minutes of {streams[0].modality} a week at {' and '.join(sites)}"
        yield (
            f"{path}: asks for {wanted}, where scanners are open and up for {room * 7:,.0f}; at most {most:g} times "
            "that is run. Correct the rates, slots or sessions, or say allow_overload: true"
        )


def _minutes_a_day(stream: Stream, days: int) -> float:
    """Scanner minutes a stream asks for, in the middle of the run; each attended visit and each missed one counted."""
    poisson = None if isinstance(stream.arrivals, str) else stream.arrivals.poisson
    if poisson is None:
        return 0.0
    patients = per_day(stream) * math.pow(1 + poisson.growth_per_year, days / 2 / 365)
    missed = stream.did_not_attend
    chance = 0.0 if missed is None else missed.probability
    if missed and missed.then and missed.then.from_week == 0:
        chance = missed.then.probability
    times = missed.rebook.times if missed else 0
    visits = sum(math.pow(chance, number) for number in range(times + 1))
    if stream.access == "booked":
        return patients * visits * _mean_slot(stream)
    lost = (missed.slot_lost or 0.0) if missed else 0.0
    return patients * visits * ((1 - chance) * mean_of(stream.duration) + chance * lost)


def _mean_slot(stream: Stream) -> float:
    slot, short = stream.slot or 0, stream.short_slot
    return slot - short.share * (slot - short.minutes) if short and short.from_week == 0 else float(slot)


def _room(one: _Open, streams: list[Stream]) -> float:
    """Minutes open and up, with what a last scan may take after closing."""
    longest = max(mean_of(stream.duration) for stream in streams)
    late = longest if isinstance(one.scanner.overrun, str) else min(one.scanner.overrun.up_to, longest)
    minutes = sum(closes - opens + late for opens, closes in one.windows)
    return minutes * _availability(one.scanner.breakdowns)


def _availability(breakdowns: Breakdowns | None) -> float:
    if breakdowns is None:
        return 1.0
    then = breakdowns.then
    up = mean_minutes_of(breakdowns.up) / (then.factor if then and then.from_week == 0 else 1.0)
    return up / (up + mean_minutes_of(breakdowns.down))
