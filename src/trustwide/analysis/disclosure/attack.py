"""What a reader can work out: exact bounds of hidden counts by linear programming, in whole numbers.

The attacker problem of Fischetti and Salazar (Management Science 47, 2001): the largest and the smallest a cell can be
in any table of whole numbers, 0 or more, that adds up and agrees with what is shown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csc_array

from trustwide.analysis.disclosure.knowledge import Secret, secret_of
from trustwide.analysis.disclosure.model import Audit, DisclosureError, Mask, Numbers, Rule, Table

_TOLERANCE = 1e-6
_UNBOUNDED = 3  # scipy's status of a problem without a bound


@dataclass(frozen=True, eq=False)
class Extreme:
    """The most (or least) one cell can be."""

    value: float
    table: Numbers
    """A whole table, flattened, in which it is so; the true one where nothing bounds it."""
    pull: Numbers
    """Which way each shown cell would have to move for more (or less): above 0 down, below 0 up, 0 no matter."""


class Reader:
    """Somebody who knows the shown cells, that counts are whole numbers, 0 or more, and how the table adds up."""

    def __init__(self, matrix: csc_array, secret: Secret, hidden: Mask) -> None:
        self.matrix, self.values = matrix, secret.values.astype(np.float64)
        self.low, self.high = secret.known(hidden)
        self.free = np.flatnonzero(self.low < self.high)
        unknown = matrix[:, self.free]
        self.rows = np.unique(unknown.indices)
        self.unknown = unknown.tocsr()[self.rows].tocsc()
        self.right = self.unknown @ self.values[self.free]

    def extreme(self, cell: int, sign: int, cap: float = np.inf) -> Extreme:
        """The most `cell` can be, at most `cap` (`sign` 1), or the least (`sign` -1)."""
        goal = np.where(self.free == cell, -float(sign), 0.0)
        high = np.where(self.free == cell, np.minimum(self.high[self.free], cap), self.high[self.free])
        low = self.low[self.free]
        found = linprog(goal, A_eq=self.unknown, b_eq=self.right, bounds=np.column_stack([low, high]), method="highs")
        if found.status == _UNBOUNDED:
            return Extreme(np.inf, self.values, np.zeros(len(self.values)))
        _check(found.success)
        prices = np.zeros(self.matrix.shape[0])
        prices[self.rows] = found.eqlin.marginals
        pull = -(self.matrix.T @ prices)
        point = found.x
        if not is_whole(point):
            point = self._in_whole_numbers(goal, low, high)
            pull = np.zeros(len(self.values))
        table = self.values.copy()
        table[self.free] = np.round(point)
        return Extreme(float(table[cell]), table, np.where(np.abs(pull) > _TOLERANCE, pull, 0.0))

    def _in_whole_numbers(self, goal: Numbers, low: Numbers, high: Numbers) -> Numbers:
        """Shares by rows and columns are no network: their corners need not be whole numbers."""
        lines = LinearConstraint(self.unknown, self.right, self.right)
        found = milp(goal, integrality=np.ones(len(goal)), bounds=Bounds(low, high), constraints=lines)
        _check(found.success)
        return np.asarray(found.x)


def is_whole(numbers: Numbers) -> bool:
    """Whether a solver's answer is in whole numbers, but for its tolerance."""
    return bool((np.abs(numbers - np.round(numbers)) <= _TOLERANCE).all())


def _check(success: bool) -> None:
    # the true table is always one answer, so there is one
    if not success:
        raise DisclosureError("the solver found no table that adds up; show nothing of this table and report it.")


def matrix_of(table: Table) -> csc_array:
    """A row for each sum: 1 for its parts, -1 for its total."""
    rows, columns, signs = [], [], []
    for number, each in enumerate(table.sums):
        rows += [number] * (len(each.parts) + 1)
        columns += [*each.parts, each.total]
        signs += [1.0] * len(each.parts) + [-1.0]
    return csc_array((signs, (rows, columns)), shape=(len(table.sums), table.values.size))


def audit(table: Table, hidden: NDArray[np.bool_], rule: Rule) -> Audit:
    """What a reader can work out about each cell when `hidden` (the shape of the table) is hidden under `rule`.

    A hidden cell is disclosed when it can be only one number, or when it is small and its interval is narrower than
    the protection or holds nothing but small numbers. So is the rest of a share, which is never printed.
    Two linear programs a cell: a table of some thousand cells takes a minute or so.
    """
    if hidden.shape != table.values.shape:
        raise DisclosureError(
            f"the mask has the shape {hidden.shape}, the table {table.values.shape}; expected the same."
        )
    secret = secret_of(table, rule)
    mask = hidden.ravel()
    reader = Reader(matrix_of(table), secret, mask)
    lower, upper = reader.low.copy(), reader.high.copy()
    for cell in reader.free:
        upper[cell] = reader.extreme(int(cell), 1).value
        lower[cell] = reader.extreme(int(cell), -1).value
    narrow = (upper - lower < rule.protection) | (upper < rule.threshold)
    disclosed = (mask & (upper == lower)) | (secret.sensitive & narrow)
    shape = table.values.shape
    return Audit(lower.reshape(shape), upper.reshape(shape), disclosed.reshape(shape))
