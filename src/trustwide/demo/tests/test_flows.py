"""What happened to each list adds up, and follows the calendar."""

from __future__ import annotations

import numpy as np
import pytest

from trustwide.analysis.capacity.monthly.history import working_days
from trustwide.demo.bands import bands_of
from trustwide.demo.flows import simulate
from trustwide.demo.lists import LISTS, DemoList

LAST_MONTHS = ["2025-09", "2026-02", "2026-10"]


def months_to(last: str) -> np.ndarray:
    return np.arange(36) + np.datetime64(last, "M") - 35


def name(facts: DemoList) -> str:
    return f"{facts.site.code} {facts.test}"


@pytest.mark.parametrize("last", LAST_MONTHS)
@pytest.mark.parametrize("facts", LISTS, ids=name)
def test_list_is_the_list_before_plus_additions_less_tests(facts, last):
    flows = simulate(facts, months_to(last))
    assert np.array_equal(flows.waiting[1:], flows.waiting[:-1] + flows.additions - flows.tests)
    for counts in (flows.waiting, flows.additions, flows.tests, flows.planned, flows.unscheduled):
        assert counts.min() > 0


@pytest.mark.parametrize("facts", LISTS, ids=name)
def test_bands_add_up_to_the_list_and_fall_with_a_kink_at_six_weeks(facts):
    months = months_to("2026-10")
    flows = simulate(facts, months)
    bands = bands_of(facts, flows, working_days(months))
    assert np.array_equal(bands.sum(axis=1), flows.waiting[1:])
    usual = bands.mean(axis=0)
    assert np.all(np.diff(usual[:7]) < 0)
    fall = usual[1:8] / usual[:7]
    if facts.story is None:  # in a list that moved, the mean of its bands is that of two lists
        assert fall[5] == fall.min(), "the steepest fall is from the sixth week to the seventh"


@pytest.mark.parametrize("facts", LISTS, ids=name)
def test_the_newest_band_is_about_what_a_week_adds(facts):
    # a list in which many more, or many fewer, have waited under a week than a week adds is no real list
    months = months_to("2026-10")
    flows = simulate(facts, months)
    weekly = flows.additions / working_days(months) * 4.85
    newest = bands_of(facts, flows, working_days(months))[:, 0] / weekly
    assert 0.6 < newest.mean() < 1.15


def test_additions_dip_in_august_and_december_and_tests_follow_working_days():
    months = months_to("2026-10")
    calendar_month = months.astype(np.int64) % 12 + 1
    days = working_days(months)
    dips, together = [], []
    for facts in LISTS:
        flows = simulate(facts, months)
        a_day = flows.additions / days
        usual = a_day[~np.isin(calendar_month, [8, 12])].mean()
        dips.append([a_day[calendar_month == month].mean() / usual for month in (8, 12)])
        together.append(np.corrcoef(flows.tests, days)[0, 1])
    assert np.all(np.mean(dips, axis=0) < 0.97)
    assert np.mean(together) > 0.6
