"""`trustwide repeat`: a stored run gives the same digest, or says that it does not."""

import json
from pathlib import Path

import pytest

from trustwide.analysis import capacity
from trustwide.config.cli import main

CASES = Path(capacity.__file__).parent / "tests" / "cases"


@pytest.fixture
def kept(tmp_path, monkeypatch, capsys):
    """The record of a run of the booked group, whose requests have lost their ids."""
    monkeypatch.setenv("TRUSTWIDE_HOME", str(tmp_path))
    assert main(["simulate", str(CASES / "booked_group.yaml"), "--replications", "2", "--seed", "3"]) == 0
    capsys.readouterr()
    return next((tmp_path / "runs").iterdir())


def repeat(capsys, *arguments):
    status = main(["repeat", *map(str, arguments)])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_the_same_run_from_its_file_or_its_digest(kept, capsys, tmp_path):
    digest = json.loads(kept.read_text())["digest"]
    elsewhere = kept.rename(tmp_path / "sent to a colleague.json")
    status, out, _ = repeat(capsys, elsewhere)
    assert status == 0
    assert out == f"The same to the last bit: group MR, booked, 2 replications, seed 3, digest {digest}.\n"
    elsewhere.rename(kept)
    for wanted in (digest, digest[:12], digest[:6]):
        assert repeat(capsys, wanted)[:2] == (status, out)


def test_a_changed_record_is_not_the_same(kept, capsys):
    record = json.loads(kept.read_text())
    kept.write_text(json.dumps(record | {"seed": 4}))
    status, out, err = repeat(capsys, kept)
    assert (status, out) == (1, "")
    assert f"{kept}: not the same: stored digest {record['digest']}, now " in err
    assert "The versions are the same" in err


def test_other_versions_are_named(kept, capsys):
    record = json.loads(kept.read_text())
    kept.write_text(json.dumps(record | {"seed": 4, "versions": record["versions"] | {"numba": "0.1"}}))
    assert "It was made with numba 0.1 (now " in repeat(capsys, kept)[2]


@pytest.mark.parametrize(
    ("wanted", "text", "sentence"),
    [
        ("nowhere.json", None, "nowhere.json: there is no such file"),
        ("abcdef", None, "abcdef: no stored run begins with this digest in "),
        ("ab", None, "ab: no stored run begins with this digest in "),
        ("../*", None, "../*: there is no such file"),
        ("it.json", "{", "it.json: is not the record of a run ("),
        ("it.json", "[" * 100_000, "it.json: is nested too deeply"),
        ("it.json", "[1]", "it.json: is not the record of a run; expected a file that trustwide simulate has stored"),
    ],
)
def test_what_cannot_be_repeated_is_said(wanted, text, sentence, capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("TRUSTWIDE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    if text is not None:
        Path(wanted).write_text(text)
    status, out, err = repeat(capsys, wanted)
    assert (status, out) == (1, "")
    assert err.startswith(f"trustwide repeat: {sentence}")
