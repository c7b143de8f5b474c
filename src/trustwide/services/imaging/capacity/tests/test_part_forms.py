"""Parts as forms: what was not touched stays to the last digit, and the engine's sentence stands beside its field."""

from __future__ import annotations

import json

import pytest

from trustwide.analysis.capacity import ServiceError
from trustwide.services.imaging.capacity.description import checked
from trustwide.services.imaging.capacity.part_forms import FORMS, SEVERAL
from trustwide.services.imaging.capacity.tests.service_stage import described

ALL = [("about", ""), ("sites", ""), ("booking", ""), ("closures", ""), ("scanners", "north-mr"), ("scanners", "van"),
       ("demand", "urgent"), ("demand", "routine")]  # fmt: skip


def sent(part, key="", *, before=None, **changes):
    """The form as a browser sends it back, with some fields changed."""
    shown = FORMS[part](before or described(), {}, None, key)
    data = {name: value for name in shown.fields if (value := shown[name].value()) not in (None, False)}
    form = FORMS[part](before or described(), {}, data | {"reason": "why"} | changes, key)
    assert form.is_valid(), form.errors
    return form


def inner(described, path):
    """The mapping that holds the last part of a path."""
    for name in path[:-1]:
        described = described[name]
    return described


@pytest.mark.parametrize(("part", "key"), ALL)
def test_saving_without_a_change_changes_nothing(part, key):
    assert json.dumps(sent(part, key).changed()) == json.dumps(described())


@pytest.mark.parametrize(
    ("part", "key", "field", "value", "path"),
    [
        ("about", "", "weeks", "20", ("stop", "weeks")),
        ("about", "", "target", "3.5", ("target", "weeks")),
        ("scanners", "north-mr", "changeover", "7", ("scanners", 0, "changeover")),
        ("scanners", "north-mr", "count", "3", ("scanners", 0, "count")),
        ("demand", "routine", "rate", "90", ("demand", 1, "arrivals", "poisson", "per_week")),
        ("demand", "routine", "missed", "12.5", ("demand", 1, "did_not_attend", "probability")),
        ("demand", "urgent", "growth", "3", ("demand", 0, "arrivals", "poisson", "growth_per_year")),
        ("booking", "", "release", "5", ("booking", "release_days")),
        ("closures", "", "days_a_year", "8", ("maintenance", "planned_days_per_year")),
        ("sites", "", "minutes-north-south", "45", ("travel", "minutes", "north-south")),
    ],
)
def test_a_changed_figure_is_written_to_its_place_and_nowhere_else(part, key, field, value, path):
    after, expected = sent(part, key, **{field: value}).changed(), described()
    checked(after)
    figure = float(value) / (100 if field in ("missed", "growth") else 1)
    assert inner(after, path)[path[-1]] == pytest.approx(figure)
    inner(expected, path)[path[-1]] = inner(after, path)[path[-1]]
    assert after == expected


def test_an_emptied_figure_leaves_the_file():
    after = sent("demand", "urgent", within="").changed()
    assert "within_days" not in after["demand"][0]
    after = sent("closures", days_a_year="").changed()
    assert "maintenance" not in after


def test_breakdowns_come_and_go_with_their_fields():
    after = sent("scanners", "north-mr", up="45", down="9", down_sd="10").changed()
    assert after["scanners"][0]["breakdowns"] == {
        "up": {"exponential": {"mean_days": 45}}, "down": {"lognormal": {"mean_hours": 9, "sd_hours": 10}},
    }  # fmt: skip
    assert checked(after).fields.scanners[0].breakdowns is not None
    again = sent("scanners", "north-mr", before=after, up="", down="", down_sd="").changed()
    assert "breakdowns" not in again["scanners"][0]


def test_another_law_is_left_to_the_file():
    fixed = described()
    fixed["demand"][0]["duration"] = {"fixed": 20}
    form = FORMS["demand"](fixed, {}, None, "urgent")
    assert "duration" not in form.fields and "rate" in form.fields
    always = described()
    always["scanners"][0]["overrun"] = "finish"
    assert "overrun" not in FORMS["scanners"](always, {}, None, "north-mr").fields


@pytest.mark.parametrize("part", SEVERAL)
def test_a_new_row_is_a_valid_one(part):
    shown = FORMS[part](described(), {}, None)
    data = {name: value for name in shown.fields if (value := shown[name].value()) not in (None, False)}
    new = {"scanners": {"id": "south-mr-2", "site": "south"},
           "demand": {"id": "planned", "rate": "5", "slot": "30", "duration": "20", "duration_sd": "5",
                      "share-north": "50", "share-south": "50", "priority": "3"}}  # fmt: skip
    form = FORMS[part](described(), {}, data | new[part] | {"reason": "more"})
    assert form.is_valid(), form.errors
    after = checked(form.changed())
    assert new[part]["id"] in [row.id for row in getattr(after.fields, part)]


@pytest.mark.parametrize(
    ("part", "key", "changes", "field", "sentence"),
    [
        ("about", "", {"start": "soon"}, "start", "First day: must be a date such as 2026-01-05, got 'soon'"),
        ("scanners", "north-mr", {"count": "20000"}, "count", "must be <= 10000"),
        ("scanners", "north-mr", {"up": "45"}, "down", "is missing"),
        ("demand", "urgent", {"share-north": "50"}, "share-north", "must add up to 1, got 0.9"),
        ("demand", "urgent", {"slot": "600"}, "slot", "must fit a session at north"),
        ("demand", "urgent", {"duration_sd": ""}, "duration_sd", "is missing"),
        ("booking", "", {"hold-urgent": "80", "hold-routine": "80"}, "hold-urgent", "must add up to at most 1"),
        ("closures", "", {"closed": "dates", "dates": "Christmas"}, "dates", "must be a date"),
        ("sites", "", {"willing": "30 40\n45 70"}, "willing", "must not rise with the minutes"),
    ],
)
def test_the_engines_sentence_stands_beside_its_field(part, key, changes, field, sentence):
    form = sent(part, key, **changes)
    with pytest.raises(ServiceError) as refused:
        checked(form.changed())
    form.take_problems(refused.value.problems)
    assert any(sentence in error for error in form.errors[field]), form.errors


def test_a_problem_of_no_field_stands_above_the_form():
    form = sent("about")
    form.take_problems(["demand[0].slot: is missing"])
    assert form.non_field_errors() == ["demand[0].slot: is missing"]


@pytest.mark.parametrize("text", ["30", "thirty 70", "30 most"])
def test_journeys_that_cannot_be_read_are_quoted(text):
    form = FORMS["sites"](described(), {}, {"willing": text, "reason": "x"})
    assert not form.is_valid()
    assert f"'{text}' is not minutes and a per cent" in form.errors["willing"][0]
