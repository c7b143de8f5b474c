"""The picture of a search: what each set of measures costs against the wait it leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trustwide.services.imaging.plan_charts import AS_USUAL, CHOSEN, INK, TARGET, Figures, Spec, frame

SURE, UNSURE, BEST = "Sure enough", "Not sure enough", "The best"
SHAPES = {UNSURE: "circle", SURE: "square", BEST: "diamond"}
COLOURS = {UNSURE: AS_USUAL, SURE: CHOSEN, BEST: TARGET}
MILLION, THOUSAND = 1e6, 1e3


def cost_against_wait(result: Figures, titles: Mapping[str, str]) -> Spec:
    """Every set that was tried: cost a year against the mean wait it leaves; a line joins those none beats in both."""
    plans = [plan for plan in result["plans"] if plan["scanned_mean_weeks"]["median"] is not None]
    unit = MILLION if max((plan["annual_equivalent"] for plan in plans), default=0) >= MILLION else THOUSAND
    words = "Annual equivalent, £ million" if unit == MILLION else "Annual equivalent, £ thousand"
    front = [_point(result, result["plans"][place], unit, titles) for place in result["pareto"]]
    x = {"field": "cost", "type": "quantitative", "title": words, "axis": {"grid": False, "tickCount": 6}}
    y = {"field": "weeks", "type": "quantitative", "title": "Mean wait, weeks", "axis": {"tickCount": 5}}
    rows = [_point(result, plan, unit, titles) for plan in plans]
    rows.sort(key=lambda row: list(SHAPES).index(row["kind"]))  # the later are drawn over the earlier
    joined = {
        "data": {"values": front}, "mark": {"type": "line", "color": CHOSEN, "strokeWidth": 1.5, "opacity": 0.6},
        "encoding": {"x": x, "y": y},
    }  # fmt: skip
    level = {
        "data": {"values": [{"weeks": result["target"]["weeks"]}]},
        "mark": {"type": "rule", "strokeDash": [4, 3], "color": TARGET},
        "encoding": {"y": {"field": "weeks", "type": "quantitative"}},
    }  # fmt: skip
    layers = [level, joined, _points(x, y, words)]
    return {**frame("Mean wait against cost", 260), "data": {"values": rows}, "layer": layers}


def _points(x: Spec, y: Spec, cost: str) -> Spec:
    kind = {"field": "kind", "type": "nominal", "legend": {"title": None, "orient": "top"}}
    domain = list(SHAPES)
    tooltip = [
        {"field": "measures", "title": "Measures"}, {"field": "cost", "title": cost, "format": ",.2f"},
        {"field": "weeks", "title": "Mean wait, weeks", "format": ".1f"},
        {"field": "probability", "title": "Probability", "format": ".0%"},
    ]  # fmt: skip
    return {
        "mark": {"type": "point", "filled": True, "size": 60, "opacity": 0.85, "tooltip": True, "stroke": INK,
                 "strokeWidth": 0.3},
        "encoding": {
            "x": x, "y": y, "tooltip": tooltip,
            "shape": {**kind, "scale": {"domain": domain, "range": list(SHAPES.values())}},
            "color": {**kind, "scale": {"domain": domain, "range": [COLOURS[name] for name in domain]}},
        },
    }  # fmt: skip


def _point(result: Figures, plan: Figures, unit: float, titles: Mapping[str, str]) -> dict[str, Any]:
    sure = plan["probability_target_met"] >= result["target"]["confidence"]
    return {
        "cost": plan["annual_equivalent"] / unit, "weeks": plan["scanned_mean_weeks"]["median"],
        "probability": plan["probability_target_met"], "measures": named(plan["levers"], titles),
        "kind": BEST if plan is result["plans"][0] else SURE if sure else UNSURE,
    }  # fmt: skip


def named(levers: Sequence[str], titles: Mapping[str, str]) -> str:
    """The names of a set of measures; None for nothing."""
    return "; ".join(titles.get(lever, lever) for lever in levers) or "None"
