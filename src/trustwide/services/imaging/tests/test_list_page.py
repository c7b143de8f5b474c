"""What happened to this list? In words, charts and rows; what looks wrong is said and never left out."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from trustwide.commons.measures.models import ChartSummary
from trustwide.commons.nhsuk.tests.pages import Page
from trustwide.services.imaging.actions import import_returns
from trustwide.services.imaging.list_pages import band_picture, band_words, list_page
from trustwide.services.imaging.models import Dm01Return
from trustwide.services.imaging.tests.returns import frame, month, one_return
from trustwide.services.imaging.tests.stage import MONTHS, STAGE, STEP, import_lists, north_list

LIST = "/imaging/N1/MRI/"


@pytest.fixture
def planner(cast, client):
    import_lists(cast)
    client.force_login(cast.people["planner"])
    return client


def test_the_first_lines_say_what_and_why(cast, planner):
    page = Page(planner.get(LIST))
    stored = ChartSummary.objects.get(site=cast.north, breakdown="MRI", measure="dm01_waiting_list")
    assert stored.sentence in page.text
    assert "Since May 2025: " in page.text
    assert f"the list grew from {north_list(STEP - 1)} to {north_list(STEP + 2)}" in page.text
    assert "more additions" in page.text


def test_four_charts_each_lead_to_their_own_page(planner):
    page = Page(planner.get(LIST))
    titles = [text for text, address in page.links if address.startswith("/measures/dm01")]
    assert titles == [
        "People waiting for a test",
        "Share of those waiting for a test who have waited six weeks or more (%)",
        "Tests from the waiting list per working day",
        "Net additions to the waiting list per working day",
    ]
    assert ("What would fix it?", "/imaging/plans/N1/MRI/") in page.links


def test_the_bands_are_a_picture_a_sentence_and_a_table(cast, planner):
    page = Page(planner.get(LIST))
    newest = list_page(cast.north, "MRI").newest
    late = north_list(23) // 5
    assert band_words(newest) in page.text
    assert f"Of {north_list(23)} people waiting at the end of December 2025, {late} had waited six weeks" in page.text
    bands = page.tables[0]
    assert [int(row[1]) for row in bands[1:]] == list(newest.bands)
    drawn = band_picture(newest)["data"]["values"]
    assert sum(bar["people"] for bar in drawn if bar["which"] == "Six weeks or more") == late
    assert band_words(newest) in planner.get(f"{LIST}bands.svg").content.decode()


def test_every_month_is_a_row_and_the_file_holds_the_same(planner):
    head, *rows = Page(planner.get(LIST)).tables[1]
    written_head, *written = csv.reader(io.StringIO(planner.get(f"{LIST}rows.csv").content.decode("utf-8-sig")))
    assert head[:3] == written_head[:3] == ["Month", "Waiting", "Over six weeks"]
    assert len(rows) == len(written) == MONTHS
    assert rows[0][0] == "December 2025"
    assert [row[1] for row in rows] == [line[1] for line in written]
    assert [int(line[1]) for line in written] == [north_list(when) for when in reversed(range(MONTHS))]
    # the list grew by 402 in May 2025 while 800 were tested
    grown = north_list(STEP) - north_list(STEP - 1)
    assert [line[3] for line in written if line[0] == "2025-05-01"] == [str(800 + grown)]
    assert written[-1][3] == "", "what came in the first month is not known"


def test_what_looks_wrong_is_said_above_and_beside_its_month(cast, planner):
    halved = one_return("N1", "CT", 10, waiting=120, over=12, tests=900)
    import_returns(frame(halved), by=STAGE, source="tests")
    page = Page(planner.get("/imaging/N1/CT/"))
    waiting = {row[0]: row[1] for row in page.tables[-1]}
    assert waiting["November 2024"] == "120", "it is told and still shown"
    said = next(row[-1] for row in page.tables[-1] if row[0] == "November 2024")
    assert said.startswith("The list fell from")
    assert page.text.count(said) == 2, "once above the charts and once in its row"
    assert "What to doubt in these figures" in page.text
    assert said in Page(planner.get("/measures/dm01_waiting_list/N1/CT/")).text


def test_a_list_that_is_steady_is_not_explained(planner):
    text = Page(planner.get("/imaging/N1/CT/")).text
    assert "No change beyond the usual month-to-month variation." in text
    assert "Since " not in text


def test_a_list_never_returned_says_so(planner):
    page = Page(planner.get("/imaging/N1/DEXA/"))
    assert "North Hospital has returned no month for DEXA Scan." in page.text
    assert not page.tables
    assert planner.get("/imaging/N1/DEXA/bands.svg").status_code == 404


@pytest.mark.parametrize("address", ["S1/MRI", "ZZ/MRI", "N1/XRAY", "N1/mri"])
@pytest.mark.parametrize("part", ["", "rows.csv", "bands.svg"])
def test_another_site_s_list_looks_like_one_that_is_not_there(planner, address, part):
    assert planner.get(f"/imaging/{address}/{part}").status_code == 404


def test_the_site_s_page_leads_to_its_lists(planner):
    page = Page(planner.get("/sites/N1/"))
    assert ("MRI", LIST) in page.links
    assert [row[0] for row in page.tables[0][1:]] == ["MRI", "CT"]


def test_few_months_take_as_many_queries_as_many(cast, planner):
    many = queries(planner)
    Dm01Return.objects.filter(site=cast.north, month__gte=month(14)).delete()
    assert queries(planner) == many < 40


def queries(client):
    client.get(LIST)
    with CaptureQueriesContext(connection) as made:
        client.get(LIST)
    return len(made)
