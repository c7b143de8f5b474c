"""How right the projections would have been: against what happened since, and over every provider."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trustwide.analysis.capacity.monthly.course import (
    OFFSET,
    YEAR,
    Panel,
    UsualCourse,
    expect,
    fit_usual_course,
)
from trustwide.analysis.capacity.monthly.history import MonthlyHistory, Reals

EIGHTY = 1.2816  # half-width of an 80 % interval of a normal distribution, in standard deviations
SHORTEST_LIST = 500  # lists below this are all noise in per cent


@dataclass(frozen=True)
class Since:
    """One month after the last one used: what was projected, what last value would have said, what came."""

    month: np.datetime64
    median: float
    low: float
    high: float
    actual: int

    @property
    def error(self) -> float:
        """Absolute error as a share of what came."""
        return abs(self.median - self.actual) / max(self.actual, 1)

    @property
    def covered(self) -> bool:
        """Whether what came lies inside the 80 % interval."""
        return self.low <= self.actual <= self.high

    def range_dict(self) -> dict[str, int]:
        """The projection in whole people."""
        return {"median": round(self.median), "low": round(self.low), "high": round(self.high)}


@dataclass(frozen=True)
class Hindsight:
    """The same projection made from months up to `as_at`, held against the months that followed."""

    as_at: np.datetime64
    start: int
    since: tuple[Since, ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON: months, mean error of ours and of the last value, share of months inside the 80 % interval."""
        last_value = [abs(self.start - row.actual) / max(row.actual, 1) for row in self.since]
        return {
            "as_at": str(self.as_at),
            "months": [
                {"month": str(row.month), "list": row.range_dict(), "actual": row.actual, "inside": row.covered}
                for row in self.since
            ],
            "mean_error": round(float(np.mean([row.error for row in self.since])), 4),
            "last_value_error": round(float(np.mean(last_value)), 4),
            "inside_share": round(float(np.mean([row.covered for row in self.since])), 4),
        }  # fmt: skip

    def sentence(self) -> str:
        """How right it was at the last month known, in words."""
        row = self.since[-1]
        months = int((row.month - self.as_at).astype(int))
        way = "above" if row.median > row.actual else "below"
        return (
            f"{months} months before, this projection of the list would have been {row.error:.0%} {way} what came "
            f"({row.median:,.0f} against {row.actual:,})."
        )


def hindsight(history: MonthlyHistory, panel: Panel, known: MonthlyHistory) -> Hindsight | None:
    """Hold a projection against what came: from `known` where later months exist, else from a year (or half) ago.

    None when there is no earlier month to project from.
    """
    if len(known.months) == len(history.months):
        for back in (12, 6, 3):
            known = history.up_to(history.months[-1] - back)
            if len(known.months) >= 3:
                break
        else:
            return None
    later = history.after(known.months[-1])
    ahead = int((later.months[-1] - known.months[-1]).astype(int))
    course = expect(known, fit_usual_course(panel.up_to(known.months[-1])), ahead)
    rows = []
    for month, actual in zip(later.months, later.waiting_list, strict=True):
        step = int((month - known.months[-1]).astype(int))
        low, high = interval(float(course.median[step - 1]), course.monthly_sd, step)
        rows.append(Since(month, float(course.median[step - 1]), low, high, int(actual)))
    return Hindsight(known.months[-1], int(known.waiting_list[-1]), tuple(rows))


def interval(median: float, monthly_sd: float, months: int) -> tuple[float, float]:
    """80 % interval of a list `months` ahead, people."""
    half = EIGHTY * monthly_sd * np.sqrt(months)
    middle = np.log(median + OFFSET)
    return max(float(np.exp(middle - half)) - OFFSET, 0.0), float(np.exp(middle + half)) - OFFSET


@dataclass(frozen=True)
class Score:
    """One row of the back-test table: mean absolute error in per cent of what came, by method, and coverage."""

    as_at: np.datetime64
    test: str
    months_ahead: int
    lists: int
    ours: float
    last_value: float
    drift: float
    seasonal_naive: float
    coverage: float


def backtest(
    histories: Iterable[MonthlyHistory], panel: Panel, as_at: Sequence[np.datetime64], horizons: Sequence[int]
) -> list[Score]:
    """Project every list from every `as_at` month and compare with what came, by test and months ahead.

    Each projection uses only months up to its `as_at`, the panel included. Lists under 500 at the start are left out.
    """
    scores = []
    every = list(histories)
    for month in as_at:
        usual = fit_usual_course(panel.up_to(month))
        rows = [row for history in every for row in _project(history, usual, month, horizons)]
        for test in sorted({row[0] for row in rows}):
            for ahead in horizons:
                chosen = np.array([row[2:] for row in rows if row[:2] == (test, ahead)])
                if len(chosen):
                    scores.append(_score(month, test, ahead, chosen))
    return scores


def _project(
    history: MonthlyHistory, usual: UsualCourse, month: np.datetime64, horizons: Sequence[int]
) -> list[tuple[Any, ...]]:
    """Rows (test, months ahead, actual, ours, last value, drift, seasonal naive, covered) of one list."""
    known = history.up_to(month)
    if len(known.months) < 3 or known.months[-1] != month or known.waiting_list[-1] < SHORTEST_LIST:
        return []
    course = expect(known, usual, max(horizons))
    later = dict(zip(history.months.astype(np.int64).tolist(), history.waiting_list.tolist(), strict=True))
    last = float(known.waiting_list[-1])
    slope = (last - float(known.waiting_list[max(len(known.months) - 1 - YEAR, 0)])) / min(YEAR, len(known.months) - 1)
    rows = []
    for ahead in horizons:
        actual = later.get(int(month.astype(np.int64)) + ahead)
        if not actual:
            continue
        median = float(course.median[ahead - 1])
        low, high = interval(median, course.monthly_sd, ahead)
        season = later.get(int(month.astype(np.int64)) + ahead - YEAR * (1 + (ahead - 1) // YEAR), last)
        rows.append(
            (history.test, ahead, actual, median, last, max(last + slope * ahead, 0.0), season, low <= actual <= high)
        )
    return rows


def _score(month: np.datetime64, test: str, ahead: int, rows: Reals) -> Score:
    actual = rows[:, 0]
    errors = 100 * np.abs(rows[:, 1:5] - actual[:, None]) / actual[:, None]
    ours, last_value, drift, seasonal = (float(column) for column in errors.mean(axis=0))
    return Score(month, test, ahead, len(rows), ours, last_value, drift, seasonal, 100 * float(rows[:, 5].mean()))
