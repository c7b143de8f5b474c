"""`trustwide import dm01`: what it says, what it leaves behind, and what a killed one leaves behind."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from trustwide.commons.audit.models import AuditEvent
from trustwide.commons.measures.models import ChartSummary, Observation
from trustwide.commons.organisations.models import Site
from trustwide.config.cli import main
from trustwide.exchange.returns.tests.returns_cases import CASES, HEADER, REAL, needs_real, row, write
from trustwide.services.imaging.figures import history, step_explanation
from trustwide.services.imaging.models import Dm01Return

PROVIDERS = CASES / "published_by_provider.csv"


def command(home, *arguments, url=""):
    """The command in a process of its own, with its own database."""
    environment = {**os.environ, "TRUSTWIDE_HOME": str(home), "DATABASE_URL": url}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    return subprocess.Popen(
        [sys.executable, "-m", "trustwide", "import", "dm01", *map(str, arguments)],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def done(process):
    output, told = process.communicate(timeout=120)
    assert process.returncode == 0, told
    return json.loads(output)


@pytest.mark.django_db
def test_good_rows_land_and_the_result_is_said_in_words(capsys):
    assert main(["import", "dm01", str(PROVIDERS), str(CASES / "numbered_tests.csv")]) == 0
    said = capsys.readouterr()
    assert "published_by_provider.csv: 18 returns read, 0 rows rejected." in said.out
    assert "Returns that stand in more than one file, where the file named last was taken: 4." in said.err
    assert "32 new, 0 changed, 0 unchanged; providers seen for the first time: 4." in said.out
    assert "rows left out because they are a total for England: 2." in said.err
    assert Dm01Return.objects.count() == 32
    assert AuditEvent.objects.get().actor_name == "import from the command line"


@pytest.mark.django_db
def test_again_changes_nothing(capsys):
    main(["import", "dm01", str(PROVIDERS)])
    capsys.readouterr()
    assert main(["import", "dm01", str(PROVIDERS)]) == 0
    assert "0 new, 0 changed, 18 unchanged." in capsys.readouterr().out


@pytest.mark.django_db
def test_a_dry_run_changes_nothing(capsys, tmp_path):
    path = write(tmp_path, row(), row(Diagnostic_Tests="HEAD"))
    assert main(["import", "dm01", str(path), "--dry-run"]) == 0
    assert "A dry run, nothing was changed; it would be: 1 new, 0 changed" in capsys.readouterr().out
    assert not Dm01Return.objects.exists()
    assert not Site.objects.exists()
    assert [each.name for each in tmp_path.iterdir()] == ["return.csv"]


@pytest.mark.django_db
def test_faulty_rows_go_to_the_rejects_file(capsys, tmp_path):
    path = write(tmp_path, row(), row(Diagnostic_Tests="HEAD"))
    assert main(["import", "dm01", str(path)]) == 0
    said = capsys.readouterr()
    target = tmp_path / "return.csv.rejects.csv"
    assert f"return.csv: 1 returns read, 1 rows rejected, rejected rows are in {target}." in said.out
    assert 'return.csv, row 3, column "Diagnostic Tests": found "HEAD", expected one of the 15 tests' in said.err
    assert "HEAD" in target.read_text(encoding="utf-8-sig")
    assert Dm01Return.objects.count() == 1


@pytest.mark.django_db
def test_the_rejects_file_may_be_named_and_many_faults_are_cut_short(capsys, tmp_path):
    path = write(tmp_path, row(), *(row(Diagnostic_Tests=f"T{number}") for number in range(30)))
    target = tmp_path / "wrong.csv"
    assert main(["import", "dm01", str(path), "--rejects", str(target)]) == 0
    assert f"return.csv: 10 more faults; all are in {target}." in capsys.readouterr().err
    assert len(target.read_text(encoding="utf-8-sig").splitlines()) == 31


def test_a_rejects_file_that_cannot_be_written_stops_before_anything_is_stored(capsys, tmp_path):
    path = write(tmp_path, row(), row(Diagnostic_Tests="HEAD"))
    assert main(["import", "dm01", str(path), "--rejects", str(tmp_path / "no" / "folder.csv")]) == 1
    assert "could not be written to" in capsys.readouterr().err
    assert main(["import", "dm01", str(path), "--rejects", str(path)]) == 1
    assert "is a file to be imported; name another." in capsys.readouterr().err


def test_nothing_readable_is_a_failure(capsys, tmp_path):
    other = tmp_path / "wards.csv"
    other.write_text("ward,beds\nA1,28\n", encoding="utf-8")
    empty = write(tmp_path, row(Period="never"))
    assert main(["import", "dm01", str(other), str(tmp_path / "gone.csv"), str(empty)]) == 1
    said = capsys.readouterr()
    assert "wards.csv: this is not a DM01 return;" in said.err
    assert "gone.csv: there is no such file" in said.err
    assert "Nothing was imported." in said.out


@pytest.mark.django_db
def test_the_result_as_json(capsys, tmp_path):
    path = write(tmp_path, row(), row(Diagnostic_Tests="HEAD"))
    gone = tmp_path / "gone.csv"
    assert main(["import", "dm01", str(path), str(gone), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["added"], result["changed"], result["unchanged"]) == (1, 0, 0)
    assert result["providers_added"] == ["XAA"]
    (file,) = result["files"]
    assert (file["rows"], file["rejected"], file["rejects_file"]) == (1, 1, f"{path}.rejects.csv")
    assert (file["faults"][0]["row"], file["faults"][0]["value"]) == (3, "HEAD")
    assert [each["file"] for each in result["unreadable"]] == [str(gone)]


def many_rows():
    """Enough returns that storing them takes a while."""
    return [
        row(Provider_Org_Code=f"K{provider:03d}", Period=f"{month} 2024", Diagnostic_Tests=test)
        for provider in range(150)
        for month in ("January", "February", "March", "April")
        for test in ("MRI", "CT", "DEXA_SCAN")
    ]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A database that a first import made and filled."""
    folder = tmp_path_factory.mktemp("home")
    assert done(command(folder, PROVIDERS, "--json"))["added"] == 18
    return folder


def contents(home):
    tables = ("imaging_dm01return", "measures_observation", "measures_chartsummary", "organisations_site",
              "audit_auditevent", "audit_chainhead")  # fmt: skip
    database = sqlite3.connect(home / "trustwide.sqlite3")
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    held = {table: database.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
    database.close()
    return held


@pytest.mark.parametrize("step", ["Storing", "Computing"])
def test_a_killed_import_leaves_the_database_as_before(home, tmp_path, step):
    path = write(tmp_path, *many_rows())
    before = contents(home)
    process = command(home, path)
    for told in process.stderr:
        if told.startswith(step):
            process.send_signal(signal.SIGKILL)
            break
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert contents(home) == before


def test_an_import_after_a_killed_one_is_complete(home, tmp_path):
    path = write(tmp_path, *many_rows())
    assert done(command(home, path, "--json"))["added"] == 1800
    held = contents(home)
    assert len(held["imaging_dm01return"]) == 1818
    assert len(held["audit_auditevent"]) == 2


def values(connection):
    """What is stored, without the numbers that databases give out themselves."""
    observed = connection.execute(
        "SELECT o.measure, s.code, o.breakdown, o.period, o.numerator, o.denominator, o.value "
        "FROM measures_observation o JOIN organisations_site s ON s.id = o.site_id"
    ).fetchall()
    told = connection.execute(
        "SELECT c.measure, s.code, c.breakdown, c.period, c.value, c.points, c.sentence "
        "FROM measures_chartsummary c JOIN organisations_site s ON s.id = c.site_id"
    ).fetchall()
    return {tuple(map(str, each)) for each in observed}, {tuple(map(str, each)) for each in told}


@pytest.mark.postgres
def test_postgresql_holds_the_same_as_sqlite(postgres_url, tmp_path):
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS imports")
        server.execute("CREATE DATABASE imports")
    url = postgres_url.rpartition("/")[0] + "/imports"
    first = write(tmp_path, *many_rows()[:90])
    change = row(Provider_Org_Code="K000", Period="April 2024", Planned_Activity="9", Total_Activity="124")
    revised = write(tmp_path, change, row(), name="revised.csv")
    for where in ("", url):
        home = tmp_path / ("postgres" if where else "sqlite")
        assert done(command(home, first, "--json", url=where))["added"] == 90
        again = done(command(home, first, revised, "--json", url=where))
        assert (again["added"], again["changed"], again["unchanged"]) == (1, 1, 89)
    with psycopg.connect(url) as postgres:
        in_postgres = values(postgres)
    assert in_postgres == values(sqlite3.connect(tmp_path / "sqlite" / "trustwide.sqlite3"))


def test_a_database_that_is_behind_is_left_alone(tmp_path):
    sqlite3.connect(tmp_path / "trustwide.sqlite3").execute("CREATE TABLE other (id integer)")
    process = command(tmp_path, PROVIDERS)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 1
    assert told.splitlines()[-1] == (
        "trustwide import: the database is older than this program; bring it up to date with: trustwide manage migrate"
    )


@needs_real
@pytest.mark.django_db
def test_the_public_file_lands_whole_and_the_known_step_is_told(capsys):
    assert main(["import", "dm01", str(REAL)]) == 0
    assert "80,506 new, 0 changed, 0 unchanged; providers seen for the first time: 473." in capsys.readouterr().out
    assert main(["import", "dm01", str(REAL)]) == 0
    assert "0 new, 0 changed, 80,506 unchanged." in capsys.readouterr().out
    mse = Site.objects.get(code="RAJ")
    chart = ChartSummary.objects.get(site=mse, measure="dm01_waiting_list", breakdown="MRI")
    assert (chart.variation_icon, chart.since.isoformat()[:7]) == ("concern_high", "2025-01")
    assert chart.sentence.startswith("Higher than usual since January 2025: nine months above")
    said = step_explanation(history(mse, "MRI"), chart.since)
    # 3,320 + 3,683 + 4,103 tests in 63 working days, 48,686 in the 254 of 2024; the list grew by 2,859 on top
    assert "fewer tests (176 a working day against 193 in the 12 months before, 82 fewer a week)" in said
    assert "more additions (222 a working day against 192, 149 more a week)" in said
    share = Observation.objects.get(site=mse, measure="dm01_six_week_share", breakdown="MRI", period="2025-09-01")
    assert share.value == pytest.approx(1149 / 7535)


def test_the_header_of_the_samples_is_the_published_one():
    published = Path(PROVIDERS).read_text(encoding="utf-8-sig").splitlines()[2]
    assert published == HEADER
