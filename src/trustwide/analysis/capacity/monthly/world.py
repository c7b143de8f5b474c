"""The futures a plan is tried in: the same patients and the same usual course for every plan.

Every replication draws its own level of additions, its own course of the list and its own arrivals from counter-based
streams keyed by the seed and the purpose. No lever takes part in the drawing, so two plans meet the same futures.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from trustwide.analysis.capacity.monthly.course import ListCourse
from trustwide.analysis.capacity.monthly.fit import (
    DELAY_DAYS,
    OLDEST_DAYS,
    URGENT_CLASSES,
    WORKING_DAYS_A_WEEK,
    MonthlyFit,
    starting_list,
)
from trustwide.analysis.capacity.monthly.history import (
    Counts,
    MonthlyHistory,
    Months,
    Reals,
    is_working_day,
    working_days,
)
from trustwide.analysis.capacity.monthly.lists import Ints, ListInputs

# purposes of the random streams
LEVEL, COURSE, MONTH, ARRIVALS, LEAVERS, CLOCKS, PROFILE, DELIVERY = range(8)
LARGEST_MONTHLY_SPREAD = 0.25
PROFILE_TILT = 0.15  # standard deviation of the logarithm of a class's share for each week of delay


def stream(seed: int, purpose: int) -> np.random.Generator:
    """A Philox stream of its own for each purpose (Salmon et al. 2011); key = (seed, purpose)."""
    return np.random.Generator(np.random.Philox(key=np.array([seed, purpose], dtype=np.uint64)))


def mirrored_normals(seed: int, purpose: int, futures: int, columns: int) -> Reals:
    """Standard normals (R, C) in which every second future mirrors the one before, so that medians are not noisy."""
    half = stream(seed, purpose).standard_normal(((futures + 1) // 2, columns))
    return np.stack([half, -half], axis=1).reshape(-1, columns)[:futures]


@dataclass(frozen=True)
class Calendar:
    """Days from the first after the last known month. D days, M months.

    dates: datetime64[D], (D,). month_of: index of each day's month, (D,). open_share: each day's share of its month's
    working days, (D,). month_ends: day index of each month's last day, (M,). months: (M,).
    """

    dates: NDArray[np.datetime64]
    month_of: Counts
    open_share: Reals
    month_ends: Ints
    months: Months


def calendar_after(last_month: np.datetime64, months_ahead: int) -> Calendar:
    """The days of the `months_ahead` months after `last_month`."""
    months = last_month + np.arange(1, months_ahead + 1)
    dates = np.arange(months[0].astype("datetime64[D]"), (months[-1] + 1).astype("datetime64[D]"))
    month_of = (dates.astype("datetime64[M]") - months[0]).astype(np.int64)
    by_month = working_days(months)
    ends = np.searchsorted(month_of, np.arange(1, months_ahead + 1)) - 1
    return Calendar(dates, month_of, is_working_day(dates) / by_month[month_of], ends.astype(np.int32), months)


@dataclass(frozen=True)
class World:
    """R futures over the days of `calendar`.

    inputs: the lists if all goes on as usual. levels: net additions a week to come as a multiple of those expected,
    (R,). clocks: experienced wait as a multiple of the wait on the return's clock,
    (R,), because some of those who leave the newest bands start again rather than go.
    """

    calendar: Calendar
    inputs: ListInputs
    levels: Reals
    clocks: Reals
    seed: int
    _cut: dict[int, ListInputs] = field(default_factory=dict, repr=False)

    @property
    def replications(self) -> int:
        return len(self.clocks)

    def first_days(self, days: int) -> ListInputs:
        """The inputs cut to the first `days` days, laid out afresh because the kernel wants them in one piece."""
        if days not in self._cut:
            inputs = self.inputs
            width = inputs.cohorts.shape[2] - inputs.tests.shape[1] + days
            self._cut[days] = replace(
                inputs, cohorts=np.ascontiguousarray(inputs.cohorts[:, :, :width]),
                leavers=np.ascontiguousarray(inputs.leavers[:, :, :width]),
                tests=np.ascontiguousarray(inputs.tests[:, :days]),
                report_days=inputs.report_days[inputs.report_days < days],
            )  # fmt: skip
        return self._cut[days]

    def delivery(self, lever_id: str, low: float, high: float) -> Reals:
        """Share of a lever's size that is delivered in each future, uniform between `low` and `high`, (R,)."""
        # keyed by the lever's name, so that the others of a file do not move its luck
        generator = stream(self.seed, DELIVERY + zlib.crc32(lever_id.encode()))
        return low + (high - low) * generator.random(self.replications)


def build_world(history: MonthlyHistory, fit: MonthlyFit, course: ListCourse, *, replications: int, seed: int) -> World:
    """Draw the futures. The list of each follows its own draw of the usual course exactly."""
    calendar = calendar_after(history.months[-1], len(course.months))
    months = len(calendar.months)
    shares = _class_shares(fit, replications, seed)[:, None, :]
    tested, leaving = _daily_rates(fit, calendar, replications, seed)
    waiting, waiting_leavers = starting_list(history.bands[-1], fit)
    cohorts = _cohorts(waiting, stream(seed, ARRIVALS).poisson(tested[:, :, None] * shares))
    leavers = _cohorts(waiting_leavers, stream(seed, LEAVERS).poisson(leaving[:, :, None] * shares))
    paths = course.draw(mirrored_normals(seed, COURSE, replications, months))
    additions = (cohorts + leavers)[:, :, OLDEST_DAYS:].sum(axis=1)
    departures = _usual_departures(additions, paths, float(history.bands[-1].sum()), calendar)
    restarts = fit.leaving_share / (1 - fit.leaving_share)
    inputs = ListInputs(
        cohorts, leavers, DELAY_DAYS, DELAY_DAYS, -1, URGENT_CLASSES, departures * (1 - fit.leaving_share), -1,
        np.zeros(replications), calendar.month_ends,
    )  # fmt: skip
    clocks = 1 + stream(seed, CLOCKS).random(replications) * restarts
    return World(calendar, inputs, _levels(fit, replications, seed), clocks, seed)


def _class_shares(fit: MonthlyFit, replications: int, seed: int) -> Reals:
    """Shares of the delay classes in each future, (R, K): those fitted, tilted towards shorter or longer delays.

    How a service spreads its tests changes from month to month. The tilt was widened until three to four in five of the
    six-week shares of 2024 and 2025 lay inside their intervals, no more: see docs/reference/backtest.md.
    """
    weeks = DELAY_DAYS / 7.0
    tilt = PROFILE_TILT * mirrored_normals(seed, PROFILE, replications, 1)
    tilted = fit.class_share * np.exp(tilt * (weeks - float(fit.class_share @ weeks)))
    return np.asarray(tilted / tilted.sum(axis=1, keepdims=True))


def _standard_error(fit: MonthlyFit) -> float:
    return (fit.additions_high - fit.additions_low) / 2 / 1.2816


def _levels(fit: MonthlyFit, replications: int, seed: int) -> Reals:
    """Additions to come as a multiple of those expected, (R,)."""
    drawn = 1 + _standard_error(fit) / fit.expected_additions * mirrored_normals(seed, LEVEL, replications, 1)[:, 0]
    return np.asarray(np.maximum(drawn, 0.2))


def _daily_rates(fit: MonthlyFit, calendar: Calendar, replications: int, seed: int) -> tuple[Reals, Reals]:
    """Expected additions a day that will be tested and that will leave, each (R, D)."""
    error = _standard_error(fit)
    level = fit.expected_additions * _levels(fit, replications, seed)
    spread = min(error * np.sqrt(fit.baseline_months) / fit.additions, LARGEST_MONTHLY_SPREAD)
    noise = spread * mirrored_normals(seed, MONTH, replications, len(calendar.months))
    monthly = level[:, None] * np.exp(noise - spread**2 / 2) * working_days(calendar.months) / WORKING_DAYS_A_WEEK
    tested = monthly[:, calendar.month_of] * calendar.open_share
    return tested, tested * fit.leaving_share / (1 - fit.leaving_share)


def _cohorts(waiting: Counts, arrivals: Counts) -> Ints:
    """Those on the list (K, A), by age, and later requests (R, D, K) in one array (R, K, A + D), oldest first."""
    start = np.broadcast_to(waiting[None, :, ::-1], (len(arrivals), *waiting.shape))
    return np.ascontiguousarray(np.concatenate([start, arrivals.transpose(0, 2, 1)], axis=2), dtype=np.int32)


def _usual_departures(additions: Counts, paths: Reals, now: float, calendar: Calendar) -> Reals:
    """People who leave the list each day so that it follows its path to every month end, (R, D); never below none."""
    starts = np.concatenate([[0], calendar.month_ends[:-1] + 1])
    inflow = np.add.reduceat(additions, starts, axis=1)
    before = np.concatenate([np.full((len(paths), 1), now), paths[:, :-1]], axis=1)
    monthly = np.maximum(inflow + before - paths, 0.0)
    return np.asarray(monthly[:, calendar.month_of] * calendar.open_share)
