"""Statistical process control: XmR charts in profile `ptd`, what they say in words, and their pictures."""

from trustwide.analysis.spc.engine import chart, charts
from trustwide.analysis.spc.icons import assurance_icon_svg, variation_icon_svg
from trustwide.analysis.spc.model import Chart, Charts, Settings, SpcError
from trustwide.analysis.spc.picture import png, svg, vega_lite
from trustwide.analysis.spc.words import Change, sentence, since

__all__ = [
    "Change",
    "Chart",
    "Charts",
    "Settings",
    "SpcError",
    "assurance_icon_svg",
    "chart",
    "charts",
    "png",
    "sentence",
    "since",
    "svg",
    "variation_icon_svg",
    "vega_lite",
]
