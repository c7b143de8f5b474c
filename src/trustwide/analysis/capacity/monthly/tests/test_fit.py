"""The fit finds the streams a list was made of, and the simulated list has the bands of the real one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trustwide.analysis.capacity.monthly import HistoryError, MonthlyHistory
from trustwide.analysis.capacity.monthly.course import ListCourse
from trustwide.analysis.capacity.monthly.fit import fit_streams, profile_matrix, starting_list
from trustwide.analysis.capacity.monthly.lists import simulate_lists
from trustwide.analysis.capacity.monthly.tests.synthetic import FLOWS, steady_history
from trustwide.analysis.capacity.monthly.world import build_world


def test_finds_the_flows_a_list_was_made_of() -> None:
    fit = fit_streams(steady_history())
    np.testing.assert_allclose(fit.class_share[1:] * fit.gross_additions, FLOWS[1:], atol=1.0)
    assert fit.additions == pytest.approx(FLOWS.sum(), rel=0.01)
    assert fit.tests == pytest.approx(FLOWS.sum(), rel=0.01)
    assert fit.leaving_share == pytest.approx(0, abs=0.02)


def test_people_who_leave_without_a_test_are_told_apart() -> None:
    history = steady_history()
    fewer = replace(history, waiting_list_tests=(history.waiting_list_tests * 0.75).astype(np.int64))
    assert fit_streams(fewer).leaving_share == pytest.approx(0.25, abs=0.01)
    assert fit_streams(fewer).unexplained == pytest.approx(FLOWS.sum() * 0.25, rel=0.03)


def test_quick_tests_that_no_month_end_saw_are_same_day() -> None:
    history = steady_history()
    more = replace(history, waiting_list_tests=(history.waiting_list_tests * 1.5).astype(np.int64))
    fit = fit_streams(more)
    assert fit.class_share[0] == pytest.approx(1 / 3, abs=0.02)
    assert fit.leaving_share == 0


def test_the_simulated_list_has_the_bands_of_the_real_one() -> None:
    """Carried on as before for a year, every band stays within its Poisson spread of the real one."""
    history = steady_history()
    fit = fit_streams(history)
    months = history.months[-1] + np.arange(1, 13)
    level = ListCourse(months, np.full(12, float(history.waiting_list[-1])), 0.0)
    certain = replace(fit, additions_low=fit.additions, additions_high=fit.additions)
    world = build_world(history, certain, level, replications=50, seed=2)
    bands = simulate_lists(world.inputs).bands[:, 5:].mean(axis=(0, 1))
    real = profile_matrix() @ FLOWS
    # holidays and weekends move a band by up to a day's additions in either direction
    np.testing.assert_allclose(bands, real, atol=4 * np.sqrt(real.max()))
    assert np.abs(bands - real).sum() / real.sum() < 0.1


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 400), min_size=14, max_size=14))
def test_the_starting_list_keeps_every_band_exactly(bands: list[int]) -> None:
    fit = fit_streams(steady_history())
    tested, leaving = starting_list(np.array(bands), fit)
    ages = np.arange(tested.shape[1])
    by_age = (tested + leaving).sum(axis=0)
    counted = np.bincount(np.minimum(ages // 7, 13), weights=by_age, minlength=14)
    assert counted.astype(int).tolist() == bands


def test_no_month_is_refused_with_a_sentence() -> None:
    history = steady_history()
    with pytest.raises(HistoryError, match="No month of this test was returned"):
        fit_streams(history.up_to(np.datetime64("2020-01")))


@pytest.mark.parametrize("months", [1, 2, 3, 5])
def test_short_histories_say_so(months: int) -> None:
    fit = fit_streams(steady_history(months))
    assert fit.notes
    assert fit.additions == pytest.approx(FLOWS.sum(), rel=0.1)
    assert fit.additions_low <= fit.additions <= fit.additions_high


def test_months_without_activity_are_left_out_of_the_baseline() -> None:
    history = steady_history()
    tests = history.waiting_list_tests.copy()
    tests[-4:-1] = 0
    fit = fit_streams(replace(history, waiting_list_tests=tests))
    assert fit.tests == pytest.approx(FLOWS.sum(), rel=0.01)
    assert any("3 month(s) report no tests" in note for note in fit.notes)


def test_a_month_must_come_once() -> None:
    history = steady_history(2)
    with pytest.raises(HistoryError, match="each month must come once"):
        MonthlyHistory("X", "X", "MRI", history.months[[0, 0]], history.bands, *[history.waiting_list_tests] * 3)
