"""`trustwide import activity`: the guess at columns is shown and kept, and files are reported one by one."""

from __future__ import annotations

import json

import pytest

from trustwide.config.cli import main
from trustwide.exchange.activity.tests.extracts import row, write_csv
from trustwide.services.imaging.activity.tests.activity_stage import catalogue
from trustwide.services.imaging.models import ActivityImport, ColumnMapping


@pytest.fixture
def stage(cast):
    catalogue(cast)
    return cast


def bring_in(*words):
    return main(["import", "activity", *map(str, words), "--system", "RIS"])


def test_the_guess_of_a_new_system_is_shown_and_kept(stage, tmp_path, capsys):
    path = write_csv(tmp_path, row())
    assert bring_in(path, "--dry-run") == 0
    assert "columns as guessed" in capsys.readouterr().err
    assert not ColumnMapping.objects.exists()
    assert bring_in(path) == 0
    assert 'Patient identifier is "Hospital Number"; Accession number is "Accession No"' in capsys.readouterr().err
    assert ColumnMapping.objects.get().columns["patient"] == "Hospital Number"
    assert bring_in(path) == 0
    assert "columns as guessed" not in capsys.readouterr().err


def test_a_file_that_came_in_is_reported_where_a_later_one_fails(stage, tmp_path, capsys, monkeypatch):
    from django.db import DatabaseError

    from trustwide.services.imaging.activity import actions

    real = actions.import_activity

    def second_fails(*given, **named):
        if ActivityImport.objects.exists():
            raise DatabaseError("the disk is full")
        return real(*given, **named)

    monkeypatch.setattr(actions, "import_activity", second_fails)
    first, second = write_csv(tmp_path, row()), write_csv(tmp_path, row(Accession_No="A2"), name="second.csv")
    assert bring_in(first, second) != 0
    said = capsys.readouterr()
    assert "extract.csv: 1 rows read, 0 rejected." in said.out
    assert "second.csv: the database refused it (the disk is full); nothing of it was kept." in said.err
    bring_in(first, second, "--json")
    assert json.loads(capsys.readouterr().out)["files"] == []
