"""Services of regional size: more scanners than fit in one word of the kernel's list of idle ones."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trustwide.analysis.capacity.exceptions import RunError
from trustwide.analysis.capacity.fast import Runner
from trustwide.analysis.capacity.reference_booked import run_reference
from trustwide.analysis.capacity.service import load_service

from .random_services import walk_in_services

COUNTS = st.lists(st.integers(8, 20), min_size=6, max_size=6)


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(mapping=walk_in_services(), counts=COUNTS, seed=st.integers(0, 2**64 - 1))
def test_many_scanners_equal_the_reference(mapping, counts, seed):
    for scanner, count in zip(mapping["scanners"], counts, strict=False):
        scanner["count"] = count
    for stream in mapping["demand"]:
        stream["duration"] = {"fixed": 700}  # so that many scanners are busy at once
    mapping["stop"] = {"patients": 40}
    mapping.pop("warm_up", None)
    runner = Runner(load_service(mapping), event_list=True)
    try:
        journeys, world = runner.journeys(seed, 0)
    except RunError as error:
        assert "calendar" in str(error)
        return
    expected, devices = run_reference(runner.service, seed, 0)
    assert journeys.tolist() == expected.tolist()
    assert world.devices.busy.tolist() == [device.busy for device in devices]
