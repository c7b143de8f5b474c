"""Neighbours alike and times of the year: found where they are, seldom where they are not, and said in plain words."""

import datetime as dt
import math

import numpy as np
import pytest
from scipy import signal
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.stattools import durbin_watson
from statsmodels.tsa.stattools import acf

from trustwide.analysis.spc import Settings, chart, charts, notices
from trustwide.analysis.spc.mdc import notice
from trustwide.analysis.spc.mdc.notice import FLAGGED_BY_CORRELATION, FLAGGED_WITHOUT, LEVEL, autocorrelation, season
from trustwide.analysis.spc.words import quantity

SETTINGS = Settings("decrease", profile="mdc")


def months(count):
    return (np.datetime64("2019-01", "M") + np.arange(count)).astype("datetime64[D]")


def charts_of(values, settings=SETTINGS):
    series, points = values.shape
    return charts(np.tile(months(points), series), values.ravel(), np.arange(series + 1) * points, settings)


def autoregressive(rng, rho, series, points):
    noise = rng.normal(size=(series, points + 100))
    return signal.lfilter([1], [1, -rho], noise, axis=1)[:, 100:]


def share(found, level=LEVEL):
    return np.mean([each is not None and each.p < level for each in found])


def within(measured, expected, count, errors=3.5):
    return abs(measured - expected) < errors * math.sqrt(expected * (1 - expected) / count)


@pytest.mark.parametrize("points", [24, 40])
def test_white_noise_is_noticed_as_often_as_the_level_says(points):
    made = charts_of(np.random.default_rng(1).normal(size=(800, points)))
    alike = [autocorrelation(each) for each in made]
    seasons = [each for each in map(season, made) if each is not None]
    for level in (LEVEL, 0.1):
        assert within(share(alike, level), level, len(alike))
        assert within(share(seasons, level), level, len(seasons))


def test_noise_of_several_segments_with_gaps_is_noticed_no_more_often():
    rng = np.random.default_rng(2)
    values = rng.normal(size=(500, 48)) + np.repeat([0, 20, 5], [14, 18, 16])
    values[rng.random(values.shape) < 0.15] = np.nan
    steps = [months(48)[14], months(48)[32]]
    made = charts_of(values, Settings("decrease", profile="mdc", rebase_dates=steps))
    assert within(share([autocorrelation(each) for each in made], 0.1), 0.1, 500)
    assert within(share([season(each) for each in made], 0.1), 0.1, 500)


@pytest.mark.parametrize(("rho", "points", "least"), [(0.6, 24, 0.5), (0.6, 36, 0.75), (0.6, 60, 0.95), (0.3, 60, 0.4)])
def test_neighbours_that_are_alike_are_noticed(rho, points, least):
    made = charts_of(autoregressive(np.random.default_rng(3), rho, 200, points))
    assert share([autocorrelation(each) for each in made]) > least
    assert share([season(each) for each in made], LEVEL) < 0.06, "and pass for a season seldom"


@pytest.mark.parametrize(("swing", "points", "least"), [(2, 24, 0.5), (2, 36, 0.95), (1, 60, 0.7)])
def test_a_season_is_noticed_and_not_taken_for_neighbours_alike(swing, points, least):
    wave = swing * np.cos(2 * np.pi * np.arange(points) / 12)
    made = charts_of(np.random.default_rng(4).normal(size=(300, points)) + wave)
    found = [season(each) for each in made]
    assert share(found) > least
    seen = [each for each, months_ in zip(made, found, strict=True) if months_ is not None and months_.p < LEVEL]
    assert within(share([autocorrelation(each) for each in seen], 0.1), 0.1, len(seen))


def test_the_rates_of_false_alarms_that_are_told_are_those_measured():
    rng = np.random.default_rng(5)
    for rho, told in ((0, FLAGGED_WITHOUT), *FLAGGED_BY_CORRELATION):
        flagged = (charts_of(autoregressive(rng, rho, 4_000, 60)).variation_icon > 0).mean()
        assert abs(flagged - told / 100) < 0.005 + 3 * math.sqrt(flagged * (1 - flagged) / 4_000)


def test_the_correlation_equals_that_of_statsmodels():
    values = np.random.default_rng(6).normal(50, 4, 30)
    made = chart(months(30), values, SETTINGS)
    assert made.variation_icon == "common_cause"
    found = autocorrelation(made)
    assert found.value == pytest.approx(acf(values, nlags=1)[1])
    # Durbin and Watson's d is 2 (1 - r) but for the two ends
    e = values - values.mean()
    assert durbin_watson(e) == pytest.approx(2 * (1 - found.value) - (e[0] ** 2 + e[-1] ** 2) / (e @ e))


def test_mean_and_variance_of_the_correlation_are_those_of_the_matrices():
    """The closed form against traces of the matrices themselves, with two segments, another column and a gap."""
    segment = np.repeat([0, 1], [9, 7])
    pair = np.diff(segment) == 0
    pair[3] = False
    link = np.zeros((16, 16))
    for i in np.flatnonzero(pair):
        link[i, i + 1] = link[i + 1, i] = 0.5
    columns = np.column_stack([segment == 0, segment == 1, np.arange(16) % 3 == 0]).astype(float)
    away = np.eye(16) - columns @ np.linalg.pinv(columns)
    product, freedom = link @ away, 13
    mean = np.trace(product) / freedom
    variance = 2 * (freedom * np.trace(product @ product) - np.trace(product) ** 2) / (freedom**2 * (freedom + 2))
    assert notice._moments(np.linalg.qr(columns)[0], pair) == pytest.approx((mean, variance))


def test_the_season_equals_the_f_test_of_statsmodels():
    points = 40
    values = np.random.default_rng(7).normal(50, 4, points) + 4 * np.cos(2 * np.pi * np.arange(points) / 12)
    values += 0.2 * np.arange(points)
    made = chart(months(points), values, Settings(profile="mdc"))
    kept = np.arange(points)
    change = notice.since(made)
    if change is not None:
        kept = np.flatnonzero(made.date < np.datetime64(change.start))
    base = np.column_stack([np.ones(len(kept)), kept])
    dummies = (kept[:, None] % 12 == np.arange(1, 12)).astype(float)
    full, less = OLS(values[kept], np.column_stack([base, dummies])).fit(), OLS(values[kept], base).fit()
    found = season(made)
    assert found.p == pytest.approx(full.compare_f_test(less)[1], rel=1e-6)
    own = np.concatenate([[0], full.params[2:]])
    np.testing.assert_allclose(found.effects, own - own.mean(), rtol=1e-6, atol=1e-9)
    assert sum(found.effects) == pytest.approx(0, abs=1e-9)


def test_a_real_step_at_the_newest_point_is_not_read_as_neighbours_alike():
    rng = np.random.default_rng(8)
    values = rng.normal(size=(200, 36))
    values[:, 24:] += 4
    made = charts_of(values)
    assert (made.variation_icon > 0).mean() > 0.9
    assert share([autocorrelation(each) for each in made]) < 0.06
    assert np.median([acf(each, nlags=1)[1] for each in values]) > 0.6, "as it would be with the step"


def test_the_sentence_of_neighbours_alike():
    values = np.concatenate([np.arange(0, 6), np.arange(6, 0, -1)] * 4)
    (said,) = notices(chart([dt.date(2025, 1, 1) + dt.timedelta(days=i) for i in range(48)], values, SETTINGS))
    found = autocorrelation(chart([dt.date(2025, 1, 1) + dt.timedelta(days=i) for i in range(48)], values, SETTINGS))
    assert said == (
        f"Neighbouring points are alike: their correlation is {quantity(found.value)}, where chance alone stays below "
        f"{quantity(found.bound)} in 99 of 100 series. The limits are too narrow for that: at a correlation of 0.6, "
        "22 of 100 newest points are called unusual though nothing changed, instead of 2."
    )


def test_the_sentence_of_a_season():
    usual = [0, 0, 0, 0, 0, 0, 0, -6, 0, 0, 4, 8]
    wobble = np.tile([0.5, -0.5, 0, 0.5, -0.5], 10)[:48]
    values = np.tile(usual, 4) + 100 + wobble
    (said,) = notices(chart(months(48), values, SETTINGS), unit="people")
    assert said.startswith("The time of the year matters: December lies ")
    assert " people above the year's mean and August " in said
    assert said.endswith("Compare with the same month of other years before acting on one.")


@pytest.mark.parametrize(
    "values",
    [
        [],
        [1.0],
        [5.0] * 40,
        [np.nan] * 40,
        [1.0, 2.0] * 6,
        [1e299, -1e299, 0, 1e299, -1e299] * 8,
        [0.0] * 30 + [1.0] * 10,
    ],
)
def test_nothing_is_said_of_what_has_nothing_in_it(values):
    for settings in (SETTINGS, Settings("decrease")):
        assert notices(chart(months(len(values)), values, settings)) == ()


def test_a_season_needs_24_months_and_every_month_twice():
    values = np.random.default_rng(9).normal(size=36)
    assert season(chart(months(23), values[:23], SETTINGS)) is None
    assert season(chart(months(24), values[:24], SETTINGS)) is not None
    assert season(chart(np.delete(months(36), [3, 15]), np.delete(values, [3, 15]), SETTINGS)) is None
    weekly = [dt.date(2025, 1, 1) + dt.timedelta(weeks=i) for i in range(36)]
    assert season(chart(weekly, values, SETTINGS)) is None
