"""A run chart or a Shewhart chart as a Vega-Lite picture, and what it says in one line of words."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any

from trustwide.analysis.spc.icons import COLOURS
from trustwide.analysis.spc.picture import INK, LINE
from trustwide.analysis.spc.shewhart.model import ChartKind, ShewhartChart
from trustwide.analysis.spc.words import quantity

Spec = dict[str, Any]

CHART_NAMES: dict[ChartKind, str] = {
    "run": "Run chart",
    "i": "I chart",
    "p": "P chart",
    "pp": "P′ chart",
    "u": "U chart",
    "up": "U′ chart",
    "c": "C chart",
    "t": "T chart",
    "g": "G chart",
}
# Each reading of a point is told by a word, a shape and a colour; never by colour alone.
MARKS = {
    "Within limits": ("circle", COLOURS["common"]),
    "Outside limits": ("diamond", COLOURS["neutral"]),
    "Left out": ("cross", LINE),
    "No limits": ("circle", COLOURS["common"]),
}
LINES = (("cl", [1, 0]), ("lcl", [6, 4]), ("ucl", [6, 4]))
UNUSUAL_RUNS = [2, 3]


def shewhart_sentence(chart: ShewhartChart, title: str) -> str:
    """What the newest point that is there says: the kind of chart, the point and its limits, and the runs."""
    name = f"{title}. {CHART_NAMES[chart.settings.chart]}"
    present = [i for i, y in enumerate(chart.y.tolist()) if not math.isnan(y)]
    if not present:
        return f"{name} without points."
    last = present[-1]
    y, lcl, ucl = (float(column[last]) for column in (chart.y, chart.lcl, chart.ucl))
    point = f"point {last + 1} is {quantity(y)}"
    if not math.isnan(ucl):
        where = "outside" if chart.sigma_signal[last] else "within"
        point += f", {where} its limits {quantity(lcl)} to {quantity(ucl)}"
    if not chart.n_useful[last]:
        return f"{name}: {point}."
    runs = "unusual runs: " if chart.runs_signal[last] else "usual runs: "
    runs += f"longest run {chart.longest_run[last]} (at most {chart.longest_run_max[last]} by chance), "
    runs += f"crossings {chart.n_crossings[last]} (at least {chart.n_crossings_min[last]})"
    return f"{name}: {point}; {runs}."


def shewhart_vega_lite(chart: ShewhartChart, title: str, *, height: int = 320) -> Spec:
    """A Vega-Lite 6 specification with its data inside that draws a chart; the centre line is dotted by unusual runs.

    The description, which is the picture's alternative text, is `shewhart_sentence`. Nothing in it needs `eval`.
    """
    rows = _rows(chart)
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "title": {"text": title, "subtitle": CHART_NAMES[chart.settings.chart], "anchor": "start", "color": INK},
        "description": shewhart_sentence(chart, title),
        "width": "container",
        "height": height,
        "autosize": {"type": "fit", "contains": "padding"},
        "data": {"values": rows},
        "encoding": {
            "x": {
                "field": "idx",
                "type": "quantitative",
                "scale": {"nice": False},
                "axis": {"title": None, "grid": False},
            }
        },
        "layer": [*_line_layers(chart), *_value_layers({row["reading"] for row in rows if row["y"] is not None})],
        "config": {"font": "Arial, sans-serif", "axis": {"labelFontSize": 13, "titleFontSize": 13}},
    }


def _rows(chart: ShewhartChart) -> list[Spec]:
    columns = zip(
        *(getattr(chart, name).tolist() for name in ("y", "cl", "lcl", "ucl", "part", "included", "sigma_signal")),
        strict=True,
    )
    return [
        {
            "idx": i,
            "y": _or_null(y),
            "cl": _or_null(cl),
            "lcl": _or_null(lcl),
            "ucl": _or_null(ucl),
            "part": part,
            "reading": _reading(outside, included, ucl),
        }
        for i, (y, cl, lcl, ucl, part, included, outside) in enumerate(columns, start=1)
    ]


def _reading(outside: bool, included: bool, ucl: float) -> str:
    if outside:
        return "Outside limits"
    if not included:
        return "Left out"
    return "No limits" if math.isnan(ucl) else "Within limits"


def _or_null(value: float) -> float | None:
    return None if math.isnan(value) else value


def _line_layers(chart: ShewhartChart) -> list[Spec]:
    """The lines of each part: limits that change from point to point are steps."""
    layers: list[Spec] = []
    signals = dict(zip(chart.part.tolist(), chart.runs_signal.tolist(), strict=True))
    for part, unusual in signals.items():
        for field, dash in LINES:
            dashes = UNUSUAL_RUNS if unusual and field == "cl" else dash
            mark = {"type": "line", "interpolate": "step", "color": LINE, "strokeWidth": 1.5, "strokeDash": dashes}
            own = {"filter": {"field": "part", "equal": part}}
            layers.append({"transform": [own], "mark": mark, "encoding": {"y": _y(field)}})
    return layers


def _value_layers(readings: Collection[str]) -> list[Spec]:
    used = [reading for reading in MARKS if reading in readings]
    legend: Spec = {"title": None, "orient": "bottom", "labelFontSize": 13, "symbolSize": 90}
    point = {
        "y": _y("y"),
        "color": _coded(used, [MARKS[reading][1] for reading in used], legend),
        "shape": _coded(used, [MARKS[reading][0] for reading in used], legend),
        "tooltip": [
            {"field": "idx", "type": "quantitative", "title": "Point"},
            {"field": "y", "type": "quantitative", "title": "Value", "format": ",.6~g"},
            {"field": "reading", "type": "nominal", "title": "Reading"},
        ],
    }
    return [
        {"mark": {"type": "line", "color": LINE, "strokeWidth": 2}, "encoding": {"y": _y("y")}},
        {"mark": {"type": "point", "filled": True, "size": 70, "opacity": 1}, "encoding": point},
    ]


def _y(field: str) -> Spec:
    axis = {"title": None, "grid": False, "tickCount": 6}
    return {"field": field, "type": "quantitative", "scale": {"zero": False, "nice": True}, "axis": axis}


def _coded(domain: Sequence[str], marks: Sequence[str], legend: Spec) -> Spec:
    scale = {"domain": list(domain), "range": list(marks)}
    return {"field": "reading", "type": "nominal", "scale": scale, "legend": legend}
