"""Six clerks book into the same few sessions at once, and one is killed: no slot twice, nothing committed is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

CLERKS = 6
SECONDS = 6
WORKER = Path(__file__).parent / "booking_worker.py"
SET_UP = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from trustwide.commons.accounts.tests.cast import build_cast
from trustwide.services.imaging.booking.tests.booking_stage import build_stage
from trustwide.services.imaging.booking.models import ScannerSession
stage = build_stage(build_cast())
keep = [stage.session("MR1", day).pk for day in range(3)]
ScannerSession.objects.exclude(pk__in=keep).delete()
for _ in range(120):
    stage.request()
"""
JUDGE = """
import django, sys
django.setup()
from trustwide.services.imaging.booking.cells import CELL_MINUTES, TAKEN
from trustwide.services.imaging.booking.models import Appointment, ScannerSession
from trustwide.services.imaging.requests.actions import happenings
from trustwide.services.imaging.requests.derived import derive
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.waiting.clocks import LONDON
said = {int(line) for line in sys.stdin.read().split()}
lost = said - set(Appointment.objects.values_list("pk", flat=True))
assert not lost, f"committed and lost: {lost}"
for session in ScannerSession.objects.all():
    held = list(session.appointments.in_force().order_by("starts_at"))
    for one, after in zip(held, held[1:]):
        assert one.ends_at <= after.starts_at, f"two patients at once: {one} and {after}"
    assert session.cells.count(TAKEN) * CELL_MINUTES == sum(one.minutes for one in held), "cells disagree"
for request in ImagingRequest.objects.prefetch_related("events"):
    events = happenings(request.events.order_by("number"))
    derived = derive(request.requested_at.astimezone(LONDON).date(), request.due_on, events)
    assert (derived.state, derived.appointment_at) == (request.state, request.appointment_at), "columns lag behind"
    assert request.appointments.in_force().count() == (request.state == "booked")
print(Appointment.objects.count(), len(said))
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def environment(request, tmp_path):
    """The settings of a database of its own with a booking centre in it."""
    url = (
        request.getfixturevalue("postgres_url")
        if request.param == "postgresql"
        else f"sqlite:///{tmp_path}/race.sqlite3"
    )
    here = os.environ | {
        "DATABASE_URL": url, "TRUSTWIDE_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "trustwide.config.settings",
    }  # fmt: skip
    subprocess.run([sys.executable, "-c", SET_UP], env=here, check=True)
    yield here
    if request.param == "postgresql":
        wipe = "import django; django.setup(); from django.db import connection; "
        wipe += 'connection.cursor().execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")'
        subprocess.run([sys.executable, "-c", wipe], env=here, check=True)


def test_no_slot_twice_and_nothing_lost_when_one_clerk_is_killed(environment):
    clerks = [
        subprocess.Popen(
            [sys.executable, WORKER, str(seed), str(SECONDS)], env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for seed in range(CLERKS)
    ]  # fmt: skip
    for clerk in clerks:
        assert clerk.stdout.readline() == "ready\n"
    for clerk in clerks:
        clerk.stdin.write("go\n")
        clerk.stdin.flush()
    time.sleep(SECONDS / 2)
    clerks[0].send_signal(signal.SIGKILL)
    said = "\n".join(clerk.communicate()[0] for clerk in clerks)
    assert [clerk.returncode for clerk in clerks] == [-signal.SIGKILL] + [0] * (CLERKS - 1)
    judged = subprocess.run(
        [sys.executable, "-c", JUDGE], env=environment, input=said, text=True, capture_output=True, check=False
    )
    assert judged.returncode == 0, judged.stderr
    appointments, told = map(int, judged.stdout.split())
    assert appointments >= told > 20, "too few bookings to prove anything"
