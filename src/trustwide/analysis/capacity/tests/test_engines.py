"""One result, whoever computes it: workers, blocks, JIT on or off."""

import os
import pickle
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numba
import psutil
import pytest

from trustwide.analysis import capacity
from trustwide.analysis.capacity import engines, summary
from trustwide.analysis.capacity.booked import run_booked
from trustwide.analysis.capacity.exceptions import RunError, ServiceError
from trustwide.analysis.capacity.recursion import run_recursion
from trustwide.analysis.capacity.walk_in import run_walk_in

from .builders import CASES, queue, walkers

SMALL = queue(servers=2, demand=[walkers(per_minute=1.5)], stop={"patients": 500})
OVERLOADED = {"allow_overload": True}


def digest(**options):
    return capacity.simulate(capacity.load_service(SMALL), replications=11, **options).digest


def test_workers_and_blocks_do_not_change_a_bit(two_processes):
    alone = digest(seed=5)
    assert digest(seed=5, block_size=1) == alone
    assert digest(seed=5, block_size=4) == alone
    assert digest(seed=5, pool=two_processes, block_size=3) == alone


def test_ids_of_requests_do_not_change_a_bit_but_their_order_does():
    service = capacity.load_service(CASES / "ten_patients.yaml")
    rows = service.waiting_list
    renamed = replace(service, waiting_list=tuple(replace(row, request_id=f"new {row.request_id}") for row in rows))
    turned = replace(service, waiting_list=rows[::-1])
    digests = [capacity.simulate(each, replications=2).digest for each in (service, renamed, turned)]
    assert digests[0] == digests[1] != digests[2]


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


def test_a_killed_worker_costs_time_and_never_a_result(two_processes):
    victim = pids(two_processes)[0]
    told = []

    def kill_once(done, of):
        told.append(done)
        if done == 1:
            os.kill(victim, signal.SIGKILL)

    found = digest(seed=5, block_size=1, pool=two_processes, progress=kill_once)
    assert found == digest(seed=5)
    assert told == list(range(1, 12))
    assert victim not in pids(two_processes)


def test_a_task_that_always_kills_its_worker_ends_in_a_sentence(two_processes):
    with pytest.raises(RunError, match="died 3 times running; try fewer workers"):
        list(two_processes.map(die, None, [1]))
    assert len(pids(two_processes)) == 8


def test_a_run_is_given_up_by_raising_in_progress():
    def stop(done, of):
        raise GivenUpError

    long = capacity.load_service(queue(demand=[walkers()], stop={"patients": 1_000_000}))
    before = spawned()
    with pytest.raises(GivenUpError):
        capacity.simulate(long, replications=400, workers=2, block_size=1, progress=stop)
    assert spawned() <= before


def test_workers_end_with_the_process_that_started_them(tmp_path):
    script = tmp_path / "orphans.py"
    script.write_text(ORPHANS)
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    workers = [int(word) for word in parent.stdout.readline().split()]
    parent.kill()
    parent.communicate()
    assert len(workers) == 2
    last_moment = time.monotonic() + 10
    while any(map(still_works, workers)):
        assert time.monotonic() < last_moment
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"engine": "spark"}, "engine"),
        ({"replications": 0}, "replications"),
        ({"replications": 2.5}, "replications"),
        ({"seed": -1}, "seed"),
        ({"workers": 0}, "workers"),
        ({"block_size": 0}, "block_size"),
        ({"precision": 0.0}, "precision"),
        ({"precision": float("nan")}, "precision"),
    ],
)
def test_what_cannot_be_run_is_refused(options, field):
    with pytest.raises(RunError, match=f"^{field}: must be"):
        capacity.simulate(capacity.load_service(SMALL), **options)


def test_what_cannot_be_run_is_refused_with_workers_too(two_processes):
    service = capacity.load_service(
        queue(demand=[walkers(per_minute=1e6)], stop={"weeks": 52}, overrun="finish") | OVERLOADED
    )
    with pytest.raises(RunError, match="demand: some"):
        capacity.simulate(service, pool=two_processes)


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
    sessions = [{"days": ["mon"], "opens": "09:00", "closes": "09:31"}]
    mapping = queue(demand=[walkers(per_minute=5, slot=30)], stop={"patients": 5_000}, sessions=sessions) | OVERLOADED
    with pytest.raises(RunError, match="calendar ends"):
        capacity.simulate(capacity.load_service(mapping), replications=1)


WITHOUT_JIT = """
import yaml
from trustwide.analysis import capacity
shorter = (
    ("mm3", {"stop": {"patients": 200}}),
    ("imaging_year", {"stop": {"days": 4}}),
    ("ten_patients", {}),
    ("booked_group", {"stop": {"days": 5}, "waiting_list": None}),
)
for name, change in shorter:
    with open(f"{CASES}/{name}.yaml") as file:
        mapping = yaml.safe_load(file) | change
    service = capacity.load_service(mapping, folder=CASES)
    result = capacity.simulate(service, replications=1, seed=3)
    print(result.digest, *result.streams[0, :, 1])
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
    assert [float(line.split()[1]) > 0 for line in outputs[0].splitlines()] == [True] * 4


def spawned():
    """The processes that were started from this one to do work."""
    return {child for child in psutil.Process().children() if "spawn_main" in " ".join(child.cmdline())}


def still_works(process):
    """One that has ended may be kept as a zombie until somebody asks how."""
    return psutil.pid_exists(process) and psutil.Process(process).status() != psutil.STATUS_ZOMBIE


ORPHANS = """
import time
from trustwide.analysis.capacity import engines
from trustwide.analysis.capacity.tests.test_engines import nap, pid

if __name__ == "__main__":
    with engines.pool(2) as pool:
        pids = set()
        while len(pids) < 2:
            pids = {number for _, number in pool.map(pid, 0.05, range(8))}
        print(*pids, flush=True)
        list(pool.map(nap, 600, range(2)))
"""


@pytest.fixture(scope="module")
def two_processes():
    with engines.pool(2) as pool:
        yield pool


class GivenUpError(Exception):
    pass


def pid(seconds, _):
    time.sleep(seconds)
    return os.getpid()


def pids(pool):
    return [number for _, number in pool.map(pid, 0.05, range(8))]


def nap(seconds, _):
    time.sleep(seconds)


def die(_, __):
    os.kill(os.getpid(), signal.SIGKILL)
