"""Of two runs that send digests at once one sends, on one machine and on two that share a database."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

RUN = """
import sys
from trustwide.commons.nhsuk.mail import AnotherRunError, alone
try:
    with alone(sys.argv[1]):
        print("sends", flush=True)
        sys.stdin.readline()
except AnotherRunError:
    print("refused", flush=True)
"""


@pytest.fixture(params=["one machine", pytest.param("two machines", marks=pytest.mark.postgres)])
def begin(request, tmp_path):
    """begin(place, name="digest"): a run of that name at a machine's place; it sends until it is told to end."""
    apart = request.param == "two machines"
    url = request.getfixturevalue("postgres_url") if apart else f"sqlite:///{tmp_path}/one.sqlite3"
    runs = []

    def run(place, name="digest"):
        home = tmp_path / (place if apart else "here")
        settings = {"DATABASE_URL": url, "TRUSTWIDE_HOME": str(home)}
        settings["DJANGO_SETTINGS_MODULE"] = "trustwide.config.settings"
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        runs.append(subprocess.Popen([sys.executable, "-c", RUN, name], env=os.environ | settings, **pipes))
        return runs[-1], runs[-1].stdout.readline().strip()

    yield run
    for each in runs:
        each.communicate("end\n" if each.poll() is None else None, timeout=60)


def test_one_run_sends_at_a_time_and_one_that_is_killed_holds_nobody_up(begin):
    first, said = begin("first")
    assert said == "sends"
    assert begin("second")[1] == "refused"
    assert begin("second", "reports")[1] == "sends"
    first.kill()
    first.wait(timeout=60)
    next_one, said = begin("second")
    assert said == "sends"
    next_one.communicate("end\n", timeout=60)
    assert begin("first")[1] == "sends"
