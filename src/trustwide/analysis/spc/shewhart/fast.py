"""The definition of `reference.py`, compiled, for many series at once: the same digits."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numba import njit
from scipy.special import bdtr

from trustwide.analysis.spc.fast import MOST_PARTS, _exact_sum, _mean
from trustwide.analysis.spc.model import Flags, Floats, Ints
from trustwide.analysis.spc.shewhart.model import CHARTS, Lines, Runs

# Stated again: the cache of compiled code is renewed when this file changes, not when `reference.py` does.
SCREEN = 3.267
RANGE_TO_SIGMA = 1.128
T_POWER = 3.6
LARGEST_SCORE = 1e300
RUN, I, P, PP, U, UP, C, T, G = range(len(CHARTS))  # noqa: E741


def judge(
    y: Floats, numerator: Floats, n: Floats, included: Flags, baseline: Flags, bounds: Ints, kinds: Ints
) -> tuple[Lines, Runs]:
    """Lines of every point and runs of every part; arguments and result as in `reference.judge`."""
    columns = np.empty((6, len(y)))
    counts = np.zeros((3, len(kinds)), dtype=np.int64)
    _judge_parts(y, numerator, n, included, baseline, bounds, kinds, columns, counts)
    useful, longest, crossings = counts
    runs = Runs(useful, longest, _by_size(longest_run_max, useful), crossings, _by_size(n_crossings_min, useful))
    return Lines(*columns), runs


def longest_run_max(n: Ints) -> Ints:
    """The longest runs that chance allows among so many useful points."""
    longest: Ints = (np.rint(np.log2(n)) + 3).astype(np.int64)
    return longest


def n_crossings_min(n: Ints) -> Ints:
    """The fewest crossings that chance allows among so many useful points.

    The search starts below the normal approximation and never asks for a quantile, whose rounding could decide.
    """
    tosses = n - 1
    crossings = np.maximum(np.floor(tosses / 2 - 0.83 * np.sqrt(tosses)) - 2, 0)
    while (too_few := bdtr(crossings, tosses, 0.5) < 0.05).any():
        crossings += too_few
    fewest: Ints = crossings.astype(np.int64)
    return fewest


def _by_size(bound: Callable[[Ints], Ints], useful: Ints) -> Ints:
    sizes, place = np.unique(useful, return_inverse=True)
    bounds = np.zeros(len(sizes), dtype=np.int64)
    bounds[sizes > 0] = bound(sizes[sizes > 0])
    each: Ints = bounds[place]
    return each


@njit(cache=True)
def _judge_parts(
    y: Floats,
    numerator: Floats,
    n: Floats,
    included: Flags,
    baseline: Flags,
    bounds: Ints,
    kinds: Ints,
    columns: Floats,
    counts: Ints,
) -> None:
    cl, lcl, ucl, scaled, centres, sigma = columns[0], columns[1], columns[2], columns[3], columns[4], columns[5]
    longest = np.max(np.diff(bounds)) if len(bounds) > 1 else 0
    scratch, parts = np.empty((3, longest)), np.empty(MOST_PARTS)
    for i in range(len(kinds)):
        start, end, kind = bounds[i], bounds[i + 1], kinds[i]
        own, base = scaled[start:end], baseline[start:end]
        for j in range(start, end):
            scaled[j] = math.pow(y[j], 1 / T_POWER) if kind == T else y[j]
        if P <= kind <= UP:
            centre = _ratio_lines(kind, own, numerator[start:end], n[start:end], base, sigma[start:end], scratch, parts)
        else:
            centre, one_sigma = _value_lines(kind, own, base, scratch, parts)
            sigma[start:end] = one_sigma
        middle = _median(own, base, scratch[0]) if kind == G else centre
        centres[start:end] = centre
        cl[start:end] = math.pow(middle, T_POWER) if kind == T else middle
        for j in range(start, end):
            sigma[j] = _finite(sigma[j])
            lcl[j], ucl[j] = _lower(kind, centre - 3 * sigma[j]), _upper(kind, centre + 3 * sigma[j])
        _count_runs(own, middle, included[start:end], counts[:, i])


@njit(cache=True)
def _value_lines(kind: int, y: Floats, baseline: Flags, scratch: Floats, parts: Floats) -> tuple[float, float]:
    if kind == RUN:
        return _median(y, baseline, scratch[0]), math.nan
    present = scratch[0]
    count = 0
    for i in range(len(y)):
        if baseline[i] and not math.isnan(y[i]):
            present[count] = y[i]
            count += 1
    centre = _mean(present, count, scratch[1], parts)
    if kind == C:
        return centre, _root(centre)
    if kind == G:
        return centre, _root(centre * (centre + 1))
    count = 0
    for i in range(len(y)):
        if baseline[i]:
            present[count] = y[i]
            count += 1
    return centre, _average_range(present, count, scratch[1], scratch[2], parts) / RANGE_TO_SIGMA


@njit(cache=True)
def _ratio_lines(
    kind: int,
    y: Floats,
    numerator: Floats,
    n: Floats,
    baseline: Flags,
    sigma: Floats,
    scratch: Floats,
    parts: Floats,
) -> float:
    centre = _pooled(numerator, n, baseline, scratch, parts)
    variance = centre * (1 - centre) if kind <= PP else centre
    for i in range(len(y)):
        sigma[i] = _root(variance / n[i])
    if kind in (PP, UP):
        scores = scratch[0]
        count = 0
        for i in range(len(y)):
            if baseline[i]:
                z = (y[i] - centre) / sigma[i] if sigma[i] > 0 else math.nan
                scores[count] = z if abs(z) <= LARGEST_SCORE else math.nan
                count += 1
        factor = _average_range(scores, count, scratch[1], scratch[2], parts) / RANGE_TO_SIGMA
        for i in range(len(y)):
            sigma[i] = sigma[i] * factor
    return centre


@njit(cache=True)
def _pooled(numerator: Floats, n: Floats, baseline: Flags, scratch: Floats, parts: Floats) -> float:
    above, below = scratch[0], scratch[1]
    count = 0
    for i in range(len(n)):
        if baseline[i] and not math.isnan(n[i]):
            above[count], below[count] = numerator[i], n[i]
            count += 1
    if count == 0:
        return math.nan
    return _exact_sum(above, count, parts) / _exact_sum(below, count, parts)


@njit(cache=True)
def _average_range(values: Floats, count: int, ranges: Floats, deviations: Floats, parts: Floats) -> float:
    kept = 0
    for i in range(1, count):
        moved = abs(values[i] - values[i - 1])
        if not math.isnan(moved):
            ranges[kept] = moved
            kept += 1
    average = _mean(ranges, kept, deviations, parts)
    count, kept = kept, 0
    for i in range(count):
        if ranges[i] < SCREEN * average:
            ranges[kept] = ranges[i]
            kept += 1
    return _mean(ranges, kept, deviations, parts) if kept < count else average


@njit(cache=True)
def _median(values: Floats, baseline: Flags, scratch: Floats) -> float:
    count = 0
    for i in range(len(values)):
        if baseline[i] and not math.isnan(values[i]):
            scratch[count] = values[i]
            count += 1
    if count == 0:
        return math.nan
    ranked = np.sort(scratch[:count])
    middle: float = (ranked[(count - 1) // 2] + ranked[count // 2]) / 2
    return middle


@njit(cache=True)
def _lower(kind: int, limit: float) -> float:
    limit = _finite(limit)
    if kind in (RUN, I):
        return limit
    if kind == T:
        return math.pow(limit, T_POWER) if limit > 0 else 0.0
    return 0.0 if limit < 0 else limit


@njit(cache=True)
def _upper(kind: int, limit: float) -> float:
    limit = _finite(limit)
    if kind == T:
        return math.pow(limit, T_POWER)
    return 1.0 if kind in (P, PP) and limit > 1 else limit


@njit(cache=True)
def _root(variance: float) -> float:
    return math.sqrt(variance) if variance >= 0 else math.nan


@njit(cache=True)
def _finite(value: float) -> float:
    return value if math.isfinite(value) else math.nan


@njit(cache=True)
def _count_runs(scaled: Floats, middle: float, included: Flags, counts: Ints) -> None:
    useful = run = longest = runs = last = 0
    for i in range(len(scaled)):
        side = (1 if scaled[i] > middle else 0) - (1 if scaled[i] < middle else 0)
        if not included[i] or side == 0:
            continue
        useful += 1
        if side == last:
            run += 1
        else:
            run, last = 1, side
            runs += 1
        longest = max(longest, run)
    counts[0], counts[1], counts[2] = useful, longest, max(runs - 1, 0)
