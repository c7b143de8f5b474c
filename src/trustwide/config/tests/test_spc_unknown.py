"""A name in the settings that `trustwide spc` does not know is told of, and changes nothing."""

import json

import pytest

from trustwide.config.cli import main
from trustwide.config.tests.test_spc_command import HEAD, OPEN
from trustwide.config.tests.test_spc_shewhart import ANSWERS
from trustwide.config.tests.test_spc_shewhart import SETTINGS as QIC_SETTINGS

VALUES = HEAD + "".join(f"{name},2025-01-{day:02},{day % 4}\n" for name in "ABCDE" for day in range(1, 15))
COUNTS = "series_id,idx,numerator,denominator\n" + "".join(f"A,{i},{i % 4},\n" for i in range(1, 15))


@pytest.fixture
def told(tmp_path, capsys):
    """Runs the command on texts of inputs and settings; gives what it says and what it writes."""

    def run(inputs, entries, *options):
        (tmp_path / "in.csv").write_text(inputs)
        (tmp_path / "set.json").write_text(json.dumps(entries))
        points = tmp_path / "p.csv"
        arguments = [str(tmp_path / "in.csv"), "--settings", str(tmp_path / "set.json"), "--points", str(points)]
        assert main(["spc", *arguments, *options]) == 0
        return capsys.readouterr().err.replace("trustwide spc: ", "").splitlines(), points.read_text()

    return run


def entry(series="A", **given):
    return {"series_id": series, **given}


def all_entries(**given):
    return [entry(name, **given) for name in "ABCDE"]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("improvment_direction", "there is no setting improvment_direction. Did you mean improvement_direction?"),
        ("improvementDirection", "there is no setting improvementDirection. Did you mean improvement_direction?"),
        ("Target", "there is no setting Target. Did you mean target?"),
        ("rebase dates", 'there is no setting "rebase dates". Did you mean rebase_dates?'),
        ("chrt", "there is no setting chrt. Did you mean chart?"),
        ("freeze", "freeze is a setting of another kind of chart and has no effect here."),
    ],
)
def test_a_name_that_is_no_setting(told, name, sentence):
    others = [entry(other) for other in "BCDE"]
    (said,), written = told(VALUES, [entry(**{name: 3}), *others])
    assert said.startswith(f"Series A: {sentence}")
    assert written == told(VALUES, all_entries())[1]


def test_names_like_no_setting_are_notes_of_ones_own_and_take_one_line(told):
    (said,), _ = told(VALUES, all_entries(**{"owner": "Ada", "comment\n": "x"}))
    assert said.startswith('Passed over as no settings: owner, "comment\\n"; the settings are improvement_direction, ')


def test_one_name_in_many_series_is_one_line(told):
    (said,), _ = told(VALUES, all_entries(targte=3))
    assert said == "Series A, B, C and 2 more: there is no setting targte. Did you mean target?"


def test_names_of_charts_of_the_other_kind(told):
    said, written = told(COUNTS, [entry(chart="c", exlude=3, target=5, rebase_dates=[], note="mine")])
    assert said == [
        "Series A: there is no setting exlude. Did you mean exclude?",
        "Series A: target is a setting of another kind of chart and has no effect here.",
    ]
    assert written == told(COUNTS, [entry(chart="c")])[1]


def test_series_that_the_inputs_do_not_hold_are_named_once(told, tmp_path):
    given = all_entries(target=3)
    inputs = tmp_path / "in.csv"
    said, written = told(VALUES, [*given, entry("a"), entry("F")])
    assert said == [f"No series a, F in {inputs}; their settings are not used."]
    assert written == told(VALUES, given)[1]
    said, _ = told(VALUES, [*given, *(entry(f"X{number}") for number in range(5))])
    assert said == [f"No series X0, X1, X2 and 2 more in {inputs}; their settings are not used."]
    said, _ = told(COUNTS, [entry(chart="c"), entry("B", chart="c")])
    assert said == [f"No series B in {inputs}; its settings are not used."]


@pytest.mark.parametrize(
    ("inputs", "settings_file"),
    [
        (OPEN / "inputs.csv", OPEN / "settings.json"),
        (OPEN / "inputs.csv", OPEN / "series.json"),
        (ANSWERS, QIC_SETTINGS),
    ],
)
def test_worked_examples_are_passed_without_a_word(tmp_path, capsys, inputs, settings_file):
    arguments = [str(inputs), "--settings", str(settings_file), "--points", str(tmp_path / "p.csv")]
    assert main(["spc", *arguments]) == 0
    assert capsys.readouterr().err == ""
