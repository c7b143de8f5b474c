"""`trustwide simulate` on the command line."""

import json
import os
import stat
import sys
from pathlib import Path

import pytest
from distributed import LocalCluster

from trustwide.analysis import capacity
from trustwide.analysis.capacity import run_size
from trustwide.config.cli import main

CASES = Path(capacity.__file__).parent / "tests" / "cases"
STREAM_KEYS = {
    "unit",
    "arrived",
    "seen",
    "mean_wait",
    "median_wait",
    "p95_wait",
    "waited_share",
    "over_2_weeks",
    "over_6_weeks",
    "over_13_weeks",
    "did_not_attend",
    "lost",
}


TEN = CASES / "ten_patients.yaml"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TRUSTWIDE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def simulate(capsys, *arguments):
    status = main(["simulate", *map(str, arguments)])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_json_has_the_promised_shape(capsys):
    status, out, _ = simulate(capsys, TEN, "--replications", 3, "--seed", 9, "--json")
    answer = json.loads(out)
    assert status == 0
    assert {"service", "replications", "seed", "digest", "streams", "scanners", "weeks"} <= set(answer)
    assert (answer["service"], answer["replications"], answer["seed"]) == ("ten patients", 3, 9)
    assert len(answer["digest"]) == 64
    assert set(answer["streams"]["cancer"]) >= STREAM_KEYS
    assert answer["streams"]["routine"]["mean_wait"]["half_width"] == 0.0
    assert set(answer["scanners"]["only"]) >= {"utilisation", "down_minutes", "breakdowns", "overrun_minutes"}
    assert answer["chosen"] == {"replications": 3, "reason": "as many as were asked for"}
    assert answer["warm_up"] == {"days": 0, "reason": "as the service file says"}
    assert [week["week"] for week in answer["weeks"]] == [0, 1, 2]
    assert [week["list"]["mean"] for week in answer["weeks"]] == [10.0, 0.0, 0.0]


def test_table_is_for_people(capsys):
    status, out, _ = simulate(capsys, TEN, "--replications", 2)
    assert status == 0
    lines = out.splitlines()
    assert lines[0] == "ten patients: 2 replications, seed 1"
    cancer = next(line for line in lines if line.startswith("cancer"))
    assert cancer.split()[1:3] == ["3", "±"]
    assert cancer.endswith("days")


def test_automatic_replications_and_warm_up_say_why(capsys):
    status, out, _ = simulate(capsys, TEN, "--replications", "auto", "--warm-up", "auto", "--json")
    answer = json.loads(out)
    assert status == 0
    assert answer["chosen"]["replications"] == answer["replications"] == 8
    assert "Hoad, Robinson and Davies 2010" in answer["chosen"]["reason"]
    assert answer["warm_up"]["days"] == 0
    assert answer["warm_up"]["reason"].startswith("none is needed: the run starts from a waiting list of 10")


def test_days_of_warm_up_are_not_counted(capsys):
    whole, later = (
        json.loads(simulate(capsys, CASES / "imaging_year.yaml", "--replications", 2, "--json", *more)[1])
        for more in ([], ["--warm-up", 182])
    )
    assert later["warm_up"] == {"days": 182, "reason": "as was asked for"}
    arrived = [answer["streams"]["soon"]["arrived"]["mean"] for answer in (whole, later)]
    assert arrived[1] == pytest.approx(arrived[0] / 2, rel=0.05)
    assert whole["digest"] != later["digest"]


def test_a_run_is_kept_for_its_owner_alone(capsys, home):
    _, out, err = simulate(capsys, TEN, "--replications", 2, "--json")
    digest = json.loads(out)["digest"]
    path = home / "runs" / f"{digest[:12]}.json"
    assert f"The run is kept in {path}; trustwide repeat {digest[:12]} runs it again." in err
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    record = json.loads(path.read_text())
    assert (record["digest"], record["seed"], record["replications"]) == (digest, 1, 2)
    written = path.read_bytes()
    simulate(capsys, TEN, "--replications", 2, "--workers", 1)
    assert path.read_bytes() == written
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_run_need_not_be_kept(capsys, home):
    assert simulate(capsys, TEN, "--replications", 2, "--no-store")[0] == 0
    assert not home.exists()


def test_a_run_that_cannot_be_kept_is_still_printed(capsys, home):
    home.write_text("a file where the folder should be")
    status, out, err = simulate(capsys, TEN, "--replications", 2)
    assert (status, out.splitlines()[0]) == (0, "ten patients: 2 replications, seed 1")
    assert f"The run was not kept: {home / 'runs'} cannot be written (" in err


def test_the_digest_is_that_of_any_engine(capsys, monkeypatch):
    with LocalCluster(
        n_workers=1, processes=False, protocol="tcp", host="127.0.0.1", dashboard_address=None,
        scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
    ) as cluster:  # fmt: skip
        monkeypatch.setenv("TRUSTWIDE_DASK_SCHEDULER", cluster.scheduler_address)
        outputs = [
            simulate(capsys, TEN, "--replications", 4, "--json", "--no-store", "--engine", engine)[1]
            for engine in ("local", "dask")
        ]
    assert outputs[0] == outputs[1]
    assert len(json.loads(outputs[0])["digest"]) == 64


def test_what_a_run_will_take_is_said_before(capsys):
    _, _, err = simulate(capsys, TEN, "--replications", 2)
    assert err.splitlines()[0] == "About 1 s and 190 MB of memory: 10 patients a replication."


def test_a_large_run_is_refused_where_nobody_can_be_asked(capsys, monkeypatch):
    monkeypatch.setattr(run_size, "LONG_SECONDS", 0.0)
    status, out, err = simulate(capsys, TEN, "--replications", 2)
    assert (status, out) == (1, "")
    assert err.endswith(
        "trustwide simulate: that is a large run; to go ahead add --yes, or ask for fewer replications.\n"
    )
    assert simulate(capsys, TEN, "--replications", 2, "--yes")[0] == 0


@pytest.mark.parametrize(("said", "status"), [("y", 0), ("n", 1), ("", 1)])
def test_a_large_run_is_asked_about_at_a_terminal(capsys, monkeypatch, said, status):
    monkeypatch.setattr(run_size, "LONG_SECONDS", 0.0)
    ours, theirs = os.openpty()
    with os.fdopen(theirs) as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        os.write(ours, f"{said}\n".encode())
        found, _, err = simulate(capsys, TEN, "--replications", 2)
    os.close(ours)
    assert found == status
    assert "Go ahead? [y/N] " in err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere.yaml"], "nowhere.yaml: cannot be read: No such file or directory"),
        ([TEN, "--engine", "spark"], "engine: must be local, dask or ray, got 'spark'"),
        ([TEN, "--replications", "0"], "replications: must be a whole number from 1 to"),
        ([TEN, "--warm-up", "14"], "--warm-up 14: must be a number of days, shorter than the run, or auto."),
        ([TEN, "--precision", "2"], "precision: must be a share between 0 and 1"),
    ],
)
def test_refusals_are_sentences(capsys, arguments, sentence):
    status, out, err = simulate(capsys, *arguments)
    assert (status, out) == (1, "")
    assert f"trustwide simulate: {sentence}" in err


def test_a_number_or_auto(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["simulate", str(TEN), "--replications", "many"])
    assert stopped.value.code == 2
    assert "must be a whole number or auto, got 'many'" in capsys.readouterr().err
