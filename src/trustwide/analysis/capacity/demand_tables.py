"""Each stream of demand as numbers for the kernels: rates, listed arrivals, distributions, shares of sites."""

from __future__ import annotations

import datetime as dt
import math
import zlib

import numpy as np

from trustwide.analysis.capacity import philox
from trustwide.analysis.capacity.model import MINUTES_A_DAY, MINUTES_A_WEEK, NOBODY, Reals, Service
from trustwide.analysis.capacity.service_fields import DidNotAttend, Law, PatientCancels, Poisson, Stream, TimeLaw
from trustwide.analysis.capacity.service_words import minutes_of, per_day, sites_of

Description = tuple[int, float, float]

NOBODY_ARRIVES, VARYING, LISTED_TIMES = 0.0, -1.0, -2.0  # instead of a gap between arrivals
_DAYS_OF_MONTHS = (31, 28.2425, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)  # of a mean year of the calendar


def stream_row(stream: Stream, *, by_priority: bool) -> tuple[object, ...]:
    """A record of `tables.STREAM` before a run."""
    missed = stream.did_not_attend or DidNotAttend(probability=0.0)
    cancels = stream.patient_cancels or PatientCancels(probability=0.0)
    return (
        zlib.crc32(stream.id.encode()),
        stream.priority if by_priority else 1,
        stream.access == "booked",
        gap_of(stream),
        *describe(stream.duration),
        stream.slot or 0,
        *_short_slot(stream),
        math.inf if stream.patience_hours is None else stream.patience_hours * 60,
        missed.probability,
        missed.then.probability if missed.then else 0.0,
        missed.then.from_week * MINUTES_A_WEEK if missed.then else math.inf,
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


def _short_slot(stream: Stream) -> tuple[int, float, int]:
    short = stream.short_slot
    return (short.minutes, short.share, short.from_week * 7) if short else (0, 0.0, 0)


def describe(law: Law) -> Description:
    """Kind and two parameters of a distribution, as `philox.variate` takes them."""
    if law.exponential:
        return philox.EXPONENTIAL, law.exponential.mean, 0.0
    if law.lognormal:
        return philox.LOGNORMAL, *philox.lognormal_of_log(law.lognormal.mean, law.lognormal.sd)
    return philox.FIXED, float(law.fixed or 0.0), 0.0


def describe_time(law: TimeLaw) -> Description:
    """The same of a length of time, in minutes."""
    if law.exponential:
        return philox.EXPONENTIAL, minutes_of(law.exponential, "mean_"), 0.0
    if law.lognormal:
        mean, sd = minutes_of(law.lognormal, "mean_"), minutes_of(law.lognormal, "sd_")
        return philox.LOGNORMAL, *philox.lognormal_of_log(mean, sd)
    return philox.FIXED, minutes_of(law.fixed), 0.0


def _steady(poisson: Poisson) -> bool:
    patterns = (poisson.weekdays, poisson.months)
    return poisson.growth_per_year == 0 and all(pattern is None or len(set(pattern)) == 1 for pattern in patterns)


def gap_of(stream: Stream) -> float:
    """Mean minutes between arrivals, or why there is no such number."""
    if not isinstance(stream.arrivals, str) and stream.arrivals.listed:
        return LISTED_TIMES
    rate = per_day(stream)
    if rate == 0 or isinstance(stream.arrivals, str) or stream.arrivals.poisson is None:
        return NOBODY_ARRIVES
    poisson = stream.arrivals.poisson
    if not _steady(poisson):
        return VARYING
    return 1 / poisson.per_minute if poisson.per_minute else MINUTES_A_DAY / rate


def expected_by_midnight(stream: Stream, service: Service, days: int) -> Reals:
    """Arrivals expected by each midnight of the run; zeros for a steady stream, which does not need them."""
    poisson = None if isinstance(stream.arrivals, str) else stream.arrivals.poisson
    if poisson is None or gap_of(stream) != VARYING:
        return np.zeros(days + 1)
    day = np.arange(days)
    weights = np.array(poisson.weekdays or [1.0] * 7)
    weekday = (service.fields.start.weekday() + day) % 7
    rate = per_day(stream) * (weights * 7 / weights.sum())[weekday] * (1 + poisson.growth_per_year) ** (day / 365)
    return np.concatenate([[0.0], np.cumsum(rate * _of_the_year(poisson, service.fields.start, days))])


def _of_the_year(poisson: Poisson, start: dt.date, days: int) -> Reals:
    """Each day's share of the rate by its month; over a mean year of the calendar the shares average 1."""
    weights = np.array(poisson.months or [1.0] * 12)
    shares = weights * sum(_DAYS_OF_MONTHS) / (weights * _DAYS_OF_MONTHS).sum()
    months = (np.datetime64(start, "D") + np.arange(days)).astype("datetime64[M]").astype(np.int64) % 12
    return np.asarray(shares[months])


def timetable_of(service: Service) -> Reals:
    """Listed arrivals as minutes from the start, a row a stream, each in order of time and then infinity."""
    midnight = dt.datetime.combine(service.fields.start, dt.time())
    rows = [
        sorted((moment - midnight).total_seconds() / 60 for moment in stream.arrivals.listed or [])
        if not isinstance(stream.arrivals, str)
        else []
        for stream in service.fields.demand
    ]
    table = np.full((len(rows), max(len(row) for row in rows) + 1), math.inf)
    for row, times in zip(table, rows, strict=True):
        row[: len(times)] = times
    return table


def cell_row(stream: Stream, service: Service) -> list[tuple[object, ...]]:
    """Records of `tables.CELL`, one a site, before a run."""
    shares = np.array([sites_of(stream).get(site.id, 0.0) for site in service.fields.sites])
    below = np.cumsum(shares / shares.sum())
    below[np.flatnonzero(shares)[-1] :] = 1.0  # rounding must not leave a draw without a site
    return [(share, NOBODY, NOBODY) for share in below]
