"""A small picture of a chart, drawn the same for page and paper: a line, its limits, and marks by shape and colour."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape

import numpy as np

from trustwide.analysis.spc.icons import COLOURS
from trustwide.analysis.spc.model import Chart
from trustwide.analysis.spc.words import quantity
from trustwide.commons.measures.performance.model import SHOWN_MONTHS

WIDTH, HEIGHT = 280, 116
LEFT, RIGHT, TOP, BOTTOM = 44, 272, 8, 92
LINE, INK = "#5f6b76", "#212b32"
FONT = 'font-family="Open Sans, Arial, sans-serif" font-size="11"'
# as on the large chart: square improves, diamond concerns, triangles for a change that is neither
_SHAPES = {
    "special_cause_improvement": ("improvement", "M-4 -4h8v8h-8z"),
    "special_cause_concern": ("concern", "M0 -5.5L5.5 0L0 5.5L-5.5 0z"),
    "special_cause_neutral_high": ("neutral", "M0 -5L5 4H-5z"),
    "special_cause_neutral_low": ("neutral", "M0 5L5 -4H-5z"),
}


def small_chart(chart: Chart, words: str) -> str:
    """The newest two years of a chart as SVG text whose title is `words`; its attributes alone style it."""
    shown = slice(max(len(chart) - SHOWN_MONTHS, 0), len(chart))
    value, mean, low, high = (np.asarray(each[shown]) for each in (chart.value, chart.mean, chart.lpl, chart.upl))
    every = np.concatenate([value, mean, low, high])
    least, most = float(np.nanmin(every)), float(np.nanmax(every))
    span = (most - least) or 1.0
    xs = [LEFT + (RIGHT - LEFT) * place / max(len(value) - 1, 1) for place in range(len(value))]

    def y(level: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (level - least) / span

    parts = [
        *_lines(xs, [y(each) for each in mean.tolist()], 'stroke-width="1"'),
        *(part for limit in (low, high)
          for part in _lines(xs, [y(each) for each in limit.tolist()], 'stroke-width="1" stroke-dasharray="4 3"')),
        *_lines(xs, [y(each) for each in value.tolist()], 'stroke-width="1.5"'),
        *_marks(xs, [y(each) for each in value.tolist()], chart.point_type[shown].tolist()),
        _text(LEFT - 6, TOP + 8, "end", quantity(most)), _text(LEFT - 6, BOTTOM, "end", quantity(least)),
        _text(LEFT, HEIGHT - 4, "start", f"{chart.date[shown][0].item():%b %Y}"),
        _text(RIGHT, HEIGHT - 4, "end", f"{chart.date[-1].item():%b %Y}"),
    ]  # fmt: skip
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img"><title>{escape(words)}</title>{"".join(parts)}</svg>'
    )


def _lines(xs: Sequence[float], ys: Sequence[float], style: str) -> Iterator[str]:
    """A line through the points that have a value, broken where one is missing."""
    run: list[str] = []
    for x, y in [*zip(xs, ys, strict=True), (0.0, math.nan)]:
        if not math.isnan(y):
            run.append(f"{x:.1f} {y:.1f}")
        elif run:
            yield f'<path d="M{"L".join(run)}" fill="none" stroke="{LINE}" {style}/>'
            run = []


def _marks(xs: Sequence[float], ys: Sequence[float], kinds: Sequence[str]) -> Iterator[str]:
    for x, y, kind in zip(xs, ys, kinds, strict=True):
        if math.isnan(y):
            continue
        if kind in _SHAPES:
            name, shape = _SHAPES[kind]
            yield f'<path transform="translate({x:.1f} {y:.1f})" d="{shape}" fill="{COLOURS[name]}"/>'
        else:
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.2" fill="{COLOURS["common"]}"/>'


def _text(x: float, y: float, anchor: str, text: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{INK}" {FONT}>{escape(text)}</text>'
