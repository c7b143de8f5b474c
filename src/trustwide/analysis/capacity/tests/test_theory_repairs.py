"""Scanners that break down and wait for a repair crew: the machine repair problem, and what a limit must not change."""

import copy

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trustwide.analysis import capacity
from trustwide.analysis.capacity.fast import Runner
from trustwide.analysis.capacity.reference_booked import run_reference
from trustwide.analysis.capacity.service import load_service
from trustwide.analysis.capacity.tables import world_of

from . import queueing
from .agreement import assert_near
from .builders import queue
from .random_services import BREAKDOWNS, booked_services, walk_in_services

WEEKS, WARM_UP = 60, 2


def clinic(crews, up=None, down=None, machines=4):
    breakdowns = {"up": up or {"exponential": {"mean_hours": 10}}, "down": down or {"exponential": {"mean_hours": 2}}}
    mapping = queue(servers=machines, stop={"weeks": WEEKS}, overrun="finish", breakdowns=breakdowns)
    mapping["demand"][0]["arrivals"] = {"poisson": {"per_day": 1}}
    return mapping | {"warm_up": {"weeks": WARM_UP}} | ({"repair_crews": crews} if crews else {})


def up_share(mapping, replications=20, machines=4):
    result = capacity.simulate(load_service(mapping), replications=replications, seed=5)
    return 1 - result.scanners[:, 0, 1] / (machines * (WEEKS - WARM_UP) * 7 * 1440)


def test_four_machines_and_one_crew():
    assert_near(up_share(clinic(1)), 0.7520714)


@pytest.mark.parametrize("crews", [2, 3])
def test_more_crews(crews):
    assert_near(up_share(clinic(crews)), queueing.machine_repair(4, crews, 10, 2))


@pytest.mark.parametrize("up", [{"fixed": {"hours": 10}}, {"lognormal": {"mean_hours": 10, "sd_hours": 12}}])
def test_only_the_mean_time_up_matters(up):
    """Known of the machine repair problem where repairs are exponential."""
    assert_near(up_share(clinic(1, up=up)), 0.7520714)


def test_a_crew_for_each_is_no_limit():
    with_limit, without = (Runner(load_service(clinic(crews))).replicate(7, 0) for crews in (4, None))
    assert with_limit.scanners.tolist() == without.scanners.tolist()


def test_one_crew_repairs_one_at_a_time_in_the_order_of_failing():
    service = load_service(clinic(1))
    outages = world_of(service).for_run(3, 0, None, None).outages.reshape(-1, 2)
    outages = outages[np.isfinite(outages[:, 0])]
    failed, repaired = outages[np.argsort(outages[:, 0])].T
    assert len(failed) > 500
    assert (np.diff(repaired) > 0).all()
    waited = failed[1:] < repaired[:-1]
    assert 0.2 < waited.mean() < 0.8


SOME = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
LIMITED = {"breakdowns": BREAKDOWNS, "crews": st.integers(1, 3), "seed": st.integers(0, 2**64 - 1)}


def assert_kernel_equals_reference(mapping, breakdowns, crews, seed, folder=None):
    mapping = copy.deepcopy(mapping) | {"repair_crews": crews}
    for scanner in mapping["scanners"]:
        scanner["breakdowns"] = breakdowns
    runner = Runner(load_service(mapping, folder=folder), event_list=True)
    journeys, world = runner.journeys(seed, 2)
    expected, devices = run_reference(runner.service, seed, 2)
    assert journeys.tolist() == expected.tolist()
    assert world.devices.busy.tolist() == [device.busy for device in devices]


@SOME
@given(mapping=walk_in_services(), **LIMITED)
def test_kernel_equals_reference_with_repair_crews(mapping, breakdowns, crews, seed):
    assert_kernel_equals_reference(mapping | {"stop": {"days": 6}, "warm_up": {}}, breakdowns, crews, seed)


@SOME
@given(case=booked_services(), **LIMITED)
def test_booked_kernel_equals_reference_with_repair_crews(case, breakdowns, crews, seed, tmp_path):
    (tmp_path / "list.csv").write_text(case[1])
    assert_kernel_equals_reference(case[0], breakdowns, crews, seed, tmp_path)


def test_a_limit_without_an_end_or_without_breakdowns_is_refused():
    endless = clinic(1) | {"stop": {"patients": 100}, "warm_up": {}}
    with pytest.raises(capacity.ServiceError, match="repair_crews: needs stop"):
        load_service(endless)
    sound = clinic(1)
    del sound["scanners"][0]["breakdowns"]
    with pytest.raises(capacity.ServiceError, match="repair_crews: needs a scanner with breakdowns"):
        load_service(sound)
