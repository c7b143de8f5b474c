"""The formulas the simulation is held against: published values, and the same numbers by another way."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from . import queueing


def stationary(births, deaths):
    """Of a birth and death process, from its balance equations as a system of linear equations."""
    size = len(births) + 1
    generator = np.zeros((size, size))
    for state, (birth, death) in enumerate(zip(births, deaths, strict=True)):
        generator[state, state + 1] += birth
        generator[state + 1, state] += death
    generator -= np.diag(generator.sum(axis=1))
    balance = np.vstack([generator.T, np.ones(size)])
    return np.linalg.lstsq(balance, np.array([0.0] * size + [1.0]), rcond=None)[0]


def test_mm3():
    assert queueing.erlang_c(3, 0.9) == pytest.approx(0.8170610, abs=5e-8)
    assert queueing.mean_wait(3, 0.9) == pytest.approx(2.7235367, abs=5e-8)
    assert queueing.wait_exceeded_by(3, 0.9, math.exp(-0.3)) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("servers", "offered", "blocked"),
    # the usual printed tables: the offered load at which such a share is blocked, in three or four figures
    [
        (1, 0.0101, 0.01),
        (5, 1.361, 0.01),
        (10, 4.461, 0.01),
        (10, 5.084, 0.02),
        (20, 12.03, 0.01),
        (30, 20.34, 0.01),
        (50, 37.90, 0.01),
        (100, 84.06, 0.01),
    ],
)
def test_erlang_b_as_printed(servers, offered, blocked):
    assert queueing.erlang_b(servers, offered) == pytest.approx(blocked, rel=2e-3)


def test_erlang_b_of_the_known_answer():
    assert queueing.erlang_b(10, 7) == pytest.approx(0.0787410, abs=2e-7)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.3), (2, 0.5), (5, 0.95), (17, 0.7), (50, 0.9)])
def test_erlang_c_is_the_stationary_law(servers, load):
    """Erlang C is Erlang B of the states below c and a geometric tail: probability that c or more are present."""
    weights = [(servers * load) ** n / math.factorial(n) for n in range(servers)]
    tail = (servers * load) ** servers / math.factorial(servers) / (1 - load)
    assert queueing.erlang_c(servers, load) == pytest.approx(tail / (sum(weights) + tail), rel=1e-12)


def test_textbook_cases_of_erlang_c():
    assert queueing.erlang_c(1, 0.8) == pytest.approx(0.8)
    assert queueing.erlang_c(2, 0.5) == pytest.approx(1 / 3)


def test_erlang_b_from_balance_equations():
    for servers, offered in ((1, 0.5), (4, 3.0), (10, 7.0)):
        law = stationary([offered] * servers, range(1, servers + 1))
        assert queueing.erlang_b(servers, offered) == pytest.approx(law[-1], rel=1e-9)


@pytest.mark.parametrize(
    ("second_moment", "published"),
    [(2.0, (1, 1.6667, 15)), (1.0, (0.5, 0.8333, 7.5)), (1 + 0.32**2, (0.5512, 0.9187, 8.268))],
)
def test_cobham_as_published(second_moment, published):
    assert queueing.cobham_one_server([0.1, 0.3, 0.5], second_moment) == pytest.approx(published, abs=5e-5)


def test_cobham_for_four_servers_as_published():
    found = queueing.cobham_many_servers([0.36, 1.08, 2.16], 4)
    assert found == pytest.approx((0.2164, 0.3381, 3.0772), abs=5e-5)


def test_priorities_only_share_the_wait_out():
    """Kleinrock's conservation law: weighted by load the waits are those without priorities."""
    rates = [0.1, 0.3, 0.5]
    waits = queueing.cobham_one_server(rates, 1.7)
    alike = queueing.pollaczek_khinchine(sum(rates), 1.0, 1.7)
    assert np.dot(rates, waits) == pytest.approx(sum(rates) * alike)


def test_pollaczek_khinchine_for_an_exponential_law_is_mm1():
    assert queueing.pollaczek_khinchine(0.8, 1.0, 2.0) == pytest.approx(queueing.mean_wait(1, 0.8)) == pytest.approx(4)


def test_machine_repair():
    assert queueing.machine_repair(4, 1, 10, 2) == pytest.approx(0.7520714, abs=5e-8)
    law = stationary([machines / 10 for machines in (4, 3, 2, 1)], [1 / 2, 2 / 2, 2 / 2, 2 / 2])
    up = sum((4 - failed) * share for failed, share in enumerate(law)) / 4
    assert queueing.machine_repair(4, 2, 10, 2) == pytest.approx(up, rel=1e-9)
    assert queueing.machine_repair(4, 4, 10, 2) == pytest.approx(10 / 12)


def test_impatience_between_nobody_waits_and_nobody_leaves():
    assert queueing.lost_to_impatience(10, 7, 0) == pytest.approx(queueing.erlang_b(10, 7))
    assert queueing.lost_to_impatience(10, 7, 1e3) == pytest.approx(0, abs=1e-12)
    assert queueing.lost_to_impatience(3, 3, 1) == pytest.approx(queueing.lost_to_impatience(3, 3 - 1e-9, 1), rel=1e-6)


@pytest.mark.parametrize(("load", "patience"), [(0.5, 1.0), (0.9, 3.0), (1.3, 2.0)])
def test_impatience_at_one_server_from_its_integral_equation(load, patience):
    """The virtual wait's law satisfies v(x) = rate (idle e^-x + integral of v(u) e^-(x - u) du, to patience)."""
    lost = queueing.lost_to_impatience(1, load, patience)
    # what is served is what the server does while it is busy
    idle = 1 - load * (1 - lost)

    def density(x):
        at = min(x, patience)
        return load * idle * math.exp(-(1 - load) * at) * math.exp(-(x - at))

    for x in (0.4 * patience, patience, 1.7 * patience):
        within, _ = integrate.quad(lambda u, x=x: density(u) * math.exp(-(x - u)), 0, min(x, patience))
        assert density(x) == pytest.approx(load * (idle * math.exp(-x) + within), rel=1e-7)
    beyond, _ = integrate.quad(density, patience, 60 + patience)
    assert beyond == pytest.approx(lost, rel=1e-7)


def test_a_poisson_number_of_beds_in_use():
    """Delay as in bed models: those who find n or more in use, among those n would have held, is Erlang B."""
    law = stats.poisson(8.1455)
    for beds in (10, 14):
        assert law.pmf(beds) / law.cdf(beds) == pytest.approx(queueing.erlang_b(beds, 8.1455))
