"""A small set of cells to hide, by some dozen linear programs whatever the size of the table.

The small counts are taken in turns. For each turn a table is sought that adds up, in which all of them have grown past
the threshold and by the protection, and which moves as little else as can be; what it moves is hidden, and is free for
the turns to come. So the tables themselves prove that nothing is given away. A second try in each turn makes it dearer
to move one more cell than to move one further that moves anyway, as hiding has a price by the cell, not by the unit
(reweighting: Candès, Wakin and Boyd, J Fourier Anal Appl 14, 2008).
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csc_array, hstack

from trustwide.analysis.disclosure.attack import is_whole
from trustwide.analysis.disclosure.knowledge import Secret
from trustwide.analysis.disclosure.model import DisclosureError, Mask, Numbers, Rule, Whole
from trustwide.analysis.disclosure.optimum import Search, prices_of

_TURNS = 8
"""One turn for all would have them grow together, which hides up to half as much again."""
_TRIES = 2
_MOST_CELLS_TO_THIN = 200


def quickly(matrix: csc_array, secret: Secret, rule: Rule) -> tuple[Mask, Whole]:
    """Which cells to hide in all, and the tables that prove it safe."""
    hidden, tables = secret.primary, secret.values[np.newaxis]
    turns = _turns(secret, rule)
    while turns:
        wanted = np.where(held_open(tables, secret, rule), 0, turns.pop(0))
        if not wanted.any():
            continue
        found = _hide_for(matrix, secret, wanted, hidden)
        if found is None:
            turns = [*_halves(wanted), *turns]
        else:
            hidden, tables = found[0], np.vstack([tables, found[1]])
    if len(secret.values) <= _MOST_CELLS_TO_THIN:
        return _thinned(matrix, secret, rule, hidden)
    return hidden, tables[1:]


def _turns(secret: Secret, rule: Rule) -> list[Whole]:
    """How far each cell is to move in each turn, at least.

    A numerator and its rest come in different turns: they grow together only where their denominator is hidden.
    """
    grow = np.maximum(rule.threshold - secret.values, rule.protection)
    rests = secret.sensitive & secret.unprinted
    turns = []
    for group in (secret.sensitive & ~rests, rests):
        cells = np.flatnonzero(group)
        turns += [np.where(np.isin(np.arange(len(grow)), cells[turn::_TURNS]), grow, 0) for turn in range(_TURNS)]
    return [*turns, np.where(secret.primary & ~secret.sensitive, -1, 0)]


def _halves(wanted: Whole) -> list[Whole]:
    """A turn too many for one, as two."""
    cells = np.flatnonzero(wanted)
    return [np.where(np.isin(np.arange(len(wanted)), cells[part::2]), wanted, 0) for part in range(2)]


def held_open(tables: Whole, secret: Secret, rule: Rule) -> Mask:
    """For each cell whether tables (the true one among them) show it as open as it must be."""
    most, least = tables.max(axis=0), tables.min(axis=0)
    return np.asarray((most - least >= secret.width) & (~secret.sensitive | (most >= rule.threshold)))


def _thinned(matrix: csc_array, secret: Secret, rule: Rule, hidden: Mask) -> tuple[Mask, Whole]:
    """The same with each cell shown again, the largest first, that is not needed."""
    search = Search(matrix, secret, rule)
    besides = np.flatnonzero(hidden & secret.hideable)
    for cell in besides[np.argsort(-secret.values[besides], kind="stable")]:
        fewer = hidden.copy()
        fewer[cell] = False
        if search.is_safe(fewer):
            hidden = fewer
    search.attack(hidden)
    return hidden, search.proof()


def _hide_for(matrix: csc_array, secret: Secret, wanted: Whole, already: Mask) -> tuple[Mask, Whole] | None:
    """Which cells to hide in all for one turn, and the table that it moved them to; None where it must be halved."""
    prices = np.where(secret.hideable & ~already, prices_of(secret), 0.0)
    weights = prices
    found: list[tuple[float, Mask, Whole]] = []
    for _ in range(_TRIES):
        table = _least_moved(matrix, secret, wanted, weights)
        if table is None:
            break
        hidden = already | (secret.hideable & ((table < secret.shown_low) | (table > secret.shown_high)))
        found.append((float(prices[hidden].sum()), hidden, table))
        weights = prices / (1 + np.abs(table - secret.values))
    return min(found, key=lambda each: each[0])[1:] if found else None


def _least_moved(matrix: csc_array, secret: Secret, wanted: Whole, weights: Numbers) -> Whole | None:
    """The table in which cells move as `wanted` (at least that far up, or down), others at the least weighted move.

    Three variables a cell: up, down, and the play that rounding leaves at no price. None where no such table was found
    in whole numbers for more than one cell.
    """
    always = secret.primary | secret.unprinted
    cells = np.flatnonzero(always | secret.hideable)
    play_low = np.where(always, 0, secret.shown_low - secret.values)[cells]
    play_high = np.where(always, 0, secret.shown_high - secret.values)[cells]
    below = np.where(always, secret.values, secret.shown_low)[cells] - secret.least[cells]
    move = wanted[cells]
    # who must go one way does not go the other
    low = np.concatenate([np.maximum(move, 0), np.maximum(-move, 0), play_low]).astype(np.float64)
    high = np.concatenate([np.where(move < 0, 0, np.inf), np.where(move > 0, 0, below), play_high])
    price = np.concatenate([weights[cells], weights[cells], np.zeros(len(cells))])
    lines = hstack([matrix[:, cells], -matrix[:, cells], matrix[:, cells]], format="csc")
    found = _by_halves(price, lines, low, high)
    if found is None and np.count_nonzero(move) == 1:
        found = _the_slow_way(price, lines, low, high)
    if found is None:
        return None
    up, down, play = found.reshape(3, len(cells))
    table = secret.values.copy()
    table[cells] += up - down + play
    return table


def _by_halves(price: Numbers, lines: csc_array, low: Numbers, high: Numbers) -> Whole | None:
    """The cheapest moves between `low` and `high` that keep every sum, or nearly so; None where not in whole numbers.

    Lists and tables of counts are networks, whose cheapest moves are whole by themselves. Those of shares can be
    halves: then moves of half the size are sought, and doubled.
    """
    for times in (1, 2):
        bounds = np.column_stack([np.ceil(low / times), np.floor(high / times)])
        found = linprog(price, A_eq=lines, b_eq=np.zeros(lines.shape[0]), bounds=bounds)
        if found.success and is_whole(times * found.x):
            return np.asarray(np.round(times * found.x), dtype=np.int64)
    return None


def _the_slow_way(price: Numbers, lines: csc_array, low: Numbers, high: Numbers) -> Whole:
    """The same by branch and bound."""
    exact = LinearConstraint(lines, 0, 0)
    options = {"node_limit": 2_000, "mip_rel_gap": 0.1}
    found = milp(price, integrality=np.ones(len(price)), bounds=Bounds(low, high), constraints=exact, options=options)
    if found.x is None:
        raise DisclosureError(
            "the solver found no table to hide the small counts in; show nothing of this table and report it."
        )
    return np.asarray(np.round(found.x), dtype=np.int64)
