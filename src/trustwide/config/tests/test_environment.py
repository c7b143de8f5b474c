"""Settings come from the environment, and a wrong one says how to put it right."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest

from trustwide.config import environment
from trustwide.config.environment import SettingError

KEYS = {"TRUSTWIDE_SECRET_KEY": "x" * 50, "TRUSTWIDE_PATIENT_KEY": "y" * 50}


TOLD = (
    "s.DEBUG, s.DEPLOYED, s.HTTPS, s.SESSION_COOKIE_SECURE, s.SECURE_HSTS_SECONDS, "
    "s.STORAGES['staticfiles']['BACKEND'].split('.')[0]"
)


def settings_of(tmp_path, told=TOLD, **variables) -> subprocess.CompletedProcess:
    """What a fresh process with these variables makes of the settings."""
    code = f"from trustwide.config import settings as s; print({told})"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TRUSTWIDE_")}
    env = clean | {"TRUSTWIDE_HOME": str(tmp_path)} | variables
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)


def test_on_ones_own_machine_nothing_needs_setting(tmp_path):
    assert settings_of(tmp_path).stdout.split() == ["False", "False", "False", "False", "0", "django"]
    kept = tmp_path / "secret_key"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    first = kept.read_text()
    settings_of(tmp_path)
    assert kept.read_text() == first
    assert len(first) > 60


def test_a_name_others_can_reach_turns_every_protection_on(tmp_path):
    told = settings_of(tmp_path, TRUSTWIDE_HOSTS="plan.example.test", **KEYS)
    assert told.stdout.split() == ["False", "True", "True", "True", "31536000", "whitenoise"]


@pytest.mark.parametrize(
    ("variables", "sender"),
    [
        ({}, "trustwide@127.0.0.1"),
        ({"TRUSTWIDE_PUBLIC_ADDRESS": "https://waits.example.test:8443/"}, "trustwide@waits.example.test"),
        ({"TRUSTWIDE_PUBLIC_ADDRESS": "waits.example.test"}, "trustwide@localhost"),
        ({"TRUSTWIDE_EMAIL_FROM": "scans@example.test"}, "scans@example.test"),
    ],
)
def test_mail_comes_from_the_host_of_the_public_address_unless_told_otherwise(tmp_path, variables, sender):
    assert settings_of(tmp_path, "s.DEFAULT_FROM_EMAIL", **variables).stdout.strip() == sender


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"TRUSTWIDE_HOSTS": "plan.example.test"}, "TRUSTWIDE_SECRET_KEY is not set"),
        (
            {"TRUSTWIDE_HOSTS": "plan.example.test", "TRUSTWIDE_SECRET_KEY": "x" * 50},
            "TRUSTWIDE_PATIENT_KEY is not set",
        ),
        ({"TRUSTWIDE_DEBUG": "maybe"}, "TRUSTWIDE_DEBUG is 'maybe', but only yes or no is understood"),
        ({"TRUSTWIDE_SESSION_HOURS": "0"}, "a whole number of 1 or more is needed"),
        ({"TRUSTWIDE_OIDC_ISSUER": "https://id.example.test"}, "TRUSTWIDE_OIDC_CLIENT_ID is not set"),
    ],
)
def test_a_wrong_setting_says_how_to_put_it_right(tmp_path, variables, sentence):
    told = settings_of(tmp_path, **variables)
    assert told.returncode != 0
    assert sentence in told.stderr


@pytest.mark.parametrize(("written", "read"), [("YES", True), ("on", True), ("0", False), ("", True)])
def test_flag(monkeypatch, written, read):
    monkeypatch.setenv("TRUSTWIDE_SAMPLE", written)
    assert environment.flag("SAMPLE", default=True) is read


def test_number_and_words(monkeypatch):
    monkeypatch.setenv("TRUSTWIDE_SAMPLE", " 12 ")
    assert environment.number("SAMPLE", 3) == 12
    monkeypatch.setenv("TRUSTWIDE_SAMPLE", "a, b,,c ")
    assert environment.words("SAMPLE") == ("a", "b", "c")
    monkeypatch.setenv("TRUSTWIDE_SAMPLE", "-1")
    with pytest.raises(SettingError, match="TRUSTWIDE_SAMPLE is '-1'"):
        environment.number("SAMPLE", 3)


def test_two_processes_that_start_together_agree_on_the_secret(tmp_path, monkeypatch):
    # the other process wins between our look and our link
    monkeypatch.delenv("TRUSTWIDE_SECRET_KEY", raising=False)
    real_link = os.link

    def link(draft, kept):
        kept.write_text("the other one's")
        real_link(draft, kept)

    monkeypatch.setattr(os, "link", link)
    assert environment.secret_key(tmp_path, deployed=False) == "the other one's"
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]
