"""Inputs, results and the constants of the method; most are in units of the pool's usual monthly change.

They were chosen on rolling origins of the public DM01 returns of 2023 to 2025 and lie on flat ground: halving or
doubling any of them changes the error of England's lists by less than a hundredth of it, but for a recent mean of a
whole year, which costs 1.5 hundredths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeGuard

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
Labels = Sequence[Any] | NDArray[Any]
Kind = Literal["count", "rate", "proportion", "signed"]

KINDS: tuple[Kind, ...] = ("count", "rate", "proportion", "signed")
YEAR = 12
FEWEST_MONTHS = 3  # known months before a series gets a forecast, or teaches anything
LONGEST_GAP = 6  # months since the last known one, after which nothing is said any more
MOST_AHEAD = 120
LARGEST_VALUE = 1e15
RECENT = 6  # months that make the recent mean

QUIET = 0.01  # least usual change of a pool, in the working scale: a pool of constants has none
PRIOR_CHANGES = 4.0  # changes that the pool's usual one counts for in a series' own noise
FARTHEST = 4.0  # a departure from a mean counts no more than this
STRONGEST = 1.5  # log noise against the pool counts no more than this, either way
WEIGHT_FLOOR = 0.25  # keeps the weight of a constant series finite

PULL_POOL = 160.0  # ridge of the pooled coefficients towards none: about fifty lists' months
PULL_GROUP = 200.0  # ridge of a group's coefficients towards the pooled ones
PULL_MONTH = 2.5  # ridge of a group's change in one month towards none
PULL_YEAR = 0.3  # years that "no season" counts for
ROUNDS = 10  # of reweighting in a fit of least absolute errors
SMALLEST_ERROR = 0.1  # below this all errors weigh alike

FALL = 2.0  # in the working scale; of a count: to about a seventh
STEADY = 3.0  # a fall stands out that is so many times what the months before differ by
BEFORE = 6  # months that show the level before a fall
FEWEST_BEFORE = 4

MOST_CLASSES = 3  # of noise, between which errors are read
CLASS_ROWS = 500  # past errors that make another class
PRIOR_ERRORS = 30.0  # errors that the theory (below) counts for
TAIL_FREEDOM = 3  # of Student's t, whose shape errors have where too few are known


class ForecastError(ValueError):
    """A sentence: what about the values cannot be forecast, and what was expected."""


@dataclass(frozen=True, eq=False)
class Forecasts:
    """What is expected of each series in each month ahead; NaN throughout for a series that has no forecast."""

    months: NDArray[np.datetime64]
    """(ahead,) the months forecast."""
    levels: tuple[float, ...]
    """The probabilities, ascending."""
    values: Floats
    """(series, ahead, levels) in the unit of the input: the value not exceeded with that probability."""

    @property
    def known(self) -> Flags:
        """(series,) which series have a forecast."""
        return np.asarray(np.isfinite(self.values).all(axis=(1, 2)))

    def at(self, level: float) -> Floats:
        """(series, ahead) of one level. Raises `ForecastError` for a level that was not asked for."""
        if level not in self.levels:
            raise ForecastError(f"The level {level} was not forecast; expected one of {list(self.levels)}.")
        return self.values[:, :, self.levels.index(level)]


@dataclass(frozen=True, eq=False)
class Pool:
    """Checked input: every series on the same months, with its group as a number from 0."""

    values: Floats
    group: Ints
    groups: int
    ahead: int
    levels: tuple[float, ...]
    kind: Kind


def is_kind(name: str) -> TypeGuard[Kind]:
    """Whether a word names a kind of measure."""
    return name in KINDS


def check_pool(values: Any, groups: Labels | None, ahead: int, levels: Sequence[float], kind: str) -> Pool:
    """`Pool` of what a caller gave. Raises `ForecastError`, naming the series and month of a value that cannot be."""
    table = np.atleast_2d(np.array(values, dtype=np.float64))
    if table.ndim != 2:
        raise ForecastError(f"The values have {table.ndim} dimensions; expected series as rows and months as columns.")
    if not is_kind(kind):
        raise ForecastError(f"The kind is {kind!r}; expected one of {', '.join(KINDS)}.")
    if not 1 <= ahead <= MOST_AHEAD:
        raise ForecastError(f"{ahead} months ahead were asked for; expected 1 to {MOST_AHEAD}.")
    asked = tuple(float(level) for level in levels)
    if not asked or list(asked) != sorted(set(asked)) or not 0 < asked[0] <= asked[-1] < 1:
        raise ForecastError(f"The levels are {list(levels)}; expected ascending probabilities between 0 and 1.")
    labels = np.zeros(len(table), dtype=np.int64) if groups is None else np.asarray(groups)
    if labels.shape != (len(table),):
        raise ForecastError(f"There are {labels.size:,} group labels for {len(table):,} series; expected as many.")
    _check_range(table, kind)
    names, codes = np.unique(labels, return_inverse=True)
    return Pool(table, codes.astype(np.int64), len(names), ahead, asked, kind)


def _check_range(table: Floats, kind: str) -> None:
    low = -LARGEST_VALUE if kind == "signed" else 0.0
    high = 1.0 if kind == "proportion" else LARGEST_VALUE
    wrong = (table < low) | (table > high)
    if wrong.any():
        series, month = np.argwhere(wrong)[0]
        raise ForecastError(
            f"Series {series}, month {month} (both from 0) holds {table[series, month]:g}; expected {low:g} to "
            f"{high:g} in a {kind}, or NaN where it is not known."
        )
