"""The plan at the command line, on the real return where it is at hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trustwide.config.cli import main

REAL = Path(__file__).parents[5] / "shared/data/dm01_provider/dm01_provider_dev_2023-04_2025-09.csv"
CASES = Path(__file__).parents[2] / "analysis/capacity/tests/cases"
GROUP, LEVERS = str(CASES / "booked_group.yaml"), str(CASES / "levers_four.yaml")
real_data = pytest.mark.skipif(not REAL.exists(), reason="the public DM01 file is not beside this checkout")


def plan(capsys: pytest.CaptureFixture[str], *more: str) -> dict:
    arguments = ["plan", "--dm01", str(REAL), "--provider", "RAJ", "--test", "MRI", "--replications", "60", "--json"]
    assert main([*arguments, *more]) == 0
    return json.loads(capsys.readouterr().out)


@real_data
def test_figures_read_off_the_return(capsys: pytest.CaptureFixture[str]) -> None:
    now = plan(capsys, "--by", "2026-03", "--do-nothing")["now"]
    assert (now["list"], now["over_6_weeks"]) == (7535, 1149)
    # the return shows 1,594 additions a week in its newest band, tests and the change in the list about 1,030
    assert now["gross_additions_per_week"] == pytest.approx(1594, abs=1)
    assert now["unexplained_per_week"] == pytest.approx(566, abs=8)


@real_data
def test_northumbrias_median_of_those_waiting(capsys: pytest.CaptureFixture[str]) -> None:
    now = plan(capsys, "--provider", "RTF", "--do-nothing")["now"]
    assert now["waiting_median_weeks"] == pytest.approx(2.07, abs=0.005)
    assert now["weeks_of_additions"] == pytest.approx(4.46, abs=0.03)


@real_data
def test_keys_that_others_read(capsys: pytest.CaptureFixture[str]) -> None:
    result = plan(capsys, "--by", "2026-03")
    assert {
        "target",
        "now",
        "gap_per_week",
        "clearance_tests",
        "do_nothing",
        "closed_form",
        "plans",
        "evaluated",
    } <= set(result)
    assert len(result["do_nothing"]["months"]) >= 12
    for key in ("list", "scanned_mean_weeks", "waiting_median_weeks", "over_6_weeks"):
        assert set(result["do_nothing"]["months"][0][key]) == {"median", "low", "high"}
    assert result["plans"][0]["probability_target_met"] > 0


@real_data
def test_as_at_shows_what_happened_since(capsys: pytest.CaptureFixture[str]) -> None:
    past = plan(capsys, "--as-at", "2025-03", "--do-nothing")["hindsight"]
    assert [row["actual"] for row in past["months"]] == [7464, 7778, 8030, 8585, 7192, 7535]


@real_data
def test_doing_nothing_says_nothing_of_plans(capsys: pytest.CaptureFixture[str]) -> None:
    notes = " ".join(plan(capsys, "--do-nothing")["notes"])
    assert "No set of these measures" not in notes
    assert "the first plan" not in notes


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--dm01", "x.csv", "--provider", "RAJ", "--xlsx", "nowhere/plan.xlsx"], "there is no folder nowhere"),
        (["--dm01", "x.csv", "--provider", "RAJ", "--xlsx", "plan.pdf"], "ends in .xlsx"),
        (["--provider", "RAJ"], "name a service"),
        (["--dm01", "nowhere.csv", "--provider", "RAJ"], "nowhere.csv"),
        (["--dm01", "x.csv"], "name the provider"),
        ([GROUP], "--levers LEVERS.yaml"),
        ([GROUP, "--dm01", "x.csv"], "name a service"),
        ([GROUP, "--levers", LEVERS, "--provider", "RAJ"], "--provider goes with --dm01"),
        ([GROUP, "--levers", "nowhere.yaml"], "nowhere.yaml: cannot be read"),
        ([GROUP, "--levers", LEVERS, "--by", "2026-01-20"], "by: must be from 2026-02-22"),
        (["nowhere.yaml", "--levers", LEVERS], "nowhere.yaml: cannot be read"),
    ],
)
def test_refusals(arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", *arguments]) == 1
    assert sentence in capsys.readouterr().err


@real_data
@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--provider", "RAX9"], "not in this data"),
        (["--test", "XRAY"], "not known"),
        (["--target-weeks", "0"], "expected more than 0"),
        (["--by", "2024-01"], "expected a month after the last known one"),
        (["--as-at", "2019-01"], "returned no MRI month up to 2019-01"),
    ],
)
def test_refusals_name_what_was_expected(more: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["plan", "--dm01", str(REAL), "--provider", "RAJ", "--test", "MRI", *more]
    assert main(arguments) == 1
    assert sentence in capsys.readouterr().err


def test_built_in_measures_can_be_edited_and_given_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from trustwide.analysis.capacity.monthly import default_levers
    from trustwide.config.commands.plan_monthly import _levers

    assert main(["plan", "--print-levers", "--test", "CT"]) == 0
    file = tmp_path / "levers.yaml"
    file.write_text(capsys.readouterr().out, encoding="utf-8")
    assert _levers(file, "CT") == default_levers("CT")


def test_a_lever_file_that_is_not_yaml_names_the_line(tmp_path: Path) -> None:
    from trustwide.config.commands import CommandError
    from trustwide.config.commands.plan_monthly import _levers

    file = tmp_path / "levers.yaml"
    file.write_text("- id: a\n  size: [1", encoding="utf-8")
    with pytest.raises(CommandError, match=r"levers\.yaml, line \d+: is not YAML"):
        _levers(file, "MRI")


def test_a_service_file_is_planned(capsys: pytest.CaptureFixture[str]) -> None:
    """The shape of CAPACITY's JSON, and the table of the same plan."""
    arguments = ["plan", GROUP, "--levers", LEVERS, "--target-weeks", "2", "--by", "2026-12", "--replications", "10"]
    arguments += ["--budget", "200000", "--staff", "radiographer=3"]
    assert main([*arguments, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["now"]["list"] == 5220
    assert result["target"]["by"] == "2026-12-31"
    assert max(one["annual_equivalent"] for one in result["plans"]) == 195_000
    assert len(result["do_nothing"]["months"]) >= 12
    for figure in (result["gap_per_week"]["hold"], result["gap_per_week"]["reach"], result["clearance_tests"]):
        assert figure["low"] <= figure["median"] <= figure["high"]
    assert {"levers", "cost_per_year", "one_off", "capital", "annual_equivalent", "target_met_on"} <= set(
        result["plans"][0]
    )
    assert main(arguments) == 0
    said = capsys.readouterr().out
    assert "5,220; 1,484 over six weeks (28.4%)" in said
    assert "What would have to be true for another to win" in said
