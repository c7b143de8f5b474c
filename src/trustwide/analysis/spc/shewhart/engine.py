"""The two doors: `shewhart_chart` for one series, `shewhart_charts` for many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from trustwide.analysis.spc.engine import COMPILED_FROM_POINTS
from trustwide.analysis.spc.model import Flags, Floats, Ints, SpcError
from trustwide.analysis.spc.prepare import LARGEST_VALUE, offsets_of
from trustwide.analysis.spc.shewhart import reference
from trustwide.analysis.spc.shewhart.model import (
    CHARTS,
    NEEDING_DENOMINATORS,
    Lines,
    Runs,
    ShewhartChart,
    ShewhartCharts,
    ShewhartSettings,
)


def shewhart_chart(numerator: Any, denominator: Any = None, settings: ShewhartSettings | None = None) -> ShewhartChart:
    """The chart of one series in the order given; a run chart without settings. See `shewhart_charts`."""
    return shewhart_charts(numerator, denominator, [0, len(numerator)], settings or ShewhartSettings())[0]


def shewhart_charts(
    numerator: Any, denominator: Any, offsets: Any, settings: ShewhartSettings | Sequence[ShewhartSettings]
) -> ShewhartCharts:
    """The charts of many series laid end to end: number `i` is `offsets[i]:offsets[i + 1]`, in the order of time.

    `numerator` and `denominator` are lists or arrays of one length with None or NaN where missing; `settings` is one
    for all or one a series. A series whose denominators are all missing has none, and its numerators are charted; the
    P and U charts have then nothing to draw. In a series with denominators a point is missing where either number is,
    or where the denominator is not above 0 (a C chart draws its count all the same). `denominator` itself may be None
    unless a chart needs it.

    Raises SpcError for lists of unequal length, numbers or ratios beyond 1e300, a T chart with a time of 0 or less, and
    a P or U chart with `denominator` None; with the place of the series, counting from 1.
    """
    above = _numbers("numerator", numerator)
    below = np.full(len(above), np.nan) if denominator is None else _numbers("denominator", denominator)
    if above.shape != below.shape:
        raise SpcError(
            f"There are {above.size} numerators and {below.size} denominators; expected two lists of one length."
        )
    starts = offsets_of(offsets, len(above))
    rules = _settings(settings, len(starts) - 1)
    if denominator is None and (needing := [own.chart for own in rules if own.chart in NEEDING_DENOMINATORS]):
        raise SpcError(f"There are no denominators; expected them for the chart {needing[0]}.")
    return _charts(above, below, starts, rules)


def _charts(above: Floats, below: Floats, offsets: Ints, rules: Sequence[ShewhartSettings]) -> ShewhartCharts:
    series = np.repeat(np.arange(len(rules)), np.diff(offsets))
    kinds = np.array([_PLACES[own.chart] for own in rules], dtype=np.int64)
    _check_sizes("numerator", above, series)
    _check_sizes("denominator", below, series)
    y, n = _drawn(above, below, kinds, series, len(rules))
    _check_sizes("ratio", y, series)
    _check_times(y, kinds[series], series)
    included, baseline = _counting(offsets, rules)
    part, bounds = _parts(offsets, series, rules)
    of_part = kinds[series[bounds[:-1]]]
    lines, runs = _judge(y, np.where(np.isnan(y), np.nan, above), n, included, baseline, bounds, of_part)
    columns = {
        "y": y,
        "n": n,
        "part": part,
        "included": included,
        "baseline": baseline,
        **{name: getattr(lines, name) for name in lines.__slots__},
        "sigma_signal": (y > lines.ucl) | (y < lines.lcl),
        **_runs_columns(runs, np.diff(bounds)),
    }
    for column in (offsets, *columns.values()):
        column.flags.writeable = False
    return ShewhartCharts(settings=rules, offsets=offsets, **columns)


def _judge(
    y: Floats, numerator: Floats, n: Floats, included: Flags, baseline: Flags, bounds: Ints, kinds: Ints
) -> tuple[Lines, Runs]:
    if len(y) < COMPILED_FROM_POINTS:
        return reference.judge(y, numerator, n, included, baseline, bounds, kinds)
    from trustwide.analysis.spc.shewhart import fast  # here, because loading the compiler takes a second

    return fast.judge(y, numerator, n, included, baseline, bounds, kinds)


def _numbers(name: str, given: Any) -> Floats:
    try:
        numbers = np.array(given, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise SpcError(f"A {name} is not a number ({error}); expected numbers, or None where missing.") from None
    if numbers.ndim != 1:
        raise SpcError(f"The {name}s have {numbers.ndim} dimensions; expected a plain list.")
    return numbers


def _settings(settings: ShewhartSettings | Sequence[ShewhartSettings], series: int) -> Sequence[ShewhartSettings]:
    if isinstance(settings, ShewhartSettings):
        return (settings,) * series
    if len(settings) != series:
        raise SpcError(f"There are {len(settings)} settings for {series} series; expected one for all or one for each.")
    return tuple(settings)


def _check_sizes(name: str, numbers: Floats, series: Ints) -> None:
    wrong = np.flatnonzero(np.abs(numbers) > LARGEST_VALUE)
    if len(wrong):
        raise SpcError(
            f"A {name} is {numbers[wrong[0]]}{_where(series, int(wrong[0]))}; "
            "expected a number no larger than 1e300, or none."
        )


def _check_times(y: Floats, kinds: Ints, series: Ints) -> None:
    wrong = np.flatnonzero((kinds == _PLACES["t"]) & (y <= 0))
    if len(wrong):
        raise SpcError(
            f"A time between events is {y[wrong[0]]}{_where(series, int(wrong[0]))}; expected more than 0 on a "
            "T chart: two events of one day need their time of day."
        )


def _where(series: Ints, point: int) -> str:
    """The point within its series and, where there are several, the series; both count from 1."""
    own = f" at point {point - int(np.searchsorted(series, series[point])) + 1}"
    return f"{own} in series {series[point] + 1}" if series[-1] else own


def _drawn(above: Floats, below: Floats, kinds: Ints, series: Ints, count: int) -> tuple[Floats, Floats]:
    """What each point draws and the denominator behind it."""
    divided = np.bincount(series[~np.isnan(below)], minlength=count) > 0
    counted = kinds == _PLACES["c"]
    needed = np.isin(kinds, [_PLACES[chart] for chart in NEEDING_DENOMINATORS])
    ratio = (divided & ~counted | needed)[series]
    with np.errstate(over="ignore", under="ignore"):
        y = np.divide(above, below, out=np.full(len(above), np.nan), where=ratio & (below > 0))
    whole = ~ratio & ~((divided & counted)[series] & np.isnan(below))
    y[whole] = above[whole]
    return y, np.where(np.isnan(y), np.nan, below)


def _counting(offsets: Ints, rules: Sequence[ShewhartSettings]) -> tuple[Flags, Flags]:
    """Which points count in the runs, and which of those in the lines."""
    included = np.ones(offsets[-1], dtype=np.bool_)
    frozen = np.ones(offsets[-1], dtype=np.bool_)
    for i, own in enumerate(rules):
        mine = slice(offsets[i], offsets[i + 1])
        if own.exclude:
            length = offsets[i + 1] - offsets[i]
            included[mine][[each - 1 for each in own.exclude if each <= length]] = False
        if own.freeze is not None and not own.part:
            frozen[mine][own.freeze :] = False
    return included, included & frozen


def _parts(offsets: Ints, series: Ints, rules: Sequence[ShewhartSettings]) -> tuple[Ints, Ints]:
    """The number of each point's part within its series, and the bounds of all parts in the flat arrays."""
    lengths = np.diff(offsets)
    first = np.zeros(len(series), dtype=np.bool_)
    first[offsets[:-1][lengths > 0]] = True
    for i, own in enumerate(rules):
        inside = [each for each in own.part if each < lengths[i]]
        if inside:
            first[offsets[i] + np.array(inside, dtype=np.int64)] = True
    so_far = np.cumsum(first)
    before = np.concatenate(([0], so_far))[offsets[:-1]]
    return so_far - before[series], np.append(np.flatnonzero(first), len(series)).astype(np.int64)


def _runs_columns(runs: Runs, lengths: Ints) -> dict[str, Any]:
    """The counts of each part at each of its points, and whether they are a signal."""
    signal = (runs.longest_run > runs.longest_run_max) | (runs.n_crossings < runs.n_crossings_min)
    columns = {name: np.repeat(getattr(runs, name), lengths) for name in runs.__slots__}
    return {"runs_signal": np.repeat(signal, lengths), **columns}


_PLACES = {chart: place for place, chart in enumerate(CHARTS)}
