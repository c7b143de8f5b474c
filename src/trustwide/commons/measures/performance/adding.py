"""How the figures of several series become one: numerators and denominators are added, where that means something.

Rates and shares are never averaged: the whole's value is its own numerator over its own denominator. A denominator that
belongs to the period, such as its working days, is counted once. What cannot be added is not shown for the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from trustwide.commons.measures.definition import MeasureDefinition, logical_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustwide.commons.measures.performance.left_out import LeftOut

Way = Literal["added", "of the period", "not added"]
Numbers = NDArray[np.float64]

GRACE = 3  # periods after its last figure in which a series still counts as missing, not as ended
TOO_MUCH = 0.01  # of the whole: if more than that is missing in a period, the whole has no figure for it


@dataclass(frozen=True, eq=False)
class Panel:
    """The figures of one measure: `keys` are (site, breakdown); arrays are series x periods, NaN where there is none.

    `periods` are the first days of every period in which any series has a figure, oldest first. `left_out` are those of
    the figures that somebody left out of the chart of their own series.
    """

    definition: MeasureDefinition
    keys: tuple[tuple[int, str], ...]
    periods: NDArray[np.datetime64]
    above: Numbers
    below: Numbers
    left_out: tuple[LeftOut, ...] = ()

    def of(self, sites: Sequence[int]) -> Panel:
        """Only the series of these sites, over the same periods."""
        chosen = [place for place, (site, _) in enumerate(self.keys) if site in sites]
        keys = tuple(self.keys[place] for place in chosen)
        left_out = tuple(each for each in self.left_out if (each.site_id, each.breakdown) in keys)
        return Panel(self.definition, keys, self.periods, self.above[chosen], self.below[chosen], left_out)


@lru_cache(maxsize=1024)
def ways(definition: MeasureDefinition) -> tuple[Way, Way]:
    """How numerators and denominators of several series come together, read from the definition's own expression."""
    import ibis

    table = logical_table(definition.table)
    rows: Any = ibis.table(dict(table.columns), name=table.name)
    prepared = definition.rows(rows) if definition.rows else rows
    below: Way = _way(definition.denominator(prepared)) if definition.denominator else "added"
    above = _way(definition.numerator(prepared))
    return ("added" if above == "added" else "not added"), below


def _way(expression: Any) -> Way:
    import ibis.expr.operations as ops

    found = expression.op().find(ops.Reduction)
    if found and all(isinstance(each, ops.Sum | ops.Count | ops.CountStar) for each in found):
        return "added"
    return "of the period" if found and all(isinstance(each, ops.Max | ops.Min) for each in found) else "not added"


def added(panel: Panel) -> tuple[Numbers, Numbers]:
    """Numerator and denominator of all series of a panel together, for each period; NaN where they cannot be told.

    Where figures are counts, or lie over a denominator of the period, a missing series would make the whole look
    smaller: so nothing is told where what is missing was more than a hundredth of it.
    """
    none = np.full(len(panel.periods), np.nan)
    if not len(panel.keys):
        return none, none
    if len(panel.keys) == 1:
        return panel.above[0], panel.below[0]
    above, below = ways(panel.definition)
    if "not added" in (above, below):
        return none, none
    there = ~np.isnan(panel.above)
    whole = np.where(there.any(axis=0), np.nansum(panel.above, axis=0), np.nan)
    if panel.definition.denominator is None:
        under = none
    else:
        known = np.where(there, panel.below, -np.inf if below == "of the period" else 0.0)
        under = known.max(axis=0) if below == "of the period" else known.sum(axis=0)
        under = np.where(there.any(axis=0), under, np.nan)
    if panel.definition.denominator is None or below == "of the period":
        lost = missing(panel).sum(axis=0)
        whole = np.where(lost > TOO_MUCH * np.abs(np.nan_to_num(whole)), np.nan, whole)
    return whole, under


def outweighed(panel: Panel) -> NDArray[np.bool_]:
    """For each period, whether what is left out of own charts is too much of the whole, whose chart then leaves it out.

    That is more than a hundredth, of the numerators or of the denominators where these are added. The size of a part is
    its figure, or its usual one (the median of those that stand) where that is larger: a figure that is wrongly near
    nothing tears as large a hole. Where the whole has one series, whatever is left out of it.
    """
    marked = _left_out(panel)
    if len(panel.keys) < 2:
        return np.asarray(marked.any(axis=0))
    added_below = panel.definition.denominator is not None and ways(panel.definition)[1] == "added"
    found = np.zeros(len(panel.periods), dtype=bool)
    for figures in (panel.above, panel.below) if added_below else (panel.above,):
        size = np.abs(np.nan_to_num(figures))
        stands = ~np.isnan(figures) & ~marked
        usual = [float(np.median(own[there])) if there.any() else 0.0 for own, there in zip(size, stands, strict=True)]
        lost = np.where(marked, np.maximum(size, np.array(usual)[:, np.newaxis]), 0.0).sum(axis=0)
        found |= lost > TOO_MUCH * np.abs(np.nansum(figures, axis=0))
    return found


def _left_out(panel: Panel) -> NDArray[np.bool_]:
    """Which figures of a panel are left out of their own charts, series x periods."""
    series = {key: number for number, key in enumerate(panel.keys)}
    marked = np.zeros(panel.above.shape, dtype=bool)
    for each in panel.left_out:
        marked[series[each.site_id, each.breakdown], np.searchsorted(panel.periods, np.datetime64(each.period))] = True
    return marked


def missing(panel: Panel) -> Numbers:
    """For each series and period the size of a figure that should be there and is not: its last one, else 0."""
    there = ~np.isnan(panel.above)
    count = there.shape[1]
    place = np.arange(count)
    newest = np.maximum.accumulate(np.where(there, place, -1), axis=1)
    last = newest[:, -1:]
    wanted = ~there & (newest >= 0) & (place <= last + GRACE)
    carried = np.take_along_axis(np.nan_to_num(panel.above), np.maximum(newest, 0), axis=1)
    return np.where(wanted, np.abs(carried), 0.0)
