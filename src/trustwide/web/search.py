"""Finds sites and lists by the words somebody types into the header."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from trustwide.commons.measures.models import ChartSummary
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.diagnostic_tests import BY_CODE, DIAGNOSTIC_TESTS
from trustwide.services.imaging.figures import OVER_SIX
from trustwide.web.middleware import NUL

if TYPE_CHECKING:
    from trustwide.commons.accounts.models import User

MOST_SITES, MOST_LISTS = 20, 60
SHORTEST_PREFIX = 3


@dataclass(frozen=True)
class FoundList:
    """One test's list at one site."""

    site: Site
    test: str
    test_name: str
    over_six_weeks: int


@dataclass(frozen=True)
class Found:
    """Sites and lists that fit, the most people over six weeks first."""

    sites: tuple[Site, ...]
    lists: tuple[FoundList, ...]


def find(user: User, text: str) -> Found:
    """What fits every word: each names a test, or is part of a site's name or its code."""
    words = text.lower().split()
    if not words or NUL in text:
        return Found((), ())
    tests = [test for test in (_test(word) for word in words) if test]
    sites = Site.objects.for_user(user)
    for word in words:
        if not _test(word):
            sites = sites.filter(Q(name__icontains=word) | Q(short_name__icontains=word) | Q(code__iexact=word))
    named = any(not _test(word) for word in words)
    lists = ChartSummary.objects.for_user(user).filter(measure=OVER_SIX, site__in=sites)
    if tests:
        lists = lists.filter(breakdown__in=tests)
    rows = lists.select_related("site").order_by("-value", "site_id", "breakdown")[:MOST_LISTS]
    return Found(
        tuple(sites.order_by("name")[:MOST_SITES]) if named else (),
        tuple(FoundList(row.site, row.breakdown, BY_CODE[row.breakdown].short_name, round(row.value)) for row in rows),
    )


def _test(word: str) -> str:
    """The code of the test that a word names, or nothing."""
    for test in DIAGNOSTIC_TESTS:
        if word == test.code.lower() or word == test.short_name.lower():
            return test.code
        if len(word) >= SHORTEST_PREFIX and test.short_name.lower().startswith(word):
            return test.code
    return ""
