"""The definition of profile `mdc`: slow and readable. `fast.py` must agree with it.

The rules are those of NHS England's "Making data count" (2019 on): a point outside the limits; a run of seven on one
side of the centre line; a trend of seven (or six, by choice); two of three beyond two sigma on one side. As their tools
have it since the end of 2023, a point beyond a limit counts for two in three, and only the points beyond two sigma are
marked. An improvement is told before a concern, but both are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from trustwide.analysis.spc.mdc.model import Findings, Lines, Rules
from trustwide.analysis.spc.model import Codes, Flags, Floats, Ints

HIGH = (1, 3, 5, 7)  # places in CAUSES: outside, trend, two in three, shift; one further on for the low side


def judge(values: Floats, ghost: Flags, lines: Lines, bounds: Ints, rules: Sequence[Rules]) -> Findings:
    """Rules and causes of every point; segment `i` is `values[bounds[i]:bounds[i + 1]]` under `rules[i]`.

    A ghosted point is missing for every rule, and still marked when it lies outside the limits.
    """
    outside, close, trend, two_in_three, shift = np.zeros((5, len(values)), dtype=np.bool_)
    cause, other = np.zeros((2, len(values)), dtype=np.int8)
    for i in range(len(bounds) - 1):
        own = slice(bounds[i], bounds[i + 1])
        usable = lines.upper[own] > lines.lower[own]
        shown = np.where(usable, values[own], np.nan)
        judged = np.where(ghost[own], np.nan, shown)
        above, below = shown > lines.upper[own], shown < lines.lower[own]
        far = (judged > lines.near_upper[own]).astype(int) - (judged < lines.near_lower[own]).astype(int)
        side = (judged > lines.centre[own]).astype(int) - (judged < lines.centre[own]).astype(int)
        rises, falls = in_trend(judged.tolist(), rules[i].trend_points)
        high_pair, low_pair = far_in_three(far.tolist(), side.tolist(), wanted=rules[i].two_in_three)
        high_run, low_run = in_run(side.tolist(), rules[i].shift_points)
        high = [list(above), rises, high_pair, high_run]
        low = [list(below), falls, low_pair, low_run]
        outside[own] = above | below
        close[own] = (far != 0) & ~(above | below)
        trend[own], two_in_three[own] = np.logical_or(rises, falls), np.logical_or(high_pair, low_pair)
        shift[own] = np.logical_or(high_run, low_run)
        cause[own], other[own] = causes(high, low, rules[i].better)
    return Findings(outside, close, trend, two_in_three, shift, cause, other)


def in_trend(points: Sequence[float], length: int) -> tuple[list[bool], list[bool]]:
    """Which points belong to `length` in a row that rise at every step, and which to as many that fall."""
    rising, falling = [False] * len(points), [False] * len(points)
    for start in range(len(points) - length + 1 if length else 0):
        steps = list(pairwise(points[start : start + length]))
        if all(later > earlier for earlier, later in steps):
            rising[start : start + length] = [True] * length
        if all(later < earlier for earlier, later in steps):
            falling[start : start + length] = [True] * length
    return rising, falling


def far_in_three(far: Sequence[int], side: Sequence[int], *, wanted: bool) -> tuple[list[bool], list[bool]]:
    """Which points beyond a near limit belong to three in a row on that side, of which two or more are beyond it."""
    high, low = [False] * len(far), [False] * len(far)
    for start in range(len(far) - 2 if wanted else 0):
        window = range(start, start + 3)
        for sign, flagged in ((1, high), (-1, low)):
            if all(side[i] == sign for i in window) and sum(far[i] == sign for i in window) >= 2:
                for i in window:
                    flagged[i] = flagged[i] or far[i] == sign
    return high, low


def in_run(side: Sequence[int], length: int) -> tuple[list[bool], list[bool]]:
    """Which points belong to `length` in a row above the centre line, and which to as many below."""
    above, below = [False] * len(side), [False] * len(side)
    for start in range(len(side) - length + 1):
        window = slice(start, start + length)
        if sum(side[window]) == length:
            above[window] = [True] * length
        if sum(side[window]) == -length:
            below[window] = [True] * length
    return above, below


def causes(high: Sequence[Sequence[bool]], low: Sequence[Sequence[bool]], better: int) -> tuple[list[int], list[int]]:
    """The cause told of each point and the one that points the other way; 0 for none.

    Without an improvement direction, the rule that comes first in the order of `HIGH` is told, high before low.
    """
    told, others = [], []
    for i in range(len(high[0])):
        up = next((code for code, rule in zip(HIGH, high, strict=True) if rule[i]), 0)
        down = next((code + 1 for code, rule in zip(HIGH, low, strict=True) if rule[i]), 0)
        low_first = better < 0 or (better == 0 and 0 < down < up)
        first, second = (down, up) if low_first else (up, down)
        told.append(first or second)
        others.append(second if first else 0)
    return told, others


def as_arrays(rules: Sequence[Rules]) -> Codes:
    """The rules of many segments as columns of small whole numbers, which is how `fast` takes them."""
    return np.array(rules, dtype=np.int8).reshape(len(rules), len(Rules._fields))
