"""Many services at once against each one alone."""

import pytest

from trustwide.analysis import capacity

from .builders import queue, walkers

COUNTS = range(1, 46)
SERVICES = [
    capacity.load_service(queue(servers=count, demand=[walkers(per_minute=count / 2)], stop={"patients": 300}))
    for count in COUNTS
]
SEEDS = [100 + count for count in COUNTS]


@pytest.mark.parametrize("workers", [1, 2])
def test_each_service_gets_the_result_it_has_alone(workers):
    results = capacity.simulate_many(SERVICES, 3, SEEDS, workers)
    alone = [capacity.simulate(one, 3, seed).digest for one, seed in zip(SERVICES, SEEDS, strict=True)]
    assert [one.digest for one in results] == alone
    assert len(set(alone)) == len(SERVICES)
    assert [one.service for one in results] == SERVICES


def test_one_seed_serves_all_and_progress_counts_services():
    told = []
    results = capacity.simulate_many(SERVICES, seed=7, progress=lambda done, of: told.append((done, of)))
    assert {one.seed for one in results} == {7}
    assert told == [(20, 45), (40, 45), (45, 45)]


def test_no_services_give_no_results():
    assert capacity.simulate_many([]) == []


@pytest.mark.parametrize(
    ("options", "field"), [({"replications": 0}, "replications"), ({"seed": [1, 2]}, "seed"), ({"seed": -1}, "seed")]
)
def test_what_cannot_be_run_is_refused(options, field):
    with pytest.raises(capacity.RunError, match=f"^{field}: must be"):
        capacity.simulate_many(SERVICES, **options)
