"""Lists, lists in groups, tables of rows by columns, and shares of two such tables: each made into a `Table`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from trustwide.analysis.disclosure.model import DisclosureError, Split, Sum, Table, Whole, whole_counts


def listed(counts: ArrayLike, total: int | None = None) -> Table:
    """A list of n counts. The table has n + 1 cells, the total last; it is not printed when `total` is None.

    Raises `DisclosureError` for what is no count and for a total that is not the sum.
    """
    values = whole_counts(counts, "the list", 1)
    last = values.sum() if total is None else whole_counts(total, "the total of the list", 0)
    printed = np.append(np.ones(len(values), dtype=bool), total is not None)
    sums = (Sum(len(values), tuple(range(len(values)))),)
    return Table(np.append(values, last), sums, printed, words=("the total of the list",))


def grouped(groups: Sequence[ArrayLike], subtotals: ArrayLike | None = None, total: int | None = None) -> Table:
    """Lists in groups (wards in sites), a subtotal after each group's counts, the total last; one dimension.

    Subtotals or a total that are None are not printed; those given must add up. Raises `DisclosureError` as `listed`.
    """
    lists = [whole_counts(each, f"group {number}", 1) for number, each in enumerate(groups, 1)]
    own = np.array([each.sum() for each in lists], dtype=np.int64)
    subs = own if subtotals is None else whole_counts(subtotals, "the list of subtotals", 1)
    if len(subs) != len(lists):
        raise DisclosureError(f"there are {len(subs)} subtotals and {len(lists)} groups; expected as many.")
    last = subs.sum() if total is None else whole_counts(total, "the total of the groups", 0)
    values = np.concatenate([*(np.append(each, sub) for each, sub in zip(lists, subs, strict=True)), [last]])
    ends = np.cumsum([0, *(len(each) + 1 for each in lists)])
    sums = [Sum(int(end) - 1, tuple(range(start, end - 1))) for start, end in pairwise(ends)]
    sums.append(Sum(len(values) - 1, tuple(int(end) - 1 for end in ends[1:])))
    shown = np.ones(len(values), dtype=bool)
    shown[[each.total for each in sums[:-1]]] = subtotals is not None
    shown[-1] = total is not None
    words = (*(f"the subtotal of group {number}" for number in range(1, len(lists) + 1)), "the total of the groups")
    return Table(values.astype(np.int64), tuple(sums), shown, words=words)


def crossed(
    counts: ArrayLike,
    row_totals: ArrayLike | None = None,
    column_totals: ArrayLike | None = None,
    grand_total: int | None = None,
) -> Table:
    """Rows by columns (sites by months). The table has one row and one column more, for the totals.

    `counts` is rows x columns. Totals that are None are not printed; those given must add up.
    Raises `DisclosureError` as `listed`.
    """
    inner = whole_counts(counts, "the table", 2)
    rows, columns = inner.shape
    values = np.zeros((rows + 1, columns + 1), dtype=np.int64)
    values[:-1, :-1] = inner
    values[:-1, -1] = _totals(row_totals, inner.sum(axis=1), "row")
    values[-1, :-1] = _totals(column_totals, inner.sum(axis=0), "column")
    values[-1, -1] = inner.sum() if grand_total is None else whole_counts(grand_total, "the grand total", 0)
    printed = np.ones(values.shape, dtype=bool)
    printed[:-1, -1], printed[-1, :-1] = row_totals is not None, column_totals is not None
    printed[-1, -1] = grand_total is not None
    place = np.arange(values.size).reshape(values.shape)
    # the last column's sum is the grand total; that it is the sum of the column totals too follows from the rest
    sums = [Sum(int(line[-1]), tuple(map(int, line[:-1]))) for line in (*place[:-1], *place.T)]
    words = [f"the total of row {row}" for row in range(1, rows + 1)]
    words += [f"the total of column {column}" for column in range(1, columns + 1)]
    return Table(values, tuple(sums), printed, words=(*words, "the grand total"))


def _totals(given: ArrayLike | None, own: Whole, what: str) -> Whole:
    if given is None:
        return own
    totals = whole_counts(given, f"the list of {what} totals", 1)
    if len(totals) != len(own):
        raise DisclosureError(f"there are {len(totals)} {what} totals and {len(own)} {what}s; expected as many.")
    return totals


def shares(numerators: Table, denominators: Table) -> Table:
    """Two tables made alike, of n and of d. Values: n, d - n and d, stacked; the middle one is never printed.

    Wherever n, d - n or d is small the numerator and the share are hidden: a share near 100 % gives away a small
    rest, and one of few says too much of each. Raises `DisclosureError` where n is more than d.
    """
    n, d = numerators.values, denominators.values
    if n.shape != d.shape or not np.array_equal(numerators.printed, denominators.printed):
        raise DisclosureError(
            f"the numerators have the shape {n.shape}, the denominators {d.shape}; "
            "expected one shape, with the same totals."
        )
    if numerators.sums != denominators.sums or numerators.splits or denominators.splits:
        raise DisclosureError(
            "numerators and denominators add up differently; expected two tables of counts made alike."
        )
    if (n > d).any():
        where = ", ".join(str(each + 1) for each in np.argwhere(n > d)[0])
        raise DisclosureError(
            f"the numerator at {where} is {n[n > d][0]:,}, its denominator {d[n > d][0]:,}; expected no more than that."
        )
    size = n.size
    sums = [
        Sum(each.total + layer * size, tuple(part + layer * size for part in each.parts))
        for layer in range(2)  # that the denominators add up follows
        for each in numerators.sums
    ]
    splits = tuple(Split(cell, cell + size, cell + 2 * size) for cell in range(size))
    sums += [Sum(each.whole, (each.part, each.rest)) for each in splits]
    printed = np.stack([numerators.printed, np.zeros_like(numerators.printed), numerators.printed])
    return Table(np.stack([n, d - n, d]), tuple(sums), printed, splits)
