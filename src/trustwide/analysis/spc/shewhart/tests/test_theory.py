"""How often a process in control is called special, against theory within its own standard error."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import integrate, special, stats

from trustwide.analysis.spc.shewhart import ShewhartSettings, reference, shewhart_chart, shewhart_charts

# Anhøj and Olesen 2014 (PLoS ONE 9:e113825): useful points, longest run, fewest crossings
PUBLISHED = {
    10: (6, 2), 12: (7, 3), 15: (7, 4), 20: (7, 6), 24: (8, 8),
    30: (8, 10), 36: (8, 13), 48: (9, 18), 60: (9, 23), 100: (10, 41),
}  # fmt: skip
POINTS = 200_000
TAIL = 2 * stats.norm.sf(3)


def long_chart(chart, numerator, denominator=None):
    return shewhart_chart(numerator, denominator, ShewhartSettings(chart))


def assert_rate(flags, expected, *, more=0.0):
    """The share of flags is the expected one within four of its standard errors and `more` for estimated lines."""
    error = math.sqrt(expected * (1 - expected) / len(flags))
    assert abs(flags.mean() - expected) < 4 * error + more


def screened_mean_range(density, mean, upper):
    """The mean of a moving range under a density, of those below 3.267 times the plain mean."""
    cut = 3.267 * mean
    kept = integrate.quad(density, 0, min(cut, upper))[0]
    return integrate.quad(lambda d: d * density(d), 0, min(cut, upper))[0] / kept


@pytest.mark.parametrize(("size", "p"), [(100, 0.2), (2_000, 0.5), (50, 0.95)])
def test_a_p_chart_on_binomial_data(size, p):
    made = long_chart("p", np.random.default_rng(1).binomial(size, p, POINTS), np.full(POINTS, size))
    law = stats.binom(size, p)
    inside = law.cdf(math.floor(made.ucl[0] * size)) - law.cdf(math.ceil(made.lcl[0] * size) - 1)
    assert made.cl[0] == pytest.approx(p, abs=5 * math.sqrt(p * (1 - p) / size / POINTS))
    assert_rate(made.sigma_signal, 1 - inside)
    if size == 2_000:
        assert_rate(made.sigma_signal, TAIL, more=2e-4)  # near the 0.27 % of a normal curve


@pytest.mark.parametrize("mean", [4, 1_000])
def test_c_and_u_charts_on_poisson_data(mean):
    counts = np.random.default_rng(2).poisson(mean, POINTS)
    law = stats.poisson(mean)
    for made, scale in ((long_chart("c", counts), 1), (long_chart("u", counts, np.full(POINTS, 8.0)), 8)):
        inside = law.cdf(math.floor(made.ucl[0] * scale)) - law.cdf(math.ceil(made.lcl[0] * scale) - 1)
        assert_rate(made.sigma_signal, 1 - inside)


def test_an_i_chart_on_normal_data():
    made = long_chart("i", np.random.default_rng(3).normal(50, 5, POINTS))
    spread = stats.halfnorm(scale=math.sqrt(2))  # of the difference of two standard normal values
    sigma = screened_mean_range(spread.pdf, spread.mean(), math.inf) / 1.128
    assert made.sigma[0] == pytest.approx(5 * sigma, rel=5 / math.sqrt(POINTS))
    assert_rate(made.sigma_signal, 2 * stats.norm.sf(3 * sigma), more=1e-4)


def test_a_t_chart_on_exponential_times():
    """Exponential times to the power 1/3.6 are Weibull of shape 3.6; the false alarms follow from that law."""
    made = long_chart("t", np.random.default_rng(4).exponential(30, POINTS))
    law = stats.weibull_min(3.6)
    spread = np.abs(np.subtract(*law.rvs((2, 2_000_000), random_state=5)))
    plain = 2 * special.gamma(1 + 1 / 3.6) * (1 - 2 ** (-1 / 3.6))  # Gini's mean difference of a Weibull law
    assert spread.mean() == pytest.approx(plain, rel=0.003)
    sigma = spread[spread < 3.267 * plain].mean() / 1.128
    expected = law.sf(law.mean() + 3 * sigma) + law.cdf(law.mean() - 3 * sigma)
    assert made.sigma[0] / 30 ** (1 / 3.6) == pytest.approx(sigma, rel=0.01)
    assert_rate(made.sigma_signal, expected, more=2e-4)


def test_a_g_chart_on_geometric_data():
    p = 0.05
    made = long_chart("g", np.random.default_rng(6).geometric(p, POINTS) - 1)
    assert made.cl[0] == stats.geom(p).median() - 1
    assert made.sigma[0] == pytest.approx(math.sqrt(1 - p) / p, rel=0.02)
    assert_rate(made.sigma_signal, (1 - p) ** (math.floor(made.ucl[0]) + 1))


def test_laneys_factor_is_the_extra_spread():
    """Proportions that vary by themselves with variance v widen the limits by sqrt(1 + v (n - 1) / (p (1 - p)))."""
    rng, size, p, v = np.random.default_rng(7), 4_000, 0.3, 0.0009
    rate = rng.normal(p, math.sqrt(v), POINTS)
    made = long_chart("pp", rng.binomial(size, rate), np.full(POINTS, size))
    spread = stats.halfnorm(scale=math.sqrt(2))
    screened = screened_mean_range(spread.pdf, spread.mean(), math.inf) / 1.128
    factor = made.sigma[0] / math.sqrt(p * (1 - p) / size)
    assert factor == pytest.approx(screened * math.sqrt(1 + v * (size - 1) / (p * (1 - p))), rel=0.01)
    assert_rate(made.sigma_signal, 2 * stats.norm.sf(3 * screened), more=2e-4)
    assert long_chart("p", rng.binomial(size, rate), np.full(POINTS, size)).sigma_signal.mean() > 0.3


@pytest.mark.parametrize("n", range(10, 101))
def test_the_table_of_anhoej(n):
    longest, crossings = reference.longest_run_max(n), reference.n_crossings_min(n)
    assert PUBLISHED.get(n, (longest, crossings)) == (longest, crossings)
    below = [Fraction(math.comb(n - 1, k), 2 ** (n - 1)) for k in range(crossings + 1)]
    assert sum(below[:-1]) < Fraction(5, 100) <= sum(below)
    # the whole number nearest to log2 n, by squares so that nothing is rounded
    assert 2 ** (2 * (longest - 3) - 1) < n * n < 2 ** (2 * (longest - 3) + 1)


def test_the_runs_of_all_twelve_tosses_are_those_of_combinatorics():
    counts = [reference.run_counts(tosses) for tosses in itertools.product((-1, 1), repeat=12)]
    few = sum(n_crossings < least for _, _, _, n_crossings, least in counts)
    assert few == 2 * sum(math.comb(11, k) for k in range(3))
    short = [1, 1, 2, 4, 8, 16, 32, 64]  # ways to end runs of at most seven: each is the sum of the seven before
    while len(short) < 13:
        short.append(sum(short[-7:]))
    assert sum(longest > most for _, longest, most, _, _ in counts) == 2**12 - 2 * short[12]


def test_how_often_coin_tosses_have_a_runs_signal():
    """The exact chance by following every state of run so far, longest run and crossings.

    The baseline is one point on each side, which puts the centre line at 0; 24 tosses follow.
    """
    states = {(1, 1, 1): 1.0}
    for _ in range(24):
        after = {}
        for (run, longest, crossings), chance in states.items():
            for state in ((run + 1, max(longest, run + 1), crossings), (1, longest, crossings + 1)):
                after[state] = after.get(state, 0.0) + chance / 2
        states = after
    expected = sum(chance for (_, longest, crossings), chance in states.items() if longest > 8 or crossings < 8)
    tosses = np.random.default_rng(8).choice([-1.0, 1.0], (20_000, 24))
    series = np.hstack([np.tile([-1.0, 1.0], (20_000, 1)), tosses])
    made = shewhart_charts(series.ravel(), None, np.arange(20_001) * 26, ShewhartSettings("i", freeze=2))
    assert (made.cl == 0).all()
    assert (made.longest_run_max[0], made.n_crossings_min[0]) == (8, 8)
    assert_rate(made.runs_signal[::26], expected)
