"""Arrivals: rates that vary over the week and the year, and arrivals that are listed."""

import datetime as dt
import itertools
import math

import numpy as np
import pytest

from trustwide.analysis import capacity
from trustwide.analysis.capacity.fast import Runner
from trustwide.analysis.capacity.tables import world_of

from .builders import queue, walkers

MONTHS = [1.1, 0.9, 1.0, 1.0, 1.0, 1.2, 0.8, 0.6, 1.0, 1.3, 1.0, 0.7]
DAYS = [31, 28.2425, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


def service(days, start="2026-01-05", **arrivals):
    stream = walkers(duration={"fixed": 1})
    stream["arrivals"] = arrivals
    return capacity.load_service(queue(demand=[stream], stop={"days": days}, overrun="finish") | {"start": start})


def expected_on(day, per_day, weekdays):
    """By the meaning: the month's weight beside the year's mean weight, the weekday's beside the week's."""
    mean = sum(w * d for w, d in zip(MONTHS, DAYS, strict=True)) / sum(DAYS)
    return per_day * MONTHS[day.month - 1] / mean * weekdays[day.weekday()] * 7 / sum(weekdays)


def test_expected_arrivals_are_those_of_the_month_and_weekday():
    weekdays = [3, 2, 2, 2, 2, 1, 0]
    found = world_of(service(400, poisson={"per_day": 10, "months": MONTHS, "weekdays": weekdays})).expected[0]
    days = [dt.date(2026, 1, 5) + dt.timedelta(days=number) for number in range(400)]
    assert np.diff(found) == pytest.approx([expected_on(day, 10, weekdays) for day in days], rel=1e-9, abs=1e-9)


def test_the_mean_year_keeps_the_rate():
    found = world_of(service(4 * 365 + 1, poisson={"per_day": 10, "months": MONTHS})).expected[0]
    assert found[-1] == pytest.approx(10 * (4 * 365 + 1), rel=2e-4)


def test_equal_months_are_a_steady_rate():
    steady = world_of(service(30, poisson={"per_day": 10, "months": [2] * 12})).streams[0]
    assert steady.gap == 144.0


def test_counts_of_each_month_are_poisson():
    runner = Runner(service(361, poisson={"per_day": 40, "months": MONTHS}))
    start = np.datetime64("2026-01-05")
    counts = np.zeros(12)
    replications = 20
    for replication in range(replications):
        arrived = runner.journeys(5, replication)[0].arrived
        months = (start + (arrived // 1440).astype(int)).astype("datetime64[M]").astype(int) % 12
        counts += np.bincount(months, minlength=12)
    days = [dt.date(2026, 1, 5) + dt.timedelta(days=number) for number in range(361)]
    for month, count in enumerate(counts):
        expected = replications * sum(expected_on(day, 40, [1] * 7) for day in days if day.month == month + 1)
        assert abs(count - expected) < 4 * math.sqrt(expected), month


def test_one_always_open_queue_with_a_varying_rate_is_followed_event_by_event():
    """The recursion for steady arrivals must not be taken where the rate varies."""
    for arrivals in ({"poisson": {"per_day": 50, "growth_per_year": 0.5}}, {"listed": ["2026-01-05 09:00"]}):
        runner = Runner(service(30, **arrivals))
        assert not runner.recursive
        arrived = runner.journeys(1, 0)[0].arrived
        assert all(0 < one <= other for one, other in itertools.pairwise([1, *arrived]))


def test_listed_arrivals_come_in_order_of_time():
    runner = Runner(service(3, listed=["2026-01-06 10:00", "2026-01-05 09:30", "2026-01-20 09:30"]))
    assert runner.journeys(1, 0)[0].arrived.tolist() == [570, 1440 + 600]
