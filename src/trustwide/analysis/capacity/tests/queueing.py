"""Exact answers of queueing theory, each with its source. Nothing here is taken from the simulation.

Times are in the unit of the mean service time; `offered` is arrival rate x mean service time.
"""

import math
from itertools import accumulate, pairwise


def erlang_b(servers, offered):
    """Share lost where nobody waits, whatever the law of service times (Erlang 1917; insensitivity, Sevastyanov 1957).

    B(0) = 1, B(n) = offered B(n - 1) / (n + offered B(n - 1)).
    """
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = offered * blocked / (number + offered * blocked)
    return blocked


def erlang_c(servers, load):
    """Probability of waiting in M/M/c with `load` a server (Erlang 1917)."""
    blocked = erlang_b(servers, servers * load)
    return blocked / (1 - load * (1 - blocked))


def mean_wait(servers, load):
    """M/M/c, in mean service times."""
    return erlang_c(servers, load) / (servers * (1 - load))


def wait_exceeded_by(servers, load, share):
    """The wait that `share` of those who wait at all exceed: P(W > t) = C e^(-c (1 - load) t)."""
    return -math.log(share) / (servers * (1 - load))


def pollaczek_khinchine(rate, mean, second_moment):
    """Mean wait in M/G/1, first come first served (Pollaczek 1930, Khinchine 1932)."""
    return rate * second_moment / (2 * (1 - rate * mean))


def cobham(rates, residual, load_of=lambda rate: rate):
    """Mean waits by class, most urgent first, nobody interrupted (Cobham 1954).

    residual: mean time until a server is free for whoever comes when all are busy, times the probability of that.
    load_of: what a class adds to the load of the servers.
    """
    below = [0.0, *accumulate(load_of(rate) for rate in rates)]
    return [residual / ((1 - one) * (1 - other)) for one, other in pairwise(below)]


def cobham_one_server(rates, second_moment):
    """Classes with the same law of mean 1 at one server."""
    return cobham(rates, sum(rates) * second_moment / 2)


def cobham_many_servers(rates, servers):
    """Classes with the same exponential law of mean 1 at several servers."""
    load = sum(rates) / servers
    return cobham(rates, erlang_c(servers, load) / servers, lambda rate: rate / servers)


def machine_repair(machines, crews, up, down):
    """Share of machines that are up, exponential times up and of repair (Palm 1947; any law of times up will do)."""
    weights = [1.0]
    for failed in range(machines):
        weights.append(weights[-1] * (machines - failed) / up * down / min(failed + 1, crews))
    return sum((machines - failed) * weight for failed, weight in enumerate(weights)) / (machines * sum(weights))


def lost_to_impatience(servers, offered, patience):
    """Share who give up after waiting `patience` in M/M/c (Barrer 1957): the virtual wait beyond it.

    With fewer than c present the states are those of M/M/c; the virtual wait then has density rate p(c - 1) e^(-(c -
    offered) t) to `patience`, and falls as e^(-c t) after it.
    """
    states = list(accumulate(range(1, servers), lambda state, n: state * offered / n, initial=1.0))
    excess = servers - offered
    start = offered * states[-1]
    within = start * (patience if excess == 0 else -math.expm1(-excess * patience) / excess)
    beyond = start * math.exp(-excess * patience) / servers
    return beyond / (sum(states) + within + beyond)
