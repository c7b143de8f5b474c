"""The definition of `reference.py`, compiled, for many series at once: one pass a rule, and the same digits."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from trustwide.analysis.spc.model import Codes, Flags, Floats, Ints, Judgement

# Stated again: the cache of compiled code is renewed when this file changes, not when `reference.py` does.
LIMIT = 2.66
NEAR_LIMIT = 2 * (2.66 / 3)
SCREEN = 3.267
RUN = 7

# An exact sum is kept as parts that do not overlap; 53-bit numbers between 2**-1074 and 2**1024 need at most 40.
MOST_PARTS = 64


def judge(values: Floats, bounds: Ints, fix_after: Ints, screen: Flags) -> Judgement:
    """Limits, rules and causes of every point; arguments and result as in `reference.judge`."""
    means, lpls, upls = np.empty((3, len(values)))
    flags = np.zeros((5, len(values)), dtype=np.bool_)
    cause = np.zeros(len(values), dtype=np.int8)
    _judge_segments(values, bounds, fix_after, screen, means, lpls, upls, flags, cause)
    return Judgement(means, lpls, upls, flags[0], flags[1], flags[2], flags[3], flags[4], cause)


@njit(cache=True)
def _judge_segments(
    values: Floats,
    bounds: Ints,
    fix_after: Ints,
    screen: Flags,
    means: Floats,
    lpls: Floats,
    upls: Floats,
    flags: Flags,
    cause: Codes,
) -> None:
    outside, close, trend, two_in_three, shift = flags[0], flags[1], flags[2], flags[3], flags[4]
    longest = np.max(np.diff(bounds)) if len(bounds) > 1 else 0
    scratch, parts = np.empty((2, longest)), np.empty(MOST_PARTS)
    sides = np.empty(longest, np.int8)
    for i in range(len(bounds) - 1):
        start, end = bounds[i], bounds[i + 1]
        y = values[start:end]
        centre, average = _centre_and_range(y[: fix_after[i]], screen[i], scratch, parts)
        lpl, upl = centre - LIMIT * average, centre + LIMIT * average
        means[start:end], lpls[start:end], upls[start:end] = centre, lpl, upl
        near = NEAR_LIMIT * average
        _place(y, centre, lpl, upl, near, sides, outside[start:end], close[start:end])
        _mark_trend(y, trend[start:end])
        _mark_two_in_three(close[start:end], sides, two_in_three[start:end])
        _mark_shift(len(y), sides, shift[start:end])
        _name_causes(
            y, sides, outside[start:end], trend[start:end], two_in_three[start:end], shift[start:end], cause[start:end]
        )


@njit(cache=True)
def _centre_and_range(baseline: Floats, screen: bool, scratch: Floats, parts: Floats) -> tuple[float, float]:
    present, deviations = scratch[0], scratch[1]
    n = 0
    for y in baseline:
        if not math.isnan(y):
            present[n] = y
            n += 1
    centre = _mean(present, n, deviations, parts)
    n = 0
    for i in range(1, len(baseline)):
        moved = abs(baseline[i] - baseline[i - 1])
        if not math.isnan(moved):
            present[n] = moved
            n += 1
    average = _mean(present, n, deviations, parts)
    if screen:
        kept = 0
        for i in range(n):
            if present[i] < SCREEN * average:
                present[kept] = present[i]
                kept += 1
        if kept < n:
            average = _mean(present, kept, deviations, parts)
    return centre, average


@njit(cache=True)
def _mean(values: Floats, n: int, deviations: Floats, parts: Floats) -> float:
    if n == 0:
        return math.nan
    first = _exact_sum(values, n, parts) / n
    for i in range(n):
        deviations[i] = values[i] - first
    return first + _exact_sum(deviations, n, parts) / n


@njit(cache=True)
def _exact_sum(values: Floats, n: int, parts: Floats) -> float:
    """The sum rounded once, by Shewchuk's growing expansions (1997), as `math.fsum` gives it."""
    used = 0
    for i in range(n):
        carry = values[i]
        kept = 0
        for j in range(used):
            total = carry + parts[j]
            # Knuth's two-sum: what was lost when `total` was rounded, whichever of the two is larger
            share = total - carry
            lost = (carry - (total - share)) + (parts[j] - share)
            if lost != 0.0:
                parts[kept] = lost
                kept += 1
            carry = total
        parts[kept] = carry
        used = kept + 1
    return _rounded(parts, used)


@njit(cache=True)
def _rounded(parts: Floats, used: int) -> float:
    """The value of an expansion, smallest part first, rounded half to even."""
    if used == 0:
        return 0.0
    top = used - 1
    total = float(parts[top])
    while top > 0:
        top -= 1
        before = total
        total = before + parts[top]
        lost = parts[top] - (total - before)
        if lost != 0.0:
            # on a tie the part below decides, which the addition above could not see
            if top > 0 and ((lost < 0.0 and parts[top - 1] < 0.0) or (lost > 0.0 and parts[top - 1] > 0.0)):
                doubled = lost * 2.0
                nudged = total + doubled
                if nudged - total == doubled:
                    total = nudged
            break
    return total


@njit(cache=True)
def _place(
    y: Floats, centre: float, lpl: float, upl: float, near: float, sides: Codes, outside: Flags, close: Flags
) -> None:
    for i in range(len(y)):
        sides[i] = (1 if y[i] > centre else 0) - (1 if y[i] < centre else 0)
        outside[i] = y[i] > upl or y[i] < lpl
        close[i] = lpl <= y[i] <= upl and (y[i] > centre + near or y[i] < centre - near)


@njit(cache=True)
def _mark_trend(y: Floats, trend: Flags) -> None:
    rises = falls = 0
    for i in range(1, len(y)):
        rises = rises + 1 if y[i] > y[i - 1] else 0
        falls = falls + 1 if y[i] < y[i - 1] else 0
        if rises >= RUN - 1 or falls >= RUN - 1:
            trend[i - RUN + 1 : i + 1] = True


@njit(cache=True)
def _mark_two_in_three(close: Flags, sides: Codes, two_in_three: Flags) -> None:
    for i in range(2, len(close)):
        if sides[i] != 0 and sides[i] == sides[i - 1] == sides[i - 2]:
            near = int(close[i]) + int(close[i - 1]) + int(close[i - 2])
            if near >= 2:
                for j in range(i - 2, i + 1):
                    two_in_three[j] = two_in_three[j] or close[j]


@njit(cache=True)
def _mark_shift(n: int, sides: Codes, shift: Flags) -> None:
    run = 0
    for i in range(n):
        if sides[i] == 0:
            run = 0
            continue
        run = run + 1 if i > 0 and sides[i] == sides[i - 1] else 1
        if run >= RUN:
            shift[i - RUN + 1 : i + 1] = True


@njit(cache=True)
def _name_causes(
    y: Floats, sides: Codes, outside: Flags, trend: Flags, two_in_three: Flags, shift: Flags, cause: Codes
) -> None:
    for i in range(len(y)):
        high = sides[i] > 0
        if outside[i]:
            first = 1
        elif trend[i]:
            first = 3
            high = y[i + 1] > y[i] if i + 1 < len(y) and trend[i + 1] else y[i] > y[i - 1]
        elif two_in_three[i]:
            first = 5
        elif shift[i]:
            first = 7
        else:
            continue
        cause[i] = first if high else first + 1
