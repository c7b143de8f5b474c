"""The pictures: what a chart's specification holds, and that it can be drawn."""

import datetime as dt
import json
import xml.etree.ElementTree as ElementTree

import pytest

from trustwide.analysis.spc import (
    Settings,
    assurance_icon_svg,
    chart,
    png,
    sentence,
    svg,
    variation_icon_svg,
    vega_lite,
)
from trustwide.analysis.spc.model import ASSURANCE_ICONS, VARIATION_ICONS

VALUES = [10, 12, 9, 11, 10, 12, 8, 11, None, 12, 9, 11, 10, 30, 20, 22, 19, 21, 20]


@pytest.fixture
def made():
    days = [dt.date(2024, 1 + i, 1) if i < 12 else dt.date(2025, i - 11, 1) for i in range(len(VALUES))]
    return chart(days, VALUES, Settings("decrease", target=15, rebase_dates=[days[14]]))


def layers_with(spec, field):
    return [layer for layer in spec["layer"] if layer["encoding"].get("y", {}).get("field") == field]


def test_the_specification_holds_every_point_and_line(made):
    spec = vega_lite(made, "Reports", unit="days", annotations=[("2024-06-01", "New <rota> & van")])
    assert json.loads(json.dumps(spec, allow_nan=False)) == spec
    assert [row["value"] for row in spec["data"]["values"]] == VALUES
    assert spec["width"] == "container"
    assert spec["description"] == sentence(made, title="Reports", unit="days")
    for field in ("value", "mean", "lpl", "upl", "target", "level"):
        assert layers_with(spec, field), field
    told = [row["text"] for layer in spec["layer"] for row in layer.get("data", {}).get("values", []) if "text" in row]
    assert {"Limits recalculated", "New <rota> & van"} <= set(told)
    assert layers_with(spec, "lpl")[0]["encoding"]["detail"]["field"] == "segment"


def test_point_types_differ_in_colour_shape_and_word(made):
    points = layers_with(vega_lite(made, "Reports"), "value")[-1]["encoding"]
    for channel in ("color", "shape"):
        scale = points[channel]["scale"]
        assert scale["domain"] == ["Usual variation", "Concern"]
        assert len(set(scale["range"])) == 2


def test_no_expression_is_needed(made):
    spec = vega_lite(made, "Reports", annotations=[("2024-06-01", "x")])
    assert not {"expr", "labelExpr", "transform", "params", "calculate"} & set(keys_of(spec))


def keys_of(part):
    if isinstance(part, dict):
        for key, value in part.items():
            yield key
            yield from keys_of(value)
    elif isinstance(part, list):
        for each in part:
            yield from keys_of(each)


def test_files_are_drawn_with_their_alternative_text(made):
    spec = vega_lite(made, "A & B < C", annotations=[("2024-06-01", "New rota")])
    root = ElementTree.fromstring(svg(spec))
    assert root[0].tag.endswith("title")
    assert root[0].text == spec["description"]
    assert "New rota" in "".join(root.itertext())
    assert png(spec).startswith(b"\x89PNG")


@pytest.mark.parametrize("values", [[], [3], [None], [4, 4, 4]])
def test_charts_with_next_to_nothing_are_drawn(values):
    days = [dt.date(2025, 1 + i, 1) for i in range(len(values))]
    ElementTree.fromstring(svg(vega_lite(chart(days, values, Settings("increase", target=5)), "Reports")))


def test_every_icon_is_its_own_picture_with_its_own_title():
    drawn = [variation_icon_svg(name) for name in VARIATION_ICONS]
    drawn += [assurance_icon_svg(name) for name in ASSURANCE_ICONS if name]
    titles = {ElementTree.fromstring(icon)[0].text for icon in drawn}
    assert len(titles) == len(drawn) == len(VARIATION_ICONS) + len(ASSURANCE_ICONS) - 1
    assert assurance_icon_svg(None) == ""
