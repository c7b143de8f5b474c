"""Figures of a replication against numpy on its journeys."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trustwide.analysis import capacity
from trustwide.analysis.capacity.fast import Runner
from trustwide.analysis.capacity.model import LOST, SEEN, STREAM_FIGURES, WAITING
from trustwide.analysis.capacity.result import figure

from .builders import CASES, queue, walkers


@pytest.fixture(scope="module", params=["imaging_year", "booked_group"])
def run(request):
    runner = Runner(capacity.load_service(CASES / f"{request.param}.yaml"))
    journeys, world = runner.journeys(4, 1)
    return runner.replicate(4, 1), journeys, world


def test_stream_figures(run):
    figures, journeys, world = run
    for number, stream in enumerate(world.streams):
        mine = journeys[journeys.stream == number]
        seen = mine[mine.outcome == SEEN]
        waits, week = seen.left - seen.arrived, 10_080.0
        if stream.booked:
            waits, week = seen.left // 1440 - seen.arrived // 1440, 7.0
        expected = {
            "arrived": mine.size,
            "seen": seen.size,
            "mean_wait": waits.mean(),
            "median_wait": np.median(waits),
            "p95_wait": np.quantile(waits, 0.95),
            "waited_share": (waits > 0).mean(),
            "over_2_weeks": (waits >= 2 * week).mean(),
            "over_6_weeks": (waits >= 6 * week).mean(),
            "over_13_weeks": (waits >= 13 * week).mean(),
            "did_not_attend": mine.missed.sum(),
            "lost": (mine.outcome == LOST).sum(),
            "within_days": (waits <= stream.within_days).mean() if stream.within_days >= 0 else np.nan,
        }
        found = dict(zip(STREAM_FIGURES, figures.streams[number], strict=True))
        assert found == pytest.approx(expected, rel=1e-12, nan_ok=True)


def test_weekly_list_is_who_had_come_and_not_left(run):
    figures, journeys, _ = run
    for week in (0, 20, len(figures.weeks) - 1):
        end = (week + 1) * 10_080
        waiting = (journeys.arrived < end) & (journeys.left >= end)
        assert figures.weeks[week, :, 0].sum() == waiting.sum()
    assert figures.opening.sum() == (journeys.arrived < 0).sum()


def test_those_who_have_not_left_are_waiting(run):
    _, journeys, _ = run
    assert np.array_equal(np.isinf(journeys.left), journeys.outcome == WAITING)


@settings(max_examples=25, deadline=None)
@given(load=st.floats(0.1, 1.3), patients=st.integers(1, 400), seed=st.integers(0, 1000))
def test_order_statistics_are_exact(load, patients, seed):
    service = capacity.load_service(queue(demand=[walkers(per_minute=load)], stop={"patients": patients}))
    runner = Runner(service)
    journeys, _ = runner.journeys(seed, 0)
    waits = journeys.left - journeys.arrived
    row = runner.replicate(seed, 0).streams[0]
    assert row[3] == pytest.approx(np.median(waits), rel=1e-14)
    assert row[4] == pytest.approx(np.quantile(waits, 0.95), rel=1e-12)


def test_warm_up_counts_only_later_arrivals():
    mapping = queue(stop={"days": 3}, overrun="finish")
    later = Runner(capacity.load_service(mapping | {"warm_up": {"days": 2}}))
    journeys, _ = later.journeys(1, 0)
    assert later.replicate(1, 0).streams[0, 0] == (journeys.arrived >= 2880).sum() > 0


def test_half_width_is_students():
    """Two values 1 apart: t(0.975, 1) = 12.7062 times a standard error of 1/2."""
    assert figure(np.array([1.0, 2.0])) == {"mean": 1.5, "half_width": pytest.approx(12.7062 / 2, rel=1e-5)}
    assert figure(np.array([np.nan, 2.0])) == {"mean": 2.0, "half_width": None}
    assert figure(np.array([np.nan])) == {"mean": None, "half_width": None}
