"""Who needs an exam? A new request, a series of planned ones, and what was asked for already."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from trustwide.commons.accounts.rules import NotAllowedError
from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.commons.patients.models import Patient
from trustwide.services.imaging.requests.asking import Rhythm, make_series
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.requests.pathway import Event, PathwayError, State

from .asked_stage import asked_for

pytestmark = pytest.mark.django_db
INVENTED, REAL = "999 000 0018", "943 476 5919"  # the second is the worked example of the NHS Data Dictionary


def ask(client, stage, **given):
    sent = {
        "identifier": "L-1", "site": "N1", "exam": stage.exams["MKNEE"].pk, "priority": "routine", "sex": "U",
        "requested_on": timezone.localdate().isoformat(),
    }  # fmt: skip
    return client.post(reverse("imaging:new_request"), sent | given, follow=True)


@pytest.fixture
def clerk(stage, sign_in_as):
    return sign_in_as("booking_clerk")


def test_a_request_is_put_on_the_list(stage, clerk):
    page = ask(clerk, stage, needs=["hoist"], source="GP", referrer="Dr G", born_year="1950").content.decode()
    request = ImagingRequest.objects.get()
    assert "The request is on the list." in page
    assert (request.stage, request.site, request.source) == (State.RECEIVED, stage.cast.north, "GP")
    assert (request.patient.born_year, request.patient.needs.get().code) == (1950, "hoist")
    assert "L-1" not in page, "the identifier is shown, though only its hash is kept"


def test_the_same_patient_is_found_by_number(stage, clerk):
    ask(clerk, stage, identifier="L 1")
    ask(clerk, stage, identifier="l-1", exam=stage.exams["CHEAD"].pk)
    assert Patient.objects.count() == 1


def test_a_series_of_planned_exams(stage, clerk):
    due = timezone.localdate() + dt.timedelta(days=60)
    page = ask(clerk, stage, priority="planned", due_on=due.isoformat(), every_weeks="26", times="4").content.decode()
    made = list(ImagingRequest.objects.order_by("due_on"))
    assert "4 exams of the series are on the list." in page
    assert [one.due_on for one in made] == [due + dt.timedelta(weeks=26 * number) for number in range(4)]
    assert len({one.series for one in made}) == 1
    assert made[0].series
    assert [one.experienced_from for one in made] == [one.due_on for one in made]


def test_a_series_is_made_whole_or_not_at_all(stage):
    patient = asked_for(stage).patient
    due = timezone.localdate()
    for rhythm in (Rhythm(0, 3), Rhythm(4, 1), Rhythm(4, 21)):
        with pytest.raises(PathwayError, match="A series has 2 to 20 exams"):
            make_series(
                patient,
                stage.exams["MKNEE"],
                stage.cast.north,
                rhythm,
                by=STAGE,
                requested_at=timezone.now(),
                due_on=due,
            )
    with pytest.raises(NotAllowedError):
        make_series(
            patient, stage.exams["MKNEE"], stage.cast.south, Rhythm(4, 3), by=stage.cast.people["booking_clerk"],
            requested_at=timezone.now(), due_on=due,
        )  # fmt: skip
    assert ImagingRequest.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"priority": "planned"}, "A planned exam needs the day it is due"),
        ({"due_on": "2030-01-01"}, "Only a planned exam has a day it is due"),
        ({"every_weeks": "4", "times": "3"}, "Only planned exams come in a series"),
        ({"priority": "planned", "due_on": "2030-01-01", "times": "3"}, "A series needs both"),
        ({"requested_on": "2999-01-01"}, "The request is dated in the future"),
        ({"identifier": "--"}, "A patient identifier is empty"),
        ({"identifier": REAL}, "only invented NHS numbers"),
        ({"site": "S1"}, "Choose a site that is listed."),
        ({"born_year": "1066"}, "Enter a year from"),
        ({"times": "99"}, "Enter a number from 2 to 20."),
    ],
)
def test_what_cannot_be_is_told_and_nothing_written(stage, clerk, given, said):
    page = ask(clerk, stage, **given).content.decode()
    assert said in page
    assert not Patient.objects.exists()
    assert not ImagingRequest.objects.exists()


def test_live_booking_keeps_names_and_checks_the_number(stage, clerk, settings):
    settings.LIVE_BOOKING = True
    assert "right check digit" in ask(clerk, stage, identifier="9434765918").content.decode()
    page = ask(
        clerk, stage, identifier=REAL, name="Ada Byron", question="Meniscus?", contact_by="letter"
    ).content.decode()
    assert (Patient.objects.get().nhs_number, Patient.objects.get().name) == ("9434765919", "Ada Byron")
    assert "Meniscus?" in page


def test_without_live_booking_nothing_that_identifies_is_kept(stage, clerk):
    ask(clerk, stage, identifier=INVENTED, name="Ada Byron", question="Meniscus?")
    request = ImagingRequest.objects.select_related("patient").get()
    assert (request.patient.name, request.patient.nhs_number, request.question) == ("", "", "")


def test_what_was_asked_for_already_takes_an_explicit_yes(stage, clerk):
    ask(clerk, stage)
    page = ask(clerk, stage).content.decode()
    assert "The same exam of this patient was asked for already. Nothing has been written yet." in page
    assert "Received, to be vetted" in page
    assert ImagingRequest.objects.count() == 1
    about = page.split('name="about" value="')[1].split('"')[0]
    ask(clerk, stage, sure="on")
    ask(clerk, stage, sure="on", about="0-0")
    assert ImagingRequest.objects.count() == 1, "it was sure of something else"
    ask(clerk, stage, sure="on", about=about)
    assert ImagingRequest.objects.count() == 2


def test_an_exam_taken_off_may_be_asked_for_again_at_once(stage, clerk):
    from trustwide.services.imaging.waiting.actions import take_off

    ask(clerk, stage)
    take_off(ImagingRequest.objects.get(), by=STAGE, reason="asked for twice", code="duplicate")
    assert "The request is on the list." in ask(clerk, stage).content.decode()


def test_the_same_exam_at_another_site_is_told_without_its_page(stage, clerk):
    other = asked_for(stage, "MKNEE", site=stage.cast.south, who="L-1")
    page = ask(clerk, stage).content.decode()
    assert "South Hospital" in page
    assert reverse("imaging:request", args=[other.pk]) not in page


def test_a_radiologist_asks_for_nothing_here(stage, sign_in_as):
    assert ask(sign_in_as("radiologist"), stage).status_code == 403


def test_events_are_asked_and_received_by_the_clerk(stage, clerk):
    ask(clerk, stage, requested_on=(timezone.localdate() - dt.timedelta(days=3)).isoformat())
    events = list(ImagingRequest.objects.get().events.order_by("number"))
    assert [event.kind for event in events] == [Event.REQUEST, Event.RECEIVE]
    assert {event.actor_name for event in events} == {"North Booking clerk"}
    assert (events[1].at.date() - events[0].at.date()).days == 3
