"""Gaps between events, event by event, as a person would reckon them: what `sparse.between_events` must equal."""

import calendar
import datetime as dt
import math
from itertools import pairwise

MASK = 2**64 - 1


def draw(day, rank):
    """The published SplitMix64 finaliser of a number that stands for the day and the event, as a share of 2**53."""
    number = ((day - dt.date(1970, 1, 1)).days * 1_000_003 + rank + 0x9E3779B97F4A7C15) & MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & MASK
    return ((number ^ (number >> 31)) >> 11) / 2**53 + 2**-54


def gaps(days, counts, ghosts, opportunities=None):
    """One entry from each event to the next: the day of the later, the gap (None: unknown), whether it is ghosted.

    `days` are the first days of months, every one of them there; a count of None is unknown.
    """
    events = []  # period, when (days since 1970), opportunities passed
    passed = 0.0
    for period, (day, count) in enumerate(zip(days, counts, strict=True)):
        length = calendar.monthrange(day.year, day.month)[1]
        chances = opportunities[period] if opportunities else 0.0
        for place in sorted(draw(day, rank) for rank in range(count or 0)):
            events.append((period, (day - dt.date(1970, 1, 1)).days + place * length, passed + place * chances))
        passed += chances
    found = []
    for (before, start, passed_before), (after, end, passed_after) in pairwise(events):
        between = range(before, after + 1)
        gap = passed_after - passed_before if opportunities else end - start
        unknown = any(counts[period] is None for period in between)
        later = dt.date(1970, 1, 1) + dt.timedelta(days=math.floor(end))
        found.append((later, None if unknown else gap, any(ghosts[period] for period in between)))
    return found
