"""Where centre and limits lie on charts of each kind; on the scale that rules are applied to, and as drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from trustwide.analysis.spc.mdc.model import Lines
from trustwide.analysis.spc.mdc.sparse import POWER
from trustwide.analysis.spc.model import KINDS, Codes, Flags, Floats, Ints, Settings

if TYPE_CHECKING:
    from trustwide.analysis.spc.mdc.engine import Plotted

NEAR = 2 / 3  # near limits lie two of three sigma from the centre
XMR, PP, UP, RUN = (KINDS.index(name) for name in ("xmr", "pp", "up", "run"))
GAPS = (KINDS.index("t"), KINDS.index("g"))


def on_rule_scale(values: Floats, kind: Codes) -> Floats:
    """Gaps between events to the power that makes them nearly normal; everything else as it is."""
    gaps = np.isin(kind, GAPS)
    return np.where(gaps, np.maximum(values, 0) ** POWER, values) if gaps.any() else values


def shown(lines: Lines, kind: Codes) -> Lines:
    """The same lines in the unit of the values."""
    gaps = np.isin(kind, GAPS)
    if not gaps.any():
        return lines
    back = {}
    for name in ("centre", "lower", "upper", "near_lower", "near_upper"):
        line = getattr(lines, name).copy()
        line[gaps] = np.maximum(line[gaps], 0) ** (1 / POWER)
        back[name] = line
    return Lines(**back)


def lines_of(drawn: Plotted, bounds: Ints, series: Ints) -> Lines:
    """The lines of every segment on the rule scale, from its points that are neither missing nor ghosted.

    Limits that are fixed after so many points come from the first so many that count.
    """
    from trustwide.analysis.spc.engine import judge_segments

    kind = drawn.kind[series]
    judged = np.where(drawn.ghost, np.nan, on_rule_scale(drawn.values, kind))
    rows = _baseline_rows(judged, drawn.settings, bounds, series)
    base = np.where(np.arange(len(judged)) < np.repeat(bounds[:-1] + rows, np.diff(bounds)), judged, np.nan)
    whole = [own if own.fix_after_n_points is None else replace(own, fix_after_n_points=None) for own in drawn.settings]
    moved = judge_segments(base, bounds, series, whole)
    near = NEAR * (moved.upl - moved.mean)
    lines = Lines(moved.mean.copy(), moved.lpl.copy(), moved.upl.copy(), moved.mean - near, moved.mean + near)
    for which, chart, highest in ((PP, "pp", 1.0), (UP, "up", np.inf)):
        _follow_denominators(lines, drawn, kind == which, bounds, rows, series, chart, highest)
    _without_limits(lines, base, kind, bounds)
    return lines


def _baseline_rows(judged: Floats, settings: Sequence[Settings], bounds: Ints, series: Ints) -> Ints:
    """How many rows of each segment its lines come from."""
    rows = np.diff(bounds)
    for i in range(len(rows)):
        fixed = settings[series[bounds[i]]].fix_after_n_points
        if fixed is not None:
            present = np.flatnonzero(~np.isnan(judged[bounds[i] : bounds[i + 1]]))
            rows[i] = present[fixed - 1] + 1 if len(present) >= fixed else rows[i]
    return rows


def _follow_denominators(
    lines: Lines, drawn: Plotted, points: Flags, bounds: Ints, rows: Ints, series: Ints, chart: str, highest: float
) -> None:
    """Puts Laney's limits on the segments of P' or U' charts, whose near limits are not clipped."""
    from trustwide.analysis.spc.shewhart import ShewhartSettings, shewhart_charts

    own = np.flatnonzero(points[bounds[:-1]])
    if not len(own):
        return
    above, below = (np.where(drawn.ghost, np.nan, column) for column in (drawn.numerators, drawn.denominators))
    segments = [slice(bounds[i], bounds[i + 1]) for i in own]
    offsets = np.cumsum([0, *(each.stop - each.start for each in segments)])
    places = np.concatenate([np.arange(each.start, each.stop) for each in segments])
    settings = [ShewhartSettings(chart, freeze=int(rows[i])) for i in own]  # type: ignore[arg-type]
    charts = shewhart_charts(above[places], below[places], offsets, settings)
    scale = drawn.scale[series[places]]
    centre, sigma = charts.scaled_centre * scale, charts.sigma * scale
    hidden = drawn.ghost[places] & (drawn.denominators[places] > 0)
    if hidden.any():
        sigma[hidden] = _sigma_of_ghosts(sigma, drawn.denominators[places], hidden, offsets)
    lines.centre[places] = centre
    lines.lower[places] = np.clip(centre - 3 * sigma, 0.0, None)
    lines.upper[places] = np.clip(centre + 3 * sigma, None, highest * scale)
    lines.near_lower[places], lines.near_upper[places] = centre - 2 * sigma, centre + 2 * sigma


def _sigma_of_ghosts(sigma: Floats, denominators: Floats, hidden: Flags, offsets: Ints) -> Floats:
    """A ghosted point has limits all the same, which follow its own denominator as those of its segment do."""
    of_one = np.full(len(sigma), np.nan)
    for start, end in pairwise(offsets.tolist()):
        known = np.flatnonzero(~np.isnan(sigma[start:end]))
        if len(known):
            first = start + known[0]
            of_one[start:end] = sigma[first] * np.sqrt(denominators[first])
    return of_one[hidden] / np.sqrt(denominators[hidden])


def _without_limits(lines: Lines, base: Floats, kind: Codes, bounds: Ints) -> None:
    """A run chart has its median and nothing else; an XmR chart too where the values hardly ever move.

    Where most moving ranges are zero, their mean says nothing of how far a value may lie from the others: of 19 months
    at 100 % and one at 99 % every point would be special.
    """
    segment = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    moved = np.abs(np.diff(base))
    ranges = ~np.isnan(moved) & (segment[1:] == segment[:-1])
    count = np.bincount(segment[1:][ranges], minlength=len(bounds) - 1)
    still = np.bincount(segment[1:][ranges & (moved == 0)], minlength=len(bounds) - 1)
    of_segment = kind[bounds[:-1]]
    without = (of_segment == RUN) | ((of_segment == XMR) & (2 * still > count))
    for i in np.flatnonzero(without):
        own = slice(bounds[i], bounds[i + 1])
        present = base[own][~np.isnan(base[own])]
        lines.centre[own] = np.median(present) if len(present) else np.nan
    for line in (lines.lower, lines.upper, lines.near_lower, lines.near_upper):
        line[without[segment]] = np.nan
