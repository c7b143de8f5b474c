"""The search box finds sites and lists by the words people use for them."""

from __future__ import annotations

import pytest
from django.db import connection

from trustwide.commons.nhsuk.tests.pages import Page
from trustwide.services.imaging.tests.stage import import_lists
from trustwide.web.search import find


@pytest.fixture
def lists(cast):
    import_lists(cast)
    return cast


@pytest.mark.parametrize(
    ("text", "sites", "found"),
    [
        ("north", ["N1"], [("N1", "MRI"), ("N1", "CT")]),
        ("North mri", ["N1"], [("N1", "MRI")]),
        ("mri", [], [("N1", "MRI"), ("E9", "MRI"), ("S1", "MRI")]),
        ("s1", ["S1"], [("S1", "MRI")]),
        ("hospital ct", ["N1", "S1"], [("N1", "CT")]),
        ("ultra", [], []),
        ("nowhere", [], []),
        ("", [], []),
    ],
)
def test_words_find(lists, text, sites, found):
    answer = find(lists.chief, text)
    assert [site.code for site in answer.sites] == sites
    assert [(one.site.code, one.test) for one in answer.lists] == found


def test_other_people_s_sites_are_not_found(lists, client):
    client.force_login(lists.people["planner"])
    text = Page(client.get("/search/?q=south")).text
    assert "Nothing fits “south”." in text
    assert "South Hospital" not in text


@pytest.fixture
def no_nul():
    """Refuse what PostgreSQL refuses."""

    def check(execute, sql, params, many, context):
        assert not any(isinstance(param, str) and "\x00" in param for param in params or ())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(check):
        yield


def test_nothing_fits_a_nul(lists, client, no_nul):
    client.force_login(lists.chief)
    assert "Nothing fits" in Page(client.get("/search/?q=nor%00th")).text


@pytest.mark.parametrize(
    "address",
    ["/sites/N1%00/", "/imaging/N1%00/MRI/", "/imaging/plans/N1%00/MRI/", "/measures/dm01_waiting_list/N1%00/MRI/",
     "/accounts/x%00/sign-in/"],
)  # fmt: skip
def test_nothing_is_at_an_address_with_a_nul(lists, client, no_nul, address):
    client.force_login(lists.chief)
    assert client.get(address).status_code == 404
    client.logout()
    assert client.get(address).status_code == 404


def test_results_lead_to_pages(lists, client):
    client.force_login(lists.chief)
    page = Page(client.get("/search/?q=north+ct"))
    assert "1 site and 1 list fit" in page.text
    assert ("North Hospital", "/sites/N1/") in page.links
    assert ("CT", "/imaging/N1/CT/") in page.links
    assert "Type part of a site's name" in Page(client.get("/search/")).text
