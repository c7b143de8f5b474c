"""A lever file is read whole, or refused with a sentence that names the lever and the field."""

from __future__ import annotations

import pytest

from trustwide.analysis.capacity.monthly import LeverError, default_levers, levers_from


def test_written_levers_are_read_back_the_same() -> None:
    levers = default_levers("MRI")
    assert levers_from([lever.to_dict() for lever in levers]) == levers


@pytest.mark.parametrize("test", ["MRI", "CT", "NOUS", "DEXA", "COLONOSCOPY"])
def test_every_default_lever_has_a_dated_source(test: str) -> None:
    assert all(lever.source and lever.priced_on == "2026-11" for lever in default_levers(test))


GOOD = default_levers("MRI")[0].to_dict()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "must hold a list"),
        ([], "must hold a list"),
        (["x"], "lever 1: expected fields"),
        ([{"id": "a"}], "lever a: title, kind"),
        ([{**GOOD, "size": "much"}], "lever extra-sessions, size: got 'much'"),
        ([{**GOOD, "size": -1}], "size: got -1"),
        ([{**GOOD, "size": float("nan")}], "size: got nan"),
        ([{**GOOD, "kind": "magic"}], "kind: got 'magic', expected one of extra_tests"),
        ([{**GOOD, "low": 2.0}], "low: got 2.0, expected no more than high"),
        ([{**GOOD, "colour": "red"}], "'colour' is not a field"),
        ([{**GOOD, "excludes": ["nobody"]}], "there is no lever 'nobody'"),
        ([GOOD, GOOD], "stands twice"),
        ([{**GOOD, "kind": "temporary_tests"}], "weeks: got 0, expected at least 1"),
        ([{**GOOD, "id": 5}], "id: got 5, expected text"),
        ([{**GOOD, "id": [1]}], "expected text"),
        ([{**GOOD, "kind": [1]}], "kind: got .*, expected text"),
        ([{**GOOD, "excludes": 5}], "excludes: got 5, expected a list"),
        ([{**GOOD, "size": 1e300}], "size: got 1e\\+300, expected a number from 0 to 10"),
        ([{**GOOD, "lead_weeks": 2.5}], "lead_weeks: got 2.5, expected whole weeks"),
        ([{**GOOD, "weeks": 4}], "only temporary_tests end"),
        ([{**GOOD, "kind": "validate", "size": 3.0}], "expected a share between 0 and 1"),
    ],
)
def test_wrong_files(data: object, sentence: str) -> None:
    with pytest.raises(LeverError, match=sentence):
        levers_from(data)
