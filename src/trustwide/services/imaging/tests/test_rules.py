"""Each doubt about a history, and the histories that must raise none."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from trustwide.services.imaging.rules import data_quality_notes, net_additions
from trustwide.services.imaging.tests.returns import a_history

STEADY = [400, 410, 395, 405, 400, 398, 402, 407, 396, 403]
TESTS = [300, 310, 290, 305, 300, 295, 302, 308, 297, 301]


def kinds(history):
    return [note.kind for note in data_quality_notes(history)]


def noted(history, kind):
    return next(note for note in data_quality_notes(history) if note.kind == kind)


def changed(values, **places):
    """The values with some replaced: at4=200 puts 200 in place 4."""
    copy = list(values)
    for place, value in places.items():
        copy[int(place.removeprefix("at"))] = value
    return copy


def test_a_steady_list_raises_no_doubt():
    assert data_quality_notes(a_history(STEADY, TESTS)) == ()


def test_an_empty_history_raises_no_doubt():
    assert data_quality_notes(a_history([], [])) == ()


def test_a_list_that_grows_for_real_raises_no_doubt():
    assert data_quality_notes(a_history([400 + 40 * place for place in range(10)], TESTS)) == ()


@pytest.mark.parametrize(
    ("months", "when"), [([0, 1, 3], "for March 2024"), ([0, 1, 5], "from March 2024 to May 2024")]
)
def test_a_month_that_is_missing(months, when):
    note = noted(a_history(STEADY[:3], TESTS[:3], months=months), "gap")
    assert note.month == dt.date(2024, 3, 1)
    assert when in note.sentence


def test_a_month_that_repeats_the_one_before():
    repeated = a_history(changed(STEADY, at4=405), changed(TESTS, at4=305))
    assert noted(repeated, "repeated").sentence == "May 2024 repeats every figure of the return before it."
    assert "repeated" not in kinds(a_history(changed(STEADY, at4=405), TESTS))
    assert "repeated" not in kinds(a_history([3, 3, 3], [4, 4, 4]))  # so few may well be the same twice


def test_a_month_without_a_test_while_people_wait():
    note = noted(a_history(STEADY, changed(TESTS, at5=0)), "no_activity")
    assert note.sentence == "June 2024 reports no test at all although 398 people were waiting."
    unscheduled = changed([0] * 10, at5=12)
    assert "no_activity" not in kinds(a_history(STEADY, changed(TESTS, at5=0), unscheduled=unscheduled))
    assert "no_activity" not in kinds(a_history(STEADY, [0] * 10))  # a provider that never reports tests


def test_a_list_that_empties():
    note = noted(a_history(changed(STEADY, at5=0), TESTS), "empty_list")
    assert note.sentence == "The list fell from 400 to none in June 2024."


def test_a_list_that_halves_and_comes_back():
    note = noted(a_history(changed(STEADY, at5=199, at6=250), TESTS), "halved")
    assert note.month == dt.date(2024, 6, 1)
    assert note.sentence == "The list fell from 400 to 199 in June 2024 and was back at 407 in August 2024."
    assert "halved" not in kinds(a_history([400] * 5 + [199] * 5, TESTS))  # it stays down
    assert "halved" not in kinds(a_history([*STEADY[:5], 201, *STEADY[6:]], TESTS))


def test_a_list_that_falls_by_more_than_the_tests_explain():
    validated = [*STEADY[:8], 270, 275]
    note = noted(a_history(validated, TESTS), "validation")
    assert note.month == dt.date(2024, 9, 1)
    assert note.sentence.startswith(
        "The list fell by 137 in September 2024, where the tests done and the usual additions"
    )
    cleared_by_tests = changed(TESTS, at8=297 + 126)
    assert "validation" not in kinds(a_history(validated, cleared_by_tests))


def test_a_step_of_ten_times():
    note = noted(a_history(STEADY, changed(TESTS, at5=29)), "tenfold")
    assert note.sentence == "The number of tests went from 300 to 29 in June 2024, ten times or more in one step."
    assert noted(a_history([40, 400, 410], [30] * 3), "tenfold").month == dt.date(2024, 2, 1)
    assert "tenfold" not in kinds(a_history([4, 44, 40], [30] * 3))


def test_notes_come_in_order_of_months():
    found = [note.month for note in data_quality_notes(a_history(changed(STEADY, at2=0, at5=0), changed(TESTS, at1=0)))]
    assert found == sorted(found)
    assert len(found) >= 3


def test_net_additions_need_the_month_before():
    additions = net_additions(a_history([10, 15, 40], [7, 8, 9], months=[0, 1, 3]))
    assert np.array_equal(additions, [np.nan, 13, np.nan], equal_nan=True)
