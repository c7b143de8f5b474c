"""Days in, plain English out."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Cadence = Literal["month", "week", "day", "point"]
FIRST_DAY = np.datetime64("0001-01-01")
LAST_DAY = np.datetime64("9999-12-31")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def as_days(dates: Any) -> NDArray[np.datetime64]:
    """An array of days from dates, date-times, `numpy.datetime64` or ISO text; times of day are dropped.

    Raises ValueError with a sentence for anything else, and for a missing date.
    """
    array = np.asarray(dates)
    if array.dtype.kind == "M":
        days = array.astype("datetime64[D]")
    else:
        days = np.array([_day(one) for one in np.ravel(array).tolist()], dtype="datetime64[D]").reshape(array.shape)
    if np.isnat(days).any():
        raise ValueError("a date is missing; expected a day such as 2026-03-03.")
    if days.size and (days.min() < FIRST_DAY or days.max() > LAST_DAY):
        raise ValueError("a date lies outside the years 1 to 9999.")
    return days


def _day(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"{value!r} is not a date; expected a day such as 2026-03-03.") from None


def plain_day(day: date) -> str:
    """A day in words: 3 March 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def plain_month(day: date) -> str:
    """The month of a day in words: January 2025."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def cadence(days: Sequence[date]) -> Cadence:
    """How far apart sorted days are: a month, week or day (gaps allowed), else "point"."""
    if len(days) < 2:
        return "point"
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    shortest = min(gaps)
    if 28 <= shortest <= 31 and (len({day.day for day in days}) == 1 or all(_is_month_end(day) for day in days)):
        return "month"
    if shortest == 7 and all(gap % 7 == 0 for gap in gaps):
        return "week"
    return "day" if shortest == 1 else "point"


def steps_between(earlier: date, later: date, apart: Cadence) -> float:
    """How many months, weeks or days lie between two days of that cadence."""
    if apart == "month":
        return (later.year - earlier.year) * 12 + later.month - earlier.month
    return (later - earlier).days / (7 if apart == "week" else 1)


def _is_month_end(day: date) -> bool:
    return day.day == monthrange(day.year, day.month)[1]
