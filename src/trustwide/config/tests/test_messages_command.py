"""`trustwide messages`, and that no log holds the secret of a patient's link."""

import datetime as dt
import logging
import os
import subprocess
import sys

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from trustwide.config.commands.messages_command import one_round
from trustwide.config.logs import NoValuesFormatter
from trustwide.services.imaging.booking.tests.booking_stage import build_stage
from trustwide.services.imaging.messages.tests.message_stage import booked
from trustwide.services.imaging.patient_pages.links import make_link


@pytest.fixture
def appointment(cast, settings, tmp_path):
    settings.LIVE_BOOKING, settings.JOBS, settings.HOME = True, "now", tmp_path
    made = booked(build_stage(cast))
    made.request.refresh_from_db()
    return made


def test_a_round_says_what_it_did(appointment, settings):
    type(appointment).objects.update(booked_at=appointment.booked_at - dt.timedelta(days=30))
    at = appointment.starts_at - dt.timedelta(days=7) + dt.timedelta(hours=4)
    assert "1 reminders and 0 offers queued; 1 messages sent, 0 to try again" in one_round(at)
    assert len(list((settings.HOME / "messages").iterdir())) == 1
    assert "0 reminders and 0 offers queued; 0 messages sent" in one_round(at)


def test_where_nobody_is_booked_live_it_says_so(appointment, settings):
    settings.LIVE_BOOKING = False
    assert "no message leaves it" in one_round(timezone.now())


def test_one_round_from_the_command_line(tmp_path):
    here = os.environ | {"TRUSTWIDE_HOME": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path}/x.sqlite3"}

    def trustwide(*arguments, **more):
        command = [sys.executable, "-m", "trustwide", *arguments]
        return subprocess.run(command, env=here | more, text=True, capture_output=True, check=False)

    assert trustwide("manage", "migrate", "--verbosity", "0").returncode == 0
    done = trustwide("messages", "--once")
    assert (done.returncode, done.stderr) == (0, "")
    assert "0 messages sent" in done.stdout


def test_no_log_holds_the_secret_of_a_link(appointment, client, caplog):
    token = make_link(appointment.request, timezone.now())[1].rstrip("/").rpartition("/")[2]
    wrong = token[:-1] + ("A" if token[-1] != "A" else "B")
    birthday = {"day": "27", "month": "3", "year": "1958"}
    with caplog.at_level(logging.WARNING):
        client.get(reverse("patient_page", args=[wrong]))
        client.get(reverse("patient_confirm", args=[token]))
        Client(enforce_csrf_checks=True).post(reverse("patient_page", args=[token]), birthday)
    lines = [NoValuesFormatter("%(message)s").format(record) for record in caplog.records]
    assert len(lines) >= 3
    assert not [line for line in lines if token in line or wrong in line or "1958" in line]
