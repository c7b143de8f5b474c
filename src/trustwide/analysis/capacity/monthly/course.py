"""The usual course of a list: what lists like this one have done next when the service carried on as before.

Monthly lists behave almost as random walks, with three regularities that are the same over all providers: a yearly
pattern, a pull back towards the last year's own level, and relief when many have waited over six weeks (services
react). They are estimated from every series of the panel, never from months after the last one it holds, so that a
back-test sees only what was known then. `backtest.py` measures how right this is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trustwide.analysis.capacity.monthly.history import Counts, MonthlyHistory, Months, Reals

OFFSET = 10.0  # people added before taking logarithms, so that a list of a few does not leap without bound
SMALLEST_LIST = 50  # shorter lists say little about how lists move
LARGEST_STEP = 0.7  # monthly log changes beyond a halving or doubling are recording faults more often than news
FEWEST_SERIES = 30  # below this many series the course fitted to England stands in
PRIOR_MONTHS = 18  # weight, in months, of lists of like size in a list's own variability
YEAR = 12


@dataclass(frozen=True)
class Panel:
    """Many lists side by side. S series, M consecutive months; NaN where nothing was returned.

    months: datetime64[M], (M,). tests: the test of each series, (S,). waiting, over_six_weeks: people, (S, M).
    """

    months: Months
    tests: NDArray[np.str_]
    waiting: Reals
    over_six_weeks: Reals

    @classmethod
    def from_rows(
        cls, series: Counts, tests: NDArray[np.str_], months: Months, waiting: Reals, over_six_weeks: Reals
    ) -> Panel:
        """Build from one row a return: `series` numbers the lists from 0, `tests` gives each list's test."""
        first, last = months.min(), months.max()
        span = np.arange(first, last + 1)
        grids = np.full((2, len(tests), len(span)), np.nan)
        column = (months - first).astype(np.int64)
        grids[0, series, column], grids[1, series, column] = waiting, over_six_weeks
        return cls(span, tests, grids[0], grids[1])

    @classmethod
    def from_histories(cls, histories: Iterable[MonthlyHistory]) -> Panel:
        """Build from whole histories, for notebooks and tests."""
        kept = [history for history in histories if len(history.months)]
        series = np.concatenate([np.full(len(h.months), i) for i, h in enumerate(kept)])
        return cls.from_rows(
            series, np.array([h.test for h in kept]), np.concatenate([h.months for h in kept]),
            np.concatenate([h.waiting_list for h in kept]).astype(float),
            np.concatenate([h.over_six_weeks for h in kept]).astype(float),
        )  # fmt: skip

    def up_to(self, month: np.datetime64) -> Panel:
        """The panel as it was known at the end of `month`."""
        keep = self.months <= month
        return Panel(self.months[keep], self.tests, self.waiting[:, keep], self.over_six_weeks[:, keep])


@dataclass(frozen=True)
class UsualCourse:
    """Monthly log change of a list = drift + seasonal + reversion x (list against its last year) + relief x share
    over six weeks. variance_level, variance_slope: log variance of a month's change against the log of the list.
    series: how many lists it was fitted to."""

    seasonal: dict[str, Reals]
    drift: float
    reversion: float
    relief: float
    variance_level: float
    variance_slope: float
    series: int

    def season(self, test: str, month: np.datetime64) -> float:
        """Usual log change of a list of `test` in the calendar month of `month`."""
        pattern = self.seasonal.get(test, self.seasonal.get("", np.zeros(YEAR)))
        return float(pattern[calendar_month(np.asarray(month))])

    def to_dict(self) -> dict[str, Any]:
        """The course as plain numbers, to be kept with a plan so that it can be repeated exactly."""
        return {**asdict(self), "seasonal": {test: pattern.tolist() for test, pattern in self.seasonal.items()}}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> UsualCourse:
        """The course that `to_dict` wrote."""
        return cls(**{**data, "seasonal": {test: np.array(pattern) for test, pattern in data["seasonal"].items()}})


def calendar_month(months: NDArray[np.datetime64]) -> Counts:
    """0 for January to 11 for December."""
    return np.asarray(months.astype("datetime64[M]").astype(np.int64) % YEAR, dtype=np.int64)


def fit_usual_course(panel: Panel) -> UsualCourse:
    """Estimate the course from every list of the panel; England's stands in when there are too few lists."""
    enough = np.isfinite(panel.waiting).sum(axis=1) >= 4
    if enough.sum() < FEWEST_SERIES:
        return ENGLAND
    logs = np.where(panel.waiting >= SMALLEST_LIST, np.log(np.maximum(panel.waiting, 1) + OFFSET), np.nan)
    steps = np.diff(logs, axis=1)
    steps = np.where(np.abs(steps) < LARGEST_STEP, steps, np.nan)
    seasonal = _seasonal(steps, panel)
    expected = np.array([seasonal[test][calendar_month(panel.months[1:])] for test in panel.tests])
    drift, reversion, relief = _regress(logs, steps - expected, panel)
    level, slope = _variance_by_size(logs, steps - expected)
    return UsualCourse(seasonal, drift, reversion, relief, level, slope, int(enough.sum()))


def _seasonal(steps: Reals, panel: Panel) -> dict[str, Reals]:
    """Median change by calendar month: half the test's own, half that of all tests, shrunk when years are few."""
    pooled = _by_calendar_month(steps, panel.months[1:])
    patterns = {"": pooled - pooled.mean()}
    for test in np.unique(panel.tests):
        own = _by_calendar_month(steps[panel.tests == test], panel.months[1:])
        both = (own + pooled) / 2
        patterns[str(test)] = both - both.mean()
    return patterns


def _by_calendar_month(steps: Reals, months: Months) -> Reals:
    pattern = np.zeros(YEAR)
    known = np.asarray(np.isfinite(steps).any(axis=0))
    medians = np.array([np.nanmedian(column) if ok else np.nan for column, ok in zip(steps.T, known, strict=True)])
    if not known.any():
        return pattern
    centre = np.nanmean(medians)
    for month in range(YEAR):
        values = medians[(calendar_month(months) == month) & known]
        if len(values):
            pattern[month] = (values.mean() - centre) * len(values) / (len(values) + 1)
    return pattern


def _regress(logs: Reals, changes: Reals, panel: Panel) -> tuple[float, float, float]:
    """Least squares of the deseasonalised change on 1, the gap to the last year's mean, the share over six weeks."""
    rows, targets = [], []
    for month in range(2, logs.shape[1] - 1):
        gap = logs[:, month] - _mean_of_last_year(logs[:, : month + 1])
        share = panel.over_six_weeks[:, month] / np.maximum(panel.waiting[:, month], 1)
        ok = np.isfinite(changes[:, month]) & np.isfinite(gap) & np.isfinite(share)
        rows.append(np.column_stack([np.ones(ok.sum()), gap[ok], share[ok]]))
        targets.append(changes[ok, month])
    if not rows or sum(map(len, rows)) < 4 * FEWEST_SERIES:
        return ENGLAND.drift, ENGLAND.reversion, ENGLAND.relief
    drift, reversion, relief = np.linalg.lstsq(np.vstack(rows), np.concatenate(targets), rcond=None)[0]
    return float(drift), float(reversion), float(relief)


def _variance_by_size(logs: Reals, changes: Reals) -> tuple[float, float]:
    """Straight line of the log of a list's variance on its log size; longer lists move less."""
    count = np.isfinite(changes).sum(axis=1)
    variance = np.nansum(np.where(np.isfinite(changes), changes, 0.0) ** 2, axis=1) / np.maximum(count, 1)
    ok = (count >= 3) & (variance > 0)
    if ok.sum() < FEWEST_SERIES:
        return ENGLAND.variance_level, ENGLAND.variance_slope
    size = np.array([np.nanmean(row) for row in logs[ok]])
    slope, level = np.polyfit(size, np.log(np.maximum(variance[ok], 1e-4)), 1)
    # the mean of a variance lies above the exponential of its mean logarithm; matched to the panel's mean
    shift = np.log(variance[ok].mean() / np.exp(level + slope * size).mean())
    return float(level + shift), float(slope)


def _mean_of_last_year(logs: Reals) -> Reals:
    """Mean of the last 12 months where at least 3 are known, else the last value. logs (S, m) -> (S,)."""
    window = logs[:, -YEAR:]
    known = np.isfinite(window).sum(axis=1)
    mean = np.where(np.isfinite(window), window, 0.0).sum(axis=1) / np.maximum(known, 1)
    return np.where(known >= 3, mean, logs[:, -1])


@dataclass(frozen=True)
class ListCourse:
    """Where one list is expected to go: median people at the end of each month, (H,), and the standard deviation of a
    month's change in its logarithm."""

    months: Months
    median: Reals
    monthly_sd: float

    def draw(self, shocks: Reals) -> Reals:
        """Lists at the end of each month for standard normal `shocks` (R, H) -> (R, H)."""
        paths = np.log(self.median + OFFSET) + self.monthly_sd * np.cumsum(shocks, axis=1)
        return np.asarray(np.maximum(np.exp(paths) - OFFSET, 0.0))


def expect(history: MonthlyHistory, course: UsualCourse, months_ahead: int) -> ListCourse:
    """The usual course of one list for the months after its last one."""
    last = history.months[-1]
    ahead = last + np.arange(1, months_ahead + 1)
    logs = list(np.log(history.waiting_list[-YEAR:] + OFFSET))
    share = history.over_six_weeks[-1] / max(history.waiting_list[-1], 1)
    for month in ahead:
        level = np.mean(logs[-YEAR:]) if len(logs) >= 3 else logs[-1]
        step = course.drift + course.reversion * (logs[-1] - level) + course.relief * share
        logs.append(logs[-1] + step + course.season(history.test, month))
    median = np.maximum(np.exp(np.array(logs[-months_ahead:])) - OFFSET, 0.0)
    return ListCourse(ahead, median, _monthly_sd(history, course))


def _monthly_sd(history: MonthlyHistory, course: UsualCourse) -> float:
    """The list's own variability, drawn towards that of lists of its size."""
    size = np.log(np.maximum(history.waiting_list, 1) + OFFSET)
    usual = np.exp(course.variance_level + course.variance_slope * size[-1])
    adjacent = np.diff(history.months.astype(np.int64)) == 1
    season = np.array([course.season(history.test, month) for month in history.months[1:]])
    own = np.clip((np.diff(size) - season)[adjacent], -LARGEST_STEP, LARGEST_STEP)[-PRIOR_MONTHS:]
    return float(np.sqrt((np.sum(own**2) + PRIOR_MONTHS * usual) / (len(own) + PRIOR_MONTHS)))


# Fitted to DM01 returns of April 2023 to September 2025, all providers in England, by
# `trustwide backtest --dm01 FILE --course`; stands in where a deployment holds fewer than 30 lists of its own.
ENGLAND = UsualCourse(
    {
        "": np.array([0.026, 0.018, 0.005, -0.010, 0.005, 0.000, -0.010, -0.039, 0.023, 0.008, 0.007, -0.034]),
        "MRI": np.array([0.029, 0.017, -0.004, -0.010, 0.005, 0.004, -0.010, -0.054, 0.026, 0.014, 0.024, -0.041]),
        "CT": np.array([0.040, 0.016, -0.001, -0.009, 0.003, -0.003, -0.014, -0.045, 0.034, 0.008, 0.010, -0.039]),
        "NOUS": np.array([0.017, 0.018, 0.013, -0.006, 0.005, 0.000, -0.006, -0.026, 0.018, 0.004, -0.005, -0.032]),
        "DEXA": np.array([0.025, 0.025, 0.008, -0.012, 0.003, 0.001, -0.012, -0.031, 0.013, 0.004, 0.006, -0.031]),
    },
    drift=0.0138,
    reversion=-0.0527,
    relief=-0.0734,
    variance_level=-1.2810,
    variance_slope=-0.3558,
    series=1199,
)
