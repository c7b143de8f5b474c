"""The definition of run charts and Shewhart charts: slow, readable and exact. `fast.py` must agree with it.

The rules are those of the R package qicharts2 0.8.1 with its default options. Everything happens inside one part:
lines, moving ranges and runs never look across its ends. Points that are missing are NaN.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby, pairwise

import numpy as np

from trustwide.analysis.spc.model import Flags, Floats, Ints
from trustwide.analysis.spc.reference import SCREEN, mean, side
from trustwide.analysis.spc.shewhart.model import CHARTS, Lines, Runs

RANGE_TO_SIGMA = 1.128  # the mean range of two normal values in sigmas (Montgomery 2013, appendix VI)
T_POWER = 3.6  # what makes exponential times nearly normal (Nelson 1994, Journal of Quality Technology 26)
LARGEST_SCORE = 1e300


@dataclass(frozen=True)
class Drawn:
    """The lines of one part: `middle` is the centre line on the scale of `scaled`; limits are as drawn."""

    scaled: list[float]
    scaled_centre: float
    middle: float
    sigma: list[float]
    lcl: list[float]
    ucl: list[float]
    cl: float


def judge(
    y: Floats, numerator: Floats, n: Floats, included: Flags, baseline: Flags, bounds: Ints, kinds: Ints
) -> tuple[Lines, Runs]:
    """Lines of every point and runs of every part; part `i` is `bounds[i]:bounds[i + 1]` and of chart `kinds[i]`.

    `kinds` holds places in `CHARTS`; `numerator` and `n` are NaN wherever `y` is missing or has no denominator;
    `baseline` marks the points that the lines come from, `included` those that count in the runs.
    """
    columns = np.empty((6, len(y)))
    runs = np.zeros((5, len(kinds)), dtype=np.int64)
    for i, kind in enumerate(kinds.tolist()):
        own = slice(bounds[i], bounds[i + 1])
        part = [column[own].tolist() for column in (y, numerator, n, baseline)]
        drawn = lines(CHARTS[kind], *part)
        columns[3, own], columns[5, own] = drawn.scaled, drawn.sigma
        columns[0, own], columns[4, own] = drawn.cl, drawn.scaled_centre
        columns[1, own], columns[2, own] = drawn.lcl, drawn.ucl
        sides = [side(each, drawn.middle) for each, counts in zip(drawn.scaled, included[own], strict=True) if counts]
        runs[:, i] = run_counts(sides)
    return Lines(*columns), Runs(*runs)


def lines(
    chart: str, y: Sequence[float], numerator: Sequence[float], n: Sequence[float], baseline: Sequence[bool]
) -> Drawn:
    """The lines of one part of a chart."""
    scaled = [math.pow(each, 1 / T_POWER) for each in y] if chart == "t" else list(y)
    base = [each for each, counts in zip(scaled, baseline, strict=True) if counts]
    if chart in ("p", "pp", "u", "up"):
        centre = pooled(numerator, n, baseline)
        sigma = ratio_sigmas(chart, centre, n)
        if chart in ("pp", "up"):
            factor = sigma_z(scaled, centre, sigma, baseline)
            sigma = [each * factor for each in sigma]
    else:
        centre, one_sigma = centre_and_sigma(chart, base)
        sigma = [one_sigma] * len(scaled)
    sigma = [_finite(each) for each in sigma]
    middle = median(base) if chart == "g" else centre
    lcl = [lower(chart, centre - 3 * each) for each in sigma]
    ucl = [upper(chart, centre + 3 * each) for each in sigma]
    cl = math.pow(middle, T_POWER) if chart == "t" else middle
    return Drawn(scaled, centre, middle, sigma, lcl, ucl, cl)


def centre_and_sigma(chart: str, base: Sequence[float]) -> tuple[float, float]:
    """Centre and one sigma of a chart without denominators, on its own scale, from the points of the baseline."""
    present = [each for each in base if not math.isnan(each)]
    if chart == "run":
        return median(base), math.nan
    centre = mean(present)
    if chart == "c":
        return centre, root(centre)
    if chart == "g":
        return centre, root(centre * (centre + 1))
    return centre, average_range(base) / RANGE_TO_SIGMA


def pooled(numerator: Sequence[float], n: Sequence[float], baseline: Sequence[bool]) -> float:
    """All numerators of the baseline over all its denominators; NaN of nothing."""
    pairs = [
        (above, below)
        for above, below, counts in zip(numerator, n, baseline, strict=True)
        if counts and not math.isnan(below)
    ]
    return math.fsum(above for above, _ in pairs) / math.fsum(below for _, below in pairs) if pairs else math.nan


def ratio_sigmas(chart: str, centre: float, n: Sequence[float]) -> list[float]:
    """One sigma at each point by the binomial (P) or the Poisson (U) distribution."""
    variance = centre * (1 - centre) if chart in ("p", "pp") else centre
    return [root(variance / each) for each in n]


def sigma_z(y: Sequence[float], centre: float, sigma: Sequence[float], baseline: Sequence[bool]) -> float:
    """By how much points vary more than their distribution says (Laney 2002, Quality Engineering 14:531-537)."""
    points = zip(y, sigma, baseline, strict=True)
    return average_range([score(each, centre, one) for each, one, counts in points if counts]) / RANGE_TO_SIGMA


def score(y: float, centre: float, sigma: float) -> float:
    """The distance from the centre in sigmas; NaN where that is no number."""
    z = (y - centre) / sigma if sigma > 0 else math.nan
    return z if abs(z) <= LARGEST_SCORE else math.nan


def average_range(base: Sequence[float]) -> float:
    """The mean moving range, screened once (Nelson 1982, Journal of Quality Technology 14).

    A point that is missing takes two ranges away; one that is not in the baseline is bridged, as it is not in `base`.
    """
    ranges = [abs(later - earlier) for earlier, later in pairwise(base)]
    ranges = [each for each in ranges if not math.isnan(each)]
    average = mean(ranges)
    return mean([each for each in ranges if each < SCREEN * average])


def median(values: Sequence[float]) -> float:
    """The middle value, or the mean of the middle two; NaN of nothing."""
    ranked = sorted(each for each in values if not math.isnan(each))
    if not ranked:
        return math.nan
    return (ranked[(len(ranked) - 1) // 2] + ranked[len(ranked) // 2]) / 2


def lower(chart: str, limit: float) -> float:
    """A lower limit as drawn: never below 0, save on a chart of values."""
    limit = _finite(limit)
    if chart in ("run", "i"):
        return limit
    if chart == "t":
        # the package gives 0 for an undefined limit too
        return math.pow(limit, T_POWER) if limit > 0 else 0.0
    return 0.0 if limit < 0 else limit


def upper(chart: str, limit: float) -> float:
    """An upper limit as drawn: never above 1 on a chart of proportions."""
    limit = _finite(limit)
    if chart == "t":
        return math.pow(limit, T_POWER)
    return 1.0 if chart in ("p", "pp") and limit > 1 else limit


def root(variance: float) -> float:
    """The square root; NaN of a negative number."""
    return math.sqrt(variance) if variance >= 0 else math.nan


def _finite(value: float) -> float:
    return value if math.isfinite(value) else math.nan


def run_counts(sides: Sequence[int]) -> tuple[int, int, int, int, int]:
    """`n_useful`, `longest_run`, `longest_run_max`, `n_crossings` and `n_crossings_min` of the sides of points.

    A point on the centre line or missing has side 0 and is left out. All are 0 where no point is left.
    """
    useful = [each for each in sides if each]
    if not useful:
        return 0, 0, 0, 0, 0
    runs = [len(list(run)) for _, run in groupby(useful)]
    n = len(useful)
    return n, max(runs), longest_run_max(n), len(runs) - 1, n_crossings_min(n)


def longest_run_max(n: int) -> int:
    """The longest run that chance allows among `n` useful points (Anhøj and Olesen 2014, PLoS ONE 9:e113825)."""
    return round(math.log2(n)) + 3


@cache
def n_crossings_min(n: int) -> int:
    """The fewest crossings that chance allows among `n` useful points: the 5 % quantile of n - 1 tosses of a coin.

    In whole numbers, so that no rounding decides (Anhøj and Olesen 2014, PLoS ONE 9:e113825).
    """
    tosses = n - 1
    ways = so_far = 1
    crossings = 0
    while 20 * so_far < 1 << tosses:
        ways = ways * (tosses - crossings) // (crossings + 1)
        crossings += 1
        so_far += ways
    return crossings
