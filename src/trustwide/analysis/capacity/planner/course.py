"""The course of a list: how many wait and how long, week by week and at each month's end."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from trustwide.analysis.capacity.forecast import Range
from trustwide.analysis.capacity.model import Integers, Reals
from trustwide.analysis.capacity.planner.outcome import Booked, booked_of
from trustwide.analysis.capacity.planner.question import WINDOW
from trustwide.analysis.capacity.service_fields import Target
from trustwide.analysis.capacity.tables import Records

MONTH_FIGURES = ("list", "scanned_mean_weeks", "waiting_median_weeks", "over_6_weeks")
_SIX_WEEKS = 42


class Course(NamedTuple):
    """Of one replication. weeks: (weeks, 2), people on the list at each week's end and mean weeks waited by those
    scanned in the four weeks to it; months: (month ends, 4), columns MONTH_FIGURES; NaN where there is nobody."""

    weeks: Reals
    months: Reals


def course_of(journeys: Records, targets: Mapping[int, Target], weeks: int, month_ends: Sequence[int]) -> Course:
    """The course of all booked streams together, from journeys (records of `model.JOURNEY`)."""
    booked = booked_of(journeys, targets)
    ends = np.concatenate([7 * np.arange(1, weeks + 1), np.asarray(month_ends, dtype=np.int64)])
    listed, scanned = _on_list(booked, ends), _scanned_mean(booked, ends)
    ages = [end - booked.arrived[(booked.arrived < end) & (booked.left >= end)] for end in month_ends]
    medians = [float(np.median(age)) / 7 if age.size else float("nan") for age in ages]
    over = [float((age >= _SIX_WEEKS).sum()) for age in ages]
    return Course(
        np.column_stack([listed[:weeks], scanned[:weeks]]),
        np.column_stack([listed[weeks:], scanned[weeks:], medians, over]),
    )


def _on_list(booked: Booked, ends: Integers) -> Reals:
    came = np.searchsorted(np.sort(booked.arrived), ends)
    gone = np.searchsorted(np.sort(booked.left), ends)
    return np.asarray(came - gone, dtype=float)


def _scanned_mean(booked: Booked, ends: Integers) -> Reals:
    """Weeks, over those scanned in the four weeks that end with each day."""
    order = np.argsort(booked.left[booked.seen], kind="stable")
    left = booked.left[booked.seen][order]
    waited = np.concatenate([[0], np.cumsum((booked.left - booked.arrived)[booked.seen][order])])
    last, first = np.searchsorted(left, ends), np.searchsorted(left, ends - 7 * WINDOW)
    with np.errstate(invalid="ignore"):
        return np.asarray((waited[last] - waited[first]) / np.where(last > first, last - first, np.nan) / 7)


@dataclass(frozen=True)
class Months:
    """Calendar months whose ends a run is followed to: names `2026-01` and days from the start, the day after each."""

    names: tuple[str, ...]
    ends: tuple[int, ...]

    @classmethod
    def until(cls, start: dt.date, last: dt.date) -> Months:
        """From the start's own month to that of `last`."""
        names, ends = [], []
        year, month = start.year, start.month
        while (year, month) <= (last.year, last.month):
            end = dt.date(year, month, calendar.monthrange(year, month)[1])
            names.append(f"{year}-{month:02}")
            ends.append((end - start).days + 1)
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        return cls(tuple(names), tuple(ends))

    @property
    def weeks(self) -> int:
        """Whole weeks that reach the last month's end."""
        return -(-self.ends[-1] // 7)


def course_dict(courses: Sequence[Course], months: Months, start: dt.date) -> dict[str, Any]:
    """Median and 80 % interval over the replications, at month ends and week by week."""
    by_month = np.stack([course.months for course in courses])
    by_week = np.stack([course.weeks for course in courses])
    return {
        "months": [
            {
                "month": name,
                **{
                    figure: Range.of(by_month[:, index, column]).to_dict(
                        2 if figure.endswith("weeks") and column < 3 else 0
                    )
                    for column, figure in enumerate(MONTH_FIGURES)
                },
            }
            for index, name in enumerate(months.names)
        ],
        "weeks": [
            {
                "ends_on": str(start + dt.timedelta(days=7 * week + 6)),
                "list": Range.of(by_week[:, week, 0]).to_dict(0),
                "scanned_mean_weeks": Range.of(by_week[:, week, 1]).to_dict(2),
            }
            for week in range(by_week.shape[1])
        ],
    }
