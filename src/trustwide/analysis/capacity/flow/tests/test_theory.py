"""Departments small enough for a formula, within the run's own standard error.

Waits are means over replications of runs that start empty; the first days, when queues fill, are left out.
"""

import itertools
import math

import numpy as np
import pytest

from .builders import department, runs, step, walkers, within_error

DAYS, WARM, REPLICATIONS = 25, 3 * 1440.0, 40


def mean_waits(described, places=1):
    """(replications, places): mean wait of visits joined after the warm-up, at each step of each pathway."""
    rows = []
    for run in runs(described, REPLICATIONS):
        counted = (run.visits.joined >= WARM) & np.isfinite(run.visits.began)
        waits = run.visits.began - run.visits.joined
        rows.append([waits[counted & (run.visits.place == number)].mean() for number in range(places)])
    return np.array(rows)


def mmc_wait(per_minute, mean, servers):
    """Mean wait of M/M/c (Erlang C)."""
    load = per_minute * mean
    terms = [load**n / math.factorial(n) for n in range(servers)]
    last = load**servers / math.factorial(servers) * servers / (servers - load)
    return last / (sum(terms) + last) * mean / (servers - load)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.7), (3, 0.8), (8, 0.9)])
def test_one_step_waits_as_m_m_c(servers, load):
    mean = 10.0
    per_minute = load * servers / mean
    described = department(
        [step("Scan", mean, "scanner")],
        resources={"scanner": servers},
        patients=[walkers(60 * per_minute, ["Scan"])],
        days=DAYS,
    )
    good, figures = within_error(mean_waits(described)[:, 0], mmc_wait(per_minute, mean, servers))
    assert good, figures


def test_a_network_waits_in_product_form():
    """Jackson 1957: with branching and returns every station waits as M/M/c at its own rate of arrivals."""
    per_hour = 5.0
    steps = [step("Check-in", 6, "desk"), step("Cannulation", 20, "nurse"), step("Scan", 9, "scanner")]
    path = [
        {"step": "Check-in", "then": {"Cannulation": 0.6, "Scan": 0.4}},
        {"step": "Cannulation", "then": {"Cannulation": 0.2, "Scan": 0.8}},
        {"step": "Scan"},
    ]
    described = department(
        steps,
        resources={"desk": 1, "nurse": 2, "scanner": 1},
        patients=[walkers(per_hour, path)],
        days=DAYS,
    )
    waits = mean_waits(described, places=3)
    rates = [per_hour / 60, per_hour / 60 * 0.6 / 0.8, per_hour / 60]
    exact = [mmc_wait(rate, mean, servers) for rate, mean, servers in zip(rates, (6, 20, 9), (1, 2, 1), strict=True)]
    for number, expected in enumerate(exact):
        good, figures = within_error(waits[:, number], expected)
        assert good, (steps[number]["id"], figures)


def test_priority_as_cobham():
    """Non-preemptive priority, one server: arrivals .1, .3, .5 a minute, mean 1 (Cobham 1954)."""
    described = department(
        [step("Scan", 1, "scanner")],
        resources={"scanner": 1},
        patients=[
            walkers(60 * rate, ["Scan"], name=f"class {number}", priority=number)
            for number, rate in enumerate((0.1, 0.3, 0.5))
        ],
        days=DAYS,
    )
    waits = mean_waits(described, places=3)
    for number, expected in enumerate((1.0, 5 / 3, 15.0)):
        good, figures = within_error(waits[:, number], expected)
        assert good, (number, figures)


def test_turned_away_as_m_m_c_k():
    """Two servers, three bays to wait in: the share turned away, and the wait of the others."""
    arrive, serve, servers, places = 0.25, 0.1, 2, 3
    weights = [1.0]
    for state in range(1, servers + places + 1):
        weights.append(weights[-1] * arrive / (serve * min(state, servers)))
    chances = np.array(weights) / sum(weights)
    queue = sum(chances[servers + n] * n for n in range(1, places + 1))
    described = department(
        [step("Scan", 1 / serve, "scanner", waits_in="bays")],
        resources={"scanner": servers, "bays": places},
        patients=[walkers(60 * arrive, ["Scan"], if_full="turn_away")],
        days=DAYS,
    )
    turned, waits = [], []
    for run in runs(described, REPLICATIONS):
        after = run.patients.arrived >= WARM
        turned.append((run.patients.outcome[after] == 2).mean())
        visits = run.visits[(run.visits.joined >= WARM) & np.isfinite(run.visits.began)]
        waits.append((visits.began - visits.joined).mean())
    for values, exact in ((turned, chances[-1]), (waits, queue / (arrive * (1 - chances[-1])))):
        good, figures = within_error(values, exact)
        assert good, figures


def blocking_tandem(arrive, first, second):
    """Two rooms and nowhere to wait between them, patients turned away if the first is taken: the steady state.

    States of the first room (0 empty, 1 in use, 2 kept by one who is done) and of the second (0, 1).
    """
    states = [state for state in itertools.product(range(3), range(2)) if state != (2, 0)]
    rates = np.zeros((len(states), len(states)))

    def move(start, to, rate):
        rates[states.index(start), states.index(to)] += rate

    for one, two in states:
        if one == 0:
            move((one, two), (1, two), arrive)
        if one == 1:
            move((one, two), (0, 1) if two == 0 else (2, 1), first)
        if two == 1:
            move((one, two), (0, 1) if one == 2 else (one, 0), second)
    balance = (rates - np.diag(rates.sum(axis=1))).T
    balance[-1] = 1.0
    return dict(zip(states, np.linalg.solve(balance, np.eye(len(states))[-1]), strict=True))


def test_a_room_is_kept_until_the_next_is_free():
    """Blocking after service without a place between: use, blocked share and throughput of the exact chain."""
    arrive, first, second = 1 / 8, 1 / 10, 1 / 12
    chances = blocking_tandem(arrive, first, second)
    described = department(
        [step("Cannulation", 10, "bay", keeps=["bay"]), step("Scan", 12, "scanner")],
        resources={"bay": 1, "scanner": 1},
        patients=[walkers(60 * arrive, ["Cannulation", "Scan"], if_full="turn_away")],
        days=DAYS,
    )
    minutes = DAYS * 1440.0
    found = {"kept": [], "in use": [], "out": []}
    for run in runs(described, REPLICATIONS):
        visits = run.visits[np.isfinite(run.visits.began)]
        bay, scanner = visits[visits.place == 0], visits[visits.place == 1]
        begun, done, left = (np.minimum(bay[name], minutes) for name in ("began", "ended", "left"))
        found["kept"].append((left - done).sum() / minutes)
        found["in use"].append((done - begun).sum() / minutes)
        found["out"].append(np.isfinite(scanner.ended).sum() / minutes)
    exact = {
        "kept": chances[2, 1],
        "in use": chances[1, 0] + chances[1, 1],
        "out": second * (chances[0, 1] + chances[1, 1] + chances[2, 1]),
    }
    for name, values in found.items():
        good, figures = within_error(values, exact[name])
        assert good, (name, figures)
