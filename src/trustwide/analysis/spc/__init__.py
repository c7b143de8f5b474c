"""Statistical process control: charts of every kind, what they say in words, and their pictures."""

from trustwide.analysis.spc.engine import chart, charts
from trustwide.analysis.spc.icons import assurance_icon_svg, variation_icon_svg
from trustwide.analysis.spc.mdc.choice import Choice, choose
from trustwide.analysis.spc.mdc.engine import judged
from trustwide.analysis.spc.mdc.model import Quantity
from trustwide.analysis.spc.mdc.notice import notices
from trustwide.analysis.spc.mdc.suggestion import Suggestion, suggest_rebase
from trustwide.analysis.spc.model import Chart, Charts, Settings, SpcError
from trustwide.analysis.spc.picture import png, svg, vega_lite
from trustwide.analysis.spc.shewhart import (
    ShewhartChart,
    ShewhartCharts,
    ShewhartSettings,
    shewhart_chart,
    shewhart_charts,
    shewhart_sentence,
    shewhart_vega_lite,
)
from trustwide.analysis.spc.words import GAPS, Change, cause_name, sentence, since

__all__ = [
    "GAPS",
    "Change",
    "Chart",
    "Charts",
    "Choice",
    "Quantity",
    "Settings",
    "ShewhartChart",
    "ShewhartCharts",
    "ShewhartSettings",
    "SpcError",
    "Suggestion",
    "assurance_icon_svg",
    "cause_name",
    "chart",
    "charts",
    "choose",
    "judged",
    "notices",
    "png",
    "sentence",
    "shewhart_chart",
    "shewhart_charts",
    "shewhart_sentence",
    "shewhart_vega_lite",
    "since",
    "suggest_rebase",
    "svg",
    "variation_icon_svg",
    "vega_lite",
]
