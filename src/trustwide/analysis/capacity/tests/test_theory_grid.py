"""M/M/c over a grid of 1 to 50 servers and loads of .3 to .95: mean wait, probability of waiting and its tail."""

import math
from typing import NamedTuple

import numpy as np
import pytest

from trustwide.analysis import capacity
from trustwide.analysis.capacity.fast import Runner

from . import queueing
from .agreement import STANDARD_ERRORS, deviate, improbable
from .builders import queue, walkers

SERVERS = (1, 2, 3, 5, 8, 13, 25, 50)
LOADS = (0.3, 0.5, 0.7, 0.8, 0.9, 0.95)
GRID = [(servers, load) for servers in SERVERS for load in LOADS]
PER_DAY = 25_000  # a day of warm-up is 17 relaxation times even at load .95
DAYS, REPLICATIONS = 2, 10
TAIL = (0.5, 0.05)  # of those who wait
ENOUGH = 100  # expected waits a replication below which a mean of replications is not nearly normal


class Point(NamedTuple):
    """What was simulated at one point of the grid: a value a replication; waits in mean service times."""

    servers: int
    load: float
    waited: np.ndarray
    wait: np.ndarray
    tail: np.ndarray


def simulated(number, servers, load):
    mean = servers * load * 1440 / PER_DAY
    stream = walkers(duration={"exponential": {"mean": mean}})
    stream["arrivals"] = {"poisson": {"per_day": PER_DAY}}
    mapping = queue(servers=servers, demand=[stream], stop={"days": DAYS + 1}) | {"warm_up": {"days": 1}}
    service = capacity.load_service(mapping)
    columns = capacity.simulate(service, replications=REPLICATIONS, seed=number).to_columns()
    return Point(
        servers,
        load,
        np.array(columns["waited_share"]),
        np.array(columns["mean_wait"]) / mean,
        longer(service, number, [mean * queueing.wait_exceeded_by(servers, load, share) for share in TAIL]),
    )


def longer(service, seed, times):
    """Shares of patients who wait longer than each of some times, in further replications."""
    runner, found = Runner(service), []
    for replication in range(REPLICATIONS, 2 * REPLICATIONS):
        journeys, _ = runner.journeys(seed, replication)
        waits = (journeys.left - journeys.arrived)[journeys.arrived >= 1440]
        found.append([np.mean(waits > time) for time in times])
    return np.array(found)


@pytest.fixture(scope="module")
def points():
    return [simulated(number, servers, load) for number, (servers, load) in enumerate(GRID)]


def deviates(points, figure, more=0.0):
    """Of the points at which enough patients wait; `more`: by how much the load is taken to be higher than it is."""
    found = []
    for point in points:
        load = point.load + more
        probability = queueing.erlang_c(point.servers, load)
        rarest = probability * (TAIL[-1] if figure == "tail" else 1)
        if rarest * PER_DAY * DAYS < ENOUGH:
            continue
        if figure == "wait":
            found.append(deviate(point.wait, queueing.mean_wait(point.servers, load)))
        elif figure == "waited":
            found.append(deviate(point.waited, probability))
        else:
            rate = point.servers * (1 - load)
            times = [queueing.wait_exceeded_by(point.servers, point.load, share) for share in TAIL]
            found += [
                deviate(values, probability * math.exp(-rate * time))
                for values, time in zip(point.tail.T, times, strict=True)
            ]
    return found


@pytest.mark.parametrize(("figure", "least"), [("waited", 40), ("wait", 40), ("tail", 70)])
def test_every_point_is_within_its_own_standard_error(points, figure, least):
    found = deviates(points, figure)
    assert len(found) >= least
    assert max(map(abs, found)) < STANDARD_ERRORS


@pytest.mark.parametrize("figure", ["waited", "wait"])
def test_all_points_together_show_no_bias(points, figure):
    assert not improbable(deviates(points, figure))


@pytest.mark.parametrize("share", range(len(TAIL)))
def test_all_points_together_show_no_bias_in_the_tail(points, share):
    """One length of wait at a time: those of a point are not independent."""
    assert not improbable(deviates(points, "tail")[share :: len(TAIL)])


@pytest.mark.parametrize("figure", ["waited", "wait"])
def test_all_points_together_would_show_a_load_wrong_by_three_thousandths(points, figure):
    """The comparison can fail: against theory for a load .003 higher or lower it does."""
    for wrong in (0.003, -0.003):
        assert improbable(deviates(points, figure, wrong))


def test_hardly_anybody_waits_where_theory_says_so(points):
    """Points at which too few wait for a standard error: no more than twenty times as many as expected, and a few."""
    rare = [point for point in points if queueing.erlang_c(point.servers, point.load) * PER_DAY * DAYS < ENOUGH]
    assert len(rare) > 3
    for point in rare:
        expected = queueing.erlang_c(point.servers, point.load) * PER_DAY * DAYS * REPLICATIONS
        assert point.waited.sum() * PER_DAY * DAYS < 20 * expected + 20
