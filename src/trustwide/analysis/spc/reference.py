"""The definition of an XmR chart in profile `ptd`: slow, readable and exact. `fast.py` must agree with it.

The rules are those of the R package NHSRplotthedots 0.2.2 (NHS England's "Making data count" rules). Everything
happens inside one segment: limits, moving ranges and rules never look across a rebase.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from trustwide.analysis.spc.model import CAUSES, Flags, Floats, Ints, Judgement

LIMIT = 2.66
NEAR_LIMIT = 2 * (2.66 / 3)
SCREEN = 3.267
RUN = 7


@dataclass(frozen=True)
class Limits:
    """The centre line, the process limits and the near limits of one segment; NaN where undefined."""

    mean: float
    lpl: float
    upl: float
    near_lpl: float
    near_upl: float


def judge(values: Floats, bounds: Ints, fix_after: Ints, screen: Flags) -> Judgement:
    """Limits, rules and causes of every point of every segment; segment `i` is `values[bounds[i]:bounds[i + 1]]`.

    `values` may hold NaN, which is a missing value; `fix_after` (points in the baseline) and `screen` have one entry
    a segment.
    """
    means, lpls, upls = np.empty((3, len(values)))
    outside, close, trend, two_in_three, shift = np.zeros((5, len(values)), dtype=np.bool_)
    cause = np.zeros(len(values), dtype=np.int8)
    for i in range(len(bounds) - 1):
        own = slice(bounds[i], bounds[i + 1])
        points = values[own].tolist()
        limits = segment_limits(points[: fix_after[i]], screen=bool(screen[i]))
        means[own], lpls[own], upls[own] = limits.mean, limits.lpl, limits.upl
        outside[own] = [y > limits.upl or y < limits.lpl for y in points]
        close[own] = [is_close(y, limits) for y in points]
        trend[own] = in_trend(points)
        sides = [side(y, limits.mean) for y in points]
        two_in_three[own] = two_in_three_close(close[own].tolist(), sides)
        shift[own] = in_shift(sides)
        flags = [column[own].tolist() for column in (outside, trend, two_in_three, shift)]
        cause[own] = [CAUSES.index(label) for label in labels(points, sides, *flags)]
    return Judgement(means, lpls, upls, outside, close, trend, two_in_three, shift, cause)


def mean(values: Sequence[float]) -> float:
    """The mean by an exactly rounded sum and one correction; NaN of nothing.

    A running float sum is not enough: points that equal the mean would fall a hair to one side of it and make shifts.
    """
    if not values:
        return math.nan
    first = math.fsum(values) / len(values)
    return first + math.fsum(y - first for y in values) / len(values)


def segment_limits(baseline: Sequence[float], *, screen: bool) -> Limits:
    """The lines of a segment from the points of its baseline; undefined where no moving range is left."""
    centre = mean([y for y in baseline if not math.isnan(y)])
    ranges = [abs(later - earlier) for earlier, later in pairwise(baseline)]
    ranges = [each for each in ranges if not math.isnan(each)]
    average = mean(ranges)
    if screen:
        average = mean([each for each in ranges if each < SCREEN * average])
    reach, near = LIMIT * average, NEAR_LIMIT * average
    return Limits(centre, centre - reach, centre + reach, centre - near, centre + near)


def side(y: float, centre: float) -> int:
    """1 above the mean, -1 below it, 0 on it or missing."""
    return (y > centre) - (y < centre)


def is_close(y: float, limits: Limits) -> bool:
    """Whether a point lies within the process limits and beyond a near limit; a point on a process limit does."""
    return limits.lpl <= y <= limits.upl and (y > limits.near_upl or y < limits.near_lpl)


def in_trend(points: Sequence[float]) -> list[bool]:
    """Which points belong to seven in a row that rise, or fall, at every step; a tie or a missing value breaks it."""
    flagged = [False] * len(points)
    for start in range(len(points) - RUN + 1):
        window = points[start : start + RUN]
        steps = list(pairwise(window))
        if all(later > earlier for earlier, later in steps) or all(later < earlier for earlier, later in steps):
            flagged[start : start + RUN] = [True] * RUN
    return flagged


def two_in_three_close(close: Sequence[bool], sides: Sequence[int]) -> list[bool]:
    """Which close points belong to three in a row on one side of the mean, of which two or more are close."""
    flagged = [False] * len(close)
    for start in range(len(close) - 2):
        window = range(start, start + 3)
        if abs(sum(sides[i] for i in window)) == 3 and sum(close[i] for i in window) >= 2:
            for i in window:
                flagged[i] = flagged[i] or close[i]
    return flagged


def in_shift(sides: Sequence[int]) -> list[bool]:
    """Which points belong to seven in a row on one side of the mean; a point on the mean breaks it."""
    flagged = [False] * len(sides)
    for start in range(len(sides) - RUN + 1):
        if abs(sum(sides[start : start + RUN])) == RUN:
            flagged[start : start + RUN] = [True] * RUN
    return flagged


def labels(
    points: Sequence[float],
    sides: Sequence[int],
    outside: Sequence[bool],
    trend: Sequence[bool],
    two_in_three: Sequence[bool],
    shift: Sequence[bool],
) -> list[str]:
    """Each point's special cause type: the first rule that applies."""
    result = []
    for i, where in enumerate(sides):
        if outside[i]:
            label = "Above UCL" if where > 0 else "Below LCL"
        elif trend[i]:
            label = f"7 Point Trend ({'In' if is_rising(points, trend, i) else 'De'}creasing)"
        elif two_in_three[i]:
            label = f"2 in 3 {'Above' if where > 0 else 'Below'} CL"
        elif shift[i]:
            label = f"7 Points {'Above' if where > 0 else 'Below'} CL"
        else:
            label = "Common Cause"
        result.append(label)
    return result


def is_rising(points: Sequence[float], trend: Sequence[bool], i: int) -> bool:
    """Whether the trend at a point reads as increasing: by the next step if that point is in a trend, else the last.

    So the point before a tie that joins two rising trends reads as decreasing, as it does in the R package.
    """
    if i + 1 < len(points) and trend[i + 1]:
        return points[i + 1] > points[i]
    return points[i] > points[i - 1]
