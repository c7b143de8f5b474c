"""Which signals come first: those of an important aim, large, touching many people, and lasting."""

from __future__ import annotations

import math

from trustwide.analysis import spc

MOST_SIGMAS = 8.0  # a larger size is as large for every purpose here, and often a fault in the data
VERDICT_WEIGHTS = {"concern": 1.0, "neutral": 0.5, "improvement": 0.4}
LASTING = 12  # points after which a pattern counts as lasting


def sigmas(chart: spc.Chart, change: spc.Change) -> float:
    """How large the change is in units of chance variation (a third of the way from centre to limit), at least 0.

    The mean of the pattern against the mean before it or, where there is none, against the centre line. On charts of
    gaps between events, whose limits are not even, the newest gap is measured on the side where it lies.
    """
    last = chart.last
    centre = float(chart.mean[last])
    edge = float(chart.upl[last] if change.direction == "high" else chart.lpl[last])
    sigma = abs(edge - centre) / 3
    if not sigma > 0:
        return 0.0
    moved = change.step if change.step is not None and chart.kind not in spc.GAPS else change.mean_run - centre
    return min(abs(moved) / sigma, MOST_SIGMAS)


def rank(verdict: str, size: float, people: float, points: int, aim_weight: float) -> float:
    """A number to sort by, highest first: `size` in sigmas, people touched, points the pattern has lasted.

    People count by their order of magnitude, so that a long list does not drown a small ward; what lasts counts up to
    double. It has no meaning beyond the order.
    """
    touched = 1 + math.log10(1 + max(people, 0.0))
    lasting = 1 + min(points, LASTING) / LASTING
    return VERDICT_WEIGHTS[verdict] * aim_weight * size * touched * lasting
