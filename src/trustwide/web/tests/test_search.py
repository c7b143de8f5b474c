"""The search box finds sites and lists by the words people use for them."""

from __future__ import annotations

import pytest

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


def test_results_lead_to_pages(lists, client):
    client.force_login(lists.chief)
    page = Page(client.get("/search/?q=north+ct"))
    assert "1 site and 1 list fit" in page.text
    assert ("North Hospital", "/sites/N1/") in page.links
    assert ("CT", "/imaging/N1/CT/") in page.links
    assert "Type part of a site's name" in Page(client.get("/search/")).text
