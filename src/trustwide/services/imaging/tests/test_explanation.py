"""Why a list stepped, in words and figures that can be worked out by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np

from trustwide.analysis.capacity.monthly.history import working_days
from trustwide.services.imaging.explanation import step_explanation
from trustwide.services.imaging.tests.returns import a_history


def built(tests_a_day, additions_a_day, first="2024-01", start=1000):
    """A history with exactly these tests and net additions per working day; the first month only gives the list."""
    months = np.datetime64(first, "M") + np.arange(len(tests_a_day))
    days = working_days(months).astype(int)
    tests = np.array(tests_a_day) * days
    growth = (np.array(additions_a_day) - np.array(tests_a_day)) * days
    return a_history(start + np.cumsum(growth) - growth[0], tests, first=first)


def test_fewer_tests_and_more_additions():
    history = built([50] * 13 + [40] * 3 + [60] * 3, [50] * 13 + [55] * 3 + [60] * 3)
    said = step_explanation(history, dt.date(2025, 2, 1))
    # February to April 2025 had 20, 21 and 20 working days, so the list grew by 61 x 15
    assert said.startswith(
        "Since February 2025: from February to April 2025 there were fewer tests (40 a working day against 50 in the "
        "12 months before, 50 fewer a week) and more additions (55 a working day against 50, 25 more a week), and the "
        "list grew from 1,000 to 1,915."
    )
    # and 61 days at 40, then 62 days (20, 21, 21) at 60: 50.1 tests a day, within a hundredth of 50
    assert "Over all months to July 2025 there were about as many tests (50 a working day against 50)" in said


def test_more_tests_and_a_shrinking_list():
    said = step_explanation(built([50] * 13 + [70], [50] * 13 + [50]), dt.date(2025, 2, 1))
    assert said == (
        "Since February 2025: in February 2025 there were more tests (70 a working day against 50 in the 12 months "
        "before, 100 more a week) and about as many additions (50 a working day against 50), and the list shrank from "
        "1,000 to 600."
    )


def test_small_numbers_keep_a_decimal():
    said = step_explanation(built([2] * 13 + [1] * 2, [2] * 15), dt.date(2025, 2, 1))
    assert "fewer tests (1.0 a working day against 2.0 in the 12 months before, 5.0 fewer a week)" in said


def test_a_short_history_is_not_compared():
    said = step_explanation(built([50] * 5, [50] * 5), dt.date(2024, 4, 1))
    assert said == (
        "Tests and additions cannot be compared: that needs 6 of the 12 months before April 2024 and a month after it, "
        "and 2 are known."
    )


def test_fewer_than_twelve_months_before_are_named():
    said = step_explanation(built([50] * 9 + [40] * 2, [50] * 11), dt.date(2024, 10, 1))
    assert "in 8 of the 12 months before" in said
