"""One server, first come first served, by Pollaczek and Khinchine: any law of service, changeovers, missed visits."""

import pytest

from trustwide.analysis import capacity

from . import queueing
from .agreement import assert_near
from .builders import queue, walkers

RATE = 0.75
LAWS = {
    "fixed": ({"fixed": 1}, 1.0),
    "lognormal, cv .5": ({"lognormal": {"mean": 1, "sd": 0.5}}, 1.25),
    "exponential": ({"exponential": {"mean": 1}}, 2.0),
    "lognormal, cv 1.5": ({"lognormal": {"mean": 1, "sd": 1.5}}, 3.25),
    "lognormal, cv 2": ({"lognormal": {"mean": 1, "sd": 2}}, 5.0),
}


def waits(mapping, seed=1):
    """Mean wait of all streams together in each of 30 replications of 25 days after 5 of warm-up."""
    mapping |= {"stop": {"days": 30}, "warm_up": {"days": 5}, "queue": {"order": ["arrival"]}}
    result = capacity.simulate(capacity.load_service(mapping), replications=30, seed=seed)
    seen, mean = result.streams[:, :, 1], result.streams[:, :, 2]
    return (seen * mean).sum(axis=1) / seen.sum(axis=1)


@pytest.mark.parametrize("law", LAWS)
def test_any_law_of_service(law):
    duration, second_moment = LAWS[law]
    found = waits(queue(demand=[walkers(per_minute=RATE, duration=duration)]), seed=list(LAWS).index(law))
    assert_near(found, queueing.pollaczek_khinchine(RATE, 1.0, second_moment))


def test_two_streams_are_one_queue_with_a_mixed_law():
    short, long = walkers("short", per_minute=0.6, duration={"fixed": 0.5}), walkers("long", per_minute=0.1)
    long["duration"] = {"exponential": {"mean": 4}}
    mean, second_moment = (0.6 * 0.5 + 0.1 * 4) / 0.7, (0.6 * 0.25 + 0.1 * 32) / 0.7
    assert_near(waits(queue(demand=[short, long])), queueing.pollaczek_khinchine(0.7, mean, second_moment))


def test_changeover_lengthens_service():
    """After each scan the scanner is not free for another .25 minutes."""
    stream = walkers(per_minute=0.6, duration={"lognormal": {"mean": 1, "sd": 0.5}})
    second_moment = 1.25 + 2 * 0.25 + 0.25**2
    assert_near(waits(queue(demand=[stream], changeover=0.25)), queueing.pollaczek_khinchine(0.6, 1.25, second_moment))


def test_those_who_do_not_attend_take_their_part_of_the_server():
    """Three in ten are called, are not there and take .4 minutes of it: a mixed law, for those who wait the same."""
    missed = {"probability": 0.3, "slot_lost": 0.4}
    stream = walkers(per_minute=0.9, did_not_attend=missed)
    mean, second_moment = 0.7 + 0.3 * 0.4, 0.7 * 2 + 0.3 * 0.4**2
    assert_near(waits(queue(demand=[stream])), queueing.pollaczek_khinchine(0.9, mean, second_moment))


def test_the_server_is_busy_as_long_as_the_load():
    result = capacity.simulate(
        capacity.load_service(queue(demand=[walkers(per_minute=RATE)], stop={"days": 30}) | {"warm_up": {"days": 5}}),
        replications=30,
    )
    assert_near(result.scanners[:, 0, 0], RATE)


def test_an_idle_moment_is_found_by_poisson_arrivals_as_often_as_it_is_there():
    """PASTA: one less the load start at once, whatever the law of service."""
    for duration in ({"fixed": 1}, {"lognormal": {"mean": 1, "sd": 1.5}}):
        mapping = queue(demand=[walkers(per_minute=RATE, duration=duration)], stop={"days": 30})
        result = capacity.simulate(capacity.load_service(mapping | {"warm_up": {"days": 5}}), replications=30)
        assert_near(result.to_columns()["waited_share"], RATE)
