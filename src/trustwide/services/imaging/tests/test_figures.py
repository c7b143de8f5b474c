"""The pressure table: who sees what, in which order, at what cost."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from trustwide.commons.accounts.models import Membership, User
from trustwide.commons.audit.actions import SystemActor
from trustwide.commons.measures.models import ChartSummary, Signal
from trustwide.commons.organisations.models import Partner, Partnership, Site
from trustwide.services.imaging.actions import import_returns
from trustwide.services.imaging.figures import PressureFilters, growing_lists, history, pressure_rows
from trustwide.services.imaging.tests.returns import frame, month, one_return

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return User.objects.create_user("planner@trust.example", "long enough words")


def load(*rows):
    import_returns(frame(*rows), by=SystemActor("import"), source="test")


def over(page):
    return [(row.site_code, row.test, row.over_six_weeks) for row in page.rows]


def test_one_row_for_each_list_most_people_over_six_weeks_first(person):
    load(
        one_return(over=10), one_return(test="CT", over=60), one_return(provider="XBB", over=30),
        one_return(provider="XBB", test="CT", waiting=0, over=0),
    )  # fmt: skip
    page = pressure_rows(person)
    assert over(page) == [("XAA", "CT", 60), ("XBB", "MRI", 30), ("XAA", "MRI", 10), ("XBB", "CT", 0)]
    top, empty = page.rows[0], page.rows[3]
    assert (top.waiting_list, top.six_week_share, top.test_name, top.month) == (100, 0.6, "CT", month(0))
    assert (empty.waiting_list, empty.six_week_share, empty.assurance_icon) == (0, None, "")
    assert (page.total, page.pages, page.newest, page.out_of_date) == (4, 1, month(0), 0)


def test_the_row_carries_what_its_charts_say(person):
    lists = [100 + place % 5 for place in range(14)] + [200, 205, 201, 204, 202, 206, 200, 207]
    load(*(one_return(when=when, waiting=waiting, over=waiting // 2) for when, waiting in enumerate(lists)))
    row = pressure_rows(person).rows[0]
    chart = ChartSummary.objects.get(measure="dm01_waiting_list")
    assert (row.variation_icon, row.sentence) == ("concern_high", chart.sentence)
    assert (row.since, row.since_last_month) == (month(14), 207 - 200)
    assert row.assurance_icon == "fail"
    assert row.gap_per_week == pytest.approx((207 - lists[9]) / (365.25 / 7))


def test_without_a_return_a_year_or_a_month_ago_the_difference_is_unknown(person):
    load(one_return(when=0), one_return(when=11))
    row = pressure_rows(person).rows[0]
    assert (row.gap_per_week, row.since_last_month) == (None, None)


def test_how_much_a_list_grew_is_what_its_signal_says(person):
    lists = [100 + place % 5 for place in range(14)] + [200, 205, 201, 204, 202, 206, 200, 207]
    load(*(one_return(when=when, waiting=waiting) for when, waiting in enumerate(lists)))
    found = growing_lists(person, PressureFilters(), month(21))
    step = sum(lists[14:]) / 8 - sum(lists[:14]) / 14
    assert (found.others, found.others_growing) == (1, 1)
    assert [(each.since, each.step) for each in found.longest] == [(month(14), round(step))]
    Signal.objects.update(closed=month(21))
    assert growing_lists(person, PressureFilters(), month(21)).others_growing == 0


def test_lists_that_are_no_longer_returned_are_counted_not_shown(person):
    load(one_return(when=0, over=90), one_return(provider="XBB", when=3), one_return(provider="XCC", when=1))
    page = pressure_rows(person)
    assert over(page) == [("XBB", "MRI", 10), ("XCC", "MRI", 10)]
    assert (page.total, page.out_of_date) == (2, 1)


def test_filters(person):
    load(*(one_return(provider=code, test=test) for code in ("XAA", "XBB") for test in ("MRI", "CT")))
    assert {row.test for row in pressure_rows(person, PressureFilters(test="CT")).rows} == {"CT"}
    assert {row.site_code for row in pressure_rows(person, PressureFilters(search="xbb")).rows} == {"XBB"}
    assert {row.site_code for row in pressure_rows(person, PressureFilters(search="Xaa N")).rows} == {"XAA"}
    assert pressure_rows(person, PressureFilters(partnership="england")).total == 4
    assert pressure_rows(person, PressureFilters(partnership="group")).rows == ()


def test_pages(person):
    load(*(one_return(provider=f"X{number:02d}", over=number) for number in range(25)))
    first = pressure_rows(person, PressureFilters(page_size=10))
    last = pressure_rows(person, PressureFilters(page_size=10, page=99))
    assert (first.pages, first.page, len(first.rows)) == (3, 1, 10)
    assert (last.page, [row.over_six_weeks for row in last.rows]) == (3, [4, 3, 2, 1, 0])


def test_sites_of_a_group_are_for_its_members_only(person):
    group = Partnership.objects.create(slug="group", name="Group")
    trust = Partner.objects.create(partnership=group, code="XAA", name="Trust")
    Site.objects.create(partner=trust, code="XAA", name="Hospital", short_name="H")
    load(one_return(), one_return(provider="XBB"))
    assert [row.site_code for row in pressure_rows(person).rows] == ["XBB"]
    assert pressure_rows(AnonymousUser()).rows == ()
    Membership.objects.create(user=person, role=Membership.Role.PLANNER, partnership=group)
    assert [row.site_code for row in pressure_rows(person).rows] == ["XAA", "XBB"]


@pytest.mark.parametrize("providers", [1, 40])
def test_the_number_of_queries_does_not_grow(person, django_assert_num_queries, providers):
    load(*(one_return(provider=f"X{number:02d}", test=test) for number in range(providers) for test in ("MRI", "CT")))
    with django_assert_num_queries(5):
        pressure_rows(person)


def test_nothing_yet(person):
    page = pressure_rows(person)
    assert (page.rows, page.total, page.newest) == ((), 0, None)


def test_a_history_holds_the_returns_oldest_first():
    load(one_return(when=2, waiting=120), one_return(when=0, waiting=100, tests=7, planned=8, unscheduled=9))
    found = history(Site.objects.get(), "MRI")
    assert found.months.tolist() == [month(0), month(2)]
    assert found.waiting_list.tolist() == [100, 120]
    assert (found.waiting_list_tests[0], found.planned_tests[0], found.unscheduled_tests[0]) == (7, 8, 9)
    assert found.over_six_weeks.tolist() == [10, 10]


def test_a_history_of_nothing_is_empty():
    load(one_return())
    assert history(Site.objects.get(), "CT").months.tolist() == []
