"""One result on Dask and Ray too, and workers that really die. Each cluster starts once, for all tests of this file."""

import os
import signal
import subprocess
import sys

import psutil
import pytest
from distributed import LocalCluster

from trustwide.analysis import capacity
from trustwide.analysis.capacity import engines
from trustwide.analysis.capacity.engines import dask_pool, ray_pool
from trustwide.analysis.capacity.exceptions import RunError

from .builders import CASES, queue, walkers
from .test_engines import die, pid

SMALL = queue(servers=2, demand=[walkers(per_minute=1.5)], stop={"patients": 500})
BOOKED = CASES / "ten_patients.yaml"


@pytest.fixture(scope="module", params=["dask", "ray"])
def cluster(request):
    with pytest.MonkeyPatch.context() as patch:
        for module in (dask_pool, ray_pool):
            patch.setattr(module, "TRIES", 1)  # a death takes seconds to get over
        with engines.pool(2, request.param) as pool:
            yield pool


def pids(pool):
    return {number for _, number in pool.map(pid, 0.3, range(2 * pool.workers))}


def test_the_same_digest_as_in_one_process(cluster):
    small, booked = capacity.load_service(SMALL), capacity.load_service(BOOKED)
    assert (
        capacity.simulate(small, 11, seed=5, block_size=3, pool=cluster).digest
        == capacity.simulate(small, 11, seed=5).digest
    )
    assert capacity.simulate(booked, 3, pool=cluster).digest == capacity.simulate(booked, 3).digest
    assert capacity.simulate(small, "auto", pool=cluster).digest == capacity.simulate(small, "auto").digest


def test_a_killed_worker_costs_time_and_never_a_result(cluster):
    victim = pids(cluster).pop()

    def kill_once(done, of):
        if done == 1:
            os.kill(victim, signal.SIGKILL)

    service = capacity.load_service(SMALL)
    found = capacity.simulate(service, 30, seed=5, block_size=1, pool=cluster, progress=kill_once)
    assert found.digest == capacity.simulate(service, 30, seed=5).digest
    assert victim not in pids(cluster)


def test_what_a_task_raises_is_raised_here(cluster):
    with pytest.raises(RunError, match=r"^no such thing as 2$"):
        list(cluster.map(refuse, "no such thing as", [2]))


def refuse(words, task):
    raise RunError(f"{words} {task}")


def test_nobody_outside_this_machine_can_reach_it(cluster):
    ours = [psutil.Process(), *psutil.Process().children(recursive=True)]
    addresses = [address for process in ours for address in listening(process)]
    assert len(addresses) >= 3
    assert set(addresses) <= {"127.0.0.1", "::1", "::ffff:127.0.0.1"}


def listening(process):
    """The addresses a process listens at; none if it has ended meanwhile."""
    try:
        return [socket.laddr.ip for socket in process.net_connections("tcp") if socket.status == psutil.CONN_LISTEN]
    except psutil.NoSuchProcess:
        return []


def test_a_task_that_always_kills_its_worker_ends_in_a_sentence(cluster):
    with pytest.raises(RunError, match=f"^engine {cluster.engine}: worker processes died "):
        list(cluster.map(die, None, [1]))


@pytest.fixture(scope="module")
def scheduler():
    """Somebody else's cluster: workers with several threads, which a runner's one memory must not be shared by."""
    with LocalCluster(
        n_workers=1, threads_per_worker=3, processes=False, protocol="tcp", host="127.0.0.1", dashboard_address=None,
        scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
    ) as cluster:  # fmt: skip
        yield cluster.scheduler_address


def test_a_cluster_that_runs_already_is_used_and_left_running(scheduler, monkeypatch):
    monkeypatch.setenv("TRUSTWIDE_DASK_SCHEDULER", scheduler)
    service = capacity.load_service(SMALL)
    alone = capacity.simulate(service, 40, seed=5).digest
    assert [capacity.simulate(service, 40, seed=5, engine="dask").digest for _ in range(2)] == [alone, alone]
    with engines.pool(1, "dask") as pool:
        assert pool.workers == 3
        assert pids(pool) == {os.getpid()}


def test_a_cluster_that_does_not_answer_is_a_sentence(monkeypatch):
    monkeypatch.setattr(dask_pool, "SECONDS_TO_ANSWER", 1)
    with pytest.raises(RunError, match=r"^engine dask: no scheduler answers at tcp://127.0.0.1:9 .*dask scheduler"):
        capacity.simulate(capacity.load_service(SMALL), engine="dask", address="tcp://127.0.0.1:9")


WITHOUT = """
import sys
sys.modules["distributed"] = sys.modules["ray"] = None
from trustwide.analysis import capacity
service = capacity.load_service({path!r})
for engine in ("dask", "ray"):
    try:
        capacity.simulate(service, engine=engine)
    except capacity.RunError as error:
        print(error)
"""


def test_a_missing_package_is_a_sentence_with_the_cure():
    said = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(path=str(BOOKED))], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert said == [
        "engine dask: distributed is not installed; install it with: pip install 'trustwide[dask]'",
        "engine ray: ray is not installed; install it with: pip install 'trustwide[ray]'",
    ]
