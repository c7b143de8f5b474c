"""The definition of a forecast, one series and one month at a time; `fast` must say the same.

In units of the pool's usual monthly change, in the working scale, season taken off:

    centre, h months ahead = last level + season + a·r + b·w + log(noise)·(c·r + d·w)

r and w are how far the last level is from its recent and its whole mean; a to d are of least absolute error over all
earlier months of the pool, pulled towards 0, and those of a group towards the pool's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from trustwide.analysis.forecast import model as m
from trustwide.analysis.forecast.model import Floats, Pool
from trustwide.analysis.forecast.scale import Scale

Classes = list[tuple[float, list[float]]]  # log noise in the middle of the class, a quantile for each level


@dataclass(frozen=True)
class _Case:
    """One series at one month, and what came h months later."""

    group: int
    noise: float
    terms: list[float]
    change: float

    @property
    def weight(self) -> float:
        return 1 / (self.noise + m.WEIGHT_FLOOR)


def quantiles(pool: Pool) -> Floats:
    """(series, ahead, levels), NaN for a series without a forecast."""
    out = np.full((len(pool.values), pool.ahead, len(pool.levels)), np.nan)
    if np.isnan(pool.values).all():
        return out
    scale = Scale.of(pool.values, pool.kind)
    working = [list(row) for row in scale.forward(pool.values)]
    changes = [_mean([abs(change) for _, change in _changes(row)]) for row in working if _changes(row)]
    unit = max(float(np.median(changes)) if changes else 0.0, m.QUIET)
    kept = [[value / unit for value in _without_last_fall(row)] for row in working]
    season = [_season([kept[i] for i in range(len(kept)) if pool.group[i] == g]) for g in range(pool.groups)]
    level = [
        [value - season[pool.group[i]][month % m.YEAR] for month, value in enumerate(row)] for i, row in enumerate(kept)
    ]
    classes = _before_any_error(pool.levels)
    for ahead in range(1, pool.ahead + 1):
        cases = _cases(level, pool, ahead)
        pooled = _least_absolute(cases, [0.0] * 4, m.PULL_POOL)
        by_group = [
            _least_absolute([c for c in cases if c.group == g], pooled, m.PULL_GROUP) for g in range(pool.groups)
        ]
        classes = _error_classes(cases, by_group, ahead, pool.levels, classes)
        for i, row in enumerate(level):
            then = len(row) - 1 + ahead
            found = _from(row, by_group[pool.group[i]], classes, ahead)
            for j, value in enumerate(found):
                value = (value + season[pool.group[i]][then % m.YEAR]) * unit
                if pool.levels[j] < 0.5 and math.isnan(kept[i][-1]) and not math.isnan(working[i][-1]):
                    value = min(value, working[i][-1])
                out[i, ahead - 1, j] = scale.back(np.array(value))
    return out


def _changes(row: Sequence[float]) -> list[tuple[int, float]]:
    """Month and change from the month before, where both are known."""
    return [(t, row[t] - row[t - 1]) for t in range(1, len(row)) if not math.isnan(row[t] - row[t - 1])]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _without_last_fall(row: list[float]) -> list[float]:
    before = [value for value in row[:-1][-m.BEFORE :] if not math.isnan(value)]
    if math.isnan(row[-1]) or len(before) < m.FEWEST_BEFORE:
        return row
    fall = float(np.median(before)) - row[-1]
    stands_out = fall > m.FALL and fall > m.STEADY * (max(before) - min(before))
    return [*row[:-1], math.nan] if stands_out else row


def _season(rows: list[list[float]]) -> list[float]:
    """What each place in the year adds, from the usual changes of a group's months."""
    by_place: dict[int, list[float]] = {place: [] for place in range(m.YEAR)}
    for month in range(1, len(rows[0])):
        changes = [change for row in rows for t, change in _changes(row) if t == month]
        if changes:
            cases = [_Case(0, 1 - m.WEIGHT_FLOOR, [1.0], change) for change in changes]
            by_place[month % m.YEAR].append(_least_absolute(cases, [0.0], m.PULL_MONTH)[0])
    if not all(by_place.values()):
        return [0.0] * m.YEAR
    usual = [_mean(by_place[place]) for place in range(m.YEAR)]
    years = [len(by_place[place]) for place in range(m.YEAR)]
    pulled = [(u - _mean(usual)) * n / (n + m.PULL_YEAR) for u, n in zip(usual, years, strict=True)]
    return [sum(p - _mean(pulled) for p in pulled[: place + 1]) for place in range(m.YEAR)]


def _noise(row: Sequence[float], month: int) -> float:
    sizes = [abs(change) for t, change in _changes(row) if t <= month]
    return (sum(sizes) + m.PRIOR_CHANGES) / (len(sizes) + m.PRIOR_CHANGES)


def _terms(row: Sequence[float], month: int) -> list[float]:
    known = [value for value in row[: month + 1] if not math.isnan(value)]
    recent = [value for value in row[max(0, month + 1 - m.RECENT) : month + 1] if not math.isnan(value)]
    away = [_clipped(row[month] - _mean(values), m.FARTHEST) for values in (recent, known)]
    loud = _clipped(math.log(_noise(row, month)), m.STRONGEST)
    return [*away, *(each * loud for each in away)]


def _clipped(value: float, most: float) -> float:
    return max(-most, min(most, value))


def _cases(level: list[list[float]], pool: Pool, ahead: int) -> list[_Case]:
    cases = []
    for i, row in enumerate(level):
        for month in range(len(row) - ahead):
            change = row[month + ahead] - row[month]
            known = sum(not math.isnan(value) for value in row[: month + 1])
            if known >= m.FEWEST_MONTHS and not math.isnan(change):
                cases.append(_Case(int(pool.group[i]), _noise(row, month), _terms(row, month), change))
    return cases


def _least_absolute(cases: list[_Case], towards: Sequence[float], pull: float) -> list[float]:
    """Coefficients of least weighted absolute error, by reweighted least squares, pulled towards given ones."""
    found = np.array(towards)
    for _ in range(m.ROUNDS if cases else 0):
        square, right = pull * np.eye(len(found)), pull * np.array(towards)
        for case in cases:
            terms = np.array(case.terms)
            weight = case.weight / max(abs(case.change - terms @ found), m.SMALLEST_ERROR)
            square, right = square + weight * np.outer(terms, terms), right + weight * case.change * terms
        found = np.linalg.solve(square, right)
    return [float(value) for value in found]


def _before_any_error(levels: tuple[float, ...]) -> Classes:
    """Student's t whose mean size is that of a usual change, for a series as noisy as its pool."""
    mean_size = 2 * math.sqrt(m.TAIL_FREEDOM) / math.pi
    return [(0.0, [float(student.ppf(level, m.TAIL_FREEDOM)) / mean_size / 2 for level in levels])]


def _error_classes(
    cases: list[_Case], by_group: list[list[float]], ahead: int, levels: tuple[float, ...], before: Classes
) -> Classes:
    grown = math.sqrt(ahead / (ahead - 1)) if ahead > 1 else 1.0
    if not cases:
        return [(middle, [grown * value for value in found]) for middle, found in before]
    ordered = sorted(cases, key=lambda case: round(case.noise, 9))
    count = min(max(len(cases) // m.CLASS_ROWS, 1), m.MOST_CLASSES)
    classes = []
    for numbers in np.array_split(np.arange(len(cases)), count):
        part = [ordered[number] for number in numbers]
        middle = math.log(np.median([case.noise for case in part]))
        errors = [(c.change - float(np.dot(c.terms, by_group[c.group]))) / (c.noise + 1) for c in part]
        found = []
        for level, prior in zip(levels, _between(before, middle), strict=True):
            own = float(np.quantile(errors, level, method="weibull"))
            independent = len(part) / ahead
            mixed = (independent * own + m.PRIOR_ERRORS * grown * prior) / (independent + m.PRIOR_ERRORS)
            found.append(min(mixed, 0.0) if level < 0.5 else max(mixed, 0.0) if level > 0.5 else 0.0)
        classes.append((middle, found))
    return classes


def _between(classes: Classes, middle: float) -> list[float]:
    at = [each for each, _ in classes]
    return [float(np.interp(middle, at, column)) for column in zip(*(found for _, found in classes), strict=True)]


def _from(row: list[float], coefficients: list[float], classes: Classes, ahead: int) -> list[float]:
    """The quantiles of one series, season off; NaN where too little or nothing recent is known."""
    known = [month for month, value in enumerate(row) if not math.isnan(value)]
    if len(known) < m.FEWEST_MONTHS or len(row) - 1 - known[-1] > m.LONGEST_GAP:
        return [math.nan for _ in classes[0][1]]
    last, gap = known[-1], len(row) - 1 - known[-1]
    noise = _noise(row, last)
    centre = row[last] + float(np.dot(_terms(row, last), coefficients))
    width = (noise + 1) * math.sqrt(1 + gap / ahead)
    return [centre + each * width for each in _between(classes, math.log(noise))]
