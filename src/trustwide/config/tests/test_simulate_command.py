"""`trustwide simulate` on the command line."""

import json
from pathlib import Path

import pytest

from trustwide.analysis import capacity
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


def simulate(capsys, *arguments):
    status = main(["simulate", *map(str, arguments)])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_json_has_the_promised_shape(capsys):
    status, out, _ = simulate(capsys, CASES / "ten_patients.yaml", "--replications", 3, "--seed", 9, "--json")
    answer = json.loads(out)
    assert status == 0
    assert {"service", "replications", "seed", "digest", "streams", "scanners", "weeks"} <= set(answer)
    assert (answer["service"], answer["replications"], answer["seed"]) == ("ten patients", 3, 9)
    assert len(answer["digest"]) == 64
    assert set(answer["streams"]["cancer"]) >= STREAM_KEYS
    assert answer["streams"]["routine"]["mean_wait"]["half_width"] == 0.0
    assert set(answer["scanners"]["only"]) == {"utilisation", "down_minutes", "breakdowns", "overrun_minutes"}
    assert [week["week"] for week in answer["weeks"]] == [0, 1, 2]
    assert [week["list"]["mean"] for week in answer["weeks"]] == [10.0, 0.0, 0.0]


def test_table_is_for_people(capsys):
    status, out, _ = simulate(capsys, CASES / "ten_patients.yaml", "--replications", 2)
    assert status == 0
    lines = out.splitlines()
    assert lines[0] == "ten patients: 2 replications, seed 1"
    cancer = next(line for line in lines if line.startswith("cancer"))
    assert cancer.split()[1:3] == ["3", "±"]
    assert cancer.endswith("days")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere.yaml"], "nowhere.yaml: cannot be read: No such file or directory"),
        ([CASES / "ten_patients.yaml", "--engine", "ray"], "engine: must be local, all that is built yet, got 'ray'"),
        ([CASES / "ten_patients.yaml", "--replications", "0"], "replications: must be a whole number from 1 to"),
    ],
)
def test_refusals_are_sentences(capsys, arguments, sentence):
    status, out, err = simulate(capsys, *arguments)
    assert (status, out) == (1, "")
    assert err.startswith(f"trustwide simulate: {sentence}")
