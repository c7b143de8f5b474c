"""The page of a chart hides small numbers, and what gives them away, from those who may not see the rows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trustwide.commons.measures import definition as registry
from trustwide.commons.measures.actions import redraw
from trustwide.commons.measures.models import Observation
from trustwide.commons.measures.tests.conftest import month, share  # noqa: F401 - a fixture
from trustwide.commons.nhsuk.tests.pages import Page

CHART = "/measures/share_late/N1/MRI/"


@pytest.fixture
def few(share):  # noqa: F811
    """In April 2024 two visits of a hundred began late at North; scans of one kind only."""
    registry._tables["visits"] = replace(registry.logical_table("visits"), breakdowns={"MRI": "MRI"})
    Observation.objects.filter(site=share.north, period=month(3)).update(numerator=2, value=0.02)
    redraw("share_late", share.north, "MRI")
    return share


def row_of(page, name):
    return next(row for row in page.tables[-1] if row[0] == name)


def test_a_nurse_sees_neither_the_small_figure_nor_what_gives_it_away(few, client):
    client.force_login(few.people["ward_nurse"])
    page = Page(client.get(CHART))
    assert "shown only to those who may see the rows" in page.text
    assert row_of(page, "April 2024")[1:] == ["–", "–", "–", "–", "–", "–", "Not shown"]
    assert row_of(page, "May 2024")[1:4] == ["20", "100", "20.0"]
    assert row_of(page, "May 2024")[4:7] == ["–", "–", "–"], "limits follow from all months"
    assert client.get(f"{CHART}chart.svg").status_code == 404
    rows = client.get(f"{CHART}rows.csv").content.decode("utf-8-sig").splitlines()
    assert next(line for line in rows if line.startswith("2024-04")) == "2024-04-01,,,,,,,Not shown,,,"


def test_somebody_who_may_see_the_rows_sees_all(few, client):
    client.force_login(few.people["radiology_manager"])
    page = Page(client.get(CHART))
    assert row_of(page, "April 2024")[1:4] == ["2", "100", "2.0"]
    assert client.get(f"{CHART}chart.svg").status_code == 200


def test_a_part_of_a_sum_shows_no_figure_to_those_who_may_not_see_rows(share, client):  # noqa: F811
    client.force_login(share.people["board_member"])
    page = Page(client.get(CHART))
    assert {tuple(row[1:4]) for row in page.tables[-1][1:]} == {("–", "–", "–")}
    signals = Page(client.get("/signals/"))
    assert "Higher than usual since January 2025. Concern." in signals.text
    assert "25.2" not in signals.text
    assert "25.2" not in client.get("/signals/signals.csv").content.decode()
    assert "25.2" not in Page(client.get("/measures/share_late/")).text


def test_nothing_is_hidden_where_nothing_is_small(share, client):  # noqa: F811
    registry._tables["visits"] = replace(registry.logical_table("visits"), breakdowns={"MRI": "MRI"})
    client.force_login(share.people["ward_nurse"])
    page = Page(client.get(CHART))
    assert "shown only to those" not in page.text
    assert row_of(page, "April 2024")[1:4] == ["21", "100", "21.0"]
