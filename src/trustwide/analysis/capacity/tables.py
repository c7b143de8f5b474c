"""A service as typed arrays: the one shape the compiled kernels read, so that a new scenario never recompiles."""

from __future__ import annotations

import math
import zlib
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trustwide.analysis.capacity import philox
from trustwide.analysis.capacity.calendars import Window, device_windows
from trustwide.analysis.capacity.exceptions import ServiceError
from trustwide.analysis.capacity.model import JOURNEY, MINUTES_A_DAY, NOBODY, Reals, Service
from trustwide.analysis.capacity.service_fields import DidNotAttend, Law, PatientCancels, Poisson, Stream, TimeLaw
from trustwide.analysis.capacity.service_words import minutes_of, per_day, serves, sites_of

BOOKING_DAYS = 120  # how far ahead a day is looked for
_MOST_WINDOWS = 5_000_000
_YEAR = 364
_NEVER = (philox.NEVER, 0.0, 0.0)

Description = tuple[int, float, float]
Records = np.recarray[Any, Any]

_LAW = (("kind", "i8"), ("first", "f8"), ("second", "f8"))


def _law(name: str) -> list[tuple[str, str]]:
    return [(f"{name}_{part}", code) for part, code in _LAW]


# One record a stream, in the order of the file; times in minutes unless named otherwise. gap: mean minutes between
# arrivals of a steady stream; 0 where nobody arrives; -1 where the rate varies (see Tables.expected). From `next_time`
# on: where the stream is in a run.
STREAM = np.dtype(
    [
        ("source", "i8"),
        ("priority", "i8"),
        ("booked", "i8"),
        ("gap", "f8"),
        *_law("duration"),
        ("slot", "f8"),
        ("patience", "f8"),
        ("missed_probability", "f8"),
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

# One record a device. overrun: minutes after closing a slot may end, infinite for `finish`. Its sessions are windows
# first_window to last_window - 1. From `event` on: where the device is in a run. event: when it next needs looking at,
# infinite if only an arrival can change anything; ready: it starts nothing before; down_from, down_to: its present or
# next breakdown, the `breakdown`-th; busy, late: minutes occupied inside and after its sessions.
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
    stream. expected: (streams, days + 1), the arrivals expected by each midnight where the rate varies.
    """

    end: float
    stop_after: int
    warm_up: float
    seed: np.uint64
    replication: int
    streams: Records
    devices: Records
    windows: Records
    accepts: NDArray[np.bool_]
    expected: Reals
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
            cells=self.cells.copy(),
            patients=patients,
            journeys=journeys,
        )


def world_of(service: Service) -> World:
    """The service before its first replication. Raises ServiceError if it needs more sessions than can be laid out."""
    days = _calendar_days(service)
    windows = _windows(service, days)
    streams = service.fields.demand
    return World(
        end=math.inf if service.days is None else service.days * MINUTES_A_DAY,
        stop_after=service.fields.stop.patients or 0,
        warm_up=service.warm_up_days * MINUTES_A_DAY,
        seed=np.uint64(0),
        replication=0,
        streams=records([_stream_row(stream) for stream in streams], STREAM),
        devices=records(_device_rows(service, windows), DEVICE),
        windows=records([window for device in windows for window in device], WINDOW),
        accepts=np.array(
            [[serves(s, stream) for stream in streams] for s in service.fields.scanners for _ in range(s.count)]
        ),
        expected=np.array([_expected(stream, service, days) for stream in streams]),
        cells=records([_cell_row(stream, service) for stream in streams], CELL),
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
    scanning = patients * max(_mean_minutes(stream.duration) for stream in fields.demand)
    return 7 * math.ceil(4 * (arriving + scanning / _least_open_minutes_a_day(service)) / 7) + _YEAR


def _least_open_minutes_a_day(service: Service) -> float:
    """Of the device that is open least, over a year that every pattern of weeks fits."""
    windows = device_windows(service, _YEAR, merge=False)
    least = min(sum(closes - opens for opens, closes in device) for device in windows)
    return max(least, 1) / _YEAR


def _mean_minutes(law: Law) -> float:
    shape = law.exponential or law.lognormal
    return shape.mean if shape else float(law.fixed or 0.0)


def _stream_row(stream: Stream) -> tuple[object, ...]:
    missed = stream.did_not_attend or DidNotAttend(probability=0.0)
    cancels = stream.patient_cancels or PatientCancels(probability=0.0)
    return (
        zlib.crc32(stream.id.encode()),
        stream.priority,
        stream.access == "booked",
        _gap(stream),
        *describe(stream.duration),
        stream.slot or 0,
        math.inf if stream.patience_hours is None else stream.patience_hours * 60,
        missed.probability,
        missed.slot_lost or 0.0,
        (missed.rebook.after_days or 0.0) * MINUTES_A_DAY,
        missed.rebook.times,
        stream.notice_days or 0,
        *(describe(stream.vetting_days) if stream.vetting_days else (philox.FIXED, 0.0, 0.0)),
        cancels.probability,
        cancels.notice_days,
        -1 if stream.within_days is None else stream.within_days,
        *(0.0, -1, 0.0, 0.0, 0, NOBODY, NOBODY),
    )


def describe(law: Law) -> Description:
    """Kind and two parameters of a distribution, as `philox.variate` takes them."""
    if law.exponential:
        return philox.EXPONENTIAL, law.exponential.mean, 0.0
    if law.lognormal:
        return philox.LOGNORMAL, *philox.lognormal_of_log(law.lognormal.mean, law.lognormal.sd)
    return philox.FIXED, float(law.fixed or 0.0), 0.0


def _describe_time(law: TimeLaw) -> Description:
    if law.exponential:
        return philox.EXPONENTIAL, minutes_of(law.exponential, "mean_"), 0.0
    if law.lognormal:
        mean, sd = minutes_of(law.lognormal, "mean_"), minutes_of(law.lognormal, "sd_")
        return philox.LOGNORMAL, *philox.lognormal_of_log(mean, sd)
    return philox.FIXED, minutes_of(law.fixed), 0.0


def _steady(poisson: Poisson) -> bool:
    return poisson.growth_per_year == 0 and (poisson.weekdays is None or len(set(poisson.weekdays)) == 1)


def _gap(stream: Stream) -> float:
    rate = per_day(stream)
    if rate == 0 or isinstance(stream.arrivals, str):
        return 0.0
    if not _steady(stream.arrivals.poisson):
        return -1.0
    return 1 / stream.arrivals.poisson.per_minute if stream.arrivals.poisson.per_minute else MINUTES_A_DAY / rate


def _expected(stream: Stream, service: Service, days: int) -> Reals:
    """Arrivals expected by each midnight of the run; zeros for a steady stream, which does not need them."""
    if isinstance(stream.arrivals, str) or _gap(stream) >= 0:
        return np.zeros(days + 1)
    poisson = stream.arrivals.poisson
    day = np.arange(days)
    weights = np.array(poisson.weekdays or [1.0] * 7)
    weekday = (service.fields.start.weekday() + day) % 7
    rate = per_day(stream) * (weights * 7 / weights.sum())[weekday] * (1 + poisson.growth_per_year) ** (day / 365)
    return np.concatenate([[0.0], np.cumsum(rate)])


def _cell_row(stream: Stream, service: Service) -> list[tuple[object, ...]]:
    shares = np.array([sites_of(stream).get(site.id, 0.0) for site in service.fields.sites])
    below = np.cumsum(shares / shares.sum())
    below[np.flatnonzero(shares)[-1] :] = 1.0  # rounding must not leave a draw without a site
    return [(share, NOBODY, NOBODY) for share in below]


def _windows(service: Service, days: int) -> list[list[tuple[float, float]]]:
    windows = device_windows(service, days, merge=not service.booked_streams)
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
                    *(_describe_time(scanner.breakdowns.up) if scanner.breakdowns else _NEVER),
                    *(_describe_time(scanner.breakdowns.down) if scanner.breakdowns else _NEVER),
                    *(first, last, math.inf, 0, first, 0.0, -1, 0.0, 0.0, 0.0, 0.0),
                )
            )
            first = last
    return rows
