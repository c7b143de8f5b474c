"""What a run will take is known beforehand, near enough to decide by."""

import time

import pytest

from trustwide.analysis import capacity
from trustwide.analysis.capacity.run_size import expected_patients

from .builders import CASES, queue, walkers


@pytest.mark.parametrize("name", ["mm3", "imaging_year", "booked_group"])
def test_patients_are_those_who_come(name):
    service = capacity.load_service(CASES / f"{name}.yaml")
    result = capacity.simulate(service, 2)
    came = (result.streams[:, :, 0].sum(axis=1)).mean()
    assert expected_patients(service) == pytest.approx(came, rel=0.03)


@pytest.mark.parametrize("name", ["mm3", "imaging_year", "booked_group"])
def test_seconds_are_of_the_right_size(name):
    service = capacity.load_service(CASES / f"{name}.yaml")
    replications = 4
    capacity.simulate(service, replications)
    started = time.process_time()
    capacity.simulate(service, replications, seed=2)
    took = time.process_time() - started
    expected = capacity.estimate(service, replications).seconds - capacity.estimate(service, 0).seconds
    assert took / 6 < expected < took * 6


def test_workers_share_the_time_and_not_the_memory():
    service = capacity.load_service(queue(demand=[walkers()], stop={"patients": 10_000_000}))
    one, two = capacity.estimate(service, 200), capacity.estimate(service, 200, workers=2)
    assert two.seconds == pytest.approx(one.seconds / 2, abs=2)
    assert two.megabytes > 1.5 * one.megabytes


def test_a_large_run_says_so():
    service = capacity.load_service(queue(demand=[walkers()], stop={"patients": 10_000_000}))
    assert not capacity.estimate(service, 10).is_large
    large = capacity.estimate(service, 10_000)
    assert large.is_large
    assert large.sentence().startswith("About ")
    assert "minutes" in large.sentence()
    assert "10,000,000 patients a replication" in large.sentence()
    assert capacity.estimate(service, "auto").sentence().startswith("At most ")
