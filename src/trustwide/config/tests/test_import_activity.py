"""`trustwide import activity`: from a file to requests, with what it says and writes beside the file."""

from __future__ import annotations

import json

import pytest

from trustwide.config.cli import main
from trustwide.exchange.activity.tests.extracts import row, sample, write_csv
from trustwide.services.imaging.activity.actions import save_codes
from trustwide.services.imaging.activity.models import CodeMapping, ColumnMapping
from trustwide.services.imaging.activity.tests.activity_stage import catalogue
from trustwide.services.imaging.models import ActivityImport, Appointment, ImagingRequest


@pytest.fixture
def stage(cast):
    catalogue(cast)
    return cast


def bring_in(path, *options):
    return main(["import", "activity", str(path), "--system", "RIS", *options])


def test_a_file_lands_once(stage, tmp_path, capsys):
    path = write_csv(tmp_path, *sample(200))
    assert bring_in(path) == 0
    said = capsys.readouterr().out
    assert "extract.csv: 200 rows read, 0 rejected." in said
    assert "200 new, 0 changed, 0 unchanged requests." in said
    assert ImagingRequest.objects.count() == Appointment.objects.count() == 200
    assert bring_in(path) == 0
    assert "0 new, 0 changed, 200 unchanged requests." in capsys.readouterr().out


def test_a_half_bad_file(stage, tmp_path, capsys):
    rows = [row(), row(Accession_No="A2", Date_Requested="02/02/26"), row(Accession_No="A3", Exam_Code="ZZ9")]
    path = write_csv(tmp_path, *rows)
    assert bring_in(path) == 0
    said = capsys.readouterr()
    assert "1 new, 0 changed, 0 unchanged requests." in said.out
    assert "  exam ZZ9: 1 rows" in said.out
    assert 'row 5, column "Date Requested": found "02/02/26", expected a date' in said.err
    assert "row 5" in (tmp_path / "extract.csv.rejects.csv").read_text(encoding="utf-8")
    unmapped = tmp_path / "extract.csv.unmapped.csv"
    said = {CodeMapping.objects.get(local_code="ZZ9").pk: "MRHEAD"}
    save_codes(stage.group, said, by=stage.chief)
    assert bring_in(unmapped) == 0
    assert "1 new, 0 changed, 0 unchanged requests." in capsys.readouterr().out
    assert list(ActivityImport.objects.order_by("pk").values_list("rows", "rejected", "unmapped")) == [
        (3, 1, 1), (1, 0, 0),
    ]  # fmt: skip


def test_a_dry_run_leaves_nothing(stage, tmp_path, capsys):
    path = write_csv(tmp_path, row(), row(Accession_No="A2", Exam_Code="ZZ9"))
    assert bring_in(path, "--dry-run") == 0
    assert "nothing was changed; it would be: 1 new" in capsys.readouterr().out
    assert not ImagingRequest.objects.exists()
    assert [each.name for each in tmp_path.iterdir()] == ["extract.csv"]


def test_a_mapping_is_read_kept_and_used_again(stage, tmp_path, capsys):
    header = ("KEY1", "KEY2", "WHERE", "WHAT", "HOW", "WHEN")
    one = {"KEY1": "H1", "KEY2": "A1", "WHERE": "N1", "WHAT": "MRHEAD", "HOW": "routine", "WHEN": "13/02/2026"}
    path = write_csv(tmp_path, one, header=header)
    mapping = tmp_path / "mapping.json"
    names = ("patient", "accession", "site", "exam", "priority", "requested")
    mapping.write_text(json.dumps({"columns": dict(zip(names, header, strict=True))}), encoding="utf-8")
    assert bring_in(path) == 1
    assert bring_in(path, "--mapping", str(mapping)) == 0
    assert ColumnMapping.objects.get().columns["exam"] == "WHAT"
    capsys.readouterr()
    assert bring_in(path, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["files"][0]["unchanged"], said["files"][0]["columns"]["exam"]) == (1, "WHAT")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["activity", "x.csv"], "--system is missing"),
        (
            ["activity", "x.csv", "--system", "RIS", "--partnership", "moon"],
            "none of that name; choose from group",
        ),
        (["activity", "x.csv", "--system", "RIS", "--mapping", "gone.json"], "--mapping gone.json cannot be read"),
        (["dm01", "x.csv", "--system", "RIS"], "--system only goes with activity"),
    ],
)
def test_what_is_missing_is_said(stage, capsys, arguments, expected):
    assert main(["import", *arguments]) == 1
    assert expected in capsys.readouterr().err
