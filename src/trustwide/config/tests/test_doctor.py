"""`trustwide doctor` finds what is wrong and names the cure."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest
from django.db import connection

from trustwide.commons.audit import guards
from trustwide.commons.audit.actions import SystemActor, record
from trustwide.commons.measures import definition as registry
from trustwide.config.commands import doctor_command as doctor
from trustwide.services.imaging.booking.tests.booking_stage import build_stage
from trustwide.services.imaging.requests import sealing
from trustwide.services.imaging.requests.guards import PATHWAY
from trustwide.services.imaging.requests.models import PathwayEvent
from trustwide.services.imaging.requests.tests.asked_stage import asked_for


def run_doctor(tmp_path, **variables):
    env = os.environ | {"TRUSTWIDE_HOME": str(tmp_path)} | variables
    env.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "trustwide", "doctor", "--json"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    return done.returncode, {finding["what"]: finding for finding in json.loads(done.stdout)}


def test_an_empty_database_is_found_with_its_cure(tmp_path):
    status, findings = run_doctor(tmp_path)
    assert status == 1
    assert findings["tables"]["cure"] == "Run `trustwide manage migrate`."
    assert findings["secret key"]["cure"] == ""
    assert "audit record" not in findings


def test_settings_that_do_not_load_are_one_finding(tmp_path):
    status, findings = run_doctor(tmp_path, TRUSTWIDE_DEBUG="maybe")
    assert status == 1
    assert "Set it to yes or no" in findings["settings"]["cure"]


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "absent"))
    assert "NUMBA_CACHE_DIR" in doctor.cache_folder().cure


def test_a_secret_others_can_read(tmp_path, settings):
    settings.HOME = tmp_path
    kept = tmp_path / "secret_key"
    kept.write_text("x" * 60)
    kept.chmod(0o644)
    assert "chmod 600" in doctor.secret_key().cure
    kept.chmod(0o600)
    assert doctor.secret_key().cure == ""
    settings.SECRET_KEY = "short"
    assert "random text" in doctor.secret_key().cure


def test_a_definition_that_cannot_be_computed(monkeypatch):
    assert doctor.definitions().cure == ""
    share = registry.measure("dm01_six_week_share")
    broken = replace(share, code="broken", numerator=lambda table: table.band_99.sum())
    monkeypatch.setitem(registry._definitions, "broken", broken)
    finding = doctor.definitions()
    assert finding.seen.startswith("1 of ")
    assert 'there is no column "band_99"' in finding.cure
    assert "correct its numerator" in finding.cure


@pytest.mark.django_db
def test_a_changed_audit_record():
    record("did it", by=SystemActor("tests"))
    assert [finding.cure for finding in doctor.database()] == ["", "", "", ""]
    guards.AUDIT.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_auditevent SET action = 'did not'")
    assert "from event 1 on" in doctor.database()[-1].seen


@pytest.mark.django_db
def test_a_changed_event_of_a_request(cast, monkeypatch):
    """It names the sealed run in which somebody changed a row past the guard."""
    asked_for(build_stage(cast))
    monkeypatch.setattr(sealing, "SETTLED_AFTER", -dt.timedelta(minutes=1))
    sealing.seal_events(by=SystemActor("tests"))
    assert doctor.database()[-1] == doctor.Finding("what happened to requests", "intact")
    PATHWAY.remove(connection)
    first = PathwayEvent.objects.order_by("pk").first()
    PathwayEvent.objects.filter(pk=first.pk + 1).update(actor_name="somebody else")
    finding = doctor.database()[-1]
    assert finding.seen == f"changed in the sealed run that begins with event {first.pk}"
    assert finding.cure


def test_prints_for_people(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "examine", lambda: [doctor.Finding("Python", "2.7", "Install a newer one.")])
    options = type("Options", (), {"json": False})()
    assert doctor.run(options) == 1
    assert capsys.readouterr().out == "wrong  Python: 2.7\n       cure: Install a newer one.\n"
