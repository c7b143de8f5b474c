"""`trustwide invite` makes the first administrator."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

import pytest

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import can
from trustwide.commons.organisations.models import Partnership
from trustwide.config.commands import CommandError
from trustwide.config.commands import invite_command as invite

pytestmark = pytest.mark.django_db


def invited(**changes) -> int:
    parser = argparse.ArgumentParser()
    invite.add_arguments(parser)
    options = {"email": "first@example.test", "name": "First", "at": "group", "found": None} | changes
    return invite.run(argparse.Namespace(**{**vars(parser.parse_args(["e", "--name", "n", "--at", "a"])), **options}))


def test_the_first_administrator_founds_the_partnership_and_sets_a_password(capsys, client):
    assert invited(found="Two Rivers Group", address="https://plan.example.test/") == 0
    assert can(User.objects.get(), "manage_people")
    link = capsys.readouterr().out.splitlines()[-1]
    assert link.startswith("https://plan.example.test/accounts/password/set/")
    page = client.get(link.removeprefix("https://plan.example.test"), follow=True)
    assert "Set your password" in page.content.decode()


def test_a_known_person_gets_another_role(cast):
    assert invited(email=cast.stranger.email.upper(), at="S1", role="planner") == 0
    assert can(cast.stranger, "make_plans", cast.south)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"role": "king"}, "there is no role 'king'"),
        ({}, r"no partnership, partner or site 'group' \(partnerships: none yet\)"),
        ({"at": "no slug!", "found": "Name"}, "cannot be a partnership"),
    ],
)
def test_refuses_with_a_sentence_and_leaves_nothing_behind(changes, sentence):
    with pytest.raises(CommandError, match=sentence):
        invited(**changes)
    assert not User.objects.exists()
    assert not Partnership.objects.exists()


def test_a_new_database_is_prepared_first(tmp_path):
    environment = {**os.environ, "TRUSTWIDE_HOME": str(tmp_path), "DATABASE_URL": ""}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    words = ["invite", "first@example.test", "--name", "First", "--at", "group", "--found", "Two Rivers Group"]
    process = subprocess.run(
        [sys.executable, "-m", "trustwide", *words], env=environment, capture_output=True, text=True, timeout=120
    )
    assert (process.returncode, process.stderr) == (0, "Preparing a new database\n")
    assert "is now administrator at Two Rivers Group" in process.stdout
