"""`--from-live`: today's service simulated and planned from the command line, and written as files."""

from __future__ import annotations

import json

import pytest

from trustwide.analysis import capacity
from trustwide.config.cli import main
from trustwide.services.imaging.booking.tests.booking_stage import build_stage

pytestmark = pytest.mark.django_db
LEVERS = """
- {id: reminders, title: Text reminders, does: {scale_did_not_attend: 0.5}, cost_per_year: 9000}
"""


@pytest.fixture
def live(cast):
    stage = build_stage(cast)
    for number in range(8):
        stage.request(days_ago=3 + 5 * number)
    return stage


def test_todays_service_is_simulated_and_written(live, tmp_path, capsys):
    folder = tmp_path / "today"
    asked = ["--from-live", "group", "--replications", "2", "--json", "--no-store"]
    assert main(["simulate", *asked, "--export", str(folder)]) == 0
    said = capsys.readouterr()
    answer = json.loads(said.out)
    assert answer["weeks"][0]["list"]["mean"] == 8
    assert "The waiting list at the start of" in said.err
    text = (folder / "service.yaml").read_text(encoding="utf-8")
    assert text.startswith("# source of about: ")
    assert len(capacity.load_service(folder / "service.yaml").waiting_list) == 8
    assert main(["simulate", str(folder / "service.yaml"), "--replications", "2", "--json", "--no-store"]) == 0
    assert json.loads(capsys.readouterr().out)["digest"] == answer["digest"]


def test_todays_service_is_planned_for(live, tmp_path, capsys):
    levers = tmp_path / "levers.yaml"
    levers.write_text(LEVERS, encoding="utf-8")
    asked = ["--from-live", "--levers", str(levers), "--replications", "5", "--workers", "1", "--json"]
    assert main(["plan", *asked]) == 0
    assert json.loads(capsys.readouterr().out)["plans"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["simulate"], "name a service file, or --from-live"),
        (["simulate", "x.yaml", "--from-live"], "one of the two"),
        (["simulate", "x.yaml", "--export", "y"], "--export goes with --from-live"),
        (["simulate", "--from-live", "nowhere"], "there is no such partnership; here are: group."),
        (["simulate", "--from-live", "--modality", "XX"], "there is no such modality; expected one of MR, CT"),
        (["simulate", "--from-live", "--modality", "US"], "No scanner for Ultrasound has hours"),
        (["plan", "--from-live", "--dm01", "x.csv"], "name a service"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(live, capsys, asked, said):
    assert main(asked) == 1
    assert said in capsys.readouterr().err
