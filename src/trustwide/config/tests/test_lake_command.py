"""`trustwide lake`: from the database to files, from either to observations, twice the same bytes."""

from __future__ import annotations

import csv
import datetime as dt

import polars as pl
import pytest

from trustwide.commons.measures import lake, spark
from trustwide.commons.measures.definition import measures
from trustwide.commons.measures.engines import ENGINES, observe_on
from trustwide.config.cli import main
from trustwide.config.commands import lake_command
from trustwide.services.imaging.booking.tests.booking_stage import build_stage
from trustwide.services.imaging.lean.tests.lean_stage import a_worked_day
from trustwide.services.imaging.models import Dm01Return

pytestmark = pytest.mark.django_db
BANDS = [f"band_{weeks:02d}" for weeks in range(14)]


@pytest.fixture
def folder(cast, settings, tmp_path):
    """The lake's folder, of a database with three returns and a day of work."""
    settings.LAKE = tmp_path / "lake"
    a_worked_day(build_stage(cast))
    for month in (1, 2, 3):
        add_return(cast.north, month)
    return settings.LAKE


def add_return(site, month, waiting=70):
    counts = dict.fromkeys(BANDS, waiting // 14)
    rest = {"waiting_list": waiting, "waiting_list_tests": 40, "planned_tests": 3, "unscheduled_tests": 9}
    Dm01Return.objects.create(site=site, test="MRI", month=dt.date(2026, month, 1), **counts, **rest)


def contents(folder):
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.rglob("*") if path.is_file()}


def test_publishing_twice_writes_once(folder, capsys):
    assert main(["lake", "publish"]) == 0
    assert "dm01_returns: 3 rows; months: 3 written, 0 removed, 0 unchanged." in capsys.readouterr().out
    before = contents(folder)
    assert main(["lake", "publish"]) == 0
    assert "dm01_returns: 3 rows; months: 0 written, 0 removed, 3 unchanged." in capsys.readouterr().out
    assert contents(folder) == before


def test_a_new_return_is_one_more_file_of_the_table_named(folder, cast, capsys):
    main(["lake", "publish"])
    add_return(cast.north, 4)
    Dm01Return.objects.filter(month=dt.date(2026, 1, 1)).delete()
    capsys.readouterr()
    assert main(["lake", "publish", "dm01_returns", "dm01_returns"]) == 0
    assert capsys.readouterr().out == "dm01_returns: 3 rows; months: 1 written, 1 removed, 2 unchanged.\n"


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_both_engines_write_the_same_bytes(folder, tmp_path, capsys, ending):
    main(["lake", "publish"])
    for number, engine in enumerate(("duckdb", "lake", "lake")):
        assert main(["lake", "measures", "--engine", engine, "--out", str(tmp_path / f"{number}.{ending}")]) == 0
    first, second, third = ((tmp_path / f"{number}.{ending}").read_bytes() for number in range(3))
    assert first == second == third
    assert "observations of" in capsys.readouterr().out
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_what_is_written_is_what_there_is(folder, tmp_path, cast):
    main(["lake", "publish"])
    main(["lake", "measures", "--engine", "lake", "--out", str(tmp_path / "all.parquet")])
    written = pl.read_parquet(tmp_path / "all.parquet")
    assert written.drop("site").equals(observe_on("lake", measures(), folder), null_equal=True)
    share = written.filter(pl.col("measure") == "dm01_six_week_share").row(0, named=True)
    assert (share["site"], share["numerator"], share["denominator"]) == (cast.north.code, 40.0, 70.0)
    assert share["value"] == pytest.approx(8 / 14)


def test_only_the_months_asked_for(folder, tmp_path):
    out = tmp_path / "some.csv"
    assert main(["lake", "measures", "--first", "2026-02", "--last", "2026-02", "--out", str(out)]) == 0
    with out.open() as file:
        assert {row["period"] for row in csv.DictReader(file)} == {"2026-02-01"}


def test_the_status_says_what_is_there_and_what_is_amiss(folder, capsys):
    assert main(["lake", "status"]) == 0
    assert capsys.readouterr().out == f"Nothing is published in {folder}; run trustwide lake publish.\n"
    main(["lake", "publish", "dm01_returns"])
    capsys.readouterr()
    assert main(["lake", "status"]) == 0
    assert capsys.readouterr().out == "dm01_returns: 3 rows, months from 2026-01 to 2026-03.\n"
    lake.file_of(folder, "dm01_returns", "2026-02").write_bytes(b"")
    assert main(["lake", "status"]) == 1
    told = "  not as the manifest says: 2026-02; run trustwide lake publish dm01_returns.\n"
    assert capsys.readouterr().out.endswith(told)
    assert main(["lake", "publish"]) == 0
    assert main(["lake", "status"]) == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["publish", "nothing"], 'there is no table "nothing"; expected one of dm01_returns, '),
        (["measures", "--engine", "lake", "--out", "OUT.csv"], "is not published in"),
        (["measures", "--out", "OUT.xlsx"], "expected a file name that ends in .parquet or .csv."),
        (["measures", "--out", "OUT/none/o.csv"], "make it or name another."),
        (["measures", "--out", "OUT.csv", "--first", "March"], "--first is 'March'; expected a month such as 2026-03."),
        (["measures", "--out", "OUT.csv", "--last", "2026-13"], "--last is '2026-13'; expected a month"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(folder, tmp_path, capsys, arguments, sentence):
    assert main(["lake", *(argument.replace("OUT", str(tmp_path / "out")) for argument in arguments)]) == 1
    told = capsys.readouterr().err
    assert told.startswith("trustwide lake: ")
    assert sentence in told
    assert len(told.strip().splitlines()) == 1


def test_a_folder_that_is_none_and_a_lake_in_use_are_told(folder, settings, tmp_path, capsys):
    with lake._alone_in(folder):
        assert main(["lake", "publish"]) == 1
    assert f"Another publication to {folder} is running" in capsys.readouterr().err
    settings.LAKE = tmp_path / "file" / "lake"
    (tmp_path / "file").write_text("")
    assert main(["lake", "publish"]) == 1
    assert "see that the folder may be changed and the disk has room" in capsys.readouterr().err


def test_without_spark_it_says_so(folder, tmp_path, monkeypatch, capsys):
    def none():
        raise spark.SparkError("Spark is not installed; install it with: pip install 'trustwide[spark]'")

    monkeypatch.setattr(spark, "session", none)
    assert main(["lake", "measures", "--engine", "spark", "--out", str(tmp_path / "o.csv")]) == 1
    assert "pip install 'trustwide[spark]'" in capsys.readouterr().err


def test_the_engines_offered_are_those_there_are():
    assert tuple(ENGINES) == lake_command.ENGINES
