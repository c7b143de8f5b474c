"""The definition, slow and readable: every table a reader cannot rule out, and every set of cells that could be hidden.

For tables of a few small counts only. What can be unbounded is followed up to `beyond` above the true count. To see
whether an interval is as wide as a rule asks for, the larger of threshold and protection is enough, for in lists and
tables of counts no other cell need move further than the one asked about; for shares by row and column twice that.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import chain, combinations

import numpy as np

from trustwide.analysis.disclosure.model import Mask, Rule, Table, Whole


def possible_tables(table: Table, beyond: int) -> Whole:
    """Every table, flattened, that adds up as `table` does, with each count from 0 to `beyond` above the true one."""
    flat = table.values.ravel()
    sums = [(each.total, each.parts) for each in table.sums]
    totals = {total for total, _ in sums}
    cells = [cell for cell in range(len(flat)) if cell not in totals]
    counts = [int(flat[cell]) + beyond + 1 for cell in cells]
    found = np.zeros((math.prod(counts), len(flat)), dtype=np.int64)
    found[:, cells] = np.indices(counts).reshape(len(cells), -1).T
    for total, parts in sums:
        found[:, total] = found[:, list(parts)].sum(axis=1)
    return found


def believable(tables: Whole, table: Table, hidden: Mask, rule: Rule) -> Whole:
    """Those of `tables` that a reader cannot rule out when `hidden` is hidden."""
    keep = np.ones(len(tables), dtype=bool)
    numerators = {split.part for split in table.splits}
    for cell, (value, unseen, printed) in enumerate(
        zip(table.values.flat, hidden.flat, table.printed.flat, strict=True)
    ):
        if printed and not unseen:
            keep &= np.isin(tables[:, cell], shown_as(int(value), rule))
        elif printed and not rule.zeros_hidden and cell not in numerators:
            keep &= tables[:, cell] > 0  # zeros are shown, so this is none
    return tables[keep]


def shown_as(value: int, rule: Rule) -> list[int]:
    """All counts that are shown by the same number as `value`."""
    if value == 0 or rule.round_to is None:
        return [value]

    def nearest(count: int) -> int:
        return int((count + rule.round_to / 2) // rule.round_to * rule.round_to) if rule.round_to else count

    others = range(rule.threshold, value + rule.round_to + 1)
    return [count for count in others if nearest(count) == nearest(value)]


def small(value: int, rule: Rule) -> bool:
    """Whether a count is to be hidden."""
    return 0 < value < rule.threshold or (value == 0 and rule.zeros_hidden)


def must_hide(table: Table, rule: Rule) -> set[int]:
    """The printed cells that are hidden whatever else is."""
    flat, printed = table.values.ravel(), table.printed.ravel()
    cells = {cell for cell in range(len(flat)) if printed[cell] and small(int(flat[cell]), rule)}
    for split in table.splits:
        three = (split.part, split.rest, split.whole)
        if printed[split.part] and any(small(int(flat[cell]), rule) for cell in three):
            cells.add(split.part)
    return cells


def must_not_look_small(table: Table, rule: Rule) -> set[int]:
    """The cells, rests of shares among them, that must be held open as the rule asks."""
    flat, printed = table.values.ravel(), table.printed.ravel()
    cells = {cell for cell in range(len(flat)) if printed[cell] and small(int(flat[cell]), rule)}
    for split in table.splits:
        if printed[split.part] and small(int(flat[split.whole]), rule):
            cells |= {split.part, split.rest}
        if printed[split.part] and small(int(flat[split.rest]), rule):
            cells.add(split.rest)
    return cells


def given_away(tables: Whole, table: Table, hidden: Mask, rule: Rule) -> set[int]:
    """The cells that a reader of the shown ones knows too well; `tables` as `possible_tables` gives them."""
    left = believable(tables, table, hidden, rule)
    most, least = left.max(axis=0), left.min(axis=0)
    exact = {int(cell) for cell in np.flatnonzero(hidden.ravel()) if most[cell] == least[cell]}
    open_cells = must_not_look_small(table, rule)
    return exact | {
        cell for cell in open_cells if most[cell] - least[cell] < rule.protection or most[cell] < rule.threshold
    }


def smallest(table: Table, rule: Rule, tables: Whole) -> tuple[int, int]:
    """How few cells must be hidden besides those that must, and the least that they can add up to."""
    flat, printed = table.values.ravel(), table.printed.ravel()
    always = must_hide(table, rule)
    # zeros are not hidden besides, but for numerators of somebody
    numerators = {split.part for split in table.splits if flat[split.whole]}
    may = [cell for cell in range(len(flat)) if printed[cell] and (flat[cell] > 0 or cell in numerators)]
    others = [cell for cell in may if cell not in always]
    best = None
    for chosen in _subsets(others):
        size = len(chosen), int(flat[list(chosen)].sum())
        if best is None or size < best:
            hidden = np.isin(np.arange(len(flat)), [*always, *chosen]).reshape(table.values.shape)
            if not given_away(tables, table, hidden, rule) & (set(always) | must_not_look_small(table, rule)):
                best = size
    if best is None:
        raise AssertionError("hiding everything is always enough")
    return best


def _subsets(cells: list[int]) -> Iterator[tuple[int, ...]]:
    return chain.from_iterable(combinations(cells, number) for number in range(len(cells) + 1))
