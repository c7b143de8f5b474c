"""Events that are too rare to count by period: the time, or the opportunities, from each to the next.

Only the period of an event is known. Events that come by chance alone fall anywhere in it with equal chance, so they
are put there by a fixed draw: then the gaps between them vary as gaps between chance events do (exponentially), and the
T chart's limits hold. Evenly spread, they would vary too little and set off false alarms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trustwide.analysis.spc.dates import cadence
from trustwide.analysis.spc.model import Days, Flags, Floats

# A power that makes exponential gaps nearly normal (Nelson 1994, Journal of Quality Technology 26, 239-245)
POWER = 1 / 3.6


@dataclass(frozen=True, eq=False, slots=True)
class Gaps:
    """From each event to the next: the day of the later one, the gap, and whether a ghosted period lies in it.

    Gaps are in days, or in opportunities where these were given; NaN where a period in between has no figure.
    """

    date: Days
    gap: Floats
    ghost: Flags


def between_events(days: Days, counts: Floats, ghost: Flags, opportunities: Floats | None = None) -> Gaps:
    """The gaps between the events counted in periods that begin on `days` (sorted); NaN counts are unknown.

    So are periods that are not there, where days are months, weeks or days apart. `opportunities` are those of each
    period. The result has one entry fewer than there are events.
    """
    known = ~np.isnan(counts)
    number = np.where(known, counts, 0).astype(np.int64)
    period = np.repeat(np.arange(len(days)), number)
    place = _placed(days, period, number)
    lengths, followed = _lengths(days)
    when = days[period].astype("datetime64[D]").astype(np.float64) + place * lengths[period]
    if opportunities is None:
        gap = np.diff(when)
    else:
        chances = np.where(np.isnan(opportunities), 0.0, opportunities)
        before = np.concatenate(([0.0], np.cumsum(chances)))[:-1]
        gap = np.diff(before[period] + place * chances[period])
    # an unknown period lies between two events where more of them lie before the later event than before the earlier
    unknown = np.cumsum(~known) + np.concatenate(([0], np.cumsum(~followed)))[: len(days)]
    gap = np.where(np.diff(unknown[period]) > 0, np.nan, gap)
    ghosts = np.cumsum(ghost)
    ghosted = ghosts[period][1:] > (ghosts - ghost)[period][:-1]
    return Gaps(np.floor(when).astype("datetime64[D]")[1:], gap, ghosted)


def _lengths(days: Days) -> tuple[Floats, Flags]:
    """How many days each period lasts, and whether the next one follows it at once (the last one counts as followed).

    Where days are no months, weeks or days apart, each lasts up to the next, and the last as long as the one before.
    """
    apart = cadence(days.tolist())
    to_next = np.diff(days).astype(np.float64)
    if apart == "month" or len(days) == 1:
        month = days.astype("datetime64[M]")
        own = ((month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")).astype(np.float64)
        followed = np.append(np.diff(month).astype(np.int64) == 1, [True] * min(len(days), 1))
    elif apart in ("week", "day"):
        own = np.full(len(days), 7.0 if apart == "week" else 1.0)
        followed = np.append(to_next == own[:-1], True)
    else:
        own = np.append(to_next, to_next[-1:])
        followed = np.ones(len(days), dtype=np.bool_)
    # months that begin on another day than the first are as long as the way to the next
    return np.where(followed, np.append(to_next, own[-1:]), own), followed


def _placed(days: Days, period: np.ndarray, number: np.ndarray) -> Floats:
    """Where in its period each event falls, between 0 and 1: drawn from the date alone, so it is always the same."""
    first = np.concatenate(([0], np.cumsum(number)))[:-1]
    rank = np.arange(len(period)) - first[period]
    drawn = _uniform(days[period].astype(np.int64) * 1_000_003 + rank)
    return drawn[np.lexsort((drawn, period))]


def _uniform(keys: np.ndarray) -> Floats:
    """A number in (0, 1) for each whole number: SplitMix64's finaliser (Steele, Lea and Flood 2014)."""
    z = keys.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype(np.float64) / 2.0**53 + 2.0**-54
