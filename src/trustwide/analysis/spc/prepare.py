"""Dates and values as arrays in date order, and the segments that rebase dates make of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from trustwide.analysis.spc.dates import as_days, plain_day
from trustwide.analysis.spc.model import Days, Floats, Ints, Settings, SpcError

LARGEST_VALUE = 1e300


def columns_of(dates: Any, values: Any) -> tuple[Days, Floats]:
    """Days and numbers of one length; NaN where a value is missing. Raises SpcError."""
    try:
        days = as_days(dates)
    except ValueError as error:
        raise SpcError(f"A date cannot be used: {error}") from None
    try:
        numbers = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise SpcError(f"A value is not a number ({error}); expected numbers, or None where missing.") from None
    if days.ndim != 1 or days.shape != numbers.shape:
        raise SpcError(f"There are {days.size} dates and {numbers.size} values; expected two lists of one length.")
    return days, numbers


def offsets_of(offsets: Any, points: int) -> Ints:
    """Where each series begins, and the last ends. Raises SpcError."""
    starts = np.array(offsets, dtype=np.int64)
    if starts.ndim != 1 or not len(starts) or starts[0] != 0 or starts[-1] != points or (np.diff(starts) < 0).any():
        raise SpcError(f"The offsets must rise from 0 to the number of points, {points}.")
    return starts


def settings_of(settings: Settings | Sequence[Settings] | None, series: int) -> Sequence[Settings]:
    """One for each series. Raises SpcError for another number of them."""
    if settings is None or isinstance(settings, Settings):
        return (settings or Settings(),) * series
    if len(settings) != series:
        raise SpcError(f"There are {len(settings)} settings for {series} series; expected one for all or one for each.")
    return tuple(settings)


def in_date_order(days: Days, columns: Sequence[Floats], series: Ints) -> tuple[Days, tuple[Floats, ...]]:
    """Each series in date order, with the columns that go with it. Raises SpcError for a date given twice."""
    same_series = series[1:] == series[:-1]
    if (same_series & (days[1:] <= days[:-1])).any():
        order = np.lexsort((days, series))
        days, columns = days[order], [column[order] for column in columns]
        twice = np.flatnonzero(same_series & (days[1:] == days[:-1]))
        if len(twice):
            where, day = _where(series, int(twice[0])), plain_day(days[twice[0]].item())
            raise SpcError(f"The date {day} is there twice{where}; expected once.")
    return days, tuple(columns)


def check_values(values: Floats, series: Ints) -> None:
    """Raises SpcError for an infinite value, or one so large that its limits would be."""
    wrong = np.flatnonzero(np.abs(values) > LARGEST_VALUE)
    if len(wrong):
        where = _where(series, int(wrong[0]))
        raise SpcError(f"A value is {values[wrong[0]]}{where}; expected a number no larger than 1e300, or none.")


def _where(series: Ints, point: int) -> str:
    return f" in series {series[point] + 1}" if series[-1] else ""


def segments_of(days: Days, offsets: Ints, series: Ints, rules: Sequence[Settings]) -> tuple[Ints, Ints]:
    """The segment number of each point within its series, and the bounds of all segments in the flat arrays."""
    rebased = np.zeros(len(days), dtype=np.bool_)
    for i, own in enumerate(rules):
        if own.rebase_dates:
            points = slice(offsets[i], offsets[i + 1])
            # of the events of one day, which a chart of rare events may hold, the first starts the segment
            first_of_day = np.append(True, days[points][1:] != days[points][:-1])[: offsets[i + 1] - offsets[i]]
            named = np.isin(days[points], np.array(own.rebase_dates, dtype="datetime64[D]"))
            rebased[points] = named & first_of_day
    so_far = np.concatenate(([0], np.cumsum(rebased)))
    first = np.zeros(len(days), dtype=np.bool_)
    first[offsets[:-1][np.diff(offsets) > 0]] = True
    bounds = np.append(np.flatnonzero(rebased | first), len(days))
    return so_far[1:] - so_far[offsets[:-1]][series], bounds.astype(np.int64)
