"""The whole pool at once in numpy: all of England's lists in seconds. `reference` says the same plainly.

Every list is the last value, moved on by three things that the pool has in common: the season of its group, a pull
towards its recent and its whole mean, and less of both or more for lists noisier than others. How far past forecasts
of the same make were off, in the noise of the list, gives the intervals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from trustwide.analysis.forecast import model as m
from trustwide.analysis.forecast.model import Flags, Floats, Ints, Pool
from trustwide.analysis.forecast.scale import Scale

TERMS = 4  # recent and whole mean, each also times the log noise


@dataclass(frozen=True)
class _Past:
    """(series, months) arrays in units of the pool's usual change, season taken off; what was known by each month."""

    level: Floats
    noise: Floats
    terms: Floats
    """(series, months, TERMS)"""
    taught: Flags
    """Which months have known ones enough before them."""


def quantiles(pool: Pool) -> Floats:
    """(series, ahead, levels), NaN for a series without a forecast."""
    series, months = pool.values.shape
    out = np.full((series, pool.ahead, len(pool.levels)), np.nan)
    if not np.isfinite(pool.values).any():
        return out
    scale = Scale.of(pool.values, pool.kind)
    working = scale.forward(pool.values)
    unit = usual_change(working)
    fallen = last_falls(working)
    kept = np.where(fallen, np.nan, working) / unit
    season = season_index(kept, pool.group, pool.groups)
    by_month = season[pool.group][:, np.arange(months + pool.ahead) % m.YEAR]
    past = _past(kept - by_month[:, :months])
    last = _last_known(kept)
    gap = months - 1 - last
    can = (np.isfinite(kept).sum(axis=1) >= m.FEWEST_MONTHS) & (gap <= m.LONGEST_GAP)
    rows = np.flatnonzero(can)
    if not len(rows):
        return out
    for ahead, (centre, spread) in enumerate(_ahead(past, rows, last[rows], pool), start=1):
        widened = spread * np.sqrt(1 + gap[rows] / ahead)[:, None]
        out[rows, ahead - 1] = centre[:, None] + widened + by_month[rows, months - 1 + ahead][:, None]
    floor = np.where(fallen, working, np.inf).min(axis=1)  # a fall that stays is inside the interval
    below = np.array(pool.levels) < 0.5
    out *= unit
    out[:, :, below] = np.minimum(out[:, :, below], floor[:, None, None])
    return np.where(np.isfinite(out), scale.back(out), np.nan)


def usual_change(working: Floats) -> float:
    """The pool's median over series of the mean size of a change from month to month, in the working scale."""
    noise, changes = _noise(working)
    changing = noise[:, -1][changes[:, -1] > 0]
    return max(float(np.median(changing)), m.QUIET) if len(changing) else m.QUIET


def _noise(level: Floats) -> tuple[Floats, Floats]:
    """Mean size of the changes up to each month (0 without any), and how many there were."""
    change = np.abs(np.diff(level, axis=1, prepend=np.nan))
    known = np.cumsum(np.isfinite(change), axis=1).astype(np.float64)
    return np.cumsum(np.nan_to_num(change), axis=1) / np.maximum(known, 1), known


def season_index(level: Floats, group: Ints, groups: int) -> Floats:
    """(groups, 12): what a place in the year adds; 0 for a group that has not seen all twelve changes.

    Place 0 is the first month of the pool. A month's change is a group's centre of least absolute error; the centres
    of a place are averaged over years and pulled towards none by `PULL_YEAR`.
    """
    changes = np.diff(level, axis=1)
    months = changes.shape[1]
    cell = group[:, None] * months + np.arange(months)
    known = np.isfinite(changes)
    centre = least_absolute(
        np.ones((int(known.sum()), 1)), changes[known], np.ones(int(known.sum())), cell[known],
        np.zeros((groups * months, 1)), m.PULL_MONTH,
    ).reshape(groups, months)  # fmt: skip
    seen = np.bincount(cell[known], minlength=groups * months).reshape(groups, months) > 0
    place = np.arange(1, months + 1) % m.YEAR
    years, total = np.zeros((groups, m.YEAR)), np.zeros((groups, m.YEAR))
    np.add.at(years.T, place, seen.T)
    np.add.at(total.T, place, np.where(seen, centre, 0.0).T)
    usual = total / np.maximum(years, 1)
    usual -= usual.mean(axis=1, keepdims=True)
    pulled = usual * years / (years + m.PULL_YEAR) * np.all(years > 0, axis=1)[:, None]
    return np.cumsum(pulled - pulled.mean(axis=1, keepdims=True), axis=1)


def last_falls(working: Floats) -> Flags:
    """(series, months): the last month, where it fell out of line with steady months before it.

    In the public DM01 returns of 2023 to 2025 about two in three lists that fell so were back at their level in the
    next month (an unreported site, a zero for a missing figure); those that rose so stayed there. So such a fall is
    set aside until a second month confirms it, and a rise is believed.
    """
    fallen = np.zeros(working.shape, dtype=bool)
    before = working[:, -1 - m.BEFORE : -1]
    rows = np.flatnonzero((np.isfinite(before).sum(axis=1) >= m.FEWEST_BEFORE) & np.isfinite(working[:, -1]))
    if len(rows):
        fall = np.nanmedian(before[rows], axis=1) - working[rows, -1]
        extent = np.nanmax(before[rows], axis=1) - np.nanmin(before[rows], axis=1)
        fallen[rows, -1] = (fall > m.FALL) & (fall > m.STEADY * extent)
    return fallen


def _past(level: Floats) -> _Past:
    noise, changes = _noise(level)
    noise = (noise * changes + m.PRIOR_CHANGES) / (changes + m.PRIOR_CHANGES)
    known = np.isfinite(level)
    total, count = np.cumsum(np.where(known, level, 0.0), axis=1), np.cumsum(known, axis=1)
    recent, recent_count = total.copy(), count.copy()
    recent[:, m.RECENT :] -= total[:, : -m.RECENT]
    recent_count[:, m.RECENT :] -= count[:, : -m.RECENT]
    means = recent / np.maximum(recent_count, 1), total / np.maximum(count, 1)
    away = np.stack([np.clip(level - mean, -m.FARTHEST, m.FARTHEST) for mean in means], axis=-1)
    loud = np.clip(np.log(noise), -m.STRONGEST, m.STRONGEST)[:, :, None]
    return _Past(
        level, noise, np.concatenate([away, away * loud], axis=-1), np.cumsum(known, axis=1) >= m.FEWEST_MONTHS
    )


def _last_known(level: Floats) -> Ints:
    """The place of the last known month of each series; -1 where none is."""
    known = np.isfinite(level)
    return np.where(known.any(axis=1), level.shape[1] - 1 - np.argmax(known[:, ::-1], axis=1), -1)


def _ahead(past: _Past, rows: Ints, last: Ints, pool: Pool) -> list[tuple[Floats, Floats]]:
    """For each month ahead: the centre of each of `rows`, season off, and what each level adds to it."""
    months = past.level.shape[1]
    level, noise, terms = past.level[rows, last], past.noise[rows, last], past.terms[rows, last]
    found = []
    classes = prior_classes(pool.levels)
    for ahead in range(1, pool.ahead + 1):
        then = max(months - ahead, 0)
        change = past.level[:, ahead:] - past.level[:, :then]
        use = np.isfinite(change) & past.taught[:, :then]
        group = np.broadcast_to(pool.group[:, None], use.shape)[use]
        x, y, own = past.terms[:, :then][use], change[use], past.noise[:, :then][use]
        weight = 1 / (own + m.WEIGHT_FLOOR)
        pooled = least_absolute(x, y, weight, np.zeros(len(y), np.int64), np.zeros((1, TERMS)), m.PULL_POOL)
        by_group = least_absolute(x, y, weight, group, np.repeat(pooled, pool.groups, axis=0), m.PULL_GROUP)
        error = (y - (x * by_group[group]).sum(axis=1)) / (own + 1)
        classes = error_classes(error, own, ahead, pool.levels, classes)
        spread = np.stack([np.interp(np.log(noise), classes[0], column) for column in classes[1].T], axis=1)
        found.append((level + (terms * by_group[pool.group[rows]]).sum(axis=1), spread * (noise + 1)[:, None]))
    return found


def least_absolute(x: Floats, y: Floats, weight: Floats, cell: Ints, towards: Floats, pull: float) -> Floats:
    """(cells, terms): for each cell the coefficients of least weighted absolute error, pulled `towards` given ones.

    Iteratively reweighted least squares (Schlossmacher, JASA 1973), `ROUNDS` rounds; errors below `SMALLEST_ERROR`
    weigh alike.
    """
    terms = towards.shape[1]
    order = np.argsort(cell, kind="stable")
    x, y, weight, cell = x[order], y[order], weight[order], cell[order]
    products = np.concatenate([(x[:, :, None] * x[:, None, :]).reshape(len(y), terms * terms), x * y[:, None]], axis=1)
    present, starts = np.unique(cell, return_index=True)
    coefficients = towards.copy()
    for _ in range(m.ROUNDS if len(y) else 0):
        error = np.abs(y - (x * coefficients[cell]).sum(axis=1))
        sums = np.add.reduceat(products * (weight / np.maximum(error, m.SMALLEST_ERROR))[:, None], starts, axis=0)
        square = sums[:, : terms * terms].reshape(-1, terms, terms) + pull * np.eye(terms)
        right = sums[:, terms * terms :] + pull * towards[present]
        coefficients[present] = np.linalg.solve(square, right[:, :, None])[:, :, 0]
    return coefficients


def prior_classes(levels: tuple[float, ...]) -> tuple[Floats, Floats]:
    """One class before any error is known, "0 months ahead": Student's t with the mean size of a usual change."""
    mean_size = 2 * np.sqrt(m.TAIL_FREEDOM) / np.pi  # of Student's t with three degrees of freedom
    return np.zeros(1), student.ppf(np.array(levels), m.TAIL_FREEDOM)[None, :] / mean_size / 2


def error_classes(
    error: Floats, noise: Floats, ahead: int, levels: tuple[float, ...], before: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """Classes of about as many past errors by noise: the log noise in their middle, (classes,), and (classes, levels).

    `before` are the classes of one month less: grown by the root of time they count for `PRIOR_ERRORS` errors, and
    errors that overlap count for one. Below the median no error is above 0, nor above it below: the centre is the
    median. The quantile is number p(n + 1) of n, as conformal prediction has it (Vovk and others, 2005).
    """
    size, wanted = len(error), np.array(levels)
    count = int(np.clip(size // m.CLASS_ROWS, 1, m.MOST_CLASSES))
    order = np.argsort(np.round(noise, 9), kind="stable")
    grown = np.sqrt(ahead / (ahead - 1)) if ahead > 1 else 1.0
    if not size:
        return before[0], before[1] * grown
    middles, found = [], []
    for part in np.array_split(order, count):
        middle = float(np.log(np.median(noise[part])))
        prior = grown * np.array([np.interp(middle, before[0], column) for column in before[1].T])
        own = np.quantile(error[part], wanted, method="weibull")
        independent = len(part) / ahead
        mixed = (independent * own + m.PRIOR_ERRORS * prior) / (independent + m.PRIOR_ERRORS)
        middles.append(middle)
        found.append(np.where(wanted < 0.5, np.minimum(mixed, 0), np.where(wanted > 0.5, np.maximum(mixed, 0), 0.0)))
    return np.array(middles), np.array(found)
