"""Run charts and Shewhart charts with Anhøj's rules for runs, as the R package qicharts2 0.8.1 draws them."""

from trustwide.analysis.spc.shewhart.engine import shewhart_chart, shewhart_charts
from trustwide.analysis.spc.shewhart.model import (
    CHARTS,
    NEEDING_DENOMINATORS,
    ShewhartChart,
    ShewhartCharts,
    ShewhartSettings,
)
from trustwide.analysis.spc.shewhart.picture import shewhart_sentence, shewhart_vega_lite

__all__ = [
    "CHARTS",
    "NEEDING_DENOMINATORS",
    "ShewhartChart",
    "ShewhartCharts",
    "ShewhartSettings",
    "shewhart_chart",
    "shewhart_charts",
    "shewhart_sentence",
    "shewhart_vega_lite",
]
