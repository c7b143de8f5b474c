"""Which counts need protecting, and what a reader knows of each cell before doing any sums."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trustwide.analysis.disclosure.model import Mask, Numbers, Rule, Table, Whole, rounded


@dataclass(frozen=True, eq=False)
class Secret:
    """A flattened table with what the rule says about each cell."""

    values: Whole
    sensitive: Mask
    """Counts that a reader must not know to be small: small ones, and all parts of a small denominator."""
    primary: Mask
    """Hidden whatever else is: the printed ones of them, and numerators that would give away a small rest."""
    width: Whole
    """How wide a reader's interval must be: the protection for sensitive cells, 1 for other primary ones, else 0."""
    hideable: Mask
    """Those that may be hidden besides."""
    unprinted: Mask
    least: Whole
    """The least that a reader knows a count to be when it is not shown."""
    shown_low: Whole
    shown_high: Whole
    """Between what a reader knows it to be when it is shown: the same number, unless counts are rounded."""

    def known(self, hidden: Mask) -> tuple[Numbers, Numbers]:
        """The least and most each cell can be by itself, given which are hidden."""
        unseen = hidden | self.unprinted
        low = np.where(unseen, self.least, self.shown_low).astype(np.float64)
        return low, np.where(unseen, np.inf, self.shown_high)


def secret_of(table: Table, rule: Rule) -> Secret:
    """What `rule` says about each cell of `table`."""
    values, printed = table.values.ravel(), table.printed.ravel()
    sensitive = _small(values, rule) & printed
    primary = sensitive.copy()
    may_be_zero = np.full(values.size, rule.zeros_hidden) | ~printed
    # a zero that is no secret is never hidden: it is mostly a service that a site does not have, known to all
    may_be_hidden = values > 0
    for split in table.splits:
        if not printed[split.part]:
            continue
        cells = [split.part, split.rest, split.whole]
        part, rest, whole = _small(values[cells], rule)
        sensitive[cells] = part | whole, rest | whole, whole
        primary[split.part] = part | rest | whole
        # but a numerator of 0 is hidden where its denominator is small, and so must be a total of 0 over it
        may_be_zero[split.part] = True
        may_be_hidden[split.part] = values[split.whole] > 0
    low, high = _as_shown(values, rule)
    return Secret(
        values=values,
        sensitive=sensitive,
        primary=primary,
        width=np.where(sensitive, rule.protection, np.where(primary, 1, 0)),
        hideable=printed & ~primary & may_be_hidden,
        unprinted=~printed,
        least=np.where(may_be_zero, 0, 1),
        shown_low=low,
        shown_high=high,
    )


def _small(values: Whole, rule: Rule) -> Mask:
    return (values < rule.threshold) & ((values > 0) | rule.zeros_hidden)


def _as_shown(values: Whole, rule: Rule) -> tuple[Whole, Whole]:
    """Between what numbers a count lies that is shown rounded; zeros are shown as they are."""
    if rule.round_to is None:
        return values, values
    near = rounded(values, rule)
    low = np.maximum(near - rule.round_to // 2, rule.threshold)
    high = near + (rule.round_to - 1) // 2
    return np.where(values == 0, 0, low), np.where(values == 0, 0, high)
