"""Pictures of the room as Vega-Lite specifications, with their data inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trustwide.analysis.attendance import Effect
from trustwide.analysis.attendance.effect import wilson
from trustwide.services.imaging.plan_charts import AS_USUAL, CHOSEN, INK, Spec, frame

SHARE_MISSED = "Share missed"


def arms_picture(effect: Effect, done: str) -> Spec:
    """Share missed of both arms as points, each with its 95% interval."""
    rows = []
    for name, arm in ((done.capitalize(), effect.called), ("Left out by lot", effect.held_out)):
        share = wilson(arm)
        rows.append({"arm": name, "share": share.value, "low": share.low, "high": share.high, "of": arm.patients})
    y = {"field": "arm", "type": "nominal", "title": None, "sort": None, "axis": {"labelFontSize": 14}}
    x = {
        "type": "quantitative",
        "title": SHARE_MISSED,
        "scale": {"zero": True},
        "axis": {"format": ".0%", "tickCount": 8},
    }
    tooltip = [
        {"field": "arm", "title": "Patients"}, {"field": "of", "title": "How many", "format": ","},
        {"field": "share", "title": SHARE_MISSED, "format": ".1%"},
        {"field": "low", "title": "Low (95%)", "format": ".1%"},
        {"field": "high", "title": "High (95%)", "format": ".1%"},
    ]  # fmt: skip
    reach = {
        "mark": {"type": "rule", "strokeWidth": 3, "color": CHOSEN},
        "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}},
    }
    point = {
        "mark": {"type": "point", "filled": True, "size": 130, "color": CHOSEN, "opacity": 1},
        "encoding": {"x": {**x, "field": "share"}, "tooltip": tooltip},
    }
    return {
        **frame("Share missed, with 95% intervals", 130), "data": {"values": rows}, "encoding": {"y": y},
        "layer": [reach, point],
    }  # fmt: skip


def calibration(tenths: Sequence[Mapping[str, float]]) -> Spec:
    """Share missed against the risk that was said, by tenth of risk; on the line they agree."""
    top = max(max(each["risk"], each["high"]) for each in tenths)
    scale = {"domain": [0, top], "nice": True}
    axis = {"format": ".0%", "tickCount": 6}
    x = {"field": "risk", "type": "quantitative", "title": "Risk that was said", "scale": scale, "axis": axis}
    y = {"type": "quantitative", "title": SHARE_MISSED, "scale": scale, "axis": axis}
    line = {
        "data": {"values": [{"risk": 0, "share": 0}, {"risk": top, "share": top}]},
        "mark": {"type": "line", "strokeDash": [5, 4], "color": AS_USUAL},
        "encoding": {"x": x, "y": {**y, "field": "share"}},
    }
    reach = {
        "mark": {"type": "rule", "strokeWidth": 2, "color": INK},
        "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
    }
    point = {
        "mark": {"type": "point", "filled": True, "size": 80, "color": CHOSEN, "opacity": 1},
        "encoding": {
            "x": x, "y": {**y, "field": "missed"},
            "tooltip": [
                {"field": "risk", "title": "Risk that was said", "format": ".1%"},
                {"field": "missed", "title": SHARE_MISSED, "format": ".1%"},
            ],
        },
    }  # fmt: skip
    return {**frame("Was the risk right?", 280), "data": {"values": list(tenths)}, "layer": [line, reach, point]}
