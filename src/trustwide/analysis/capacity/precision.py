"""How many replications are enough: until the mean wait of every stream is known as closely as was asked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from trustwide.analysis.capacity.model import Reals

FIRST_STEP = 20
MOST_REPLICATIONS = 1_000
_FEWEST = 3
_LOOK_AHEAD = 5
SOURCE = "Hoad, Robinson and Davies 2010"


class Enough(NamedTuple):
    """`settled` replications are precise enough and stay so up to `replications`, after which there is no doubt."""

    settled: int
    replications: int


def enough(mean_waits: Reals, precision: float) -> Enough | None:
    """Where replications may stop; None while they may not. mean_waits: (replications, streams), NaN where nobody came.

    The rule of Hoad, Robinson and Davies 2010, Automated selection of the number of replications for a discrete-event
    simulation (J Oper Res Soc 61): from the third on, the first number at which the 95 % half-width (Student) of every
    stream's mean is within `precision` of it, and stays so for five replications more (5 in 100 from the hundredth).
    """
    good = np.all(relative_half_widths(mean_waits) <= precision, axis=1)
    for number in range(_FEWEST, good.size + 1):
        last = number + max(_LOOK_AHEAD, _LOOK_AHEAD * number // 100)
        if last <= good.size and good[number - 1 : last].all():
            return Enough(number, last)
    return None


def relative_half_widths(mean_waits: Reals) -> Reals:
    """(replications, streams): half-width over mean of the first 1, 2, 3, ... replications.

    Infinite while fewer than two are known, 0 for a stream nobody of which ever waited or came.
    """
    from scipy.special import stdtrit  # only here: it takes a while to load

    known = ~np.isnan(mean_waits)
    count = known.cumsum(axis=0)
    first = np.where(known.any(axis=0), mean_waits[known.argmax(axis=0), np.arange(known.shape[1])], 0.0)
    off = np.where(known, mean_waits - first, 0.0)  # from the first value: sums of squares keep their digits
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_off = off.cumsum(axis=0) / count
        variance = np.maximum(0.0, ((off**2).cumsum(axis=0) - count * mean_off**2) / (count - 1))
        width = stdtrit(np.maximum(1, count - 1), 0.975) * np.sqrt(variance / count) / np.abs(first + mean_off)
    width = np.where(count > 1, np.nan_to_num(width, nan=0.0, posinf=math.inf), math.inf)
    return np.where(known.any(axis=0), width, 0.0)


def reason_enough(found: Enough, streams: Sequence[str], mean_waits: Reals, precision: float) -> str:
    """Why there were as many replications as there were."""
    stream, width = _widest(streams, mean_waits)
    return (
        f"from {found.settled} replications on, the 95 % half-width of every stream's mean wait is within "
        f"{100 * precision:g} % of it; {found.replications - found.settled} more showed that it stays so "
        f"(widest at the end: {stream}, {_share(width)}; rule of {SOURCE})"
    )


def reason_most(streams: Sequence[str], mean_waits: Reals, precision: float) -> str:
    """Why it stopped without being precise enough."""
    stream, width = _widest(streams, mean_waits)
    return (
        f"{len(mean_waits):,} replications are the most that are run by themselves; the 95 % half-width of {stream}'s "
        f"mean wait is still {_share(width)} of it, not within {100 * precision:g} % (rule of {SOURCE})"
    )


def _share(width: float) -> str:
    return f"{100 * width:.1f} %" if math.isfinite(width) else "an unknown share"


def _widest(streams: Sequence[str], mean_waits: Reals) -> tuple[str, float]:
    widths = relative_half_widths(mean_waits)[-1]
    return streams[int(widths.argmax())], float(widths.max())
