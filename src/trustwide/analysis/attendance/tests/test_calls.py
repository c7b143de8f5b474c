"""Who is called, who is held out, and what is read off the difference."""

from itertools import combinations
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, chisquare, norm

from trustwide.analysis.attendance import (
    Arm,
    AttendanceError,
    arms,
    choose_calls,
    effect_of_calls,
    held_out,
    patients_needed,
)
from trustwide.analysis.attendance.effect import wilson


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.floats(0, 1)), min_size=1, max_size=9),
    st.sets(st.sampled_from("abcdef")),
    st.integers(0, 40),
)
def test_no_other_set_of_calls_prevents_more(rows, kept_out, minutes):
    patient, risk = np.array([p for p, _ in rows]), np.array([r for _, r in rows])
    out = np.isin(patient, list(kept_out))
    found = choose_calls(patient, risk, out, minutes, minutes_a_call=7, assumed_effect=0.3)
    totals = {each: float(risk[patient == each].sum()) for each in np.unique(patient[~out])}
    best = max(sum(totals[p] for p in some) for some in combinations(totals, min(len(totals), minutes // 7)))
    assert found.expected_prevented == pytest.approx(0.3 * best)
    assert len(found.to_call) * 7 <= minutes
    assert not set(found.to_call) & kept_out
    assert set(found.held_out) <= kept_out


def test_the_list_passes_over_those_held_out():
    patient, risk = np.array(["a", "b", "c", "d", "b"]), np.array([0.5, 0.3, 0.6, 0.1, 0.4])
    found = choose_calls(patient, risk, patient == "c", staff_minutes=10, minutes_a_call=5, assumed_effect=0.25)
    assert found.to_call.tolist() == ["b", "a"]
    assert found.held_out.tolist() == ["c"]
    assert found.expected_prevented == pytest.approx(0.25 * 1.2)
    assert found.prevented_per_minute == pytest.approx(0.03)


def test_the_lot_is_steady_fair_and_secret():
    patients = np.array([f"999 000 {number:04d}" for number in range(8000)])
    out = held_out("a secret", patients, 0.2)
    np.testing.assert_array_equal(held_out("a secret", patients[::-1], 0.2)[::-1], out)
    assert chisquare([out.sum(), (~out).sum()], [1600, 6400]).pvalue > 1e-4
    more = held_out("a secret", patients, 0.3)
    assert (more | ~out).all()  # who was held out stays so when the share grows
    other = held_out("another", patients, 0.2)
    assert abs((out & other).mean() - 0.04) < 4 * sqrt(0.04 * 0.96 / 8000)
    assert not held_out("a secret", patients, 0).any()


def test_a_patient_counts_once_as_allotted():
    called, kept_out = arms(
        np.array(["a", "a", "b", "c", "d", "d"]),
        np.array(["2026-03-05", "2026-03-02", "2026-03-02", "2026-03-03", "2026-03-02", "2026-03-09"], "datetime64[D]"),
        np.array([0.0, 1.0, 0.0, 1.0, np.nan, 0.0]),
        np.array([False, False, False, True, True, True]),
    )
    assert (called, kept_out) == (Arm(2, 1), Arm(2, 1))


# Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10
@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        (Arm(70, 56), Arm(80, 48), 0.0524, 0.3339),
        (Arm(10, 9), Arm(10, 3), 0.1705, 0.8090),
        (Arm(7, 6), Arm(7, 2), 0.0582, 0.8062),
        (Arm(56, 5), Arm(29, 0), -0.0381, 0.1926),
        (Arm(10, 0), Arm(20, 0), -0.1611, 0.2775),
        (Arm(10, 0), Arm(10, 0), -0.2775, 0.2775),
        (Arm(10, 10), Arm(20, 0), 0.6791, 1.0000),
        (Arm(10, 10), Arm(10, 0), 0.6075, 1.0000),
    ],
)
def test_newcombes_worked_examples(first, second, low, high):
    found = effect_of_calls(first, second).difference
    assert found.value == pytest.approx(first.share - second.share)
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_wilson_inverts_the_score_test():
    arm = Arm(263, 81)
    found = wilson(arm)
    # Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3
    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)
    for limit in (found.low, found.high):
        score = (arm.share - limit) / sqrt(limit * (1 - limit) / arm.patients)
        assert abs(score) == pytest.approx(norm.ppf(0.975))


@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_the_ratio_agrees_with_the_difference_about_no_effect(first, second, data):
    called = Arm(first, data.draw(st.integers(0, first)))
    kept_out = Arm(second, data.draw(st.integers(1, second)))
    found = effect_of_calls(called, kept_out)
    assert found.ratio.low <= found.ratio.value + 1e-9 and found.ratio.value <= found.ratio.high + 1e-9
    if abs(found.difference.low) > 1e-9 and abs(found.difference.high) > 1e-9:
        assert (found.difference.high < 0) == (found.ratio.high < 1)
        assert (found.difference.low > 0) == (found.ratio.low > 1)


def test_the_ratio_covers_the_truth_nineteen_times_in_twenty():
    rng = np.random.default_rng(2)
    held = 0
    for _ in range(2000):
        found = effect_of_calls(Arm(200, int(rng.binomial(200, 0.15))), Arm(120, int(rng.binomial(120, 0.25)))).ratio
        held += found.low <= 0.6 <= found.high
    assert binom(2000, 0.95).cdf(held) > 1e-4
    assert binom(2000, 0.965).sf(held) > 1e-4


def test_nobody_held_out_missed_leaves_no_ratio():
    assert effect_of_calls(Arm(20, 1), Arm(20, 0)).ratio is None


def test_patients_needed_is_the_textbooks_and_finds_what_it_promises():
    assert patients_needed(0.5, 0.4, held_out_share=0.5) == 2 * 388 - 1  # 387.3 a side
    count, share = patients_needed(0.25, 0.18, held_out_share=0.3), 0.3
    rng = np.random.default_rng(4)
    kept_out = round(count * share)
    found = [
        effect_of_calls(
            Arm(count - kept_out, int(rng.binomial(count - kept_out, 0.18))),
            Arm(kept_out, int(rng.binomial(kept_out, 0.25))),
        ).difference.high < 0
        for _ in range(2000)
    ]  # fmt: skip
    assert np.mean(found) == pytest.approx(0.8, abs=0.04)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: Arm(0, 0), "at least one patient"),
        (lambda: Arm(3, 4), "no more misses than patients"),
        (lambda: held_out("", np.array(["a"]), 0.2), "has no key"),
        (lambda: held_out("k", np.array(["a"]), 1.0), "share held out is 1"),
        (lambda: choose_calls(np.array(["a"]), np.array([0.1]), np.array([False]), 9, 0, 0.2), "minutes a call"),
        (lambda: choose_calls(np.array(["a"]), np.array([0.1]), np.array([False]), 9, 3, 2), "assumed effect is 2"),
        (lambda: patients_needed(0.2, 0.2, 0.5), "two different shares"),
        (lambda: patients_needed(0.2, 0.1, 1.0), "between 0 and 1"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(wrong, words):
    with pytest.raises(AttendanceError, match=words):
        wrong()
