"""The kinds of doubt: what each is, from where on it is one, and how much it takes from a score.

Kinds follow the dimensions of the Government Data Quality Framework (Data Quality Hub, December 2020): timeliness
(late), completeness (gap, zero), validity (impossible), accuracy (copied, jump). The thresholds are our own: each is
set so that figures that move as counts do (Poisson, or several times wider) give a false doubt less than once in a
thousand periods; `docs/how-to/data-quality.md` says what that means for a reader.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trustwide.analysis.spc import Quantity

Kind = Literal["late", "gap", "zero", "copied", "impossible", "jump"]

# A zero or a period without rows is odd only where many are usual. The chance of none of 20 is 2 in a billion, and of
# 10 it is 5 in 100,000 (Poisson); at the end of a series, where nothing says that it came back, more are asked for.
ZERO_USUAL = 20.0
ZERO_USUAL_AT_END = 50.0
GAP_USUAL = 10.0
LEVEL_OF = 6  # periods on either side that say what is usual
MOST_ZEROS = 6  # periods in a row; a longer run is a service that stopped
# Each figure repeats by chance as often as the larger of two says: 1 / sqrt(4 pi n), the chance that two Poisson
# counts of mean n are equal (Skellam, 1946), and twice the mean density of the middle half of the series' own steps:
# the density at no change is less than that for normal (1.08 times the mean) and Laplace steps (1.39 times).
COPIED_CHANCE = 1e-3
COPIED_STEPS = 6  # a series with fewer steps does not say how it moves
ENDED = 12  # periods; what is late by more has probably ended
JUMP_TIMES = 10.0  # a decimal place, or hundreds for ones
JUMP_FROM = 100.0  # below it, ten times is everyday chance
WHOLE = 1e-6  # how far a count may be from a whole number, for floats that were added up

COUNTING = ("count", "stock", "share", "stock_share", "rate")  # their numerator counts, so it is never negative
SHARES = ("share", "stock_share")
WHOLE_NUMERATOR = ("count", "share")  # events; a stock may be a mean over the period's days

Reason = Literal["", "not finite", "negative", "negative below", "above", "not whole", "numerator", "denominator"]


@dataclass(frozen=True)
class Check:
    """One kind of doubt: its title, what it is in words, and how much of its periods it takes from the score (0 to 1).

    `several` names more than one of them.
    """

    kind: Kind
    title: str
    several: str
    words: str
    weight: float


CHECKS: Mapping[str, Check] = {
    check.kind: check
    for check in (
        Check(
            "impossible", "Impossible", "impossible figures",
            "More than there are, below nothing, not finite, or a fraction where things are counted.", 1.0,
        ),
        Check(
            "copied", "Copied period", "copied periods",
            "Repeats the period before so exactly that chance would do it less than once in a thousand periods.", 1.0,
        ),
        Check(
            "zero", "Zero-filled", "zeros",
            f"Nothing where {ZERO_USUAL:.0f} or more are usual, for at most {MOST_ZEROS} periods in a row.", 1.0,
        ),
        Check("gap", "Gap", "gaps", f"No figure between others, where {GAP_USUAL:.0f} or more are usual.", 1.0),
        Check("late", "Late", "late charts", "No figure yet for a period that more than half of the others have.", 1.0),
        Check(
            "jump", "Jump", "jumps",
            f"{JUMP_TIMES:.0f} times or more, or a tenth or less, for one period between two others.", 0.5,
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Series:
    """Observations of many series end to end, each oldest first: series i is the rows offsets[i] to offsets[i + 1].

    numbers: the number of each period, one up from one to the next. denominators are NaN where a measure has none.
    quantities: one a series. gaps: whether a missing period means anything; days may be closed.
    """

    numbers: NDArray[np.int64]
    numerators: NDArray[np.float64]
    denominators: NDArray[np.float64]
    offsets: NDArray[np.int64]
    quantities: Sequence[Quantity]
    gaps: bool = True

    def __len__(self) -> int:
        return len(self.offsets) - 1


class Doubt(NamedTuple):
    """Periods of one series to doubt, `first` to `last` by number, and what its sentence says of them.

    figures: zero: what is usual; copied: numerator, denominator, chance of the whole run; impossible: numerator,
    denominator; jump: the figure before, the figure, the figure after. `reason` tells impossible ones apart, and what
    jumped.
    """

    series: int
    kind: Kind
    first: int
    last: int
    figures: tuple[float, ...] = ()
    reason: Reason = ""
