"""The pictures of a plan as Vega-Lite specifications, with their data inside, as wide as their container."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Spec = dict[str, Any]
Figures = Mapping[str, Any]

INK, AS_USUAL, CHOSEN, TARGET = "#212b32", "#5d6b76", "#005eb8", "#8a1538"
# each set of measures is told by its word, its line and its colour
NOTHING, WITH, MEASURED, THEN, CAME = "As usual", "With the measures", "Measured", "Projected then", "What came"
DASHES = {NOTHING: [6, 3], WITH: [1, 0], MEASURED: [1, 0], THEN: [6, 3], CAME: [1, 0]}
COLOURS = {NOTHING: AS_USUAL, WITH: CHOSEN, MEASURED: INK, THEN: CHOSEN, CAME: INK}
HEIGHT = 190


@dataclass(frozen=True)
class Axes:
    """Where a picture's axes end: the value at the top, and the first and last month."""

    top: float
    first: str
    last: str


def fans(
    title: str, figure: str, nothing: Sequence[Figures], chosen: Sequence[Figures], *,
    before: Sequence[tuple[str, float]] = (), target: float | None = None, by: str = "", axes: Axes | None = None,
) -> Spec:  # fmt: skip
    """Medians and 80% bands of a figure, month by month or day by day, as usual and with the measures.

    Rows are named by their `month`, 2026-03, or by their day, 2026-03-08. `before`: months and values measured so far.
    `target`: a level to get under, by the month or day `by`. `axes`: where the axes begin and end, for pictures that
    are to be compared.
    """
    rows = [*_from(before, NOTHING), *_rows(nothing, figure, NOTHING)]
    if chosen:
        rows += [*_from(before, WITH), *_rows(chosen, figure, WITH)]
    names = [NOTHING, *([WITH] if chosen else []), *([MEASURED] if before else [])]
    when = _WHEN[len(nothing[0]["month"])] if nothing else _WHEN[len("2026-03")]
    layers: list[Spec] = [_band(names), _median(names, when)]
    if before:
        layers.append(_measured(before, MEASURED, names))
    if by:
        layers.append(_date(by))
    if target is not None:
        layers.append(_level(target))
    return _picture(title, rows, layers, axes)


def hindsight(past: Figures) -> Spec:
    """The list as it was projected earlier, and as it came."""
    came, names = [(row["month"], row["actual"]) for row in past["months"]], [THEN, CAME]
    layers = [_band(names), _median(names, _WHEN[len("2026-03")]), _measured(came, CAME, names)]
    return _picture("People waiting", _rows(past["months"], "list", THEN), layers, None)


def costs(plans: Iterable[Figures], confidence: float, chosen: Sequence[str], titles: Mapping[str, str]) -> Spec:
    """Every set that was tried: cost a year against the probability of meeting the target."""
    rows = [_point(plan, chosen, titles) for plan in plans]
    front = _front(rows)
    shapes = {"Tried": "circle", "None likelier for less": "square", "Switched on": "diamond"}
    colours = {"Tried": AS_USUAL, "None likelier for less": CHOSEN, "Switched on": TARGET}
    for row in rows:
        row["kind"] = "Switched on" if row["kind"] else ("None likelier for less" if row["id"] in front else "Tried")
    rows.sort(key=lambda row: list(shapes).index(row["kind"]))  # the later are drawn over the earlier
    x = {
        "field": "cost", "type": "quantitative", "title": "Annual equivalent, £ million",
        "axis": {"grid": False, "format": ".1f", "tickCount": 6},
    }  # fmt: skip
    y = {
        "field": "probability", "type": "quantitative", "title": "Probability", "scale": {"domain": [0, 1]},
        "axis": {"format": ".0%", "tickCount": 5},
    }  # fmt: skip
    kind = {"field": "kind", "type": "nominal", "legend": {"title": None, "orient": "top"}}
    domain = list(shapes)
    points = {
        "mark": {"type": "point", "filled": True, "size": 55, "opacity": 0.85, "tooltip": True},
        "encoding": {
            "x": x, "y": y,
            "shape": {**kind, "scale": {"domain": domain, "range": list(shapes.values())}},
            "color": {**kind, "scale": {"domain": domain, "range": [colours[name] for name in domain]}},
            "tooltip": [
                {"field": "measures", "title": "Measures"},
                {"field": "cost", "title": "Annual equivalent, £m", "format": ".2f"},
                {"field": "probability", "title": "Probability", "format": ".0%"},
            ],
        },
    }  # fmt: skip
    level = {
        "data": {"values": [{"confidence": confidence}]},
        "mark": {"type": "rule", "strokeDash": [4, 4], "color": INK},
        "encoding": {"y": {"field": "confidence", "type": "quantitative"}},
    }
    return {**frame("Probability against cost", 240), "data": {"values": rows}, "layer": [level, points]}


def common_axes(figure: str, projected: Iterable[Sequence[Figures]], measured: Iterable[Sequence[Any]]) -> Axes:
    """Axes on which the 80% bands of all these months, and the months and values measured before them, have room."""
    rows = [row for months in projected for row in months]
    before = [point for points in measured for point in points]
    months = [row["month"] for row in rows] + [month for month, _ in before]
    tops = [row.get(figure, {}).get("high") or 0.0 for row in rows] + [value for _, value in before]
    return Axes(max(tops), min(months), max(months))


def _rows(months: Iterable[Figures], figure: str, name: str) -> list[Spec]:
    return [
        {"month": _at(row["month"]), "set": name, **row[figure]}
        for row in months
        if row.get(figure, {}).get("median") is not None
    ]


def _at(month: str) -> str:
    """The day a row is drawn at: its own, or the first of its month."""
    return month if len(month) == len("2026-03-08") else f"{month}-01"


def _from(before: Sequence[tuple[str, float]], name: str) -> list[Spec]:
    """The newest month measured, from which the fans open."""
    return [
        {"month": _at(month), "set": name, "median": value, "low": value, "high": value} for month, value in before[-1:]
    ]


def frame(title: str, height: int) -> Spec:
    """What every picture of a plan begins with: its title, its size and its letters."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "title": {"text": title, "anchor": "start", "fontSize": 15, "color": INK},
        "width": "container",
        "height": height,
        "autosize": {"type": "fit", "contains": "padding"},
        "config": {
            "font": "Arial, sans-serif",
            "axis": {"labelFontSize": 12, "titleFontSize": 12, "labelColor": INK, "titleColor": INK},
            "legend": {"labelFontSize": 13, "labelColor": INK, "symbolStrokeWidth": 3},
        },
    }


def _picture(title: str, rows: list[Spec], layers: list[Spec], axes: Axes | None) -> Spec:
    span = {} if axes is None else {"domain": [_at(axes.first), _at(axes.last)]}
    x = {
        "field": "month", "type": "temporal", "scale": {"type": "utc", **span},
        "axis": {"title": None, "grid": False, "format": "%b %y", "labelOverlap": True, "tickCount": 8},
    }  # fmt: skip
    layers[0]["encoding"]["y"]["scale"] = {"zero": True} if axes is None else {"domain": [0, axes.top]}
    return {**frame(title, HEIGHT), "data": {"values": rows}, "encoding": {"x": x}, "layer": layers}


def _told_by(names: Sequence[str], which: Spec) -> Spec:
    """Colour and dash of a layer, with one legend for all of them; `which` is a field or a fixed name."""
    legend = {"title": None, "orient": "top", "symbolType": "stroke", "symbolSize": 300, "symbolOpacity": 1}
    colour = {"domain": list(names), "range": [COLOURS[name] for name in names]}
    dash = {"domain": list(names), "range": [DASHES[name] for name in names]}
    return {
        "color": {**which, "type": "nominal", "legend": legend, "scale": colour},
        "strokeDash": {**which, "type": "nominal", "legend": legend, "scale": dash},
    }


def _band(names: Sequence[str]) -> Spec:
    return {
        "mark": {"type": "area", "opacity": 0.18, "interpolate": "monotone"},
        "encoding": {
            "y": {"field": "low", "type": "quantitative", "axis": {"title": None, "tickCount": 5}},
            "y2": {"field": "high"},
            "color": _told_by(names, {"field": "set"})["color"],
        },
    }


def _median(names: Sequence[str], when: tuple[str, str]) -> Spec:
    return {
        "mark": {"type": "line", "strokeWidth": 2.5, "interpolate": "monotone", "tooltip": True},
        "encoding": {
            "y": {"field": "median", "type": "quantitative"},
            **_told_by(names, {"field": "set"}),
            "tooltip": [
                {"field": "month", "type": "temporal", "title": when[0], "format": when[1]},
                {"field": "set", "title": "If"},
                *({"field": key, "title": title, "format": ",.3~r"} for key, title in _THREE),
            ],
        },
    }


# how a point is named, by the length of its month or day
_WHEN = {len("2026-03"): ("Month", "%B %Y"), len("2026-03-08"): ("Week to", "%-d %B %Y")}
_THREE = (("median", "Median"), ("low", "Low (80%)"), ("high", "High (80%)"))


def _measured(values: Sequence[tuple[str, float]], name: str, names: Sequence[str]) -> Spec:
    return {
        "data": {"values": [{"month": _at(month), "value": value} for month, value in values]},
        "mark": {"type": "line", "strokeWidth": 2, "point": {"size": 22, "filled": True}, "tooltip": True},
        "encoding": {
            "y": {"field": "value", "type": "quantitative"},
            **_told_by(names, {"datum": name}),
            "tooltip": [
                {"field": "month", "type": "temporal", "title": "Month", "format": "%B %Y"},
                {"field": "value", "title": name, "format": ",.3~r"},
            ],
        },
    }


def _date(by: str) -> Spec:
    return {
        "data": {"values": [{"month": _at(by)}]},
        "mark": {"type": "rule", "color": INK, "strokeDash": [2, 3], "opacity": 0.6},
        "encoding": {},
    }


def _level(value: float) -> Spec:
    return {
        "data": {"values": [{"level": value, "text": "target"}]},
        "layer": [
            {"mark": {"type": "rule", "color": TARGET, "strokeDash": [4, 3], "strokeWidth": 1.5}},
            {
                "mark": {
                    "type": "text",
                    "align": "right",
                    "baseline": "bottom",
                    "color": TARGET,
                    "fontSize": 12,
                    "dy": -3,
                },
                "encoding": {"text": {"field": "text"}, "x": {"value": "width"}},
            },
        ],
        "encoding": {"y": {"field": "level", "type": "quantitative"}, "x": None},
    }


def _point(plan: Figures, chosen: Sequence[str], titles: Mapping[str, str]) -> Spec:
    return {
        "id": " ".join(plan["levers"]),
        "cost": plan["annual_equivalent"] / 1e6,
        "probability": plan["probability_target_met"],
        "measures": "; ".join(titles.get(lever, lever) for lever in plan["levers"]) or "None",
        "kind": sorted(plan["levers"]) == sorted(chosen),
    }


def _front(rows: Iterable[Spec]) -> set[str]:
    """Sets that no cheaper or equally dear set beats in probability."""
    front, likeliest = set(), -1.0
    for row in sorted(rows, key=lambda row: (row["cost"], -row["probability"])):
        if row["probability"] > likeliest:
            front.add(row["id"])
            likeliest = row["probability"]
    return front
