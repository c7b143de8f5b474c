"""The page of the report: what the address asks, what it shows, where its figures lead."""

from __future__ import annotations

import pytest

from trustwide.commons.accounts.actions import add_member
from trustwide.commons.accounts.tests.cast import STAGE, person
from trustwide.commons.measures.models import Observation
from trustwide.commons.measures.tests.conftest import month
from trustwide.commons.nhsuk.tests.pages import Page


@pytest.fixture
def board(stage):
    someone = person("Board Reader")
    add_member(someone, "board_member", stage.group, by=STAGE, reason="for the test")
    return someone


def seen(client, user, address="/performance/"):
    client.force_login(user)
    response = client.get(address)
    assert response.status_code == 200
    return Page(response)


def test_it_opens_on_the_widest_scope_and_the_newest_month(stage, client):
    page = seen(client, stage.chief)
    assert "Two Rivers Group, December 2025" in page.text
    assert page.tables[0][0] == ["Measure", "Middle", "North", "South", "Group"]
    assert "In December 2025, one of 12 charts shows concern" in page.text
    assert "Higher than usual since January 2025" in page.text


def test_the_address_names_scope_and_month(stage, client):
    page = seen(client, stage.chief, "/performance/?scope=partner:T1&month=2025-06")
    assert "North Trust, June 2025" in page.text
    assert page.tables[0][0] == ["Measure", "Middle", "North", "All sites"]
    assert ("Download as PDF", "/briefs/performance.pdf?scope=partner:T1&month=2025-06") in page.links
    assert ("Download for Excel", "/workbooks/performance.xlsx?scope=partner:T1&month=2025-06") in page.links


@pytest.mark.parametrize("asked", ["scope=partner:T9X", "month=2031-01", "scope=nonsense", "month=x", "scope=site:%00"])
def test_what_cannot_be_shown_is_told_and_the_usual_is_shown(stage, client, asked):
    page = seen(client, stage.chief, f"/performance/?{asked}")
    assert "There is a problem" in page.text
    assert "Choose another" in page.text
    assert "Two Rivers Group, December 2025" in page.text


def test_a_figure_opens_to_its_parts_then_its_chart_then_its_rows(stage, client):
    links = dict(seen(client, stage.chief).links)
    parts = links["Share of visits that began late, North: 23.2%"]
    assert parts == "/performance/measures/share_late/?scope=partnership:group&month=2025-12"
    page = seen(client, stage.chief, parts)
    assert [row[0].split()[0] for row in page.tables[0][1:]] == ["CT", "MRI"]
    chart = dict(page.links)["MRI, North: 30.0%"]
    assert chart == "/measures/share_late/N1/MRI/"
    assert client.get(chart).status_code == 200


def test_small_numbers_are_words_to_those_without_the_rows(stage, board, client):
    address = "/performance/?month=2025-06"
    assert "Suppressed" not in seen(client, stage.chief, address).text
    page = seen(client, board, address)
    (falls,) = [row for table in page.tables for row in table if row[0].startswith("Falls")]
    assert falls[2].startswith("Falls, North: Suppressed")
    assert "Small numbers are suppressed" in page.text
    assert "Suppressed" not in "".join(page.tables[0][1])


def test_parts_of_unpublished_figures_are_words_to_those_without_the_rows(stage, board, client):
    page = seen(client, board, "/performance/measures/share_late/")
    assert all("Suppressed" in cell for row in page.tables[0][1:] for cell in row[1:])
    assert "Suppressed" not in seen(client, board, "/performance/measures/waiting/").text


def test_a_partner_sees_its_own_pack_and_no_other(stage, client):
    someone = person("Of One Trust")
    add_member(someone, "board_member", stage.south.partner, by=STAGE, reason="for the test")
    page = seen(client, someone)
    assert page.tables[0][0] == ["Measure", "South"]
    assert "North" not in page.text
    for address in ("/briefs/performance.pdf", "/workbooks/performance.xlsx"):
        assert client.get(f"{address}?scope=partner:T1").status_code == 404
        assert client.get(f"{address}?scope=partnership:group").status_code == 404
        assert client.get(f"{address}?scope=partner:T2").status_code == 200


def test_a_provider_in_public_data_can_be_asked_for(stage, client):
    Observation.objects.bulk_create(
        Observation(measure="waiting", site=stage.public, breakdown="MRI", period=month(place), numerator=3, value=3)
        for place in range(24)
    )
    page = seen(client, stage.chief, "/performance/?scope=site:E9")
    assert page.tables[0][0] == ["Measure", "Elsewhere Trust"]
    assert "Suppressed" not in page.text


def test_before_there_is_a_figure_it_says_what_to_do(cast, client):
    assert "There is no figure of a month that is over yet." in seen(client, cast.chief).text
    assert client.get("/briefs/performance.pdf").status_code == 404
    assert client.get("/performance/measures/nothing/").status_code == 404


def test_its_queries_do_not_depend_on_what_there_is(stage, client, django_assert_max_num_queries):
    client.force_login(stage.chief)
    client.get("/performance/")
    with django_assert_max_num_queries(24):
        client.get("/performance/")
