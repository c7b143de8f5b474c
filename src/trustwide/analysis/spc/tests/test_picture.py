"""The pictures: what a chart's specification holds, and that it can be drawn."""

import datetime as dt
import json
import xml.etree.ElementTree as ElementTree

import pytest

from trustwide.analysis.spc import (
    Settings,
    assurance_icon_svg,
    chart,
    judged,
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


def months(count):
    return [dt.date(2024 + i // 12, i % 12 + 1, 1) for i in range(count)]


def of_mdc(values, **settings):
    return chart(months(len(values)), values, Settings("increase", profile="mdc", **settings))


def test_a_ghost_is_drawn_with_a_sign_and_a_word_of_its_own():
    spec = vega_lite(of_mdc([10, 12] * 8 + [50], ghost_dates=[months(17)[16]]), "Reports")
    row = spec["data"]["values"][16]
    assert (row["value"], row["type"], row["cause"]) == (50, "Left out of the limits", "Above UCL")
    points = layers_with(spec, "value")[-1]["encoding"]
    domain, shapes = points["shape"]["scale"]["domain"], points["shape"]["scale"]["range"]
    assert dict(zip(domain, shapes, strict=True)) == {"Usual variation": "circle", "Left out of the limits": "cross"}
    assert "Left out of the limits" in "".join(ElementTree.fromstring(svg(spec)).itertext())


def test_what_is_foreseen_is_a_band_and_a_line_after_the_last_point():
    made = of_mdc([10, 12] * 8)
    ahead = [("2025-05-01", 8, 11, 14), (dt.date(2025, 6, 1), 7.5, 11, 14.5)]
    plain, spec = vega_lite(made, "Reports"), vega_lite(made, "Reports", forecast=ahead, unit="days")
    band, line = [layer for layer in spec["layer"] if layer not in vega_lite(made, "Reports", unit="days")["layer"]]
    assert (
        band["data"]["values"]
        == line["data"]["values"]
        == [
            {"date": "2025-05-01", "low": 8, "median": 11, "high": 14},
            {"date": "2025-06-01", "low": 7.5, "median": 11, "high": 14.5},
        ]
    )
    assert (band["mark"]["type"], band["encoding"]["y"]["field"], band["encoding"]["y2"]["field"]) == (
        "area", "low", "high",
    )  # fmt: skip
    assert (line["mark"]["type"], line["encoding"]["y"]["field"]) == ("line", "median")
    assert len(areas_of(svg(spec))) == len(areas_of(svg(plain))) + 1


def areas_of(drawn):
    return [
        each
        for each in ElementTree.fromstring(drawn).iter()
        if each.get("aria-roledescription") == "area mark container" or "mark-area" in each.get("class", "")
    ]


def test_a_target_that_changed_is_drawn_in_steps_and_named_at_each():
    spec = vega_lite(of_mdc([10, 12] * 8, targets=[("2024-07-01", 14), ("2024-03-15", 11.5)]), "Reports")
    line, names = layers_with(spec, "target")
    assert line["mark"]["interpolate"] == "step-after"
    steps = [(row["date"], row["target"]) for row in line["data"]["values"]]
    assert steps == [(day.isoformat(), 11.5 if i < 6 else 14) for i, day in enumerate(months(16)) if i >= 3]
    assert [(row["date"], row["name"]) for row in names["data"]["values"]] == [
        ("2024-04-01", "Target 11.5"),
        ("2024-07-01", "Target 14"),
    ]
    assert layers_with(vega_lite(of_mdc([10, 12] * 8), "Reports"), "target") == []


def names_of(made):
    (layer,) = layers_with(vega_lite(made, "Reports"), "level")
    return [row["name"] for row in layer["data"]["values"]]


def test_lines_are_named_for_what_they_are():
    assert names_of(of_mdc([10, 12] * 5)) == ["Median 11"]
    assert names_of(of_mdc([100] * 19 + [99])) == ["Median 100"]
    assert names_of(of_mdc([10, 12] * 8)) == ["Mean 11", "Lower limit 5.68", "Upper limit 16.3"]
    assert names_of(chart(months(10), [10, 12] * 5)) == ["Mean 11", "Lower limit 5.68", "Upper limit 16.3"]


def test_limits_that_follow_denominators_are_named_at_the_newest_value():
    own = Settings("increase", profile="mdc")
    below = [50.0, 200] * 10
    made, _ = judged(months(21), [*[10.0, 45] * 10, None], [*below, None], [0, 21], own, ["share"], [100])
    assert len(names_of(made[0])) == 3
    assert names_of(made[0])[0].startswith("Mean 2")


def test_gaps_between_rare_events_have_a_centre_and_rules_of_eight():
    counts = [*[2] * 12, *[0, 0, 1] * 12]
    own = Settings("decrease", profile="mdc")
    made, _ = judged(months(48), counts, [None] * 48, [0, 48], own, ["count"])
    spec = vega_lite(made[0], "Falls", unit="days")
    assert names_of(made[0])[0].startswith("Centre ")
    causes = {row["cause"] for row in spec["data"]["values"]}
    assert "8 Points Above CL" in causes
    assert not any("7 Points" in cause for cause in causes)
    assert png(spec).startswith(b"\x89PNG")
