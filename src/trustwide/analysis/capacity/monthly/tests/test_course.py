"""The usual course learns what is there, and nothing where there is nothing."""

from __future__ import annotations

import numpy as np
import pytest

from trustwide.analysis.capacity.monthly.backtest import interval
from trustwide.analysis.capacity.monthly.course import ENGLAND, Panel, expect, fit_usual_course
from trustwide.analysis.capacity.monthly.tests.synthetic import steady_history, wandering_panel


def test_random_walks_have_no_pattern_but_their_spread() -> None:
    course = fit_usual_course(wandering_panel(lists=300, monthly_sd=0.1))
    assert course.reversion == pytest.approx(0, abs=0.02)
    assert max(abs(course.seasonal["MRI"])) < 0.03
    sd = np.exp((course.variance_level + course.variance_slope * np.log(2000)) / 2)
    assert sd == pytest.approx(0.1, rel=0.15)


def test_a_yearly_pattern_is_found() -> None:
    panel = wandering_panel(lists=300, months=36, monthly_sd=0.05)
    august = np.array([month.astype(int) % 12 == 7 for month in panel.months])
    waiting = panel.waiting * np.cumprod(np.where(august, 0.8, 1.0) * np.where(np.roll(august, 1), 1.25, 1.0))
    course = fit_usual_course(Panel(panel.months, panel.tests, waiting, 0.2 * waiting))
    pattern = course.seasonal["MRI"]
    assert pattern.argmin() == 7
    assert pattern.argmax() == 8
    assert pattern[7] == pytest.approx(np.log(0.8) * 0.75, rel=0.3)  # shrunk: three Augusts count as three of four


def test_few_lists_take_englands_course() -> None:
    assert fit_usual_course(wandering_panel(lists=5)) is ENGLAND


def test_later_months_do_not_leak_into_the_past() -> None:
    panel = wandering_panel()
    cut = np.datetime64("2024-09")
    changed = panel.waiting.copy()
    changed[:, panel.months > cut] *= 3
    later = Panel(panel.months, panel.tests, changed, panel.over_six_weeks)
    assert fit_usual_course(panel.up_to(cut)).drift == fit_usual_course(later.up_to(cut)).drift


def test_intervals_hold_the_nominal_share_of_random_walks() -> None:
    panel = wandering_panel(lists=400, monthly_sd=0.1, seed=11)
    inside = []
    usual = fit_usual_course(panel.up_to(np.datetime64("2025-03")))
    for row in panel.waiting:
        history = steady_history(24)
        bands = np.zeros((24, 14), dtype=np.int64)
        bands[:, 0] = row[:24]
        known = type(history)("T", "T", "MRI", history.months, bands, *[history.planned_tests] * 3)
        course = expect(known, usual, 6)
        low, high = interval(float(course.median[-1]), course.monthly_sd, 6)
        inside.append(low <= row[29] <= high)
    # standard error of a share of 0.8 over 400 lists is 0.02
    assert np.mean(inside) == pytest.approx(0.8, abs=0.07)


def test_draws_have_the_median_and_spread_they_state() -> None:
    course = expect(steady_history(), ENGLAND, 12)
    shocks = np.random.default_rng(1).standard_normal((20000, 12))
    lists = course.draw(shocks)
    np.testing.assert_allclose(np.median(lists, axis=0), course.median, rtol=0.02)
    low, high = interval(float(course.median[-1]), course.monthly_sd, 12)
    assert np.mean((lists[:, -1] >= low) & (lists[:, -1] <= high)) == pytest.approx(0.8, abs=0.01)
