"""Scores by hand; the rolling origin over all of England is tested beside the command, which reads the file."""

from __future__ import annotations

import numpy as np
import pytest

from trustwide.analysis.forecast import judge, score
from trustwide.analysis.forecast.judgement import last_value_quantiles, naive_points, pinball


def test_naive_methods_by_hand():
    known = np.array([np.arange(100.0, 114.0), [np.nan] * 13 + [50.0]])
    points = naive_points(known, 2)
    assert points["last value"].tolist() == [[113, 113], [50, 50]]
    assert points["drift"].tolist() == [[114, 115], [50, 50]]
    assert points["seasonal naive"].tolist() == [[102, 103], [50, 50]]
    assert naive_points(known, 13)["seasonal naive"][0, 12] == 102


def test_the_last_values_own_quantiles_are_those_of_past_ratios():
    known = np.array([[10.0, 20.0, 10.0, 20.0, 10.0], [1000.0, 1100.0, 1210.0, 1331.0, 1464.1]])
    found = last_value_quantiles(known, 2)
    assert found[0, 0].tolist() == pytest.approx([5, 12.5, 20])  # ratios 2, 1/2, 2, 1/2
    assert found[1, 1].tolist() == pytest.approx([1464.1 * 1.21] * 3)


def test_pinball_loss_by_hand():
    assert pinball(np.array([[8.0, 10.0, 12.0]]), np.array([13.0])).tolist() == [[0.5, 1.5, 0.9]]
    assert pinball(np.array([[8.0, 10.0, 12.0]]), np.array([7.0]))[0].tolist() == pytest.approx([0.9, 1.5, 0.5])


def test_forecasts_of_the_past_know_nothing_of_what_came():
    rng = np.random.default_rng(1)
    values = np.round(np.exp(6 + np.cumsum(rng.normal(0, 0.1, (30, 30)), axis=1)))
    changed = values.copy()
    changed[:, 25:] *= 3
    test = np.zeros(30)
    one, two = judge(values, test, (20, 24), 3), judge(changed, test, (20, 24), 3)
    assert np.array_equal(one.ours, two.ours)
    assert np.array_equal(one.last_value, two.last_value)
    assert not np.array_equal(one.actual, two.actual)
    assert (one.actual == values[one.series, one.origin + one.ahead]).all()
    which = one.ahead == 2
    found = score(one, which)
    assert (found.series, found.cases) == (30, 60)
    last = np.abs(one.start - one.actual)[which] / one.actual[which]
    assert found.errors["last value"] == pytest.approx(last.mean())
