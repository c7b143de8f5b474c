"""Hide small counts and what would give them away: the smallest set for small tables, a small one for large ones."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csc_array

from trustwide.analysis.disclosure.attack import matrix_of
from trustwide.analysis.disclosure.knowledge import Secret, secret_of
from trustwide.analysis.disclosure.model import DisclosureError, Mask, Rule, Suppressed, Table, Whole
from trustwide.analysis.disclosure.optimum import smallest
from trustwide.analysis.disclosure.quick import held_open, quickly

MOST_CELLS = 100
"""Larger tables are done the quick way."""
MOST_SECRETS = 15
"""So are those with more counts to protect."""
MOST_WORK = 800
"""Cells times rounds of cutting; where that is not enough, the quick way is taken after all."""


def suppress(table: Table, rule: Rule | None = None) -> Suppressed:
    """`table` as it may be shown to those who may not see the rows behind it. Raises `DisclosureError`.

    Hidden are the small counts, then the fewest other cells, the smallest first, so that no small count can be worked
    out from what is shown: not exactly, not within less than `rule.protection`, not as small. Totals are hidden where
    they must be. The same table always gives the same answer: of two answers one would give away the other.

    Source: `Rule` for the threshold; NHS Digital, disclosure control methodology for HES and ECDS, September 2018, for
    `round_to`; Fischetti and Salazar, Management Science 47 (2001), for the cells hidden besides.
    """
    rule = rule or Rule()
    secret, matrix = secret_of(table, rule), matrix_of(table)
    small_enough = len(secret.values) <= MOST_CELLS and np.count_nonzero(secret.width) <= MOST_SECRETS
    rounds = MOST_WORK // max(len(secret.values), 1)
    best = smallest(matrix, secret, rule, rounds) if small_enough else None
    hidden, others = best or quickly(matrix, secret, rule)
    if not proven(matrix, secret, rule, hidden, others):
        raise DisclosureError(
            "it could not be proven that the hidden counts are safe; show nothing of this table and report it."
        )
    shape = table.values.shape
    protecting = hidden & ~secret.primary
    return Suppressed(table, rule, secret.primary.reshape(shape), protecting.reshape(shape), best is not None, others)


def proven(matrix: csc_array, secret: Secret, rule: Rule, hidden: Mask, others: Whole) -> bool:
    """Whether `others` prove that `hidden` is enough: by adding up, without trust in the solver that found them.

    Each is a table that a reader cannot rule out; together with the true one they leave every small count open.
    """
    low, high = secret.known(hidden)
    possible = (others >= low).all() and (others <= high).all() and not (matrix @ others.T).any()
    tables = np.vstack([secret.values, others])
    return bool(possible and held_open(tables, secret, rule).all() and (hidden >= secret.primary).all())
