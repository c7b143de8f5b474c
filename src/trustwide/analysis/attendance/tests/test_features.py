"""The fast features are the definition's, and use nothing that is known only later."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustwide.analysis.attendance import AttendanceError, reference
from trustwide.analysis.attendance import features as fast
from trustwide.analysis.attendance.features import DIARY, FACTS, PAST, features_of
from trustwide.analysis.attendance.tests.builders import appointments

NAN = math.nan
DAY_ONE = np.datetime64("2026-03-02")  # a Monday


@st.composite
def a_row(draw):
    day = DAY_ONE + draw(st.integers(0, 12))
    lead = draw(st.integers(0, 10))
    booked = (day - lead).astype("datetime64[s]") + draw(st.sampled_from([0, 28_800, 29_100, 30_000, 86_399]))
    booked, day = draw(st.sampled_from([(booked, day)] * 8 + [(np.datetime64("NaT"), day), (booked, "NaT")]))
    return draw(st.sampled_from("abc")), booked, day, draw(st.sampled_from([0.0, 1.0, NAN]))


def numbered(rows, first=0):
    return appointments(*[(first + number, *row) for number, row in enumerate(rows)])


@given(st.lists(a_row(), min_size=1, max_size=12), st.lists(a_row(), min_size=1, max_size=12), st.integers(0, 12))
def test_fast_equals_the_definition(asked, before, shared):
    asked, history = numbered(asked, 0), numbered(before, shared)  # some numbers may be in both
    fast, slow = features_of(asked, history, 0.2), reference.features_of(asked, history, 0.2)
    np.testing.assert_allclose(fast.facts, slow.facts, rtol=1e-12)
    np.testing.assert_allclose(fast.past, slow.past, rtol=1e-12)


@given(st.lists(a_row(), min_size=2, max_size=12), st.data())
def test_nothing_from_later_is_used(rows, data):
    made = numbered(rows)
    chosen = data.draw(st.integers(0, len(made) - 1))
    asked = made.rows(np.array([chosen]))
    day = asked.appointment_on[0]
    too_late = ~(made.appointment_on < day - 1)
    changed = dataclasses.replace(made, missed=np.where(too_late, 1 - made.missed, made.missed))
    same, other = features_of(asked, made, 0.2), features_of(asked, changed, 0.2)
    np.testing.assert_array_equal(same.past, other.past)
    np.testing.assert_array_equal(same.facts, other.facts)

    moment = max(t for t in (day.astype("datetime64[s]"), asked.booked_at[0]) if not np.isnat(t))
    booked_by_then = made.rows(~(made.booked_at > moment) | (np.arange(len(made)) == chosen))
    only_known = features_of(asked, booked_by_then, 0.2)
    np.testing.assert_array_equal(same.facts, only_known.facts)
    np.testing.assert_array_equal(same.past, only_known.past)


def test_many_appointments_of_one_patient_are_taken_in_blocks(monkeypatch):
    rows = [("a", DAY_ONE - 3, DAY_ONE + number, number % 2) for number in range(30)]
    whole = features_of(numbered(rows), numbered(rows), 0.2)
    monkeypatch.setattr(fast, "_PAIRS_AT_ONCE", 50)
    np.testing.assert_array_equal(features_of(numbered(rows), numbered(rows), 0.2).past, whole.past)


def test_a_worked_example():
    made = appointments(
        (1, "ann", "2026-03-02T09:00", "2026-03-03", 1),
        (2, "ann", "2026-03-02T09:05", "2026-03-10", 0),
        (3, "ann", "2026-03-09T15:30", "2026-03-12", NAN),
        (4, "ann", "2026-03-11T10:00", "2026-03-12", 1),
        (5, "ann", "2026-03-12T08:00", "2026-03-16", 1),
        (6, "bob", "2026-03-09T15:34", "2026-03-12", 1),
        (7, "bob", "2026-03-09T15:39", "2026-03-13", 1),
    )
    found = features_of(made.rows(np.array([2])), made, 0.2)
    row = dict(zip(FACTS, found.facts[0], strict=False))
    assert (row["lead_days"], row["weekday"], row["booking_hour"], row["booking_weekday"]) == (3, 3, 15.5, 0)
    diary = dict(zip(DIARY, found.facts[0][len(FACTS) + 1 :], strict=False))
    # number 5 is booked on the day itself, so nobody knew of it the evening before
    assert diary == {"earlier": 2, "days_since_earlier": 2, "same_day": 1, "coming_week": 0, "booked_together": 0}
    past = dict(zip(PAST, found.past[0], strict=True))
    assert past == {
        "seen": 2,
        "missed": 1,
        "miss_share": pytest.approx(1.8 / 6),
        "days_since_miss": 9,
        "last_missed": 0,
    }
    assert found.facts[0][-2:].tolist() == [0.5, 0.5]


def test_bad_columns_are_sentences():
    row = (1, "a", "2026-03-02T09:00", "2026-03-03", 1)
    with pytest.raises(AttendanceError, match="booked after its own day"):
        appointments((1, "a", "2026-03-05T09:00", "2026-03-03", 1))
    with pytest.raises(AttendanceError, match="occurs twice"):
        appointments(row, row)
    with pytest.raises(AttendanceError, match="missed holds something else"):
        appointments((1, "a", "2026-03-02T09:00", "2026-03-03", 2))
    with pytest.raises(AttendanceError, match="age has 2 rows, identifier 1"):
        dataclasses.replace(appointments(row), age=np.zeros(2))
    with pytest.raises(AttendanceError, match="1 dimensions"):
        dataclasses.replace(appointments(row), conditions=np.zeros(1))
