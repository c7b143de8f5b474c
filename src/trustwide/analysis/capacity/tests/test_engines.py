"""One result, whoever computes it: workers, blocks, JIT on or off."""

import os
import pickle
import subprocess
import sys

import numba
import pytest

from trustwide.analysis import capacity
from trustwide.analysis.capacity import summary
from trustwide.analysis.capacity.booked import run_booked
from trustwide.analysis.capacity.exceptions import RunError, ServiceError
from trustwide.analysis.capacity.recursion import run_recursion
from trustwide.analysis.capacity.walk_in import run_walk_in

from .builders import CASES, queue, walkers

SMALL = queue(servers=2, demand=[walkers(per_minute=1.5)], stop={"patients": 500})


def digest(**options):
    return capacity.simulate(capacity.load_service(SMALL), replications=11, **options).digest


def test_workers_and_blocks_do_not_change_a_bit():
    alone = digest(seed=5)
    assert digest(seed=5, block_size=1) == alone
    assert digest(seed=5, block_size=4) == alone
    assert digest(seed=5, workers=2, block_size=3) == alone


def test_seed_service_and_replications_do():
    alone = digest(seed=5)
    assert digest(seed=6) != alone
    other = capacity.load_service(SMALL | {"service": "another"})
    assert capacity.simulate(other, replications=11, seed=5).digest != alone
    assert capacity.simulate(capacity.load_service(SMALL), replications=10, seed=5).digest != alone


def test_progress_is_told():
    told = []
    capacity.simulate(
        capacity.load_service(SMALL), replications=5, block_size=2, progress=lambda done, of: told.append((done, of))
    )
    assert told == [(2, 5), (4, 5), (5, 5)]


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"engine": "dask"}, "engine"),
        ({"replications": 0}, "replications"),
        ({"replications": 2.5}, "replications"),
        ({"seed": -1}, "seed"),
        ({"workers": 0}, "workers"),
        ({"block_size": 0}, "block_size"),
    ],
)
def test_what_cannot_be_run_is_refused(options, field):
    with pytest.raises(RunError, match=f"^{field}: must be"):
        capacity.simulate(capacity.load_service(SMALL), **options)


def test_what_cannot_be_run_is_refused_with_workers_too():
    service = capacity.load_service(queue(demand=[walkers(per_minute=1e6)], stop={"weeks": 52}, overrun="finish"))
    with pytest.raises(RunError, match="demand: some"):
        capacity.simulate(service, workers=2)


def test_a_service_error_survives_the_way_back_from_a_worker():
    error = pickle.loads(pickle.dumps(ServiceError("a.yaml", ["stop: is missing"])))
    assert (str(error), error.problems) == ("a.yaml: stop: is missing", ("stop: is missing",))


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled with the JIT off")
def test_another_scenario_is_not_compiled_again():
    for name in ("mm3", "imaging_year", "ten_patients", "booked_group"):
        capacity.simulate(capacity.load_service(CASES / f"{name}.yaml"), replications=1)
    kernels = [run_recursion, run_walk_in, run_booked, summary._stream_figures, summary._scanner_figures]
    assert [len(kernel.signatures) for kernel in kernels] == [1] * len(kernels)


def test_one_replication_has_no_half_width():
    answer = capacity.simulate(capacity.load_service(SMALL), replications=1).to_dict()
    assert answer["streams"]["walkers"]["mean_wait"]["half_width"] is None


def test_a_calendar_that_ends_first_is_explained():
    sessions = [{"days": ["mon"], "opens": "09:00", "closes": "09:10"}]
    mapping = queue(demand=[walkers(per_minute=5, slot=30)], stop={"patients": 50}, sessions=sessions)
    with pytest.raises(RunError, match="calendar ends"):
        capacity.simulate(capacity.load_service(mapping), replications=1)


WITHOUT_JIT = """
import yaml
from trustwide.analysis import capacity
for name, stop in (("mm3", {"patients": 200}), ("imaging_year", {"days": 8}), ("ten_patients", {"days": 14})):
    path = f"{CASES}/{name}.yaml"
    with open(path) as file:
        mapping = yaml.safe_load(file) | {"stop": stop}
    service = capacity.load_service(mapping, folder=CASES)
    print(capacity.simulate(service, replications=2, seed=3).digest)
"""


def test_the_same_digests_without_jit():
    code = f"CASES = {str(CASES)!r}\n{WITHOUT_JIT}"
    outputs = [
        subprocess.run(
            [sys.executable, "-W", "error", "-c", code],
            env=os.environ | {"NUMBA_DISABLE_JIT": disabled},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for disabled in ("0", "1")
    ]
    assert outputs[0] == outputs[1]
    assert len(set(outputs[0].split())) == 3
