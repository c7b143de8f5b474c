"""What in the points of a chart makes its limits less sure than they look: neighbours alike, and times of the year.

Limits take each point to be a draw of its own. Where neighbours are alike (waiting lists, stocks) moving ranges are too
small, limits too narrow and runs too common; where the time of the year moves a measure, the same months look unusual
every year. Both are looked for in the points before the pattern at the newest one, so that a real change is not read
as either.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trustwide.analysis.spc.dates import MONTHS, cadence
from trustwide.analysis.spc.mdc.sparse import POWER
from trustwide.analysis.spc.model import FEWEST_JUDGED, Chart, Flags, Floats, Ints
from trustwide.analysis.spc.words import GAPS, decimals, quantity, since

LEVEL = 0.01  # chance alone gives either notice for so many of the series that have no such thing
FEWEST_SEASONAL = 24
MOST_NAMED = 3
NOTHING = 1e-24  # a mean square so far below that of the values is their rounding
# How many of 100 newest points are flagged though nothing changed: 60 points, first-order autoregression, profile mdc;
# measured in tests/test_notice.py
FLAGGED_BY_CORRELATION = ((0.3, 6), (0.6, 22))
FLAGGED_WITHOUT = 2


@dataclass(frozen=True)
class Autocorrelation:
    """The correlation of each point with the next, what 99 of 100 series without any stay below, and the chance of it.

    `p` is the chance of so much or more where every point stands alone.
    """

    value: float
    bound: float
    p: float


@dataclass(frozen=True)
class Season:
    """How far each month of the year lies from the year's mean, January first, in the unit of the values; NaN: none.

    `p` is the chance of so much or more where months do not differ.
    """

    effects: tuple[float, ...]
    p: float


@dataclass(frozen=True, eq=False)
class _Kept:
    """The points that count and stand before the newest pattern: their places, values and segments from 0."""

    place: Ints
    value: Floats
    segment: Ints


def notices(chart: Chart, *, unit: str = "") -> tuple[str, ...]:
    """A sentence for each thing that makes the limits of a chart less sure than they look; none where all is well.

    Nothing is said of a chart that has no limits.
    """
    said: list[str] = []
    if not len(chart) or not chart.upl[chart.last] > chart.lpl[chart.last]:
        return ()
    months = season(chart)
    if months is not None and months.p < LEVEL:
        said.append(_season_sentence(months, unit))
    alike = autocorrelation(chart)
    if alike is not None and alike.p < LEVEL:
        said.append(_alike_sentence(alike))
    return tuple(said)


def autocorrelation(chart: Chart) -> Autocorrelation | None:
    """The lag-1 autocorrelation of the points about the mean of their segment; None of fewer than 13 points.

    Where the months of the year differ, they are taken away first. Its mean and variance for independent normal points
    are exact (the ratio of two quadratic forms; Durbin and Watson 1950, Biometrika 37:409-428, after von Neumann 1941),
    and a beta distribution on -1 to 1 with these moments gives the chance, as it does for their ratio.
    """
    from scipy import special  # here, as below, because loading it takes longer than a page may

    kept = _kept(chart)
    if len(kept.value) < FEWEST_JUDGED:
        return None
    columns, months = _levels(kept), _months_of(chart, kept)
    if months is not None and (found := _season(kept, months)) is not None and found.p < LEVEL:
        columns = np.column_stack([columns, _contrasts(months)])
    basis: Floats = np.linalg.qr(columns)[0]
    y = kept.value / (float(np.abs(kept.value).max()) or 1.0)
    residual = y - basis @ (basis.T @ y)
    square = float(residual @ residual)
    if not square > len(residual) * NOTHING:
        return None
    pair = (np.diff(kept.place) == 1) & (np.diff(kept.segment) == 0)
    value = float((residual[1:] * residual[:-1])[pair].sum()) / square
    mean, variance = _moments(basis, pair)
    shape = (1 / variance - 1) / 2
    bound = mean + 2 * float(special.betaincinv(shape, shape, 1 - LEVEL)) - 1
    p = float(special.betaincc(shape, shape, min(max((value - mean + 1) / 2, 0.0), 1.0)))
    return Autocorrelation(value, bound, p)


def season(chart: Chart) -> Season | None:
    """Whether months of the year differ, by an F test beside a trend and the level of each segment.

    Looked for in monthly series only: None of fewer than 24 points, or where a month was not there in two years.
    Neighbours that are alike pass for a season a little more often than chance (at a correlation of 0.6, in 2 of 100
    series instead of 1).
    """
    kept = _kept(chart)
    months = _months_of(chart, kept)
    return None if months is None else _season(kept, months)


def _kept(chart: Chart) -> _Kept:
    counts = ~np.isnan(chart.value) & ~chart.ghost
    pattern = since(chart)
    if pattern is not None:
        counts &= chart.date < np.datetime64(pattern.start)
    place = np.flatnonzero(counts)
    values = chart.value[place]
    values = np.maximum(values, 0) ** POWER if chart.kind in GAPS else values.copy()
    segment = np.unique(chart.segment[place], return_inverse=True)[1]
    return _Kept(place, values, segment.astype(np.int64))


def _levels(kept: _Kept) -> Floats:
    """A column for each segment."""
    columns: Floats = (kept.segment[:, None] == np.arange(kept.segment.max() + 1)).astype(np.float64)
    return columns


def _contrasts(months: Ints) -> Floats:
    """Eleven columns whose effects sum to nothing over the year: each month against December."""
    columns: Floats = (months[:, None] == np.arange(11)).astype(np.float64) - (months == 11)[:, None]
    return columns


def _moments(basis: Floats, pair: Flags) -> tuple[float, float]:
    """Mean and variance of e'Ae / e'e, where e is what a fit leaves of independent normal values.

    A has a half wherever two points are neighbours (`pair`) and M takes away the fit on the orthonormal columns of
    `basis`. The mean is tr(AM) / v and the variance 2 (v tr(AMAM) - tr(AM)^2) / (v^2 (v + 2)), v being the trace of M.
    """
    reached = np.zeros_like(basis)  # A times the basis
    reached[:-1][pair] += basis[1:][pair] / 2
    reached[1:][pair] += basis[:-1][pair] / 2
    inner = basis.T @ reached
    freedom = basis.shape[0] - basis.shape[1]
    trace = -float(np.trace(inner))
    trace_of_square = float(pair.sum() / 2 - 2 * (reached**2).sum() + (inner**2).sum())
    return trace / freedom, 2 * (freedom * trace_of_square - trace**2) / (freedom**2 * (freedom + 2))


def _months_of(chart: Chart, kept: _Kept) -> Ints | None:
    """The month of each kept point, 0 for January, where seasons can be looked for."""
    if chart.kind in (*GAPS, "run") or len(kept.place) < FEWEST_SEASONAL:
        return None
    if cadence(chart.date.tolist()) != "month":
        return None
    months: Ints = (chart.date[kept.place].astype("datetime64[M]").astype(np.int64)) % 12
    return months if np.bincount(months, minlength=12).min() >= 2 else None


def _season(kept: _Kept, months: Ints) -> Season | None:
    trend = kept.place / float(kept.place.max()) - 0.5
    base = np.column_stack([_levels(kept), trend])
    both = np.column_stack([base, _contrasts(months)])
    size = float(np.abs(kept.value).max())
    rank = int(np.linalg.matrix_rank(both))
    free, more = len(months) - rank, rank - base.shape[1]
    if free < 1 or more < 11 or size == 0:
        return None
    effects, left = _fitted(both, kept.value / size)
    before = _fitted(base, kept.value / size)[1]
    if not before > len(months) * NOTHING:
        return None
    from scipy import special

    ratio = (before - left) / more / max(left / free, NOTHING)
    effects = effects[-11:] * size
    return Season((*effects.tolist(), -float(effects.sum())), float(special.fdtrc(more, free, max(ratio, 0.0))))


def _fitted(columns: Floats, values: Floats) -> tuple[Floats, float]:
    """Least squares: the factor of each column and the sum of squares that is left."""
    factors: Floats = np.asarray(np.linalg.lstsq(columns, values, rcond=None)[0], dtype=np.float64)
    residual = values - columns @ factors
    return factors, float(residual @ residual)


def _season_sentence(found: Season, unit: str) -> str:
    high, low = (_outstanding([sign * each for each in found.effects]) for sign in (1, -1))
    sizes = [abs(sum(found.effects[i] for i in several)) / len(several) for several in (high, low)]
    above, below = (quantity(each, unit, decimals(sizes)) for each in sizes)
    return (
        f"The time of the year matters: {_named(high)} {_lie(high)} {above} above the year's mean and {_named(low)} "
        f"{below} below it, more than chance allows. Compare with the same month of other years before acting on one."
    )


def _outstanding(effects: list[float]) -> list[int]:
    """The months furthest up, at most three, that lie at least half as far up as the furthest; in calendar order."""
    ranked = sorted(range(len(effects)), key=lambda i: -effects[i])[:MOST_NAMED]
    return sorted(i for i in ranked if effects[i] >= effects[ranked[0]] / 2)


def _named(months: list[int]) -> str:
    names = [MONTHS[i] for i in months]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _lie(months: list[int]) -> str:
    return "lies" if len(months) == 1 else "lie"


def _alike_sentence(found: Autocorrelation) -> str:
    of, flagged = min(FLAGGED_BY_CORRELATION, key=lambda each: abs(each[0] - found.value))
    both = (found.value, found.bound)
    value, bound = (quantity(each, places=decimals(both, [both])) for each in both)
    return (
        f"Neighbouring points are alike: their correlation is {value}, where chance alone stays below "
        f"{bound} in 99 of 100 series. The limits are too narrow for that: at a correlation of {of}, "
        f"{flagged} of 100 newest points are called unusual though nothing changed, instead of {FLAGGED_WITHOUT}."
    )
