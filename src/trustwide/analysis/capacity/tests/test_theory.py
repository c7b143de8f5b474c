"""Simulated queues against queueing theory, each inside its own standard error."""

import math

import numpy as np
import pytest

from trustwide.analysis import capacity

from .agreement import assert_near
from .builders import CASES, queue, walkers


def simulated(mapping, replications, figure, stream="walkers", seed=1):
    service = capacity.load_service(mapping)
    columns = capacity.simulate(service, replications=replications, seed=seed).to_columns()
    return [value for value, name in zip(columns[figure], columns["stream"], strict=True) if name == stream]


def test_mm3_file():
    result = capacity.simulate(capacity.load_service(CASES / "mm3.yaml"), replications=40, seed=7)
    stream = result.to_dict()["streams"]["walkers"]
    assert stream["unit"] == "minutes"
    assert stream["arrived"] == {"mean": 200_000, "half_width": 0.0}
    columns = result.to_columns()
    assert_near(columns["mean_wait"], 2.7235367)
    assert_near(columns["waited_share"], 0.8170610)
    # P(W > t) = 0.81706 exp(-0.3 t): where it is a half, and a twentieth
    assert_near(columns["median_wait"], math.log(0.8170610 / 0.5) / 0.3)
    assert_near(columns["p95_wait"], math.log(0.8170610 / 0.05) / 0.3)
    assert_near(result.scanners[:, 0, 0], 0.9)


@pytest.mark.parametrize(
    ("duration", "exact"),
    [
        ({"exponential": {"mean": 1}}, (1, 5 / 3, 15)),
        ({"fixed": 1}, (0.5, 0.8333333, 7.5)),
        ({"lognormal": {"mean": 1, "sd": 0.32}}, (0.5512, 0.9187, 8.268)),
    ],
)
def test_priorities_without_preemption(duration, exact):
    """Cobham 1954: one server, arrivals .1, .3 and .5 a minute, mean scan 1 minute."""
    assert_priorities(queue(demand=by_priority([0.1, 0.3, 0.5], duration), stop={"weeks": 13}), exact)


def test_four_servers_three_priorities():
    demand = by_priority([0.36, 1.08, 2.16], {"exponential": {"mean": 1}})
    assert_priorities(queue(servers=4, demand=demand, stop={"weeks": 5}), (0.2164, 0.3381, 3.0772))


def by_priority(rates, duration):
    return [
        walkers(f"priority {number}", per_minute=rate, duration=duration, priority=number)
        for number, rate in enumerate(rates)
    ]


def assert_priorities(mapping, exact):
    mapping |= {"warm_up": {"days": 2}}
    result = capacity.simulate(capacity.load_service(mapping), replications=20)
    for number, wait in enumerate(exact):
        assert_near(result.streams[:, number, 2], wait)


def test_a_scanner_is_down_for_its_share_of_time():
    """Up 10 hours, down 2: down for a sixth of a long run, from starting up (about one cycle less)."""
    breakdowns = {"up": {"exponential": {"mean_hours": 10}}, "down": {"exponential": {"mean_hours": 2}}}
    service = capacity.load_service(queue(stop={"weeks": 20}, overrun="finish", breakdowns=breakdowns))
    result = capacity.simulate(service, replications=40)
    minutes = 20 * 7 * 1440
    starting_up = (2 / 12) * (20 / 12) * 60  # minutes not down because a run starts with the scanner up
    assert_near(result.scanners[:, 0, 1], minutes / 6 - starting_up)
    assert_near(result.scanners[:, 0, 2], (minutes - (minutes / 6 - starting_up)) / 600)


def test_a_queue_interrupted_by_nobody_obeys_littles_law():
    """Mean number waiting = arrival rate x mean wait, read off the list at the end of each week of an M/M/1."""
    service = capacity.load_service(queue(demand=[walkers(per_minute=0.8)], stop={"weeks": 30}, overrun="finish"))
    result = capacity.simulate(service, replications=60)
    waiting = result.weeks[:, 1:, 0, 0].mean(axis=1)
    assert_near(waiting - 0.8 * np.array(result.to_columns()["mean_wait"]), 0.0)


def test_more_scanners_never_lengthen_a_first_come_queue():
    """The same patients, so the comparison holds in every single replication."""
    few, many = (
        simulated(queue(servers=count, demand=[walkers(per_minute=1.8)], stop={"patients": 5_000}), 10, "mean_wait")
        for count in (2, 3)
    )
    assert all(more <= less for less, more in zip(few, many, strict=True))
