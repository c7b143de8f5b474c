"""The audit chain with two processes writing at once, on a database file and on PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

EVENTS_EACH = 60
DETAILS = '{"cost": 12.5, "large": 1e20, "word": "naïve"}'
WRITER = f"""
import json, sys
from trustwide.config.commands import start_django
start_django()
from trustwide.commons.audit.actions import SystemActor, record
for number in range({EVENTS_EACH}):
    record(f"wrote {{number}}", by=SystemActor(sys.argv[1]), details=json.loads('{DETAILS}'))
"""
CHECK = """
from trustwide.config.commands import start_django
start_django()
from django.db import DatabaseError, connection
from trustwide.commons.audit.actions import first_broken_link
from trustwide.commons.audit.models import AuditEvent
print(connection.vendor, AuditEvent.objects.count(), first_broken_link())
try:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_auditevent SET reason = 'another'")
except DatabaseError as error:
    print("refused:", error)
"""


@pytest.fixture
def on_file(tmp_path):
    return f"sqlite:///{tmp_path / 'audit.sqlite3'}"


@pytest.mark.parametrize("database", ["on_file", pytest.param("postgres_url", marks=pytest.mark.postgres)])
def test_two_writers_keep_one_chain(database, request, tmp_path):
    environment = os.environ | {
        "DATABASE_URL": request.getfixturevalue(database),
        "TRUSTWIDE_HOME": str(tmp_path),
        "PYTHONIOENCODING": "utf-8",
    }

    def python(*arguments):
        return subprocess.Popen(
            [sys.executable, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def finish(process):
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        return out

    finish(python("-m", "trustwide", "manage", "migrate", "--verbosity", "0"))
    for writer in [python("-c", WRITER, name) for name in ("left", "right")]:
        finish(writer)
    told = finish(python("-c", CHECK))
    vendor = "sqlite" if database == "on_file" else "postgresql"
    assert told.splitlines()[0] == f"{vendor} {2 * EVENTS_EACH} None"
    assert "refused: An audit event is never changed or deleted" in told
