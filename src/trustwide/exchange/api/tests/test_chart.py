"""One chart by the API: what its page shows."""

from __future__ import annotations

import pytest

from trustwide.commons.measures import definition
from trustwide.commons.measures.actions import redraw
from trustwide.commons.measures.chart_pages import chart_page
from trustwide.commons.measures.definition import LogicalTable, MeasureDefinition
from trustwide.commons.measures.models import Observation, SeriesForecast
from trustwide.exchange.api.tests.conftest import LIST
from trustwide.services.imaging.tests.returns import month
from trustwide.services.imaging.tests.stage import MONTHS, STEP, north_list

pytestmark = pytest.mark.django_db


def test_a_chart_has_the_points_limits_and_flags_of_its_page(stage, ask):
    told = ask(stage.chief, f"charts/{LIST}/N1/MRI").json()
    page = chart_page(LIST, stage.north, "MRI")
    assert [point["value"] for point in told["points"]] == [north_list(when) for when in range(MONTHS)]
    assert [point["date"] for point in told["points"]] == [month(when).isoformat() for when in range(MONTHS)]
    assert [point["mean"] for point in told["points"]] == pytest.approx(page.chart.mean.tolist(), nan_ok=True)
    assert [point["outside_limits"] for point in told["points"] if not point["ghost"]] == (
        page.chart.outside_limits[~page.chart.ghost].tolist()
    )
    assert [point["segment"] for point in told["points"]] == [0] * STEP + [1] * (MONTHS - STEP)
    assert [place for place, point in enumerate(told["points"]) if point["ghost"]] == [5]
    assert (told["sentence"], told["variation_icon"], told["kind"]) == (
        page.sentence, page.variation_icon, page.chart.kind,
    )  # fmt: skip
    assert [(mark["kind"], mark["date"], mark["reason"]) for mark in told["marks"]] == [
        ("note", month(3).isoformat(), "a van came"),
        ("ghost", month(5).isoformat(), "a flood"),
        ("rebase", month(STEP).isoformat(), "a scanner closed"),
    ]


FLAGS = ("outside_limits", "close_to_limits", "trend", "two_in_three", "shift")


def test_a_month_that_was_left_out_counts_as_no_special_cause(stage, ask):
    Observation.objects.filter(measure=LIST, site=stage.north, period=month(5)).update(numerator=90_000, value=90_000)
    assert chart_page(LIST, stage.north, "MRI").chart.outside_limits[5], "the picture marks it"
    left_out = ask(stage.chief, f"charts/{LIST}/N1/MRI").json()["points"][5]
    assert (left_out["kind"], left_out["value"], left_out["ghost"]) == ("ghost", 90_000, True)
    assert (left_out["cause"], left_out["other_cause"]) == ("Common Cause", "Common Cause")
    assert not any(left_out[flag] for flag in FLAGS)


def test_a_chart_tells_the_periods_to_come(stage, ask):
    SeriesForecast.objects.update_or_create(
        measure=LIST, site=stage.north, breakdown="MRI",
        defaults={"first_period": month(MONTHS), "low": [1.0, 2.0], "median": [3.0, 4.0], "high": [5.0, 6.0]},
    )  # fmt: skip
    told = ask(stage.chief, f"charts/{LIST}/N1/MRI").json()
    assert told["forecast"] == [
        {"period": month(MONTHS + ahead).isoformat(), "low": 1.0 + ahead, "median": 3.0 + ahead, "high": 5.0 + ahead}
        for ahead in (0, 1)
    ]


def test_a_measure_without_breakdowns_has_an_address(stage, ask, monkeypatch):
    falls = MeasureDefinition(
        "falls", "Falls", "falls", "decrease", None, lambda rows: rows.falls.sum(), None, "wards", "bedside", "count"
    )
    monkeypatch.setitem(definition._definitions, "falls", falls)
    monkeypatch.setitem(definition._tables, "bedside", LogicalTable("bedside", {"falls": "int64"}, lambda sites: None))
    for when in range(24):
        series = {"measure": "falls", "site": stage.north, "breakdown": "", "period": month(when)}
        Observation.objects.create(**series, numerator=50 + when % 3, value=50 + when % 3)
    redraw("falls", stage.north, "")
    told = ask(stage.chief, "charts/falls/N1/-").json()
    assert (told["breakdown"], len(told["points"])) == ("", 24)
    for path, rows in (("observations", 24), ("charts", 1)):
        found = ask(stage.chief, path, site="N1", breakdown="-").json()["items"]
        assert [(row["measure"], row["breakdown"]) for row in found] == [("falls", "")] * rows
