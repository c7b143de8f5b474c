"""The page of one chart: its words, its rows, its marks, and who may see it."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from trustwide.analysis import spc
from trustwide.commons.measures import definition as registry
from trustwide.commons.measures.actions import annotate_chart, ghost_period, rebase_chart, redraw, withdraw_mark
from trustwide.commons.measures.models import Annotation, ChartSummary, Ghost, Observation, Rebase
from trustwide.commons.measures.tests.conftest import LATE, STEP, month
from trustwide.commons.nhsuk.tests.pages import Page

CHART = "/measures/share_late/N1/MRI/"


@pytest.fixture
def planner(share, client):
    client.force_login(share.people["planner"])
    return client


def test_the_first_line_is_what_is_stored(share, planner):
    page = Page(planner.get(CHART))
    stored = ChartSummary.objects.get(site=share.north).sentence
    assert stored.startswith("Higher than usual since January 2025: 12 months above 25.2%")
    assert stored in page.text
    assert "Concern" in page.text
    assert "Target 5.0%: missed" in page.text
    assert "May 2024 looks odd." in page.text


def test_every_period_is_a_row_newest_first(planner):
    table = Page(planner.get(CHART)).tables[-1]
    assert table[0][:4] == ["Month", "Numerator", "Denominator", "Value (%)"]
    assert [row[0] for row in table[1:]][:2] == ["December 2025", "November 2025"]
    assert [int(row[1]) for row in table[1:]] == list(reversed(LATE))
    chart = spc.chart([month(place) for place in range(len(LATE))], LATE, spc.Settings("decrease", 5))
    kinds = {"common_cause": "", "special_cause_concern": "Concern", "special_cause_improvement": "Improvement"}
    assert [row[-1].partition(":")[0] for row in table[1:]] == [kinds[kind] for kind in reversed(chart.point_type)]
    assert "Concern: seven in a row above the mean" in {row[-1] for row in table}


def test_the_file_holds_the_rows_of_the_page(planner):
    table = Page(planner.get(CHART)).tables[-1]
    response = planner.get(f"{CHART}rows.csv")
    head, *rows = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
    assert head[0] == "Month"
    assert len(rows) == len(table) - 1 == len(LATE)
    for written, shown in zip(rows, table[1:], strict=True):
        assert [f"{float(value):.1f}" for value in written[3:7]] == shown[3:7]
        assert written[7] == shown[7]


def test_the_file_says_where_limits_were_recalculated_and_what_was_left_out(share, planner):
    by = share.people["planner"]
    rebase_chart("share_late", share.north, "MRI", STEP, reason="the clinic moved", by=by)
    annotate_chart("share_late", share.north, "MRI", STEP, text="=new rota", by=by)
    ghost_period("share_late", share.north, "MRI", month(3), reason="a flood", by=by)
    back = annotate_chart("share_late", share.north, "MRI", month(4), text="a slip", by=by)
    withdraw_mark(back, reason="wrong", by=by)
    response = planner.get(f"{CHART}rows.csv")
    rows = {row["Month"]: row for row in csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")))}
    told = {day: (row["Mark"], row["Reason"]) for day, row in rows.items() if row["Mark"]}
    assert told == {
        STEP.isoformat(): ("Limits recalculated from here; Note", "the clinic moved; =new rota"),
        month(3).isoformat(): ("Left out of the limits", "a flood"),
    }
    shown = Page(planner.get(CHART)).tables[0][1]
    assert shown[0] == "January 2025" and shown[2] in rows[STEP.isoformat()]["Who, when"].split("; ")


def test_the_drawing_says_the_sentence_too(share, planner):
    response = planner.get(f"{CHART}chart.svg")
    assert response["Content-Type"] == "image/svg+xml"
    assert "Higher than usual since January 2025" in response.content.decode()


def test_a_missing_month_is_shown_as_missing(share, planner):
    Observation.objects.filter(site=share.north, period=month(3)).delete()
    table = Page(planner.get(CHART)).tables[-1]
    gap = next(row for row in table if row[0] == "April 2024")
    assert gap[1:4] == ["–", "–", "–"]
    assert gap[-1] == "No figure for this month"


def test_a_short_series_shows_no_limits_and_no_signal(share, planner):
    Observation.objects.filter(site=share.north, period__gte=month(5)).delete()
    sentence = "Too few months to judge: 5 of the 13 needed."
    ChartSummary.objects.filter(site=share.north).update(variation_icon="", assurance_icon="", sentence=sentence)
    page = Page(planner.get(CHART))
    assert sentence in page.text
    assert "Not judged" in page.text
    assert page.tables[-1][1][4:] == ["–", "–", "–", ""]


def test_a_site_without_the_test_says_what_to_do(planner):
    response = planner.get("/measures/share_late/N1/CT/")
    assert response.status_code == 200
    assert "has returned no figure for CT" in Page(response).text
    assert planner.get("/measures/share_late/N1/CT/chart.svg").status_code == 404
    assert planner.get("/measures/share_late/N1/CT/limits/").status_code == 404


@pytest.mark.parametrize("address", ["share_late/S1/MRI", "share_late/ZZ/MRI", "nothing/N1/MRI", "share_late/N1/XRAY"])
@pytest.mark.parametrize("part", ["", "rows.csv", "chart.svg", "limits/", "notes/"])
def test_what_is_not_there_and_what_is_another_site_s_look_the_same(planner, address, part):
    assert planner.get(f"/measures/{address}/{part}").status_code == 404


def test_recalculating_needs_month_and_reason(share, planner):
    response = planner.post(f"{CHART}limits/", {"date": "", "reason": ""})
    text = Page(response).text
    assert "Choose a month." in text
    assert "Enter what changed" in text
    assert not Rebase.objects.exists()
    again = planner.post(f"{CHART}limits/", {"date": "2024-01-01", "reason": "because"})
    assert "Choose one of the months of this chart." in Page(again).text


def test_recalculated_limits_stand_beside_the_old_ones(share, planner):
    response = planner.post(f"{CHART}limits/", {"date": STEP.isoformat(), "reason": "the clinic moved"}, follow=True)
    page = Page(response)
    assert "The limits are recalculated from January 2025 on." in page.text
    assert "No change beyond the usual month-to-month variation." in page.text
    marks, rows = page.tables
    assert marks[1][:4] == ["January 2025", "the clinic moved", marks[1][2], "25.2"]
    assert {row[4] for row in rows[1:13]} != {row[4] for row in rows[13:]}, "each part keeps its own mean"


def test_a_mark_is_taken_back_on_the_page(share, planner):
    by = share.people["planner"]
    rebase = rebase_chart("share_late", share.north, "MRI", STEP, reason="moved", by=by)
    note = annotate_chart("share_late", share.north, "MRI", STEP, text="moved", by=by)
    for address in (f"limits/{rebase.pk}/withdraw/", f"notes/{note.pk}/withdraw/"):
        assert "Enter why it is taken back." in Page(planner.post(f"{CHART}{address}", {"reason": ""})).text
        assert "Taken back by" in Page(planner.post(f"{CHART}{address}", {"reason": "wrong"}, follow=True)).text
        assert planner.get(f"{CHART}{address}").status_code == 404
    assert Rebase.objects.count() == Annotation.objects.count() == 2


def test_a_note_is_drawn_and_listed(share, planner):
    response = planner.post(f"{CHART}notes/", {"date": "2024-06-01", "text": "New rota"}, follow=True)
    assert response.content.decode().count("New rota") >= 2
    assert Page(response).tables[0][1][:3] == ["June 2024", "Note", "New rota"]


def test_those_who_may_only_read_are_offered_nothing_else(share, client):
    client.force_login(share.people["ward_nurse"])
    assert not [link for link in Page(client.get(CHART)).links if "limits" in link[1] or "notes" in link[1]]
    assert client.post(f"{CHART}limits/", {"date": STEP, "reason": "x"}).status_code == 403


def test_the_page_asks_the_database_as_often_for_few_months_as_for_many(share, planner):
    many = queries_of(planner)
    Observation.objects.filter(site=share.north, period__gte=month(15)).delete()
    assert queries_of(planner) == many < 25


def queries_of(client):
    client.get(CHART)
    with CaptureQueriesContext(connection) as queries:
        client.get(CHART)
    return len(queries)


def test_a_series_without_breakdown_has_an_address(share, planner):
    Observation.objects.filter(site=share.north).update(breakdown="")
    registry._tables["visits"] = replace(registry.logical_table("visits"), breakdowns={})
    redraw("share_late", share.north, "")
    address = reverse("measure_chart", args=["share_late", "N1", ""])
    assert address == "/measures/share_late/N1/-/"
    assert "Higher than usual since January 2025" in Page(planner.get(address)).text
    assert planner.get(f"{address}rows.csv").status_code == 200


def test_a_month_is_left_out_with_its_reason(share, planner):
    refused = Page(planner.post(f"{CHART}left-out/", {"date": "2024-06-01", "reason": ""}))
    assert "Enter why: what is left out must have a reason." in refused.text
    page = Page(planner.post(f"{CHART}left-out/", {"date": "2024-06-01", "reason": "counted twice"}, follow=True))
    assert "June 2024 is left out of the limits." in page.text
    assert next(row for row in page.tables[-1] if row[0] == "June 2024")[-1] == "Left out of the limits"
    ghost = Ghost.objects.get()
    again = Page(planner.post(f"{CHART}left-out/", {"date": "2024-06-01", "reason": "again"}))
    assert "Choose one of the months of this chart." in again.text
    planner.post(f"{CHART}left-out/{ghost.pk}/withdraw/", {"reason": "it was right"})
    assert not Ghost.objects.standing().exists()


def test_the_page_says_which_chart_and_why_and_what_to_know(share, planner):
    page = Page(planner.get(CHART))
    assert "A P' chart: a share, with limits that follow how many it is out of in each period." in page.text
    assert "Tell me of changes here by e-mail" in page.text
    assert "Signals on this chart" in page.text


def test_a_lasting_shift_suggests_limits_but_changes_none(share, planner):
    page = Page(planner.get(CHART))
    assert "Recalculate the limits from January 2025" in page.text
    assert not Rebase.objects.exists()
    form = planner.get(f"{CHART}limits/?from=2025-01-01").content.decode()
    assert '<option value="2025-01-01" selected' in form
