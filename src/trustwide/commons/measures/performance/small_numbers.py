"""Which figures of a report must not be shown to a reader who may not see the rows behind them.

The whole partnership is one table a measure and period: sites within partners, a subtotal a partner, the total. What is
hidden is decided on that table whatever part of it a report shows, so that the packs of two partners and of the group
cannot be subtracted from one another. The science is `analysis.disclosure`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trustwide.commons.measures.definition import MeasureDefinition, logical_table

if TYPE_CHECKING:
    from trustwide.analysis.disclosure import Table

Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]
Groups = tuple[tuple[int, ...], ...]

SHARES = ("share", "stock_share")
THRESHOLD = 5  # as `disclosure.Rule` has it


def is_published(definition: MeasureDefinition) -> bool:
    """Whether everybody may read the figures of this measure anyway."""
    return logical_table(definition.table).published


def people_behind(definition: MeasureDefinition, above: Numbers, below: Numbers) -> Numbers:
    """The part of each figure that counts people: the numerator, but of a mean what its definition names.

    A mean that names none, as of minutes out of minutes, is judged by its denominator: how much it rests on.
    """
    counted = definition.quantity != "mean" or definition.people == "numerator"
    return above if counted else below


def has_small(definition: MeasureDefinition, above: Numbers, below: Numbers) -> Flags:
    """For each figure, whether one to four people stand behind it, or are what is missing to the whole of a share."""
    counts = [people_behind(definition, above, below)]
    if definition.quantity in SHARES:
        counts += [below, below - above]
    return np.asarray(np.any([(each > 0) & (np.round(each) < THRESHOLD) for each in counts], axis=0))


def hidden(definition: MeasureDefinition, groups: Sequence[Sequence[int]], above: Numbers, below: Numbers) -> Flags:
    """Which figures to hide: one row a site, then one a group (partner), then one for the total; a column a period.

    above, below: numerators and denominators, sites x periods, NaN where there is none. `groups` name rows of them by
    place; a site in no group is one whose rows the reader may see, so it is never hidden, and a group or the total
    is hidden as what the reader does not know of it is.
    """
    sites, periods = above.shape
    out = np.zeros((sites + len(groups) + 1, periods), dtype=bool)
    unknown = [site for group in groups for site in group]
    small = has_small(definition, above, below)[unknown].any(axis=0) if unknown else np.zeros(periods, dtype=bool)
    sizes = tuple(len(group) for group in groups)
    tables = [people_behind(definition, above, below), *([below] if definition.quantity in SHARES else [])]
    for period in np.flatnonzero(small):
        columns = (tuple(np.nan_to_num(np.round(each[unknown, period])).tolist()) for each in tables)
        found = iter(_hidden(sizes, *columns))
        for number, group in enumerate(groups):
            for site in group:
                out[site, period] = next(found)
            out[sites + number, period] = next(found) if group else False
        out[-1, period] = next(found)
    return out


@lru_cache(maxsize=8192)  # the same table always gives the same answer, and solving takes a while
def _hidden(sizes: tuple[int, ...], people: tuple[float, ...], out_of: tuple[float, ...] | None = None) -> list[bool]:
    """For one period, in the order of `disclosure.grouped`: each group's sites, its subtotal, and last the total.

    `out_of` are the denominators of a share, of which the people are part.
    """
    from trustwide.analysis.disclosure import DisclosureError, shares, suppress

    filled = [size for size in sizes if size]
    try:
        counts = _grouped(filled, people)
        if out_of is None:
            return [bool(each) for each in suppress(counts).hidden]
        found = suppress(shares(counts, _grouped(filled, out_of))).hidden
        return [bool(each) for each in found[0] | found[2]]
    except DisclosureError:  # figures that contradict themselves: nothing of them is shown
        return [True] * (len(people) + len(filled) + 1)


def _grouped(sizes: Sequence[int], counts: Sequence[float]) -> Table:
    from trustwide.analysis.disclosure import grouped

    ends = np.cumsum([0, *sizes])
    lists = [np.asarray(counts[start:end]) for start, end in pairwise(ends)]
    return grouped(lists, [int(each.sum()) for each in lists], int(sum(counts)))
