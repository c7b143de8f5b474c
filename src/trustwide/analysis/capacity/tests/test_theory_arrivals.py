"""Arrivals against their rate function, and durations against their law, over long runs."""

import math

import numpy as np
import pytest
from scipy import stats

from trustwide.analysis import capacity
from trustwide.analysis.capacity.fast import Runner

from .builders import queue, walkers

WEEKDAYS = [1.3, 1.1, 1.0, 1.0, 0.9, 0.4, 0.1]
MONTHS = [1.1, 0.9, 1.0, 1.0, 1.0, 1.2, 0.8, 0.6, 1.0, 1.3, 1.0, 0.7]
MONTH_DAYS = [31, 28.2425, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
START = np.datetime64("2026-01-05")  # a Monday
DAYS, PER_DAY, GROWTH, REPLICATIONS = 728, 40, 0.25, 15
RARE = 1e-4


def expected_by_day():
    """Patients expected on each day: weights of weekday and month over their means, growth compound by the day."""
    days = np.arange(DAYS)
    months = (START + days).astype("datetime64[M]").astype(int) % 12
    mean_month = np.dot(MONTHS, MONTH_DAYS) / sum(MONTH_DAYS)
    weekday = np.array(WEEKDAYS)[days % 7] * 7 / sum(WEEKDAYS)
    return PER_DAY * weekday * np.array(MONTHS)[months] / mean_month * (1 + GROWTH) ** (days / 365)


@pytest.fixture(scope="module")
def arrived():
    stream = walkers(duration={"fixed": 1})
    rate = {"per_day": PER_DAY, "growth_per_year": GROWTH, "weekdays": WEEKDAYS, "months": MONTHS}
    stream["arrivals"] = {"poisson": rate}
    mapping = queue(demand=[stream], stop={"days": DAYS}, overrun="finish") | {"start": str(START)}
    runner = Runner(capacity.load_service(mapping))
    return [runner.journeys(2, replication)[0].arrived for replication in range(REPLICATIONS)]


def assert_poisson(counts, expected):
    """Sums of independent Poisson counts with these means: neither too far from them nor too near."""
    statistic = ((counts - expected) ** 2 / expected).sum()
    law = stats.chi2(len(expected))
    assert min(law.sf(statistic), law.cdf(statistic)) > RARE, (counts, expected)


def test_counts_of_each_day(arrived):
    """All 728 days at once; the same statistic finds counts that vary more or less than Poisson ones."""
    counts = sum(np.bincount((times // 1440).astype(int), minlength=DAYS) for times in arrived)
    assert_poisson(counts, REPLICATIONS * expected_by_day())


def test_counts_of_each_weekday_and_month(arrived):
    expected = expected_by_day()
    by_day = sum(np.bincount((times // 1440).astype(int), minlength=DAYS) for times in arrived)
    days = np.arange(DAYS)
    months = (START + days).astype("datetime64[M]").astype(int)
    for cells in (days % 7, months - months[0]):
        assert_poisson(np.bincount(cells, by_day), REPLICATIONS * np.bincount(cells, expected))


def test_counts_of_each_hour(arrived):
    """Within a day the rate does not vary."""
    counts = sum(np.bincount((times % 1440 // 60).astype(int), minlength=24) for times in arrived)
    assert_poisson(counts, np.full(24, REPLICATIONS * expected_by_day().sum() / 24))


def test_on_the_clock_of_the_rate_gaps_are_exponential(arrived):
    """Time-rescaling theorem: a Poisson process of any rate, seen on the clock of its expected count, is steady."""
    by_midnight = np.concatenate([[0], np.cumsum(expected_by_day())])
    gaps = [np.diff(np.interp(times, np.arange(DAYS + 1) * 1440.0, by_midnight), prepend=0) for times in arrived]
    assert stats.kstest(np.concatenate(gaps), "expon").pvalue > RARE
    after_another = np.concatenate([np.column_stack([one[:-1], one[1:]]) for one in gaps])
    assert abs(np.corrcoef(after_another.T)[0, 1]) < 4 / math.sqrt(len(after_another))


def test_replications_are_independent(arrived):
    counts = np.array([np.bincount((times // 10080).astype(int), minlength=DAYS // 7) for times in arrived])
    expected = expected_by_day().reshape(-1, 7).sum(axis=1)
    scaled = (counts - expected) / np.sqrt(expected)
    pairs = np.corrcoef(scaled)[np.triu_indices(REPLICATIONS, 1)]
    assert np.abs(pairs).max() < 4.5 / math.sqrt(DAYS // 7)
    assert abs(pairs.mean()) < 4 / math.sqrt(DAYS // 7 * len(pairs))


@pytest.mark.parametrize(("mean", "sd"), [(25, 8), (24, 24), (30, 75)])
def test_a_lognormal_duration_has_its_mean_sd_and_law(mean, sd):
    """An overloaded scanner starts one scan as the last ends, so the gaps between starts are the durations."""
    stream = walkers(per_minute=0.5, duration={"lognormal": {"mean": mean, "sd": sd}})
    mapping = queue(demand=[stream], stop={"patients": 200_000}) | {"allow_overload": True}
    journeys, _ = Runner(capacity.load_service(mapping)).journeys(4, 0)
    durations = np.diff(journeys.left)[1_000:]
    spread = math.log1p((sd / mean) ** 2)
    exact = stats.lognorm(s=math.sqrt(spread), scale=mean * math.exp(-spread / 2))
    assert (exact.mean(), exact.std()) == pytest.approx((mean, sd))
    count = len(durations)
    assert abs(durations.mean() - mean) < 4 * sd / math.sqrt(count)
    # standard error of a variance: (fourth central moment - variance^2) / n
    of_variance = sd**2 * math.sqrt((float(exact.stats("k")) + 2) / count)
    assert abs(durations.var() - sd**2) < 4 * of_variance
    logs = np.log(durations)
    assert abs(logs.mean() - (math.log(mean) - spread / 2)) < 4 * math.sqrt(spread / count)
    assert abs(logs.var() - spread) < 4 * spread * math.sqrt(2 / count)
    assert stats.kstest(durations, exact.cdf).pvalue > RARE
