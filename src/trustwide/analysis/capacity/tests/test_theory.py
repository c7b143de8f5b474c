"""Simulated queues against queueing theory, each inside its own standard error."""

import math
import random

import numpy as np
import pytest

from trustwide.analysis import capacity

from .builders import CASES, queue, walkers

STANDARD_ERRORS = 4.5


def assert_near(values, exact, *, bias=0.0):
    """Mean of independent replications within a few of its standard errors of the exact value."""
    values = np.asarray(values)
    error = values.std(ddof=1) / math.sqrt(values.size)
    assert abs(values.mean() - exact) < STANDARD_ERRORS * error + bias, (values.mean(), exact, error)


def simulated(mapping, replications, figure, stream="walkers", seed=1):
    service = capacity.load_service(mapping)
    columns = capacity.simulate(service, replications=replications, seed=seed).to_columns()
    return [value for value, name in zip(columns[figure], columns["stream"], strict=True) if name == stream]


def erlang_c(servers, load):
    """Probability of waiting in M/M/c with `load` a server, by the recursion for Erlang B."""
    offered = servers * load
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = offered * blocked / (number + offered * blocked)
    return blocked / (1 - load * (1 - blocked))


def erlang_b(servers, offered):
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = offered * blocked / (number + offered * blocked)
    return blocked


def test_the_formula_gives_the_known_answer():
    assert erlang_c(3, 0.9) == pytest.approx(0.8170610, abs=5e-8)
    assert erlang_b(10, 7) == pytest.approx(0.0787410, abs=2e-7)


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


@pytest.mark.parametrize("case", range(8))
def test_random_many_server_queues(case):
    chance = random.Random(f"many servers {case}")
    servers, load = chance.randint(1, 50), chance.uniform(0.3, 0.95)
    mapping = queue(servers=servers, demand=[walkers(per_minute=load * servers)], stop={"patients": 60_000})
    probability = erlang_c(servers, load)
    seed = chance.randrange(2**32)
    # replications start empty: relative bias of the order of 1 / ((1 - load)^2 x patients)
    empty_start = 2 / ((1 - load) ** 2 * 60_000)
    wait = probability / (servers * (1 - load))
    rare = 1e-5  # where next to nobody waits, the replications may not hold one who does
    assert_near(simulated(mapping, 30, "waited_share", seed=seed), probability, bias=empty_start * probability + rare)
    assert_near(simulated(mapping, 30, "mean_wait", seed=seed), wait, bias=empty_start * wait + rare)


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
    rates = {"first": 0.1, "second": 0.3, "third": 0.5}
    demand = [
        walkers(name, per_minute=rate, duration=duration, priority=number)
        for number, (name, rate) in enumerate(rates.items())
    ]
    mapping = queue(demand=demand, stop={"weeks": 15}, overrun="finish") | {"warm_up": {"days": 2}}
    for name, wait in zip(rates, exact, strict=True):
        assert_near(simulated(mapping, 40, "mean_wait", name), wait)


def test_four_servers_three_priorities():
    exact = {"first": (0.36, 0.2164), "second": (1.08, 0.3381), "third": (2.16, 3.0772)}
    demand = [walkers(name, per_minute=rate, priority=number) for number, (name, (rate, _)) in enumerate(exact.items())]
    mapping = queue(servers=4, demand=demand, stop={"weeks": 6}, overrun="finish") | {"warm_up": {"days": 1}}
    for name, (_, wait) in exact.items():
        assert_near(simulated(mapping, 40, "mean_wait", name), wait)


def test_pollaczek_khinchine():
    """One server, load .8, lognormal scans with cv 1.5: mean wait = load x (1 + cv^2) / 2 / (1 - load)."""
    duration = {"lognormal": {"mean": 1, "sd": 1.5}}
    mapping = queue(demand=[walkers(per_minute=0.8, duration=duration)], stop={"patients": 400_000})
    assert_near(simulated(mapping, 30, "mean_wait"), 0.8 * (1 + 1.5**2) / 2 / 0.2)


def test_erlang_b_is_a_queue_without_patience():
    """Offered 7, 10 servers: whoever cannot start at once is lost."""
    stream = walkers(per_minute=7, patience_hours=0)
    service = capacity.load_service(queue(servers=10, demand=[stream], stop={"days": 20}, overrun="finish"))
    columns = capacity.simulate(service, replications=20).to_columns()
    lost = np.divide(columns["lost"], columns["arrived"])
    assert_near(lost, 0.0787410, bias=1e-5)


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
