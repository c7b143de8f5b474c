"""A command in the wrong folder says so; it neither fails with a traceback nor makes a database there."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("command", [["messages", "--once"], ["nightly"]])
def test_without_a_database_it_says_where_it_looked(tmp_path, command):
    env = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    env |= {"TRUSTWIDE_HOME": str(tmp_path)}
    told = subprocess.run(
        [sys.executable, "-m", "trustwide", *command], env=env, capture_output=True, text=True, check=False
    )
    assert told.returncode == 1
    assert "there is no Trustwide database in" in told.stderr
    assert "Traceback" not in told.stderr
