"""The same services in SimPy and in Ciw: independent programs, other random numbers, the same mean waits."""

import math
import statistics

import pytest

from benchmarks import ciw_twins, simpy_twins
from trustwide.analysis import capacity

from .builders import CASES, queue, walkers

STANDARD_ERRORS = 4
SERVERS, PER_MINUTE, PATIENTS = 3, 2.4, 4_000


def assert_agree(ours, theirs):
    """Means of independent replications within a few of their combined standard errors."""
    errors = [statistics.stdev(values) / math.sqrt(len(values)) for values in (ours, theirs)]
    difference = statistics.fmean(ours) - statistics.fmean(theirs)
    assert abs(difference) < STANDARD_ERRORS * math.hypot(*errors), (difference, *errors)


def mean_waits(mapping, replications):
    """Of each stream, a list of the replications' mean waits."""
    columns = capacity.simulate(capacity.load_service(mapping), replications, seed=11).to_columns()
    waits = {name: [] for name in columns["stream"]}
    for name, wait in zip(columns["stream"], columns["mean_wait"], strict=True):
        waits[name].append(wait)
    return waits


@pytest.mark.parametrize("peer", [ciw_twins, simpy_twins])
def test_first_come_queue(peer):
    mapping = queue(servers=SERVERS, demand=[walkers(per_minute=PER_MINUTE)], stop={"patients": PATIENTS})
    theirs = [
        statistics.fmean(
            peer.first_come_queue(seed, per_minute=PER_MINUTE, mean=1.0, servers=SERVERS, patients=PATIENTS)
        )
        for seed in range(12)
    ]
    assert_agree(mean_waits(mapping, 200)["walkers"], theirs)


def test_priorities_and_lognormal_durations_in_ciw():
    rates = {"first": 0.1, "second": 0.25, "third": 0.4}
    duration = {"lognormal": {"mean": 1, "sd": 0.6}}
    demand = [
        walkers(name, per_minute=rate, duration=duration, priority=number)
        for number, (name, rate) in enumerate(rates.items())
    ]
    ours = mean_waits(queue(demand=demand, stop={"patients": PATIENTS}), 200)
    theirs = [
        ciw_twins.priorities(seed, per_minute=rates, mean=1.0, sd=0.6, servers=1, patients=PATIENTS)
        for seed in range(12)
    ]
    for name in rates:
        assert_agree(ours[name], [statistics.fmean(one[name]) for one in theirs])


def test_imaging_year_in_simpy():
    """Sessions, a mobile, breakdowns, priorities and missed appointments."""
    theirs = [simpy_twins.ImagingYear(seed).run() for seed in range(6)]
    ours = mean_waits(CASES / "imaging_year.yaml", 60)
    for name, waits in ours.items():
        assert_agree(waits, [statistics.fmean(one[name]) for one in theirs])
