"""Pictures of how sites differ, as Vega-Lite; sites differ in colour and in shape, and a table stands beside."""

from __future__ import annotations

from typing import Any

from trustwide.services.imaging.lean.variation import Variation

COLOURS = ("#005eb8", "#c2510a", "#00703c", "#7c2855", "#4c6272", "#212b32")
SHAPES = ("circle", "square", "diamond", "triangle-up", "cross", "triangle-down")
ROW, AROUND = 56, 90  # pixels an exam takes, and the axis and legend


def by_exam(page: Variation) -> dict[str, Any]:
    """Median and middle half of each exam at each site."""
    rows = [
        {"exam": cell.exam, "site": cell.site, "median": cell.spread.median, "low": cell.spread.low,
         "high": cell.spread.high, "exams": cell.spread.count}
        for cell in page.cells
    ]  # fmt: skip
    sites = [one.site.short_name for one in page.sites]
    y = {"field": "exam", "type": "nominal", "title": None, "axis": {"labelLimit": 160}}
    offset = {"field": "site", "type": "nominal", "scale": {"domain": sites}}
    title = f"{page.subject.words.capitalize()}, {page.subject.unit}"
    x = {"field": "median", "type": "quantitative", "title": title, "scale": {"zero": True}}
    shared = {"y": y, "yOffset": offset, "color": _colour(sites)}
    layers = [
        {"mark": {"type": "rule", "strokeWidth": 2},
         "encoding": {**shared, "x": {**x, "field": "low"}, "x2": {"field": "high"}}},
        {"mark": {"type": "point", "filled": True, "size": 90, "tooltip": True},
         "encoding": {**shared, "x": x, "shape": _shape(sites)}},
    ]  # fmt: skip
    exams = len({cell.exam for cell in page.cells})
    return _picture(page, rows, layers, AROUND + ROW * exams, "Median and middle half of each exam, by site")


def by_week(page: Variation) -> dict[str, Any]:
    """The weekly median of each site."""
    rows = [{"week": week.isoformat(), "site": site, "median": median} for week, site, median, _ in page.weeks]
    sites = [one.site.short_name for one in page.sites]
    x = {"field": "week", "type": "temporal", "title": "Week from Monday", "axis": {"format": "%-d %b", "tickCount": 8}}
    title = f"Median, {page.subject.unit}"
    y = {"field": "median", "type": "quantitative", "title": title, "scale": {"zero": True}}
    shared = {"x": x, "y": y, "color": _colour(sites)}
    layers = [
        {"mark": {"type": "line", "strokeWidth": 2}, "encoding": shared},
        {"mark": {"type": "point", "filled": True, "size": 60, "tooltip": True},
         "encoding": {**shared, "shape": _shape(sites)}},
    ]  # fmt: skip
    return _picture(page, rows, layers, 280, "Weekly median of each site")


def _colour(sites: list[str]) -> dict[str, Any]:
    colours = [COLOURS[place % len(COLOURS)] for place in range(len(sites))]
    return {"field": "site", "type": "nominal", "scale": {"domain": sites, "range": colours}, "legend": _legend()}


def _shape(sites: list[str]) -> dict[str, Any]:
    shapes = [SHAPES[place % len(SHAPES)] for place in range(len(sites))]
    return {"field": "site", "type": "nominal", "scale": {"domain": sites, "range": shapes}, "legend": _legend()}


def _legend() -> dict[str, Any]:
    return {"title": None, "orient": "top", "labelFontSize": 13}


def _picture(
    page: Variation, rows: list[dict[str, Any]], layers: list[dict[str, Any]], height: int, title: str
) -> dict[str, Any]:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": f"{title}: {page.subject.words}. {page.answer}",
        "width": "container", "height": height, "autosize": {"type": "fit", "contains": "padding"},
        "data": {"values": rows}, "layer": layers,
        "config": {"font": "Arial, sans-serif", "axis": {"labelFontSize": 12, "titleFontSize": 13}},
    }  # fmt: skip
