"""The compiled kernels equal the plain-Python rules to the last bit."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trustwide.analysis.capacity.exceptions import RunError
from trustwide.analysis.capacity.fast import Runner
from trustwide.analysis.capacity.reference_booked import run_reference
from trustwide.analysis.capacity.service import load_service

from .random_services import booked_services, walk_in_services

SEEDS = st.integers(0, 2**64 - 1)
SLOW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def assert_equal_to_reference(runner, seed):
    journeys, world = runner.journeys(seed, 3)
    expected, devices = run_reference(runner.service, seed, 3)
    assert journeys.tolist() == expected.tolist()
    assert world.devices.busy.tolist() == [device.busy for device in devices]
    assert world.devices.late.tolist() == [device.late for device in devices]


@SLOW
@given(service=walk_in_services(), seed=SEEDS)
def test_event_kernel_equals_reference(service, seed):
    runner = Runner(load_service(service), event_list=True)
    try:
        runner.journeys(seed, 3)
    except RunError as error:
        assert "calendar" in str(error)
        return
    assert_equal_to_reference(runner, seed)


@SLOW
@given(case=booked_services(), seed=SEEDS)
def test_booked_kernel_equals_reference(case, seed, tmp_path):
    service, waiting_list = case
    (tmp_path / "list.csv").write_text(waiting_list)
    assert_equal_to_reference(Runner(load_service(service, folder=tmp_path)), seed)


@SLOW
@given(
    count=st.integers(1, 6),
    load=st.floats(0.2, 1.4),
    law=st.sampled_from([{"exponential": {"mean": 3}}, {"fixed": 3}, {"lognormal": {"mean": 3, "sd": 4}}]),
    stop=st.sampled_from([{"patients": 300}, {"days": 1}]),
    seed=SEEDS,
)
def test_recursion_equals_event_kernel(count, load, law, stop, seed):
    service = load_service(
        {
            "service": "always open",
            "start": "2026-01-05",
            "stop": stop,
            "sites": [{"id": "a"}],
            "scanners": [
                {"id": "s", "site": "a", "modality": "MR", "count": count, "sessions": "always", "changeover": 0.5},
                {"id": "t", "site": "a", "modality": "MR", "sessions": "always"},
            ],
            "demand": [
                {
                    "id": "x",
                    "site": "a",
                    "modality": "MR",
                    "access": "walk_in",
                    "arrivals": {"poisson": {"per_minute": load * (count + 1) / 3}},
                    "duration": law,
                }
            ],
        }
    )
    fast, general = Runner(service), Runner(service, event_list=True)
    assert fast.recursive and not general.recursive
    journeys, world = fast.journeys(seed, 0)
    expected, other = general.journeys(seed, 0)
    assert journeys.tolist() == expected.tolist()
    assert world.devices.busy.tolist() == other.devices.busy.tolist()
