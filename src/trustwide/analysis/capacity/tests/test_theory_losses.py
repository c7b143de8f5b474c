"""Patients who do not wait, or not for long: Erlang B for any law of service, and patience of a fixed length."""

import pytest

from trustwide.analysis import capacity

from . import queueing
from .agreement import assert_near
from .builders import queue, walkers

LAWS = [
    {"exponential": {"mean": 1}},
    {"fixed": 1},
    {"lognormal": {"mean": 1, "sd": 0.5}},
    {"lognormal": {"mean": 1, "sd": 2}},
]


def lost(mapping, replications=20, seed=1):
    result = capacity.simulate(capacity.load_service(mapping), replications=replications, seed=seed)
    return result.streams[:, :, 10].sum(axis=1) / result.streams[:, :, 0].sum(axis=1)


@pytest.mark.parametrize("duration", LAWS)
def test_erlang_b_whatever_the_law_of_service(duration):
    """Offered 7, 10 servers."""
    stream = walkers(per_minute=7, patience_hours=0, duration=duration)
    mapping = queue(servers=10, demand=[stream], stop={"days": 8}, overrun="finish") | {"warm_up": {"days": 1}}
    assert_near(lost(mapping, seed=LAWS.index(duration)), 0.0787410)


@pytest.mark.parametrize(
    ("servers", "offered", "patience"), [(1, 0.9, 2.0), (1, 1.3, 2.0), (3, 2.7, 1.0), (10, 9.5, 0.3), (10, 12, 1.0)]
)
def test_patience_of_a_fixed_length(servers, offered, patience):
    stream = walkers(per_minute=offered, patience_hours=patience / 60)
    mapping = queue(servers=servers, demand=[stream], stop={"days": 11}, overrun="finish")
    mapping |= {"warm_up": {"days": 1}, "allow_overload": True}
    exact = queueing.lost_to_impatience(servers, offered, patience)
    assert_near(lost(mapping, seed=servers), exact)
