"""The course of a list says what counting the patients one by one says."""

import datetime as dt
import math
import statistics

import pytest
from hypothesis import given, settings

from trustwide.analysis.capacity.model import SEEN
from trustwide.analysis.capacity.planner.course import Months, course_dict, course_of
from trustwide.analysis.capacity.planner.question import ask
from trustwide.analysis.capacity.planner.tests.small import small_service
from trustwide.analysis.capacity.planner.tests.test_outcome import BY, WEEKS, journeys, patients


def counted(table, end):
    """List, mean weeks of those scanned in the last four weeks, median weeks of those waiting, over six weeks."""
    days = [
        (one.arrived // 1440, one.left // 1440 if math.isfinite(one.left) else math.inf, one.outcome) for one in table
    ]
    ages = [end - came for came, left, _ in days if came < end <= left]
    waits = [left - came for came, left, outcome in days if outcome == SEEN and end - 28 <= left < end]
    return (
        len(ages),
        statistics.fmean(waits) / 7 if waits else math.nan,
        statistics.median(ages) / 7 if ages else math.nan,
        sum(age >= 42 for age in ages),
    )


@given(rows=patients)
@settings(max_examples=50, deadline=None)
def test_course_as_counted_one_by_one(rows):
    question = ask(small_service(listed=0), by=BY)
    table = journeys(rows)
    course = course_of(table, question.targets, WEEKS, (10, 30, 55))
    for row, end in zip(course.months, (10, 30, 55), strict=True):
        assert list(row) == pytest.approx(list(counted(table, end)), nan_ok=True)
    for week, row in enumerate(course.weeks):
        assert list(row) == pytest.approx(list(counted(table, 7 * (week + 1))[:2]), nan_ok=True)


def test_months_end_when_the_calendar_says():
    months = Months.until(dt.date(2026, 1, 5), dt.date(2026, 3, 9))
    assert (months.names, months.ends) == (("2026-01", "2026-02", "2026-03"), (27, 55, 86))
    assert months.weeks == 13
    assert course_dict([course_of(journeys([]), {0: None}, 13, months.ends)], months, dt.date(2026, 1, 5))["weeks"][
        0
    ] == {
        "ends_on": "2026-01-11",
        "list": {"median": 0.0, "low": 0.0, "high": 0.0},
        "scanned_mean_weeks": {"median": None, "low": None, "high": None},
    }
