"""Series whose truth is known: random walks, a shared season, a pull to the mean."""

from __future__ import annotations

import numpy as np
import pytest

from trustwide.analysis.forecast import forecast
from trustwide.analysis.forecast.judgement import pinball

Z80 = 1.2815515655446004  # the 90th percentile of the standard normal distribution


def random_walks(seed: int, series: int, months: int, sigma: float):
    rng = np.random.default_rng(seed)
    return np.exp(8 + np.cumsum(rng.normal(0, sigma, (series, months)), axis=1))


@pytest.mark.parametrize("sigma", [0.03, 0.15])
def test_random_walks_are_covered_as_promised(sigma):
    walks = random_walks(11, 1500, 42, sigma)
    found = forecast(walks[:, :36], first_month="2023-04", months_ahead=6)
    actual, last = walks[:, 36:], walks[:, 35:36]
    inside = (actual >= found.at(0.1)) & (actual <= found.at(0.9))
    error = np.sqrt(0.8 * 0.2 / len(walks))  # series are independent, months of one are not
    assert np.abs(inside.mean(axis=0) - 0.8).max() < 3 * error
    assert abs(inside.mean() - 0.8) < 2 * error
    # the last value is the best forecast there is: what is learnt beside it is next to nothing
    assert np.median(np.abs(np.log(found.at(0.5) / last))) < 0.25 * sigma
    half = np.log(found.at(0.9) / found.at(0.1)).mean(axis=0) / 2
    np.testing.assert_allclose(half, Z80 * sigma * np.sqrt(np.arange(1, 7)), rtol=0.06)
    true = last[:, :, None] * np.exp(np.array([-Z80, 0, Z80]) * sigma * np.sqrt(np.arange(1, 7))[:, None])
    lost = [pinball(each.reshape(-1, 3), actual.ravel()).mean() for each in (found.values, true)]
    assert lost[0] < 1.02 * lost[1]


def test_a_season_that_providers_share_is_found():
    rng = np.random.default_rng(5)
    season = rng.normal(0, 0.2, 12)
    months = np.arange(48)
    level = rng.uniform(5, 9, (60, 1))
    values = np.exp(level + season[months % 12] + rng.normal(0, 0.03, (60, 48)))
    found = forecast(values[:, :36], first_month="2022-04", months_ahead=12).at(0.5)
    true = np.exp(level + season[months[36:] % 12])
    error, last_error = (np.abs(np.log(each / true)).mean() for each in (found, values[:, 35:36]))
    assert error < 0.25 * last_error
    rise = np.polyfit(season - season[11], np.log(found / values[:, 35:36]).mean(axis=0), 1)[0]
    assert 0.8 < rise < 1.1  # pulled a little towards none


def test_a_group_with_another_season_keeps_its_own():
    rng = np.random.default_rng(6)
    season = rng.normal(0, 0.2, (2, 12))
    test = np.arange(80) % 2
    months = np.arange(42)
    values = np.exp(7 + season[test][:, months % 12] + rng.normal(0, 0.02, (80, 42)))
    own, together = (
        forecast(values[:, :36], first_month="2022-04", groups=groups, months_ahead=6).at(0.5)
        for groups in (test, None)
    )
    own_error, joint_error = (np.abs(np.log(each / values[:, 36:])).mean() for each in (own, together))
    assert own_error < 0.05
    assert own_error < 0.5 * joint_error


def test_a_pull_towards_the_mean_is_learnt():
    rng = np.random.default_rng(7)
    walk = np.zeros((400, 42))
    for month in range(1, 42):
        walk[:, month] = 0.6 * walk[:, month - 1] + rng.normal(0, 0.2, 400)
    values = np.exp(7 + walk)
    found = forecast(values[:, :36], first_month="2022-04", months_ahead=6)
    ours, last = (np.abs(np.log(each / values[:, 36:])).mean(axis=0) for each in (found.at(0.5), values[:, 35:36]))
    assert (ours < last).all()
    best = np.exp(7 + walk[:, 35:36] * 0.6 ** np.arange(1, 7))
    assert ours[-1] < 1.08 * np.abs(np.log(best / values[:, 36:])).mean(axis=0)[-1]


def test_the_unit_of_a_rate_changes_nothing_else():
    walks = random_walks(3, 20, 30, 0.1) / 1000
    hours = forecast(walks, first_month="2023-04", kind="rate").values
    minutes = forecast(60 * walks, first_month="2023-04", kind="rate").values
    np.testing.assert_allclose(minutes, 60 * hours, rtol=1e-9)
