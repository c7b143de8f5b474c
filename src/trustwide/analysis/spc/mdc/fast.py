"""The definition of `reference.py`, compiled: one pass a rule over many series, and the same findings."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from trustwide.analysis.spc.mdc.model import Findings, Lines
from trustwide.analysis.spc.model import Codes, Flags, Floats, Ints


def judge(values: Floats, ghost: Flags, lines: Lines, bounds: Ints, rules: Codes) -> Findings:
    """As `reference.judge`; `rules` are the columns of `model.Rules`, one row a segment."""
    flags = np.zeros((10, len(values)), dtype=np.bool_)
    causes = np.zeros((2, len(values)), dtype=np.int8)
    _judge_segments(
        values, ghost, lines.centre, lines.lower, lines.upper, lines.near_lower, lines.near_upper, bounds, rules, flags,
        causes,
    )  # fmt: skip
    outside, trend = flags[0] | flags[1], flags[2] | flags[3]
    pair, run = flags[4] | flags[5], flags[6] | flags[7]
    close = (flags[8] | flags[9]) & ~outside
    return Findings(outside, close, trend, pair, run, causes[0], causes[1])


@njit(cache=True)
def _judge_segments(
    values: Floats,
    ghost: Flags,
    centre: Floats,
    lower: Floats,
    upper: Floats,
    near_lower: Floats,
    near_upper: Floats,
    bounds: Ints,
    rules: Codes,
    flags: Flags,
    causes: Codes,
) -> None:
    for i in range(len(bounds) - 1):
        start, end = bounds[i], bounds[i + 1]
        y = values[start:end].copy()
        side = np.zeros(end - start, dtype=np.int8)
        for j in range(start, end):
            k = j - start
            if not upper[j] > lower[j]:
                y[k] = math.nan
                continue
            flags[0, j], flags[1, j] = y[k] > upper[j], y[k] < lower[j]
            if ghost[j]:
                y[k] = math.nan
                continue
            flags[8, j], flags[9, j] = y[k] > near_upper[j], y[k] < near_lower[j]
            side[k] = (1 if y[k] > centre[j] else 0) - (1 if y[k] < centre[j] else 0)
        own = flags[:, start:end]
        _mark_trend(y, rules[i, 1], own[2], own[3])
        if rules[i, 3]:
            _mark_two_in_three(own[8], side, 1, own[4])
            _mark_two_in_three(own[9], side, -1, own[5])
        _mark_run(side, rules[i, 2], own[6], own[7])
        _name_causes(own, rules[i, 0], causes[0, start:end], causes[1, start:end])


@njit(cache=True)
def _mark_trend(y: Floats, length: int, rising: Flags, falling: Flags) -> None:
    if length == 0:
        return
    rises = falls = 0
    for i in range(1, len(y)):
        rises = rises + 1 if y[i] > y[i - 1] else 0
        falls = falls + 1 if y[i] < y[i - 1] else 0
        if rises >= length - 1:
            rising[i - length + 1 : i + 1] = True
        if falls >= length - 1:
            falling[i - length + 1 : i + 1] = True


@njit(cache=True)
def _mark_two_in_three(far: Flags, side: Codes, sign: int, flagged: Flags) -> None:
    for i in range(2, len(far)):
        near = int(far[i]) + int(far[i - 1]) + int(far[i - 2])
        if near >= 2 and side[i] == sign and side[i - 1] == sign and side[i - 2] == sign:
            for j in range(i - 2, i + 1):
                flagged[j] = flagged[j] or far[j]


@njit(cache=True)
def _mark_run(side: Codes, length: int, above: Flags, below: Flags) -> None:
    run = 0
    for i in range(len(side)):
        if side[i] == 0:
            run = 0
            continue
        run = run + 1 if i > 0 and side[i] == side[i - 1] else 1
        if run >= length:
            if side[i] > 0:
                above[i - length + 1 : i + 1] = True
            else:
                below[i - length + 1 : i + 1] = True


@njit(cache=True)
def _name_causes(flags: Flags, better: int, told: Codes, other: Codes) -> None:
    for i in range(flags.shape[1]):
        up = down = 0
        for rule in range(4):
            if up == 0 and flags[2 * rule, i]:
                up = 2 * rule + 1
            if down == 0 and flags[2 * rule + 1, i]:
                down = 2 * rule + 2
        low_first = better < 0 or (better == 0 and 0 < down < up)
        first, second = (down, up) if low_first else (up, down)
        if first == 0:
            told[i], other[i] = second, 0
        else:
            told[i], other[i] = first, second
