"""`trustwide spc`: the R package's answers through the command, and what it says of bad input."""

import csv
import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import trustwide.analysis.spc
from trustwide.config.cli import main
from trustwide.config.commands.spc_command import POINT_COLUMNS, SETTINGS

OPEN = Path(trustwide.analysis.spc.__file__).parent / "tests" / "open"
EXACT = (
    "segment",
    "short_segment",
    "flag_trend",
    "flag_two_in_three",
    "flag_shift",
    "special_cause_type",
    "point_type",
)


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def write(folder, name, text):
    (folder / name).write_text(text)
    return str(folder / name)


@pytest.fixture
def refusal(tmp_path, capsys):
    """Runs the command on texts of an inputs and a settings file and gives the sentence it refuses them with."""

    def run(inputs, settings_text="[]", *options):
        arguments = [write(tmp_path, "in.csv", inputs), "--settings", write(tmp_path, "set.json", settings_text)]
        status = main(["spc", *arguments, "--points", str(tmp_path / "p.csv"), *options])
        error = capsys.readouterr().err
        assert status == 1
        assert error.count("\n") == 1
        return error.replace(f"{tmp_path}/", "").strip()

    return run


def test_it_equals_the_answers(tmp_path):
    points, series = tmp_path / "points.csv", tmp_path / "series.csv"
    arguments = ["spc", str(OPEN / "inputs.csv"), "--settings", str(OPEN / "settings.json")]
    assert main([*arguments, "--points", str(points), "--series", str(series)]) == 0
    made, answers = rows(points), rows(OPEN / "points.csv")
    assert len(made) == len(answers)
    for row, answer in zip(made, answers, strict=True):
        assert (row["series_id"], row["idx"]) == (answer["series_id"], answer["idx"])
        for name in ("mean", "lpl", "upl"):
            expected = float(answer[name])
            assert (row[name] == "") == math.isnan(expected)
            assert float(row[name] or "nan") == pytest.approx(expected, rel=1e-9, abs=0, nan_ok=True)
        for name in ("outside_limits", "close_to_limits"):  # the package has no answer where a limit is undefined
            assert row[name] == (answer[name] or "0")
        for name in EXACT:
            assert row[name] == answer[name]
    icons = json.loads((OPEN / "series.json").read_text())
    assert rows(series) == [
        {name: each[name] or "" for name in ("series_id", "variation_icon", "assurance_icon")} for each in icons
    ]


def test_profile_mdc_takes_its_own_settings_and_writes_the_same_columns(tmp_path):
    values = [10, 12] * 6 + [11, 8, 9, 10, 11.5, 12, 13, 90, ""]
    lines = [f"A,2025-01-{i:02},{value}" for i, value in enumerate(values, start=1)]
    own = {"improvement_direction": "increase", "fix_after_n_points": 12, "trend_points": 6}
    own |= {"ghost_dates": ["2025-01-20"], "targets": [["2025-01-15", 17], ["2025-01-01", 3]]}
    arguments = [write(tmp_path, "in.csv", HEAD + "\n".join([*lines, "B,2025-01-01,1"]))]
    arguments += ["--settings", write(tmp_path, "set.json", json.dumps([{"series_id": "A", **own}]))]
    points, series = tmp_path / "p.csv", tmp_path / "s.csv"
    assert main(["spc", *arguments, "--profile", "mdc", "--points", str(points), "--series", str(series)]) == 0
    made = rows(points)
    assert tuple(made[0]) == POINT_COLUMNS
    assert [row["flag_trend"] for row in made] == [*"0" * 13, *"1" * 6, "0", "0", "0"]
    assert (made[19]["outside_limits"], made[19]["special_cause_type"]) == ("1", "Above UCL")
    assert (float(made[0]["mean"]), made[21]["upl"]) == (11, "")
    assert rows(series) == [
        {"series_id": "A", "variation_icon": "improvement_high", "assurance_icon": "fail"},
        {"series_id": "B", "variation_icon": "common_cause", "assurance_icon": ""},
    ]


@pytest.mark.parametrize("trend_points", [6, 7])
def test_a_trend_has_the_number_of_points_that_the_settings_ask_for(tmp_path, trend_points):
    lines = [f"A,2025-01-{i:02},{value}" for i, value in enumerate([10, 12] * 6 + [8, 8.5, 9, 10, 11.5, 12, 13], 1)]
    arguments = [write(tmp_path, "in.csv", HEAD + "\n".join(lines)), "--settings"]
    arguments += [write(tmp_path, "set.json", json.dumps([{"series_id": "A", "trend_points": trend_points}]))]
    assert main(["spc", *arguments, "--profile", "mdc", "--points", str(tmp_path / "p.csv")]) == 0
    causes = {row["special_cause_type"] for row in rows(tmp_path / "p.csv")}
    assert causes == {"Common Cause", f"{trend_points} Point Trend (Increasing)"}


def test_it_loads_neither_the_site_nor_the_compiler():
    code = "import sys; from trustwide.config.cli import main; main(sys.argv[1:]); print(*sys.modules)"
    arguments = ["spc", str(OPEN / "inputs.csv"), "--settings", str(OPEN / "settings.json"), "--points", "/dev/null"]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    assert not {"django", "numba", "vl_convert", "polars", "scipy"} & set(done.stdout.split())


@pytest.mark.parametrize(("suffix", "start"), [("svg", b"<svg"), ("png", b"\x89PNG")])
def test_it_draws_one_series(tmp_path, suffix, start):
    file = tmp_path / f"chart.{suffix}"
    arguments = ["spc", str(OPEN / "inputs.csv"), "--settings", str(OPEN / "settings.json"), "--chart", str(file)]
    assert main([*arguments, "--only", "S03_step_down_rebased"]) == 0
    drawing = file.read_bytes()
    assert drawing.startswith(start)
    assert suffix == "png" or (b"S03_step_down_rebased. " in drawing and b"Limits recalculated" in drawing)


def test_a_series_without_settings_has_defaults_and_a_notice(tmp_path, capsys):
    inputs = write(tmp_path, "in.csv", "value,extra,date,series_id\n\n2,x,2025-01-02,A\nNA,,2025-01-01,A\n")
    assert main(["spc", inputs, "--points", str(tmp_path / "p.csv")]) == 0
    assert "no settings for A: neutral direction" in capsys.readouterr().err
    assert [row["mean"] for row in rows(tmp_path / "p.csv")] == ["2.0", "2.0"]


def test_a_heading_alone_gives_headings_alone(tmp_path):
    inputs = write(tmp_path, "in.csv", "series_id,date,value\n")
    assert main(["spc", inputs, "--points", str(tmp_path / "p.csv"), "--series", str(tmp_path / "s.csv")]) == 0
    assert (tmp_path / "s.csv").read_text() == "series_id,variation_icon,assurance_icon\n"


HEAD = "series_id,date,value\n"


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ("series,date,value\n", "in.csv, row 1: there is no column series_id; expected the columns series_id, date"),
        ("", "in.csv, row 1: there is no column series_id"),
        ("series_id,date,value,value\n", "in.csv, row 1: there is more than one column value"),
        (HEAD + "A,2025-01-01\n", "in.csv, row 2: there are 2 columns; expected 3 columns as in the heading."),
        (HEAD + ",2025-01-01,1\n", "in.csv, row 2, column series_id: the value is ''; expected the name of a series."),
        (
            HEAD + "A,2025-01-01,1\nA,01/02/2025,1\n",
            "row 3, column date: the value is '01/02/2025'; expected a day such as",
        ),
        (HEAD + "A,2025-02-30,1\n", "in.csv, row 2, column date: the value is '2025-02-30'; expected a day such as"),
        (HEAD + "A,2025-01-01,1O\n", "in.csv, row 2, column value: the value is '1O'; expected a number without"),
        (HEAD + 'A,2025-01-01,"1,000"\n', "row 2, column value: the value is '1,000'; expected a number without"),
        (HEAD + "A,2025-01-01,1_000\n", "row 2, column value: the value is '1_000'; expected a number without"),
        (HEAD + "A,2025-01-01,inf\n", "row 2, column value: the value is 'inf'; expected a finite number"),
        (HEAD + "A,2025-01-01,1e400\n", "row 2, column value: the value is '1e400'; expected a finite number"),
        (
            HEAD + "A,2025-01-01,1\nB,2025-01-01,1\nA,2025-01-01,2\n",
            "row 4, column date: the value is '2025-01-01'; expected each date once in a series, and A has it in row 2",
        ),
    ],
)
def test_bad_inputs_are_refused_with_a_sentence(refusal, inputs, sentence):
    assert sentence in refusal(inputs)


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ('"target": "60"', 'set.json, series A: target is "60"; expected a number, or null for none.'),
        ('"target": NaN', "series A: target is NaN; expected a number"),
        ('"target": true', "series A: target is true; expected a number"),
        ('"improvement_direction": "up"', 'improvement_direction is "up"; expected increase, decrease or neutral.'),
        ('"improvement_direction": []', "improvement_direction is []; expected increase, decrease or neutral."),
        ('"fix_after_n_points": 11', "fix_after_n_points is 11; expected a whole number of 12 or more, or null."),
        ('"fix_after_n_points": 12.5', "fix_after_n_points is 12.5; expected a whole number"),
        ('"rebase_dates": "2025-01-01"', 'rebase_dates is "2025-01-01"; expected a list of days'),
        (
            '"rebase_dates": ["soon"]',
            'rebase_dates is ["soon"]; expected a list of days, each a day such as 2026-03-03.',
        ),
        ('"rebase_dates": ["2025-W10-2"]', 'rebase_dates is ["2025-W10-2"]; expected a list of days'),
        ('"screen_outliers": 1', "screen_outliers is 1; expected true or false."),
        ('"trend_points": 5', "trend_points is 5; expected 6 or 7."),
        ('"trend_points": 6.0', "trend_points is 6.0; expected 6 or 7."),
        ('"trend_points": 6', "series A: Profile ptd has trends of 7 points and no ghosted points; choose profile mdc"),
        ('"ghost_dates": ["soon"]', 'ghost_dates is ["soon"]; expected a list of days'),
        ('"targets": [["2025-01-01"]]', "expected a list of [date, number], such as"),
        ('"targets": [["soon", 3]]', "expected a list of [date, number], such as"),
        ('"targets": [["2025-01-01", true]]', "expected a list of [date, number], such as"),
    ],
)
def test_bad_settings_are_refused_with_a_sentence(refusal, entry, sentence):
    assert sentence in refusal(HEAD, f'[{{"series_id": "A", {entry}}}]')


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[", "set.json, line 1, column 2: this is not JSON"),
        ("{}", "set.json holds an object; expected a list with one entry a series."),
        ("[3]", "set.json, entry 1: this is a number; expected an object with a series_id."),
        ('[{"target": 3}]', "set.json, entry 1: series_id is None; expected the name of a series."),
        ('[{"series_id": "A"}, {"series_id": "A"}]', "set.json, entry 2: series_id 'A' is there twice; expected once."),
        ("[" * 100_000, "set.json is not a JSON file"),
    ],
)
def test_malformed_settings_are_refused_with_a_sentence(refusal, text, sentence):
    assert sentence in refusal(HEAD, text)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--profile", "excel"], "--profile is 'excel'; expected one of: ptd, mdc."),
        (["--chart", "c.pdf"], "--chart is 'c.pdf'; expected a file name that ends in .svg or .png."),
        (["--only", "A"], "--only chooses the series that --chart draws; give --chart as well."),
        (["--chart", "c.svg", "--only", "B"], "--only is 'B'; expected a series_id of the inputs, such as 'A'."),
        (["--chart", "/nowhere/c.svg"], "/nowhere/c.svg cannot be written (No such file or directory);"),
        (["--series", "/nowhere/s.csv"], "/nowhere/s.csv cannot be written (No such file or directory);"),
        (["--settings", "/nowhere/s.json"], "/nowhere/s.json cannot be read (No such file or directory);"),
    ],
)
def test_wrong_options_are_refused_with_a_sentence(refusal, options, sentence):
    assert sentence in refusal(HEAD + "A,2025-01-01,1\n", '[{"series_id": "A"}]', *options)


def test_missing_and_unreadable_inputs(tmp_path, capsys):
    (tmp_path / "latin.csv").write_bytes(HEAD.encode() + b"caf\xe9,2025-01-01,1\n")
    for name, sentence in (("none.csv", "cannot be read (No such file"), ("latin.csv", "is not a CSV file in UTF-8")):
        assert main(["spc", str(tmp_path / name), "--points", str(tmp_path / "p.csv")]) == 1
        assert sentence in capsys.readouterr().err
    assert main(["spc", str(tmp_path / "none.csv")]) == 1
    assert "there is nothing to write" in capsys.readouterr().err
    assert main(["spc", write(tmp_path, "in.csv", HEAD), "--chart", str(tmp_path / "c.svg")]) == 1
    assert "there is none to draw" in capsys.readouterr().err


cells = st.one_of(st.sampled_from(["A", "2025-01-01", "1", "", "inf", '"', "-1e9", "NA"]), st.text(max_size=6))
lines = st.lists(cells, max_size=4).map(",".join)


@given(st.lists(lines, max_size=5).map("\n".join), st.one_of(st.just(b""), st.binary(max_size=8)))
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_inputs_make_it_fail_without_a_sentence(tmp_path, text, tail):
    (tmp_path / "in.csv").write_bytes(HEAD.encode() + text.encode("utf-8", "surrogatepass") + tail)
    assert main(["spc", str(tmp_path / "in.csv"), "--points", str(tmp_path / "p.csv")]) in (0, 1)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=4), st.lists, max_leaves=5))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_settings_make_it_fail_without_a_sentence(tmp_path, value):
    (tmp_path / "in.csv").write_text(HEAD + "A,2025-01-01,1\n")
    for key in SETTINGS:
        (tmp_path / "set.json").write_text(json.dumps([{"series_id": "A", key: value}]))
        arguments = [str(tmp_path / "in.csv"), "--settings", str(tmp_path / "set.json")]
        assert main(["spc", *arguments, "--points", str(tmp_path / "p.csv")]) in (0, 1)
