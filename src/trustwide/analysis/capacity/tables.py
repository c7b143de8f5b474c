"""A service as typed arrays: the one shape the compiled kernels read, so that a new scenario never recompiles."""

from __future__ import annotations

import math
import zlib
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trustwide.analysis.capacity import philox
from trustwide.analysis.capacity.calendars import Unstaffed, Window, calendar_of, merged
from trustwide.analysis.capacity.demand_tables import (
    cell_row,
    describe_time,
    expected_by_midnight,
    stream_row,
    timetable_of,
)
from trustwide.analysis.capacity.exceptions import ServiceError
from trustwide.analysis.capacity.model import JOURNEY, MINUTES_A_DAY, MINUTES_A_WEEK, Reals, Service
from trustwide.analysis.capacity.repairs import outages_of
from trustwide.analysis.capacity.service_fields import Breakdowns
from trustwide.analysis.capacity.service_words import mean_of, per_day, serves, sites_of

BOOKING_DAYS = 120  # how far ahead a day is looked for
_MOST_WINDOWS = 5_000_000
_YEAR = 364
_NEVER = (philox.NEVER, 0.0, 0.0)

Records = np.recarray[Any, Any]

_LAW = (("kind", "i8"), ("first", "f8"), ("second", "f8"))


def _law(name: str) -> list[tuple[str, str]]:
    return [(f"{name}_{part}", code) for part, code in _LAW]


# One record a stream, in the order of the file; times in minutes unless named otherwise. gap: mean minutes between
# arrivals of a steady stream; 0 where nobody arrives, -1 where the rate varies (see World.expected), -2 where arrivals
# are listed (see World.timetable). short_from: the day from which appointments are made with the short slot.
# missed_then: the probability of not attending from `then_from` on. From `next_time` on: where the stream is in a run.
STREAM = np.dtype(
    [
        ("source", "i8"),
        ("priority", "i8"),
        ("booked", "i8"),
        ("gap", "f8"),
        *_law("duration"),
        ("slot", "f8"),
        ("short_slot", "f8"),
        ("short_share", "f8"),
        ("short_from", "i8"),
        ("patience", "f8"),
        ("missed_probability", "f8"),
        ("missed_then", "f8"),
        ("then_from", "f8"),
        ("slot_lost", "f8"),
        ("return_after", "f8"),
        ("rebook_times", "i8"),
        ("notice_days", "i8"),
        *_law("vetting"),
        ("cancel_probability", "f8"),
        ("cancel_notice", "i8"),
        ("within_days", "i8"),
        ("next_time", "f8"),
        ("next_number", "i8"),
        ("next_duration", "f8"),
        ("clock", "f8"),
        ("day", "i8"),
        ("returning_head", "i8"),
        ("returning_tail", "i8"),
    ],
    align=True,
)

# One record a device. overrun: minutes after closing a slot may end, infinite for `finish`. Times up that begin at
# `then_from` or later are divided by `then_factor`. Its sessions are windows first_window to last_window - 1. From
# `event` on: where the device is in a run. event: when it next needs looking at, infinite if only an arrival can change
# anything; ready: it starts nothing before; down_from, down_to: its present or next breakdown, the `breakdown`-th;
# busy, late: minutes occupied inside and after its sessions.
DEVICE = np.dtype(
    [
        ("source", "i8"),
        ("site", "i8"),
        ("scanner", "i8"),
        ("mobile", "i8"),
        ("changeover", "f8"),
        ("overrun", "f8"),
        *_law("up"),
        *_law("down"),
        ("then_from", "f8"),
        ("then_factor", "f8"),
        ("first_window", "i8"),
        ("last_window", "i8"),
        ("event", "f8"),
        ("scanning", "i8"),
        ("window", "i8"),
        ("ready", "f8"),
        ("breakdown", "i8"),
        ("down_from", "f8"),
        ("down_to", "f8"),
        ("busy", "f8"),
        ("late", "f8"),
    ],
    align=True,
)
WINDOW = np.dtype([("opens", "f8"), ("closes", "f8")], align=True)

# A stream at a site: cumulative share of the stream's requests, and the queue there.
CELL = np.dtype([("below", "f8"), ("head", "i8"), ("tail", "i8")], align=True)

# What a kernel keeps of a patient beside the journey. joined: when they joined the queue they are in, or will.
# follower: who stands behind them there. number: which of their stream they are.
PATIENT = np.dtype([("joined", "f8"), ("duration", "f8"), ("number", "i8"), ("follower", "i8")], align=True)


class World(NamedTuple):
    """All that a kernel reads and writes.

    A run ends at `end` minutes or (end infinite) `stop_after` so many patients; counting starts at `warm_up` minutes.
    Records: streams (streams,), devices (devices,), windows (all sessions, device by device), cells (streams, sites),
    patients and journeys (as many as there is room for). accepts: (devices, streams), whether a device scans a
    stream. unstaffed: (sessions that do not open for want of staff, 3), scanner, opening and closing. expected:
    (streams, days + 1), the arrivals expected by each midnight where the rate varies. timetable: (streams, most in one
    + 1), the listed arrivals in order of time, then infinity. crews: how many devices can be repaired at once, 0 for
    all; outages: (devices, breakdowns, 2), where there is such a limit, from when to when each is down (`repairs`).
    """

    end: float
    stop_after: int
    warm_up: float
    seed: np.uint64
    replication: int
    streams: Records
    devices: Records
    windows: Records
    unstaffed: Reals
    accepts: NDArray[np.bool_]
    expected: Reals
    timetable: Reals
    crews: int
    outages: Reals
    cells: Records
    patients: Records
    journeys: Records

    def for_run(self, seed: int, replication: int, patients: Records, journeys: Records) -> World:
        """A copy in which one replication keeps its state."""
        return self._replace(
            seed=np.uint64(seed),
            replication=replication,
            streams=self.streams.copy(),
            devices=self.devices.copy(),
            outages=outages_of(self.devices, self.crews, self.end, seed, replication),
            cells=self.cells.copy(),
            patients=patients,
            journeys=journeys,
        )


def world_of(service: Service) -> World:
    """The service before its first replication. Raises ServiceError if it needs more sessions than can be laid out."""
    days = _calendar_days(service)
    calendar = calendar_of(service, days)
    windows = _windows(service, calendar.windows, days)
    streams = service.fields.demand
    by_priority = "priority" in service.fields.queue.order
    return World(
        end=math.inf if service.days is None else service.days * MINUTES_A_DAY,
        stop_after=service.fields.stop.patients or 0,
        warm_up=service.warm_up_days * MINUTES_A_DAY,
        seed=np.uint64(0),
        replication=0,
        streams=records([stream_row(stream, by_priority=by_priority) for stream in streams], STREAM),
        devices=records(_device_rows(service, windows), DEVICE),
        windows=records([window for device in windows for window in device], WINDOW),
        unstaffed=_unstaffed(service, calendar.unstaffed),
        accepts=np.array(
            [[serves(s, stream) for stream in streams] for s in service.fields.scanners for _ in range(s.count)]
        ),
        expected=np.array([expected_by_midnight(stream, service, days) for stream in streams]),
        timetable=timetable_of(service),
        crews=service.fields.repair_crews or 0,
        outages=np.empty((0, 1, 2)),
        cells=records([cell_row(stream, service) for stream in streams], CELL),
        patients=records([], PATIENT),
        journeys=records([], JOURNEY),
    )


def records(rows: object, dtype: np.dtype[np.void] | None = None) -> Records:
    """Rows as an array whose fields are attributes."""
    return np.asarray(rows, dtype=dtype).view(np.recarray)


def _calendar_days(service: Service) -> int:
    if service.days is not None:
        return service.days + (BOOKING_DAYS + 1 if service.booked_streams else 0)
    days = _days_for_patients(service)
    if days * sum(scanner.count for scanner in service.fields.scanners) > _MOST_WINDOWS:
        raise ServiceError(service.name, [f"stop.patients: needs some {days:,} days; say days or weeks instead"])
    return days


def _days_for_patients(service: Service) -> int:
    """Ample days for a run that ends with its last patient: four times what arrivals and scanning could need."""
    fields = service.fields
    patients = fields.stop.patients or 0
    arriving = patients / sum(per_day(stream) for stream in fields.demand)
    scanning = patients * max(mean_of(stream.duration) for stream in fields.demand)
    return 7 * math.ceil(4 * (arriving + scanning / _least_open_minutes_a_day(service)) / 7) + _YEAR


def _least_open_minutes_a_day(service: Service) -> float:
    """Of each stream's most open scanner at a site, the least, over a year that every pattern of weeks fits."""
    windows = iter(calendar_of(service, _YEAR).windows)
    scanners = [
        (scanner, sum(map(_length, next(windows)))) for scanner in service.fields.scanners for _ in range(scanner.count)
    ]
    most = [
        max(minutes for scanner, minutes in scanners if scanner.site == site and serves(scanner, stream))
        for stream in service.fields.demand
        for site, share in sites_of(stream).items()
        if share > 0
    ]
    return max(min(most), 1) / _YEAR


def _length(window: Window) -> int:
    return window[1] - window[0]


def _windows(service: Service, laid_out: list[list[Window]], days: int) -> list[list[tuple[float, float]]]:
    windows = laid_out if service.booked_streams else [merged(device) for device in laid_out]
    total = sum(len(device) for device in windows)
    if total > _MOST_WINDOWS:
        raise ServiceError(
            service.name, [f"stop: needs {total:,} sessions to be laid out; the most is {_MOST_WINDOWS:,}"]
        )
    return [_endless(device, days) if service.days is None else list(device) for device in windows]


def _endless(windows: list[Window], days: int) -> list[tuple[float, float]]:
    """A device open from the first day laid out to the last stays open; with other sessions the calendar ends there."""
    laid_out: list[tuple[float, float]] = list(windows)
    if laid_out and laid_out[-1] == (0, days * int(MINUTES_A_DAY)):
        laid_out[-1] = (0.0, math.inf)
    return laid_out


def _device_rows(service: Service, windows: list[list[tuple[float, float]]]) -> list[tuple[object, ...]]:
    sites = {site.id: number for number, site in enumerate(service.fields.sites)}
    rows: list[tuple[object, ...]] = []
    first = 0
    for number, scanner in enumerate(service.fields.scanners):
        for copy in range(scanner.count):
            last = first + len(windows[len(rows)])
            rows.append(
                (
                    zlib.crc32(f"{scanner.id}/{copy}".encode()),
                    sites[scanner.site],
                    number,
                    scanner.mobile,
                    scanner.changeover,
                    math.inf if isinstance(scanner.overrun, str) else scanner.overrun.up_to,
                    *(describe_time(scanner.breakdowns.up) if scanner.breakdowns else _NEVER),
                    *(describe_time(scanner.breakdowns.down) if scanner.breakdowns else _NEVER),
                    *_then(scanner.breakdowns),
                    *(first, last, math.inf, 0, first, 0.0, -1, 0.0, 0.0, 0.0, 0.0),
                )
            )
            first = last
    return rows


def _unstaffed(service: Service, sessions: list[Unstaffed]) -> Reals:
    scanner_of = [number for number, scanner in enumerate(service.fields.scanners) for _ in range(scanner.count)]
    rows = [(scanner_of[device], opens, closes) for device, (opens, closes) in sessions]
    return np.array(rows, dtype=np.float64).reshape(-1, 3)


def _then(breakdowns: Breakdowns | None) -> tuple[float, float]:
    if breakdowns is None or breakdowns.then is None:
        return math.inf, 1.0
    return breakdowns.then.from_week * MINUTES_A_WEEK, breakdowns.then.factor
