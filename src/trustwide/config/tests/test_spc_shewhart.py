"""`trustwide spc` with run charts and Shewhart charts: qicharts2's answers through the command, and what it refuses."""

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import trustwide.analysis.spc.shewhart
from trustwide.config.cli import main

OPEN = Path(trustwide.analysis.spc.shewhart.__file__).parent / "tests" / "open"
ANSWERS, SETTINGS = OPEN / "qic_points.csv", OPEN / "qic_series.json"
NUMBERS = ("y", "cl", "lcl", "ucl")
COLUMNS = (
    "series_id,idx,y,cl,lcl,ucl,sigma_signal,runs_signal,n_useful,longest_run,longest_run_max,n_crossings,"
    "n_crossings_min"
)
HEAD = "series_id,idx,numerator,denominator\n"


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def said(tmp_path, capsys):
    """Runs the command on texts of an inputs and a settings file; gives its rows, or the sentence it refuses with."""

    def run(inputs, settings_text, *options):
        (tmp_path / "in.csv").write_text(inputs)
        (tmp_path / "set.json").write_text(settings_text)
        points = tmp_path / "p.csv"
        arguments = [str(tmp_path / "in.csv"), "--settings", str(tmp_path / "set.json"), "--points", str(points)]
        status = main(["spc", *arguments, *options])
        error = capsys.readouterr().err
        assert error.count("\n") == status
        return error.replace(f"{tmp_path}/", "").strip() if status else rows(points)

    return run


def one(chart, **given_settings):
    return json.dumps([{"series_id": "A", "chart": chart, **given_settings}])


def test_it_equals_the_answers_and_passes_over_further_columns(tmp_path):
    points, series = tmp_path / "points.csv", tmp_path / "series.csv"
    arguments = ["spc", str(ANSWERS), "--settings", str(SETTINGS), "--points", str(points), "--series", str(series)]
    assert main(arguments) == 0
    assert points.read_text().splitlines()[0] == COLUMNS
    made, answers = rows(points), rows(ANSWERS)
    for row, answer in zip(made, answers, strict=True):
        for name, text in row.items():
            if name in NUMBERS and answer[name]:
                assert float(text) == pytest.approx(float(answer[name]), rel=1e-9, abs=0)
            else:
                assert text == answer[name], name
    newest = {answer["series_id"]: answer for answer in answers}.values()
    names = ("series_id", "chart", "sigma_signal", "runs_signal")
    assert rows(series) == [{name: answer[name] for name in names} for answer in newest]


def test_it_loads_neither_the_site_nor_the_compiler():
    code = "import sys; from trustwide.config.cli import main; main(sys.argv[1:]); print(*sys.modules)"
    arguments = ["spc", str(ANSWERS), "--settings", str(SETTINGS), "--points", "/dev/null"]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    assert not {"django", "numba", "vl_convert", "polars", "scipy"} & set(done.stdout.split())


def test_rows_may_come_in_any_order_and_with_gaps_in_the_numbers(said):
    made = said(HEAD + "A,3,4,10\nA,1,1,10\nA,2,NA,10\nA,4,3,0\n", one("p"))
    assert [(row["idx"], row["y"], row["ucl"] == "") for row in made] == [
        ("1", "0.1", False),
        ("2", "", True),
        ("3", "0.4", False),
        ("4", "", True),
    ]
    assert made[1]["cl"] == "0.25"


def test_counts_of_runs_are_empty_where_no_point_is_useful(said):
    made = said(HEAD + "A,1,5,\nA,2,5,\n", one("i"))
    assert [made[0][name] for name in COLUMNS.split(",")[5:]] == ["", "0", "0", "0", "", "", "", ""]


@pytest.mark.parametrize("given_settings", [{"part": 2}, {"part": [2]}, {"part": [2], "freeze": 1}])
def test_a_number_is_a_list_of_one(said, given_settings):
    inputs = HEAD + "".join(f"A,{i},{y},\n" for i, y in enumerate([1, 3, 5, 9], start=1))
    assert [row["cl"] for row in said(inputs, one("run", **given_settings))] == ["2.0", "2.0", "7.0", "7.0"]


def test_it_draws_one_series(tmp_path, said):
    file = tmp_path / "chart.svg"
    inputs = HEAD + "".join(f"{name},{i},{i % 5},20\n" for name in "AB" for i in range(1, 15))
    entries = json.dumps([{"series_id": name, "chart": "up"} for name in "AB"])
    said(inputs, entries, "--chart", str(file), "--only", "B")
    drawing = file.read_text()
    assert drawing.startswith("<svg")
    assert "B. U′ chart: point 14 is 0.2" in drawing


@pytest.mark.parametrize(
    ("inputs", "entries", "sentence"),
    [
        (
            "series_id,date,value\n",
            one("p"),
            "in.csv, row 1: there is no column idx; expected the columns series_id, idx",
        ),
        (
            HEAD + ",1,1,1\n",
            one("p"),
            "in.csv, row 2, column series_id: the value is ''; expected the name of a series.",
        ),
        (HEAD + "A,0,1,1\n", one("p"), "row 2, column idx: the value is '0'; expected the place of the point in its"),
        (HEAD + "A,1.5,1,1\n", one("p"), "row 2, column idx: the value is '1.5'; expected the place"),
        (HEAD + "A,²,1,1\n", one("p"), "row 2, column idx: the value is '²'; expected the place"),
        (HEAD + "A,1,1,1\nA,1,2,1\n", one("p"), "row 3, column idx: the value is '1'; expected each place once in a"),
        (
            HEAD + "A,1,1,1\nA,3,2,1\n",
            one("p"),
            "row 3, column idx: the value is '3'; expected 2 first, for A lacks it",
        ),
        (HEAD + "A,1,1O,1\n", one("p"), "row 2, column numerator: the value is '1O'; expected a number without"),
        (HEAD + "A,1,1,inf\n", one("p"), "row 2, column denominator: the value is 'inf'; expected a finite number"),
        (HEAD + "A,1,1,-5\n", one("p"), "row 2, column denominator: the value is '-5'; expected 0 or more"),
        (
            HEAD + "A,1,,\nA,2,1,\n",
            one("up"),
            "row 3, column denominator: the value is ''; expected a number, for A has",
        ),
        (
            HEAD + "A,1,3,\nA,2,0,\n",
            one("t"),
            "row 3, column numerator: the value is '0'; expected a time of more than 0",
        ),
        (
            HEAD + "A,1,3,1\nA,2,0,1\n",
            one("t"),
            "in.csv: A time between events is 0.0 at point 2; expected more than 0",
        ),
        (HEAD + "A,1,3,\n", one("xbar"), "set.json, series A: The chart is 'xbar'; expected one of run, i, p, pp"),
        (HEAD + "A,1,3,\n", one(["p"]), "set.json, series A: The chart is ['p']; expected one of"),
        (HEAD + "A,1,3,\n", one("p", part="12"), "set.json, series A: part is '12'; expected the number of a point"),
        (HEAD + "A,1,3,\n", one("p", freeze=0), "set.json, series A: freeze is 0; expected the number of a point"),
        (HEAD + "A,1,3,\n", one("p", exclude=[1, None]), "set.json, series A: exclude is None; expected"),
        (HEAD + "A,1,3,\n", one("p", exclude={}), "set.json, series A: exclude is {}; expected the number of a point"),
        (
            HEAD + "A,1,3,4\n",
            '[{"series_id": "A", "chart": "p"}, {"series_id": "B", "chart": "xbar"}]',
            "set.json, series B: The chart is 'xbar'; expected one of run, i, p, pp",
        ),
        (HEAD + "B,1,3,\n", one("p"), "set.json: there is no entry for series B of the inputs; expected one with its"),
        (
            HEAD + "A,1,3,\n",
            '[{"series_id": "A", "chart": "i"}, {"series_id": "B", "target": 3}]',
            "set.json: series A has a chart and series B has none; expected a chart for every series or for none",
        ),
    ],
)
def test_what_cannot_be_charted_is_refused_with_a_sentence(said, inputs, entries, sentence):
    assert sentence in said(inputs, entries)


def test_help_tells_of_both_kinds(capsys):
    with pytest.raises(SystemExit):
        main(["spc", "--help"])
    told = re.sub(r"\s+", " ", capsys.readouterr().out)
    for words in ("series_id, idx", "numerator, denominator", "runs_signal", "improvement_direction"):
        assert words in told


cells = st.one_of(st.sampled_from(["A", "1", "2", "", "inf", '"', "-1e9", "NA", "0", "1e300"]), st.text(max_size=4))
lines = st.lists(cells, max_size=5).map(",".join)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3), st.lists, max_leaves=4
)


@given(st.lists(lines, max_size=5).map("\n".join), st.sampled_from(["run", "i", "pp", "u", "c", "t", "g"]))
@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_inputs_make_it_fail_without_a_sentence(tmp_path, text, chart):
    (tmp_path / "in.csv").write_bytes(HEAD.encode() + text.encode("utf-8", "surrogatepass"))
    (tmp_path / "set.json").write_text(one(chart))
    arguments = [str(tmp_path / "in.csv"), "--settings", str(tmp_path / "set.json")]
    assert main(["spc", *arguments, "--points", str(tmp_path / "p.csv")]) in (0, 1)


@given(values, st.sampled_from(["chart", "part", "freeze", "exclude"]))
@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_settings_make_it_fail_without_a_sentence(tmp_path, value, key):
    (tmp_path / "in.csv").write_text(HEAD + "A,1,3,4\nA,2,5,6\nA,3,2,4\n")
    (tmp_path / "set.json").write_text(json.dumps([{"series_id": "A", "chart": "p", key: value}]))
    arguments = [str(tmp_path / "in.csv"), "--settings", str(tmp_path / "set.json")]
    assert main(["spc", *arguments, "--points", str(tmp_path / "p.csv")]) in (0, 1)
