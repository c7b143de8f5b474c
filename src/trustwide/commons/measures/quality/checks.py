"""Every check of many series at once. `reference` says what each of them is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from trustwide.commons.measures.quality import kinds
from trustwide.commons.measures.quality.kinds import Doubt, Reason, Series

_REASONS: tuple[Reason, ...] = ("", "not finite", "negative", "negative below", "above", "not whole")


def doubts(series: Series) -> list[Doubt]:
    """Everything to doubt in each series, by series, period and kind. Nothing is late here: that is for peers to say.

    Takes numpy arrays as `Series` describes them; figures that are not finite are found, never an error.
    """
    if not len(series.numbers):
        return []
    seen = _Seen(series)
    with np.errstate(all="ignore"):  # infinities are among what is looked for
        found = [*_impossible(seen), *_copied(seen), *_zeros(seen), *_jumps(seen)]
        found += _gaps(seen) if series.gaps else ()
    return sorted(found, key=lambda doubt: (doubt.series, doubt.first, doubt.kind))


class _Seen:
    """The columns of `Series` with what every check needs: each row's series, its first and its last row."""

    def __init__(self, series: Series) -> None:
        self.numbers, self.above, self.below = series.numbers, series.numerators, series.denominators
        self.offsets = series.offsets
        self.of = np.repeat(np.arange(len(series)), np.diff(series.offsets))
        self.starts, self.ends = series.offsets[:-1][self.of], series.offsets[1:][self.of] - 1
        place = np.arange(len(self.numbers))
        # whether a row is the period just after the row before it, of the same series
        self.follows = np.zeros(len(place), dtype=bool)
        self.follows[1:] = (np.diff(self.numbers) == 1) & (place[1:] > self.starts[1:])
        quantities = np.array(series.quantities, dtype=object)
        self.counting, self.shares, self.whole, self.means = (
            np.isin(quantities.astype(str), among)[self.of]
            for among in (kinds.COUNTING, kinds.SHARES, kinds.WHOLE_NUMERATOR, ("mean",))
        )

    def runs(self, codes: Any) -> tuple[Any, Any]:
        """First and last row of each run of one code other than 0 in one series."""
        changes = np.flatnonzero((codes[1:] != codes[:-1]) | (self.of[1:] != self.of[:-1])) + 1
        firsts = np.concatenate(([0], changes))
        lasts = np.concatenate((changes, [len(codes)])) - 1
        coded = codes[firsts] != 0
        return firsts[coded], lasts[coded]


def _impossible(seen: _Seen) -> Iterator[Doubt]:
    codes = _reasons(seen)
    for first, last in zip(*seen.runs(codes), strict=True):
        figures = (float(seen.above[first]), float(seen.below[first]))
        yield _doubt(seen, "impossible", first, last, figures, _REASONS[codes[first]])


def _reasons(seen: _Seen) -> Any:
    """For each row the place in _REASONS of why it cannot be; 0 where it can."""
    above, below = seen.above, seen.below
    faults = (
        ~np.isfinite(above) | np.isinf(below),
        seen.counting & (above < 0),
        below < 0,
        seen.shares & (above > below * (1 + 1e-9)),
        seen.whole & (np.abs(above - np.round(above)) > kinds.WHOLE),
    )
    return np.select(faults, range(1, len(_REASONS)), 0)


def _copied(seen: _Seen) -> Iterator[Doubt]:
    above, below = seen.above, seen.below
    same = np.zeros(len(above), dtype=bool)
    same[1:] = (above[1:] == above[:-1]) & ((below[1:] == below[:-1]) | (np.isnan(below[1:]) & np.isnan(below[:-1])))
    repeats = same & seen.follows & (above != 0)
    wanted = np.zeros(len(seen.offsets) - 1, dtype=bool)
    wanted[seen.of[repeats]] = True
    firsts, lasts = seen.runs(repeats)
    chances = _chances(seen, firsts, wanted) ** (lasts - firsts + 1)
    odd = chances <= kinds.COPIED_CHANCE
    for first, last, chance in zip(firsts[odd], lasts[odd], chances[odd], strict=True):
        yield _doubt(seen, "copied", first, last, (float(above[first]), float(below[first]), float(chance)))


def _chances(seen: _Seen, places: Any, wanted: Any) -> Any:
    """The chance that each of these rows repeats the one before by itself; `wanted` are the series they are of."""
    above, below, of = seen.above, seen.below, seen.of[places]
    by_above, by_rest, by_below = (
        _chance(column[places], _usual_steps(seen, column, wanted)[of]) for column in (above, below - above, below)
    )
    divided, shares = ~np.isnan(below[places]), seen.shares[places]
    return np.where(divided, np.where(shares, np.maximum(by_above, by_rest), by_above) * by_below, by_above)


def _chance(figures: Any, usual_steps: Any) -> Any:
    known = np.isfinite(figures) & (usual_steps > 0) & (figures != 0)
    rarest = np.maximum(0.5 / usual_steps, 1 / np.sqrt(4 * np.pi * np.abs(figures)))
    return np.where(known, np.minimum(1.0, rarest), 1.0)


def _usual_steps(seen: _Seen, figures: Any, wanted: Any) -> Any:
    """The middle of the sizes of each wanted series' steps; NaN where there are too few to say."""
    steps = np.abs(np.diff(figures))
    inside = (seen.of[1:] == seen.of[:-1]) & wanted[seen.of[1:]] & np.isfinite(steps)
    middles, numbers = _medians(steps[inside], seen.of[1:][inside], len(wanted))
    return np.where(numbers >= kinds.COPIED_STEPS, middles, np.nan)


def _medians(values: Any, of: Any, count: int) -> tuple[Any, Any]:
    """The median of each series' values (NaN for none), and how many there are."""
    numbers = np.bincount(of, minlength=count)
    ordered = values[np.lexsort((values, of))]
    starts = np.concatenate(([0], np.cumsum(numbers)[:-1]))
    middles = np.full(count, np.nan)
    some = numbers > 0
    low, high = starts[some] + (numbers[some] - 1) // 2, starts[some] + numbers[some] // 2
    middles[some] = (ordered[low] + ordered[high]) / 2
    return middles, numbers


def _zeros(seen: _Seen) -> Iterator[Doubt]:
    figures = seen.above
    firsts, lasts = seen.runs(figures == 0)
    preceded = firsts > seen.starts[firsts]
    kept = preceded & (lasts - firsts < kinds.MOST_ZEROS)
    firsts, lasts = firsts[kept], lasts[kept]
    followed = lasts < seen.ends[lasts]
    usual = np.minimum(figures[firsts - 1], _levels(seen, firsts, -1))
    after = np.minimum(figures[np.minimum(lasts + 1, seen.ends[lasts])], _levels(seen, lasts, 1))
    usual = np.where(followed, np.minimum(usual, after), usual)
    least = np.where(followed, kinds.ZERO_USUAL, kinds.ZERO_USUAL_AT_END)
    odd = np.isfinite(usual) & (usual >= least)
    for first, last, level in zip(firsts[odd], lasts[odd], usual[odd], strict=True):
        yield _doubt(seen, "zero", first, last, (float(level),))


def _levels(seen: _Seen, places: Any, step: int) -> Any:
    """The median of up to LEVEL_OF figures before (-1) or after (1) each row; minus infinity if one is not finite."""
    if not len(places):
        return np.empty(0)
    reach = places[:, None] + step * np.arange(1, kinds.LEVEL_OF + 1)
    inside = (reach >= seen.starts[places][:, None]) & (reach <= seen.ends[places][:, None])
    near = seen.above[np.clip(reach, 0, len(seen.above) - 1)]
    unusable = (inside & ~np.isfinite(near)).any(axis=1) | ~inside.any(axis=1)
    near = np.where(inside, near, np.nan)
    near[unusable] = 0.0
    return np.where(unusable, -np.inf, np.nanmedian(near, axis=1))


def _jumps(seen: _Seen) -> Iterator[Doubt]:
    inner = np.flatnonzero(seen.follows[1:-1] & seen.follows[2:] & (_reasons(seen)[1:-1] == 0)) + 1
    above, below = (_jumped(column, inner) for column in (seen.above, seen.below))
    for place, by_numerator in zip(inner[above | below], above[above | below], strict=True):
        column, reason = (seen.above, _ABOVE) if by_numerator else (seen.below, _BELOW)
        before, figure, after = (float(each) for each in column[place - 1 : place + 2])
        yield _doubt(seen, "jump", place, place, (before, figure, after), reason)


_ABOVE: Reason = "numerator"
_BELOW: Reason = "denominator"


def _jumped(column: Any, places: Any) -> Any:
    before, figure, after = (column[places + step] for step in (-1, 0, 1))
    sound = np.logical_and.reduce([np.isfinite(each) & (each > 0) for each in (before, figure, after)])
    up = (figure >= kinds.JUMP_FROM) & (figure >= kinds.JUMP_TIMES * np.maximum(before, after))
    low = np.minimum(before, after)
    return sound & (up | (low >= np.maximum(kinds.JUMP_FROM, kinds.JUMP_TIMES * figure)))


def _gaps(seen: _Seen) -> Iterator[Doubt]:
    after = np.flatnonzero((seen.of[1:] == seen.of[:-1]) & (np.diff(seen.numbers) > 1)) + 1
    wanted = np.zeros(len(seen.offsets) - 1, dtype=bool)
    wanted[seen.of[after]] = True
    fewer = np.where(np.isnan(seen.above), seen.below, np.minimum(np.abs(seen.above), seen.below))
    counted = np.where(np.isnan(seen.below), seen.above, np.where(seen.means, fewer, seen.below))
    rows = wanted[seen.of] & np.isfinite(counted)
    usual, _ = _medians(counted[rows], seen.of[rows], len(wanted))
    for place in after[usual[seen.of[after]] >= kinds.GAP_USUAL]:
        first, last = int(seen.numbers[place - 1]) + 1, int(seen.numbers[place]) - 1
        yield Doubt(int(seen.of[place]), "gap", first, last)


def _doubt(
    seen: _Seen, kind: kinds.Kind, first: Any, last: Any, figures: tuple[float, ...], reason: Reason = ""
) -> Doubt:
    return Doubt(int(seen.of[first]), kind, int(seen.numbers[first]), int(seen.numbers[last]), figures, reason)
