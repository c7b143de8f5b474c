"""Two processes that bring the same measures up to date at once leave what one of them leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

WORKER = Path(__file__).parent / "measure_worker.py"


@pytest.fixture
def start(postgres_url, tmp_path):
    """Starts a worker on an empty database."""
    here = os.environ | {"DATABASE_URL": postgres_url, "TRUSTWIDE_HOME": str(tmp_path)}
    started = []

    def worker(part):
        started.append(
            subprocess.Popen(
                [sys.executable, WORKER, part], env=here, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        )  # fmt: skip
        return started[-1]

    yield worker
    for each in started:
        each.kill()
        each.communicate()
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")


def heard(worker):
    """The next line that a worker says."""
    line = worker.stdout.readline()
    assert line, worker.communicate()[1]
    return line


def go_on(*workers):
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()


@pytest.mark.postgres
def test_two_refreshes_at_once_leave_what_one_leaves(start):
    # all are started first, so that the two are loaded by the time the keeper is ready
    keeper, *two = start("keeper"), start("refresh"), start("refresh")
    of_one = json.loads(heard(keeper))
    assert [heard(each) for each in (keeper, *two)] == ["ready\n"] * 3
    assert all(of_one.values()), "too little to prove anything"
    go_on(*two)
    said = [each.communicate(timeout=120) for each in two]
    assert [each.returncode for each in two] == [0, 0], [errors for _, errors in said]
    everything = f"{len(of_one['Observation'])} 0 {len(of_one['ChartSummary'])}\n"
    assert sorted(out for out, _ in said) == ["0 0 0\n", everything]
    go_on(keeper)
    assert json.loads(heard(keeper)) == of_one
