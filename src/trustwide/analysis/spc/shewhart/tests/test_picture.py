"""The picture holds what the chart says, in words and marks."""

import numpy as np
import pytest

from trustwide.analysis.spc import svg
from trustwide.analysis.spc.shewhart import (
    CHARTS,
    ShewhartSettings,
    shewhart_chart,
    shewhart_sentence,
    shewhart_vega_lite,
)

SHIFTED = [3, 1, 2, 4, 1, 3, 2, 3, 1, 2, 40, None, 13, 15, 14, 13, 16, 13, 15, 14]


def test_the_sentence_tells_the_newest_point_its_limits_and_the_runs():
    made = shewhart_chart(SHIFTED, None, ShewhartSettings("i", freeze=10))
    assert shewhart_sentence(made, "Falls") == (
        "Falls. I chart: point 20 is 14, outside its limits -2.23 to 6.63; "
        "unusual runs: longest run 9 (at most 7 by chance), crossings 8 (at least 6)."
    )


def test_the_sentence_of_little_data_says_little():
    assert shewhart_sentence(shewhart_chart([]), "Falls") == "Falls. Run chart without points."
    assert shewhart_sentence(shewhart_chart([3, 3, None]), "Falls") == "Falls. Run chart: point 2 is 3."


def test_readings_are_told_apart_and_runs_dot_the_centre_line():
    made = shewhart_chart(SHIFTED, None, ShewhartSettings("i", part=10, exclude=[3, 11]))
    spec = shewhart_vega_lite(made, "Falls")
    readings = [row["reading"] for row in spec["data"]["values"]]
    assert readings[2] == "Left out"
    assert readings[10] == "Outside limits"
    assert readings.count("Within limits") == 18
    assert len(spec["layer"]) == 2 * 3 + 2
    dotted = shewhart_vega_lite(shewhart_chart(SHIFTED), "Falls")["layer"][0]["mark"]["strokeDash"]
    assert dotted == [2, 3]
    assert spec["layer"][0]["mark"]["strokeDash"] == [1, 0]


@pytest.mark.parametrize("chart", CHARTS)
def test_every_kind_is_drawn(chart):
    made = shewhart_chart(np.arange(1, 13), np.full(12, 40), ShewhartSettings(chart, exclude=3))
    drawing = svg(shewhart_vega_lite(made, "Falls & trips"))
    assert drawing.startswith("<svg")
    assert "Falls &amp; trips. " in drawing
    assert ("No limits" in drawing) == (chart == "run")
    assert ("Left out" in drawing) == (chart in ("run", "p", "u", "c", "g"))
