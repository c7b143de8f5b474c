"""`trustwide flow`: the bottleneck first, two layouts compared, and mistakes answered in a sentence."""

import json

import numba
import pytest

from trustwide.analysis.capacity.flow.arriving import draw_coming
from trustwide.analysis.capacity.flow.following import follow
from trustwide.config.cli import main
from trustwide.config.commands import warm_command
from trustwide.demo.actions import LAYOUTS

FIRST, SECOND = (str(path) for path in LAYOUTS)


def said(capsys, *arguments):
    status = main(["flow", *arguments])
    out, err = capsys.readouterr()
    return status, out, err


def test_the_first_line_is_the_bottleneck(capsys):
    status, out, _ = said(capsys, FIRST)
    lines = out.splitlines()
    assert status == 0
    assert lines[0].startswith("Cannulation is the bottleneck from ")
    assert any(line.startswith("Door to door, mean minutes") for line in lines)
    assert any(line.startswith("cannulation bay") for line in lines)


def test_json_has_every_step_and_repeats(capsys):
    answers = [said(capsys, FIRST, "--json", "--replications", "5", "--seed", "4")[1] for _ in range(2)]
    assert answers[0] == answers[1]
    answer = json.loads(answers[0])
    assert (answer["replications"], answer["seed"]) == (5, 4)
    assert list(answer["steps"]) == ["Check-in", "Changing", "Cannulation", "MRI scan", "CT scan", "Recovery"]
    assert set(answer["whole"]["mean_minutes"]) == {"mean", "half_width"}


def test_two_layouts_are_compared(capsys):
    _, out, _ = said(capsys, FIRST, "--compare", SECOND, "--replications", "20")
    row = next(line for line in out.splitlines() if line.startswith("Door to door, mean"))
    assert row.split()[-3].startswith("-")
    answer = json.loads(said(capsys, FIRST, "--compare", SECOND, "--replications", "20", "--json")[1])
    first, second = (answer[side]["steps"]["Cannulation"]["mean_wait"]["mean"] for side in ("first", "second"))
    assert answer["difference"]["steps"]["Cannulation"]["mean_wait"]["mean"] == pytest.approx(second - first)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere.yaml"], "nowhere.yaml: cannot be read"),
        ([FIRST, "--replications", "0"], "replications: must be from 1"),
        ([FIRST, "--compare", "nowhere.yaml"], "nowhere.yaml: cannot be read"),
    ],
)
def test_mistakes_are_answered_in_a_sentence(capsys, arguments, sentence):
    status, out, err = said(capsys, *arguments)
    assert (status, out) == (1, "")
    assert sentence in err


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled with the JIT off")
def test_warming_leaves_no_kernel_to_be_compiled():
    warm_command._flow()
    assert draw_coming.signatures and follow.signatures
