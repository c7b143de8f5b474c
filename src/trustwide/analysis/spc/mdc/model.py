"""What the rules of profile `mdc` are applied to, and what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from trustwide.analysis.spc.model import Codes, Flags, Floats

Quantity = Literal["count", "share", "rate", "mean", "stock", "stock_share"]

# What a figure is made of. A count, share or rate counts events; stocks count who is there at the end of a period, the
# same people month after month, so that time between events means nothing for them; a mean divides what is no count.
QUANTITIES: tuple[Quantity, ...] = ("count", "share", "rate", "mean", "stock", "stock_share")

SHIFT = 7  # so many in a row on one side of the centre line
SPARSE_SHIFT = 8  # of gaps between events, which come several in a period and then have more chances to line up


@dataclass(frozen=True, eq=False, slots=True)
class Lines:
    """Centre line, process limits and near limits (two thirds of the way to them), one entry a point; NaN: undefined.

    They may differ from point to point, as denominators do. Where the upper and the lower limit are the same, or
    undefined, nothing is judged.
    """

    centre: Floats
    lower: Floats
    upper: Floats
    near_lower: Floats
    near_upper: Floats


class Rules(NamedTuple):
    """The rules of one segment. `better` is 1 where high is improvement, -1 where low is, 0 for neither.

    `trend_points` 0 leaves trends out; `two_in_three` False leaves that rule out.
    """

    better: int
    trend_points: int
    shift_points: int
    two_in_three: bool


@dataclass(frozen=True, eq=False, slots=True)
class Findings:
    """Which rules each point meets. `cause` and `other_cause` are places in `spc.model.CAUSES`.

    `cause` is the first rule on the side that is improvement, if any rule points that way, else the first on the
    other; `other_cause` is the first rule that points the other way.
    """

    outside_limits: Flags
    close_to_limits: Flags
    flag_trend: Flags
    flag_two_in_three: Flags
    flag_shift: Flags
    cause: Codes
    other_cause: Codes
