"""The smallest set of cells to hide besides the small ones, by cutting planes, for tables of up to a hundred cells.

Fischetti and Salazar (Management Science 47, 2001), with covering cuts: hide as little as the cuts so far allow; let a
reader attack it; each small count that gives way names cells of which at least one must be hidden too; repeat. Fewest
cells first, then the smallest counts.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import csc_array, csr_array

from trustwide.analysis.disclosure.attack import Reader
from trustwide.analysis.disclosure.knowledge import Secret
from trustwide.analysis.disclosure.model import Mask, Numbers, Rule, Whole

_NODES = 200
Pair = tuple[Numbers, Numbers]


def prices_of(secret: Secret) -> Numbers:
    """What hiding a cell costs: 1, and its size in parts so small that they only decide between equal numbers."""
    sizes = np.where(secret.hideable, secret.values, 0).astype(np.float64)
    return np.asarray(1 + sizes / (1 + sizes.sum()))


def smallest(matrix: csc_array, secret: Secret, rule: Rule, rounds: int) -> tuple[Mask, Whole] | None:
    """Which cells to hide in all, and the tables that prove it safe; None when `rounds` were not enough."""
    search = Search(matrix, secret, rule)
    hidden = secret.primary
    cuts: list[Mask] = []
    for _ in range(rounds):
        more = search.harvest(hidden)
        if not more:
            return hidden, search.proof()
        cuts += more
        chosen = _cheapest(cuts, secret)
        if chosen is None:
            return None
        hidden = secret.primary | chosen
    return None


class Search:
    """The attacks on one table, with the pairs of tables that held them off: they may hold off the next as well."""

    def __init__(self, matrix: csc_array, secret: Secret, rule: Rule) -> None:
        self.matrix, self.secret, self.rule = matrix, secret, rule
        self.cells = [int(cell) for cell in np.flatnonzero(secret.width)]
        self.known: dict[int, list[Pair]] = {cell: [] for cell in self.cells}
        self.proofs: dict[int, Pair] = {}

    def attack(self, hidden: Mask) -> list[Mask]:
        """A cut for each small count that is given away; none when all are safe."""
        reader = Reader(self.matrix, self.secret, hidden)
        cuts = (self._cut(reader, cell, hidden) for cell in self.cells)
        return [cut for cut in cuts if cut is not None]

    def harvest(self, hidden: Mask) -> list[Mask]:
        """Cuts against `hidden` and against what is made of it by hiding the cheapest of each: more for one answer.

        A cut holds whatever it was found against.
        """
        cuts: list[Mask] = []
        prices = prices_of(self.secret)
        while more := self.attack(hidden):
            cuts += more
            hidden = hidden.copy()
            hidden[[int(np.argmin(np.where(cut, prices, np.inf))) for cut in more]] = True
        return cuts

    def is_safe(self, hidden: Mask) -> bool:
        """Whether nothing is given away; stops at the first that is."""
        reader = Reader(self.matrix, self.secret, hidden)
        return all(self._cut(reader, cell, hidden) is None for cell in self.cells)

    def proof(self) -> Whole:
        """For each small count the two tables that hold it open."""
        tables = [table for pair in self.proofs.values() for table in pair]
        return np.round(np.array(tables).reshape(-1, len(self.secret.values))).astype(np.int64)

    def _cut(self, reader: Reader, cell: int, hidden: Mask) -> Mask | None:
        for pair in self.known[cell]:
            if all((reader.low <= table).all() and (table <= reader.high).all() for table in pair):
                self.proofs[cell] = pair
                return None
        enough = self.secret.values[cell] + max(self.rule.threshold, self.rule.protection)
        most = reader.extreme(cell, 1, cap=float(enough))
        if self.secret.sensitive[cell] and most.value < self.rule.threshold:
            return self._would_help(most.pull, hidden)
        least = reader.extreme(cell, -1)
        if most.value - least.value < self.secret.width[cell]:
            return self._would_help(most.pull, hidden) | self._would_help(least.pull, hidden)
        self.proofs[cell] = (most.table, least.table)
        self.known[cell].append(self.proofs[cell])
        return None

    def _would_help(self, pull: Numbers, hidden: Mask) -> Mask:
        """Cells of which one must be hidden before the bound can give.

        By the duality of linear programs a better table must move a cell with a price the way that pays.
        """
        can_fall = self.secret.shown_low > self.secret.least
        helps = (pull < 0) | ((pull > 0) & can_fall) if pull.any() else np.ones(len(pull), dtype=bool)
        return np.asarray(helps & self.secret.hideable & ~hidden)


def _cheapest(cuts: list[Mask], secret: Secret) -> Mask | None:
    """The cheapest cells that meet every cut, by HiGHS. Its limit is on nodes: one on time would not be repeatable."""
    places = np.flatnonzero(secret.hideable)
    lines = LinearConstraint(csr_array(np.array(cuts, dtype=np.float64)[:, places]), lb=1)
    options = {"mip_rel_gap": 0.0, "node_limit": _NODES}
    found = milp(
        prices_of(secret)[places], integrality=np.ones(len(places)), bounds=(0, 1), constraints=lines, options=options
    )
    if not found.success:
        return None
    chosen = np.zeros(len(secret.values), dtype=bool)
    chosen[places[found.x > 0.5]] = True
    return chosen
