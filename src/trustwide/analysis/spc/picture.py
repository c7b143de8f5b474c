"""A chart as a Vega-Lite picture: for a page as a specification, for a file as SVG or PNG."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from trustwide.analysis.spc.dates import as_days, cadence, plain_day, plain_month
from trustwide.analysis.spc.icons import COLOURS
from trustwide.analysis.spc.model import POINT_TYPES, Chart
from trustwide.analysis.spc.words import GAPS, cause_name, quantity, sentence

Spec = dict[str, Any]

FILE_WIDTH = 900
NOTE_WIDTH = 190  # pixels a note may take; the whole of it stands in the tooltip and in words on the page
# Each point type is told by a word, a shape and a colour; never by colour alone.
GHOST = "Left out of the limits"
POINT_WORDS = ("Usual variation", "Improvement", "Concern", "Change: high", "Change: low", GHOST)
POINT_SHAPES = ("circle", "square", "diamond", "triangle-up", "triangle-down", "cross")
POINT_COLOURS = tuple(COLOURS[name] for name in ("common", "improvement", "concern", "neutral", "neutral", "common"))
FORECAST = "#8fa3b5"
LINE = "#5f6b76"
INK = "#212b32"
TARGET = "#8a1538"
HAIR = "#aeb7bd"


def vega_lite(
    chart: Chart,
    title: str,
    *,
    unit: str = "",
    annotations: Iterable[tuple[Any, str]] = (),
    forecast: Iterable[tuple[Any, float, float, float]] = (),
    height: int = 320,
) -> Spec:
    """A Vega-Lite 6 specification with its data inside, as wide as its container, that draws a chart.

    `annotations` are (date, text) pairs drawn as marked vertical lines; `forecast` holds (date, low, median, high) of
    periods to come, drawn faintly. The description, which is the picture's
    alternative text, is the title and the sentence of the newest point. Nothing in it needs `eval`.
    """
    layers = [
        *_rebase_layers(chart),
        *_annotation_layers(chart, annotations),
        *_forecast_layers(chart, forecast),
        *_limit_layers(chart),
        *_target_layers(chart),
        *_value_layers(chart),
    ]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "title": {"text": title, "anchor": "start", "fontSize": 16, "color": INK},
        "description": sentence(chart, title=title, unit=unit),
        "width": "container",
        "height": height,
        "autosize": {"type": "fit", "contains": "padding"},
        "data": {"values": _rows(chart)},
        "encoding": {
            "x": {
                "field": "date",
                "type": "temporal",
                "scale": {"type": "utc"},
                "axis": {"title": None, "grid": False, "labelOverlap": True, "format": _axis_format(chart)},
            }
        },
        "layer": [_with_unit(layer, unit) for layer in layers],
        "config": {"font": "Arial, sans-serif", "axis": {"labelFontSize": 13, "titleFontSize": 13}},
    }


def svg(spec: Mapping[str, Any]) -> str:
    """The picture as an SVG text whose alternative text is the description."""
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(_for_file(spec))
    name = escape(str(spec.get("description", "")))
    return drawn.replace(">", f' role="img"><title>{name}</title>', 1)


def png(spec: Mapping[str, Any], *, scale: float = 2.0) -> bytes:
    """The picture as a PNG; `scale` is pixels for each unit of the drawing."""
    import vl_convert

    drawn: bytes = vl_convert.vegalite_to_png(_for_file(spec), scale=scale)
    return drawn


def _for_file(spec: Mapping[str, Any]) -> Spec:
    return {**spec, "width": FILE_WIDTH, "background": "white"}


def _rows(chart: Chart) -> list[Spec]:
    days = chart.date.tolist()
    plain = plain_month if cadence(days) == "month" else plain_day
    columns = zip(
        days,
        chart.value.tolist(),
        chart.mean.tolist(),
        chart.lpl.tolist(),
        chart.upl.tolist(),
        chart.segment.tolist(),
        chart.special_cause_type.tolist(),
        np.where(chart.ghost, len(POINT_TYPES), _places(chart)).tolist(),
        strict=True,
    )
    return [
        {
            "date": day.isoformat(),
            "when": plain(day),
            "value": _or_null(value),
            "mean": _or_null(mean),
            "lpl": _or_null(lpl),
            "upl": _or_null(upl),
            "segment": segment,
            "cause": cause_name(chart, cause),
            "type": POINT_WORDS[place],
        }
        for day, value, mean, lpl, upl, segment, cause, place in columns
    ]


def _places(chart: Chart) -> Any:
    """The place of each point's type in POINT_TYPES."""
    order = np.argsort(POINT_TYPES)
    return order[np.searchsorted(np.array(POINT_TYPES)[order], chart.point_type)]


def _or_null(value: float) -> float | None:
    return None if math.isnan(value) else value


def _axis_format(chart: Chart) -> str:
    return "%b %Y" if cadence(chart.date.tolist()) == "month" else "%-d %b %Y"


def _with_unit(layer: Spec, unit: str) -> Spec:
    y = layer["encoding"].get("y")
    if y is None or "field" not in y:
        return layer
    axis = {"title": unit or None, "grid": False, "tickCount": 6}
    full = {**y, "type": "quantitative", "scale": {"zero": False, "nice": True}, "axis": axis}
    return {**layer, "encoding": {**layer["encoding"], "y": full}}


def _limit_layers(chart: Chart) -> list[Spec]:
    layers = []
    for field, dash in (("mean", [1, 0]), ("lpl", [6, 4]), ("upl", [6, 4])):
        mark = {"type": "line", "color": LINE, "strokeWidth": 1.5, "strokeDash": dash}
        layers.append({"mark": mark, "encoding": {"y": {"field": field}, "detail": {"field": "segment"}}})
    return layers + _line_names(chart)


def _line_names(chart: Chart) -> list[Spec]:
    """The names and figures of the newest segment's lines, written at their right ends."""
    if not len(chart):
        return []
    newest = chart.last
    lines = [
        (_centre_name(chart), chart.mean[newest]),
        ("Lower limit", chart.lpl[newest]),
        ("Upper limit", chart.upl[newest]),
    ]
    end = chart.date[-1].item().isoformat()
    rows = [
        {"date": end, "level": float(level), "name": f"{name} {quantity(float(level))}"}
        for name, level in lines
        if not np.isnan(level)
    ]
    mark = {"type": "text", "align": "left", "dx": 10, "fontSize": 12, "color": INK}
    return [{"data": {"values": rows}, "mark": mark, "encoding": {"y": {"field": "level"}, "text": {"field": "name"}}}]


def _centre_name(chart: Chart) -> str:
    """In profile mdc a line without limits is the median; of gaps between events it lies between the two."""
    if chart.kind in GAPS:
        return "Centre"
    of_profile = chart.settings.profile == "mdc" and chart.kind in ("run", "xmr")
    return "Median" if of_profile and np.isnan(chart.upl[chart.last]) else "Mean"


def _target_layers(chart: Chart) -> list[Spec]:
    """The target, in steps where it changed."""
    if not len(chart):
        return []
    days = chart.date.tolist()
    levels = [chart.settings.target_on(day) for day in days]
    rows = [
        {"date": day.isoformat(), "target": level} for day, level in zip(days, levels, strict=True) if level is not None
    ]
    if not rows:
        return []
    line = {"type": "line", "color": TARGET, "strokeWidth": 2, "strokeDash": [2, 3], "interpolate": "step-after"}
    name = {"type": "text", "align": "left", "baseline": "bottom", "dy": -3, "fontSize": 12, "color": TARGET}
    changed = [row for row, before in zip(rows, [None, *rows], strict=False) if before is None
               or row["target"] != before["target"]]  # fmt: skip
    named = [{**row, "name": f"Target {quantity(float(row['target'] or 0))}"} for row in changed]
    return [
        {"data": {"values": rows}, "mark": line, "encoding": {"y": {"field": "target"}}},
        {"data": {"values": named}, "mark": name, "encoding": {"y": {"field": "target"}, "text": {"field": "name"}}},
    ]


def _forecast_layers(chart: Chart, forecast: Iterable[tuple[Any, float, float, float]]) -> list[Spec]:
    rows = [
        {"date": as_days([day])[0].item().isoformat(), "low": low, "median": median, "high": high}
        for day, low, median, high in forecast
    ]
    if not rows or not len(chart):
        return []
    band = {"type": "area", "color": FORECAST, "opacity": 0.25}
    line = {"type": "line", "color": FORECAST, "strokeWidth": 1.5, "strokeDash": [3, 3]}
    both = {"y": {"field": "low"}, "y2": {"field": "high"}}
    return [
        {"data": {"values": rows}, "mark": band, "encoding": both},
        {"data": {"values": rows}, "mark": line, "encoding": {"y": {"field": "median"}}},
    ]


def _rebase_layers(chart: Chart) -> list[Spec]:
    starts = np.flatnonzero(np.diff(chart.segment)) + 1
    rows = [{"date": chart.date[i].item().isoformat(), "text": "Limits recalculated"} for i in starts.tolist()]
    return _marked_lines(chart, rows, [4, 2]) if rows else []


def _annotation_layers(chart: Chart, annotations: Iterable[tuple[Any, str]]) -> list[Spec]:
    rows = [{"date": as_days([day])[0].item().isoformat(), "text": text} for day, text in annotations]
    return _marked_lines(chart, rows, [1, 0]) if rows else []


def _marked_lines(chart: Chart, rows: Sequence[Spec], dash: Sequence[int]) -> list[Spec]:
    """Vertical lines with their words beside them, towards the middle so that a long note never squeezes the chart."""
    middle = chart.date[len(chart) // 2].item().isoformat() if len(chart) else ""
    line = {
        "data": {"values": list(rows)},
        "mark": {"type": "rule", "color": HAIR, "strokeWidth": 1.5, "strokeDash": dash},
        "encoding": {"tooltip": {"field": "text", "type": "nominal", "title": "Note"}},
    }
    layers: list[Spec] = [line]
    early, late = [row for row in rows if row["date"] < middle], [row for row in rows if row["date"] >= middle]
    for align, half in (("left", early), ("right", late)):
        mark = {"type": "text", "align": align, "baseline": "bottom", "dy": -4, "limit": NOTE_WIDTH, "fontSize": 12}
        words = {"y": {"value": 0}, "text": {"field": "text"}}
        if half:
            layers.append({"data": {"values": half}, "mark": {**mark, "color": INK}, "encoding": words})
    return layers


def _value_layers(chart: Chart) -> list[Spec]:
    seen = np.where(chart.ghost, len(POINT_TYPES), _places(chart))
    used = sorted({int(place) for place in seen})
    domain = [POINT_WORDS[i] for i in used]
    legend = {"title": None, "orient": "bottom", "labelFontSize": 13, "symbolSize": 90}
    point = {
        "y": {"field": "value"},
        "color": _coded(domain, [POINT_COLOURS[i] for i in used], legend),
        "shape": _coded(domain, [POINT_SHAPES[i] for i in used], legend),
        "tooltip": [
            {"field": "when", "type": "nominal", "title": "Date"},
            {"field": "value", "type": "quantitative", "title": "Value", "format": ",.6~g"},
            {"field": "type", "type": "nominal", "title": "Reading"},
            {"field": "cause", "type": "nominal", "title": "Rule"},
        ],
    }
    return [
        {"mark": {"type": "line", "color": LINE, "strokeWidth": 2}, "encoding": {"y": {"field": "value"}}},
        {"mark": {"type": "point", "filled": True, "size": 70, "opacity": 1}, "encoding": point},
    ]


def _coded(domain: Sequence[str], marks: Sequence[str], legend: Spec) -> Spec:
    return {"field": "type", "type": "nominal", "scale": {"domain": domain, "range": marks}, "legend": legend}
