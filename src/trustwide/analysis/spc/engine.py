"""The two doors: `chart` for one series, `charts` for many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from trustwide.analysis.spc import reference
from trustwide.analysis.spc.dates import as_days, plain_day
from trustwide.analysis.spc.model import (
    DIRECTIONS,
    Chart,
    Charts,
    Codes,
    Days,
    Flags,
    Floats,
    Ints,
    Judgement,
    Settings,
    SpcError,
)

# Below so many points the readable engine is done before the compiled one is loaded; both give the same digits.
COMPILED_FROM_POINTS = 20_000
SHORT_SEGMENT = 13
LARGEST_VALUE = 1e300


def chart(dates: Any, values: Any, settings: Settings | None = None) -> Chart:
    """The XmR chart of one series, sorted by date; `dates` and `values` are lists or arrays of one length.

    Missing values are None or NaN. Raises SpcError for a date given twice, an infinite value or unequal lengths.
    """
    days, numbers = _columns(dates, values)
    return charts(days, numbers, [0, len(numbers)], settings)[0]


def charts(dates: Any, values: Any, offsets: Any, settings: Settings | Sequence[Settings] | None = None) -> Charts:
    """The XmR charts of many series laid end to end: number `i` is `offsets[i]:offsets[i + 1]` of dates and values.

    `settings` is one for all or one a series. Errors as in `chart`, with the place of the series, counting from 1.
    """
    days, numbers = _columns(dates, values)
    starts = _offsets(offsets, len(numbers))
    rules = _settings(settings, len(starts) - 1)
    series = np.repeat(np.arange(len(rules)), np.diff(starts))
    days, numbers = _sorted(days, numbers, series)
    _check_values(numbers, series)
    return _charts(days, numbers, starts, series, rules)


def _charts(days: Days, values: Floats, offsets: Ints, series: Ints, rules: Sequence[Settings]) -> Charts:
    segment, bounds = _segments(days, offsets, series, rules)
    of_segment = series[bounds[:-1]]
    fix_after = np.array([len(values) if own.fix_after_n_points is None else own.fix_after_n_points for own in rules])
    screen = np.array([own.screen_outliers for own in rules], dtype=np.bool_)
    judged = _judge(values, bounds, fix_after.astype(np.int64)[of_segment], screen[of_segment])
    direction = np.array([DIRECTIONS.index(own.improvement_direction) for own in rules], dtype=np.int64)
    lengths = np.diff(bounds)
    columns = {
        "offsets": offsets,
        "date": days,
        "value": values,
        "segment": segment,
        "short_segment": np.repeat(lengths < SHORT_SEGMENT, lengths),
        **{name: getattr(judged, name) for name in judged.__slots__},
        "point_type": _POINT_TYPE[direction[series], judged.cause],
        "variation_icon": _variation(judged.cause, direction, offsets),
        "assurance_icon": _assurance(judged.lpl, judged.upl, direction, offsets, rules),
    }
    for column in columns.values():
        column.flags.writeable = False
    return Charts(settings=rules, **columns)


def _judge(values: Floats, bounds: Ints, fix_after: Ints, screen: Flags) -> Judgement:
    if len(values) < COMPILED_FROM_POINTS:
        return reference.judge(values, bounds, fix_after, screen)
    from trustwide.analysis.spc import fast  # here, because loading the compiler takes a second

    return fast.judge(values, bounds, fix_after, screen)


def _columns(dates: Any, values: Any) -> tuple[Days, Floats]:
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


def _offsets(offsets: Any, points: int) -> Ints:
    starts = np.array(offsets, dtype=np.int64)
    if starts.ndim != 1 or not len(starts) or starts[0] != 0 or starts[-1] != points or (np.diff(starts) < 0).any():
        raise SpcError(f"The offsets must rise from 0 to the number of points, {points}.")
    return starts


def _settings(settings: Settings | Sequence[Settings] | None, series: int) -> Sequence[Settings]:
    if settings is None or isinstance(settings, Settings):
        return (settings or Settings(),) * series
    if len(settings) != series:
        raise SpcError(f"There are {len(settings)} settings for {series} series; expected one for all or one for each.")
    return tuple(settings)


def _sorted(days: Days, values: Floats, series: Ints) -> tuple[Days, Floats]:
    """Each series in date order; a date given twice raises."""
    same_series = series[1:] == series[:-1]
    if (same_series & (days[1:] <= days[:-1])).any():
        order = np.lexsort((days, series))
        days, values = days[order], values[order]
        twice = np.flatnonzero(same_series & (days[1:] == days[:-1]))
        if len(twice):
            where, day = _where(series, int(twice[0])), plain_day(days[twice[0]].item())
            raise SpcError(f"The date {day} is there twice{where}; expected once.")
    return days, values


def _check_values(values: Floats, series: Ints) -> None:
    wrong = np.flatnonzero(np.abs(values) > LARGEST_VALUE)
    if len(wrong):
        where = _where(series, int(wrong[0]))
        raise SpcError(f"A value is {values[wrong[0]]}{where}; expected a number no larger than 1e300, or none.")


def _where(series: Ints, point: int) -> str:
    return f" in series {series[point] + 1}" if series[-1] else ""


def _segments(days: Days, offsets: Ints, series: Ints, rules: Sequence[Settings]) -> tuple[Ints, Ints]:
    """The segment number of each point within its series, and the bounds of all segments in the flat arrays."""
    rebased = np.zeros(len(days), dtype=np.bool_)
    for i, own in enumerate(rules):
        if own.rebase_dates:
            points = slice(offsets[i], offsets[i + 1])
            rebased[points] = np.isin(days[points], np.array(own.rebase_dates, dtype="datetime64[D]"))
    so_far = np.concatenate(([0], np.cumsum(rebased)))
    first = np.zeros(len(days), dtype=np.bool_)
    first[offsets[:-1][np.diff(offsets) > 0]] = True
    bounds = np.append(np.flatnonzero(rebased | first), len(days))
    return so_far[1:] - so_far[offsets[:-1]][series], bounds.astype(np.int64)


def _variation(cause: Codes, direction: Ints, offsets: Ints) -> Codes:
    icons = np.zeros(len(direction), dtype=np.int8)
    filled = np.diff(offsets) > 0
    icons[filled] = _VARIATION[direction[filled], cause[offsets[1:][filled] - 1]]
    return icons


def _assurance(lpl: Floats, upl: Floats, direction: Ints, offsets: Ints, rules: Sequence[Settings]) -> Codes:
    """Whether the limits at the newest point lie wholly on one side of the target."""
    icons = np.zeros(len(rules), dtype=np.int8)
    target = np.array([np.nan if own.target is None else own.target for own in rules], dtype=np.float64)
    judged = np.flatnonzero((np.diff(offsets) > 0) & ~np.isnan(target) & (direction > 0))
    last = offsets[1:][judged] - 1
    too_high, too_low = target[judged] > upl[last], target[judged] < lpl[last]
    increase = direction[judged] == DIRECTIONS.index("increase")
    icons[judged] = np.where(too_high | too_low, np.where(too_high == increase, 2, 1), 3)
    return icons


# Rows: neutral, increase, decrease. Columns: the causes. Entries: places in POINT_TYPES and VARIATION_ICONS.
_POINT_TYPE: Codes = np.array([[0, *[3, 4] * 4], [0, *[1, 2] * 4], [0, *[2, 1] * 4]], dtype=np.int8)
_VARIATION: Codes = np.array([[0, *[5, 6] * 4], [0, *[1, 4] * 4], [0, *[3, 2] * 4]], dtype=np.int8)
