"""Which answers hold an exam: each by itself, and through the page."""

import datetime as dt

import pytest

from trustwide.services.imaging.requests.models import ExamType, ImagingRequest
from trustwide.services.imaging.requests.pathway import Event, State
from trustwide.services.imaging.requests.questions import SETS, held_by

from .asked_stage import asked_for, do

TODAY = dt.date(2026, 3, 3)
FINE = {"egfr": "72", "egfr_on": "2026-02-20", "allergy": "no"}


def held(sets, **answers):
    return [one.code for one in held_by(sets, answers, TODAY)]


def test_nothing_holds_an_exam_without_questions_or_with_all_answers_fine():
    assert held([]) == []
    assert held(["contrast"], **FINE) == []
    assert held(["mr"], pacemaker="no", implant="no", metal="no", operation="no") == []


@pytest.mark.parametrize("name", SETS)
def test_what_is_not_answered_holds(name):
    assert held([name]) == [question.code for question in SETS[name]]


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"egfr": "29.9"}, "egfr"),
        ({"egfr": "0"}, "egfr"),
        ({"egfr": "900"}, "egfr"),
        ({"egfr": "nan"}, "egfr"),
        ({"egfr_on": "2025-12-02"}, "egfr_on"),
        ({"egfr_on": "2026-03-04"}, "egfr_on"),
        ({"egfr_on": "yesterday"}, "egfr_on"),
        ({"allergy": "yes"}, "allergy"),
        ({"allergy": "not_known"}, "allergy"),
    ],
)
def test_an_answer_that_holds(answers, code):
    assert held(["contrast"], **(FINE | answers)) == [code]


def test_the_limits_themselves_do_not_hold():
    assert held(["contrast"], **(FINE | {"egfr": "30", "egfr_on": "2025-12-03"})) == []


def test_a_set_nobody_knows_holds():
    assert held(["tattoo"]) == ["tattoo"]


@pytest.mark.django_db
def test_a_low_kidney_function_is_told_on_the_page(stage, sign_in_as):
    ExamType.objects.filter(code="MLIVC").update(safety=["contrast", "pregnancy"])
    request = asked_for(stage, "MLIVC", Event.ACCEPT, Event.PROTOCOL)
    client = sign_in_as("radiographer")
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    given = {"egfr": "25", "egfr_on": today, "allergy": "no", "pregnant": "no"}
    assert "An eGFR of 25 is below 30" in do(client, request, "safety_pass", **given).content.decode()
    assert (
        "Enter the eGFR as a number"
        in do(client, request, "safety_pass", **(given | {"egfr": "high"})).content.decode()
    )
    do(client, request, "safety_pass", **(given | {"egfr": "64"}))
    assert ImagingRequest.objects.get().stage is State.READY
    answers = request.events.get(kind=Event.SAFETY_PASS).details["answers"]
    assert answers == {"egfr": "64", "egfr_on": today, "allergy": "no", "pregnant": "no"}
