"""What it means to add figures up, said plainly and slowly; `adding` must give the same."""

from __future__ import annotations

import math
from statistics import median

from trustwide.commons.measures.performance.adding import GRACE, TOO_MUCH, Panel, Way


def added(panel: Panel, above: Way, below: Way) -> list[tuple[float, float]]:
    """Numerator and denominator of all series together, a pair a period; NaN where they cannot be told."""
    pairs = list(zip(panel.above.tolist(), panel.below.tolist(), strict=True))
    if len(pairs) == 1:
        return list(zip(*pairs[0], strict=True))
    return [_whole(panel, pairs, place, above, below) for place in range(len(panel.periods))]


def _whole(
    panel: Panel, pairs: list[tuple[list[float], list[float]]], place: int, above: Way, below: Way
) -> tuple[float, float]:
    there = [(n[place], d[place]) for n, d in pairs if not math.isnan(n[place])]
    if not there or "not added" in (above, below):
        return math.nan, math.nan
    numerator = sum(n for n, _ in there)
    counts_alone = panel.definition.denominator is None
    if counts_alone or below == "of the period":
        lost = sum(_lost(n, place) for n, _ in pairs)
        if lost > TOO_MUCH * abs(numerator):
            numerator = math.nan
    if counts_alone:
        return numerator, math.nan
    denominators = [d for _, d in there]
    return numerator, max(denominators) if below == "of the period" else sum(denominators)


def _lost(figures: list[float], place: int) -> float:
    """The size of the figure that a series should have and has not: its last one before, unless it has ended."""
    known = [number for number, figure in enumerate(figures) if not math.isnan(figure)]
    before = [number for number in known if number < place]
    if place in known or not before or place > known[-1] + GRACE:
        return 0.0
    return abs(figures[before[-1]])


def outweighed(panel: Panel, below: Way) -> list[bool]:
    """For each period, whether what is left out of it is more than a hundredth of the whole."""
    marked = {(panel.keys.index((each.site_id, each.breakdown)), each.period) for each in panel.left_out}
    periods = panel.periods.tolist()
    if len(panel.keys) == 1:
        return [(0, period) in marked for period in periods]
    tables = [panel.above.tolist()]
    if panel.definition.denominator is not None and below == "added":
        tables.append(panel.below.tolist())
    found = [False] * len(periods)
    for table in tables:
        for place, period in enumerate(periods):
            lost = 0.0
            for number, own in enumerate(table):
                if (number, period) in marked:
                    others = zip(periods, own, strict=True)
                    stand = [abs(n) for other, n in others if (number, other) not in marked and not math.isnan(n)]
                    lost += max(abs(own[place]), median(stand) if stand else 0.0)
            whole = sum(own[place] for own in table if not math.isnan(own[place]))
            found[place] = found[place] or lost > TOO_MUCH * abs(whole)
    return found
