"""Several senders at once send each message once; of three who accept a freed time at once one has it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SENDERS = 3
APPOINTMENTS = 30  # as many as one scanner takes in a day
WORKER = Path(__file__).parent / "message_worker.py"
SET_UP = f"""
import datetime as dt
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from trustwide.commons.accounts.tests.cast import STAGE, build_cast
from trustwide.services.imaging.booking.actions import cancel
from trustwide.services.imaging.booking.models import Appointment, Offer
from trustwide.services.imaging.booking.tests.booking_stage import build_stage
from trustwide.services.imaging.messages.models import Message
from trustwide.services.imaging.messages.tests.message_stage import booked, reachable
stage = build_stage(build_cast())
for _ in range({APPOINTMENTS}):
    booked(stage)
Message.objects.all().update(state="stopped")
Appointment.objects.update(booked_at=Appointment.objects.first().booked_at - dt.timedelta(days=30))
now = Appointment.objects.order_by("starts_at").last().starts_at - dt.timedelta(days=7) + dt.timedelta(minutes=1)
gone = booked(stage, days=20)
for _ in range(3):
    reachable(stage)
cancel(gone, by=STAGE, by_patient=True, reason="unwell")
Message.objects.filter(state="waiting").update(state="stopped")
print(now.isoformat(), *Offer.objects.filter(answer="pending").values_list("pk", flat=True))
"""
SENT_ONCE = """
import django
django.setup()
from trustwide.services.imaging.messages.models import Message
print(*Message.objects.filter(state="sent", attempts=1).values_list("pk", flat=True))
"""
OFFERS = """
import django
django.setup()
from trustwide.services.imaging.booking.models import Appointment, Offer
offers = Offer.objects.order_by("answer")
booked = Appointment.objects.in_force().filter(starts_at=offers[0].starts_at)
print(*offers.values_list("answer", flat=True), booked.count())
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def environment(request, tmp_path):
    """The settings of a database of its own, for people booked live."""
    url = (
        request.getfixturevalue("postgres_url")
        if request.param == "postgresql"
        else f"sqlite:///{tmp_path}/race.sqlite3"
    )
    here = os.environ | {
        "DATABASE_URL": url, "TRUSTWIDE_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "trustwide.config.settings",
        "TRUSTWIDE_LIVE_BOOKING": "yes", "TRUSTWIDE_JOBS": "now",
    }  # fmt: skip
    yield here
    if request.param == "postgresql":
        wipe = "import django; django.setup(); from django.db import connection; "
        wipe += 'connection.cursor().execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")'
        subprocess.run([sys.executable, "-c", wipe], env=here, check=True)


def python(environment, code):
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, text=True, capture_output=True, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def at_once(environment, commands, lines):
    """Start every worker, let all go together, line by line; what each said after its last line."""
    workers = [
        subprocess.Popen(
            [sys.executable, WORKER, *command], env=environment, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for command in commands
    ]  # fmt: skip
    for line in lines:
        for worker in workers:
            assert worker.stdout.readline() == f"{line}\n"
        for worker in workers:
            worker.stdin.write("go\n")
            worker.stdin.flush()
    said = [worker.communicate(timeout=120)[0].strip() for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * len(workers)
    return said


def test_each_reminder_is_queued_and_sent_once_and_one_patient_has_the_time(environment):
    now, *offers = python(environment, SET_UP)
    said = at_once(environment, [("send", now)] * SENDERS, ["ready"])
    handed_over = " ".join(said).split()
    assert len(handed_over) == len(set(handed_over)) == APPOINTMENTS
    assert sorted(python(environment, SENT_ONCE)) == sorted(handed_over)
    assert len(offers) == 3
    assert sorted(at_once(environment, [("accept", offer) for offer in offers], ["ready", "loaded"])) == [
        "has it", "taken", "taken",
    ]  # fmt: skip
    assert python(environment, OFFERS) == ["accepted", "gone", "gone", "1"]
