"""The page of doubted figures: its first line, filters, order, links, file, and what each person sees of it."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from trustwide.commons.measures.quality.actions import check
from trustwide.commons.measures.quality.tests.conftest import LATE, VISITS, changed, frame, rows
from trustwide.commons.nhsuk.tests.pages import Page

PAGE = "/data-quality/"


@pytest.fixture
def chief(doubted, client):
    client.force_login(doubted.chief)
    return client


def listed(client, query=""):
    """Site, chart and score of each row."""
    tables = Page(client.get(f"{PAGE}?{query}")).tables
    return [(row[0], row[1], row[2]) for row in tables[0][1:]] if tables else []


def test_the_first_line_counts_charts_and_kinds(chief):
    text = Page(chief.get(f"{PAGE}?where=all")).text
    assert "3 of 4 charts hold something to doubt: 1 zero, 1 late chart and 1 impossible figure." in text


def test_our_own_sites_come_first_and_the_lowest_score_leads(chief, doubted):
    chart = "Share of visits that began late"
    assert listed(chief) == [("North", f"CT: {chart}", "95"), ("North", f"MRI: {chart}", "95")]
    assert len(listed(chief, "where=all")) == 3
    late = changed(20, 0)
    late[10:13] = [9000, 9000, 9000]
    check(frame(rows(doubted.north, late)))
    assert listed(chief)[0] == ("North", f"MRI: {chart}", "83")


def test_filters(chief):
    wanted = {
        "kind=zero": 1, "kind=copied": 0, "kind=late": 1, "since=2025-10-01": 2, "since=2025-10-01&kind=zero": 0,
        "site=elsewhere": 1, "site=e9": 1, "site=nowhere": 0, "measure=share_late": 3,
    }  # fmt: skip
    assert {query: len(listed(chief, f"where=all&{query}")) for query in wanted} == wanted
    assert len(listed(chief, "where=group")) == 2
    assert len(listed(chief, "where=public")) == 1


def test_what_the_address_asks_wrongly_is_told(chief):
    for query, sentence in (
        ("where=all&kind=odd", "There is no kind odd."),
        ("where=all&measure=height", "There is no measure height."),
        ("where=moon", "There is no such place"),
        ("where=all&since=soon", "Enter a day"),
        ("where=all&page=99999999", "3 of 4"),
        ("where=all&page=x", "3 of 4"),
    ):
        response = chief.get(f"{PAGE}?{query}")
        assert response.status_code == 200
        assert sentence in Page(response).text


def test_each_row_leads_to_its_chart_and_its_rows(chief):
    links = dict(reversed(link) for link in Page(chief.get(PAGE)).links)
    assert "/measures/share_late/N1/MRI/" in links
    assert "/clinic/N1/MRI/" in links


def test_charts_that_have_ended_are_left_out_until_asked_for(chief, doubted):
    check(frame(rows(doubted.south, LATE[:5], VISITS[:5], breakdown="CT")))
    assert "1 more chart has had no figure for more than 12 periods" in Page(chief.get(PAGE)).text
    assert len(listed(chief)) == 2
    assert len(listed(chief, "ended=on")) == 3


def test_the_file_has_one_line_a_doubt(chief):
    response = chief.get(f"{PAGE}doubts.csv?where=all")
    head, *lines = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
    assert head[0] == "Score"
    assert {(line[1], line[6]) for line in lines} == {("N1", "Zero-filled"), ("N1", "Impossible"), ("E9", "Late")}


def test_each_person_sees_their_own_sites_and_what_is_public(doubted, client):
    check(frame(rows(doubted.south, changed(20, 0))))
    client.force_login(doubted.people["ward_nurse"])
    assert {site for site, *_ in listed(client, "where=all")} == {"North", "Elsewhere Trust"}
    client.force_login(doubted.chief)
    assert {site for site, *_ in listed(client, "where=all")} == {"North", "South", "Elsewhere Trust"}


def test_nothing_to_doubt_and_nothing_at_all_have_their_own_words(clinic, client):
    client.force_login(clinic.chief)
    assert "No figure has been checked yet." in Page(client.get(PAGE)).text
    check(frame(rows(clinic.north)))
    page = Page(client.get(PAGE))
    assert "Nothing to doubt was found on 1 chart." in page.text
    assert page.tables == []


def test_more_rows_ask_the_database_no_more_often(chief, doubted):
    few = queries_of(chief)
    check(frame(*(rows(site, changed(20, 0)) for site in (doubted.south, doubted.public))))
    assert queries_of(chief) == few <= 14


def queries_of(client):
    client.get(f"{PAGE}?where=all")
    with CaptureQueriesContext(connection) as queries:
        client.get(f"{PAGE}?where=all")
    return len(queries)
