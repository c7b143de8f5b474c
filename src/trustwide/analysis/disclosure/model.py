"""Frozen inputs and results: the rule, a table with its sums, what is hidden and why, and what an auditor found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Whole = NDArray[np.int64]
Mask = NDArray[np.bool_]
Numbers = NDArray[np.float64]

SMALL = "small"
PROTECTING = "to protect another"


class DisclosureError(ValueError):
    """A sentence: what about the counts or the rule cannot be used, where, and what was expected."""


@dataclass(frozen=True)
class Rule:
    """What counts as small, and how much must stay open about it. Raises `DisclosureError`.

    The default threshold is that of the Friends and Family Test: under 5 responses nothing is split. So say trusts'
    notes on it (hampshirehospitals.nhs.uk); to be confirmed against NHS England's own guidance.
    """

    threshold: int = 5
    """A count above 0 and below this is small."""
    zeros_hidden: bool = False
    """Hide zeros as small counts. Otherwise zeros are shown, and readers know that what is hidden is not zero."""
    protection: int = 5
    """Least width of the interval to which a reader can bound a small count: the largest it can be less the least."""
    round_to: int | None = None
    """Show other counts rounded to a multiple of this, as NHS England's hospital statistics do with 5."""

    def __post_init__(self) -> None:
        for name, least in (("threshold", 1), ("protection", 1), ("round_to", 1)):
            value = getattr(self, name)
            if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < least):
                raise DisclosureError(f"{name} is {value!r}; expected a whole number, {least} or more.")
        if self.round_to is not None and self.round_to > self.threshold:
            raise DisclosureError(
                f"round_to is {self.round_to} with a threshold of {self.threshold}; expected no more than the "
                "threshold, or a count that is not small could be shown as 0."
            )


@dataclass(frozen=True)
class Sum:
    """One line of the table that adds up. Cells are named by their place in the flattened values."""

    total: int
    parts: tuple[int, ...]


@dataclass(frozen=True)
class Split:
    """A numerator, the rest of its denominator, and the denominator: judged together, for a share gives away all."""

    part: int
    rest: int
    whole: int


@dataclass(frozen=True, eq=False)
class Table:
    """Counts of any shape and how they add up; made by `listed`, `grouped`, `crossed` and `shares`."""

    values: Whole
    """0 or more."""
    sums: tuple[Sum, ...]
    """A total stands after its parts' own sums."""
    printed: Mask
    """The shape of `values`. What is not printed is not known to the reader, save by adding and subtracting."""
    splits: tuple[Split, ...] = ()
    words: tuple[str, ...] = field(default=(), repr=False)
    """One for each sum, for errors: "the total of row 3"."""

    def __post_init__(self) -> None:
        flat = self.values.ravel()
        for number, each in enumerate(self.sums):
            right = int(flat[list(each.parts)].sum())
            if flat[each.total] != right:
                what = self.words[number] if self.words else f"the total of sum {number + 1}"
                raise DisclosureError(
                    f"{what} is {flat[each.total]:,}, its parts add up to {right:,}; expected the same: count again."
                )


@dataclass(frozen=True, eq=False)
class Suppressed:
    """A table as it may be shown. Arrays have the shape of `Table.values`."""

    table: Table
    rule: Rule
    small: Mask
    """Hidden because the count is small, or stands beside one in a share."""
    protecting: Mask
    """Hidden so that a small count cannot be worked out. A page must show both kinds alike."""
    optimal: bool
    """Whether no smaller set of cells would do; otherwise found by the quick way."""
    others: Whole = field(repr=False)
    """Tables, flattened, one a row, that a reader cannot tell from the true one: they prove that it is safe."""

    @property
    def hidden(self) -> Mask:
        """Which cells are hidden; those that are not printed anyway are not among them."""
        return self.small | self.protecting

    @property
    def shown(self) -> Numbers:
        """What may be shown, rounded where the rule says so; NaN where hidden or not printed."""
        out = np.where(self.hidden | ~self.table.printed, np.nan, rounded(self.table.values, self.rule))
        return np.asarray(out, dtype=np.float64)

    @property
    def reasons(self) -> NDArray[np.str_]:
        """For each cell "small", "to protect another" or nothing. For those who may see the rows, never for a page."""
        return np.where(self.small, SMALL, np.where(self.protecting, PROTECTING, ""))

    @property
    def share(self) -> Numbers:
        """Of a table made by `shares`: numerator over denominator as shown, from 0 to 1; NaN where either is not."""
        if not self.table.splits:
            raise DisclosureError("this table holds counts, not shares; make it with shares(numerators, denominators).")
        part, _, whole = self.shown
        return np.asarray(np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0))


@dataclass(frozen=True, eq=False)
class Audit:
    """What a reader who does all the sums knows about each cell. Arrays have the shape of `Table.values`."""

    lower: Numbers
    """The least a count can be."""
    upper: Numbers
    """The most it can be; inf where nothing bounds it."""
    disclosed: Mask
    """Hidden cells that are given away: exactly, or small ones within less than the protection or as small."""

    @property
    def safe(self) -> bool:
        """Whether nothing is given away."""
        return not self.disclosed.any()


def rounded(values: Whole, rule: Rule) -> Whole:
    """To the nearest multiple of `rule.round_to`, halves up."""
    base = rule.round_to or 1
    return np.asarray((2 * values + base) // (2 * base) * base, dtype=np.int64)


def whole_counts(counts: ArrayLike, what: str, dimensions: int) -> Whole:
    """`counts` as whole numbers, 0 or more; `what` names them in the error."""
    try:
        array = np.asarray(counts, dtype=np.float64)
    except (TypeError, ValueError):
        raise DisclosureError(f"{what} holds something that is not a number; expected whole numbers.") from None
    if array.ndim != dimensions:
        raise DisclosureError(f"{what} has {array.ndim} dimensions; expected {dimensions}.")
    wrong = ~np.isfinite(array) | (array < 0) | (array != np.floor(array)) | (array > 2**52)
    if wrong.any():
        place: Any = tuple(int(each) + 1 for each in np.argwhere(wrong)[0])
        where = f" at {', '.join(map(str, place))}" if place else ""
        raise DisclosureError(f"{what} is {array[wrong][0]:g}{where}; expected a whole number, 0 or more.")
    return array.astype(np.int64)
