"""The score: by hand, and many at once as the reference says."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from trustwide.commons.measures.quality.kinds import CHECKS, Doubt
from trustwide.commons.measures.quality.scores import Spans, score_reference, scores


def score(first, newest, expected, *doubts):
    ends = (np.array([each], dtype=np.int64) for each in (first, newest, expected))
    (fast,) = scores(Spans(*ends), doubts)
    assert fast == score_reference(first, newest, expected, doubts)
    return fast


def test_a_series_without_doubts_has_a_hundred():
    assert score(0, 35, 35) == 100
    assert score(0, 0, 0) == 100, "one period is all that there could be"


def test_each_doubted_period_takes_its_share_of_the_last_24():
    assert score(0, 35, 35, Doubt(0, "zero", 30, 30)) == 95  # 23 of 24 is 95.8, rounded down
    assert score(0, 35, 35, Doubt(0, "gap", 24, 35)) == 50
    assert score(0, 35, 35, Doubt(0, "jump", 30, 30)) == 97  # half of a period


def test_of_two_doubts_about_one_period_the_heavier_counts():
    assert score(0, 23, 23, Doubt(0, "jump", 5, 5), Doubt(0, "copied", 5, 5)) == 95


def test_what_is_old_counts_no_more():
    assert score(0, 35, 35, Doubt(0, "impossible", 0, 11)) == 100
    assert score(0, 35, 35, Doubt(0, "impossible", 0, 12)) == 95


def test_a_late_series_loses_what_it_lacks_and_a_young_one_is_not_blamed_for_its_age():
    assert score(0, 20, 23, Doubt(0, "late", 21, 23)) == 87  # 21 of 24
    assert score(20, 23, 23, Doubt(0, "zero", 22, 22)) == 75  # three of its four periods
    assert score(0, 5, 35, Doubt(0, "late", 6, 35)) == 0


def test_a_series_ahead_of_the_others_is_judged_to_its_own_end():
    assert score(0, 25, 23, Doubt(0, "zero", 25, 25)) == 95


kinds = st.sampled_from(sorted(CHECKS))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 60),
                  st.lists(st.tuples(kinds, st.integers(0, 60), st.integers(0, 9)), max_size=5)),
        min_size=1, max_size=5,
    )
)  # fmt: skip
def test_many_at_once_score_as_each_alone(series):
    doubts = [
        [Doubt(place, kind, first, first + more) for kind, first, more in odd]
        for place, (*_, odd) in enumerate(series)
    ]  # fmt: skip
    first, newest, expected = np.array([(a, a + b, c) for a, b, c, _ in series], dtype=np.int64).T
    expected = np.maximum(expected, first)
    found = scores(Spans(first, newest, expected), [each for several in doubts for each in several])
    alone = [
        score_reference(*ends, odd) for ends, odd in zip(zip(first, newest, expected, strict=True), doubts, strict=True)
    ]
    assert found.tolist() == alone
    assert ((found >= 0) & (found <= 100)).all()
