"""One thing done to many requests: previewed, half of them wrong, nothing lost."""

import datetime as dt

import pytest
from django.urls import reverse

from trustwide.commons.audit.models import AuditEvent
from trustwide.services.imaging.booking.models import Appointment
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.requests.pathway import Event
from trustwide.services.imaging.waiting import bulk
from trustwide.services.imaging.waiting.bulk import ASSIGN, NOTE, RECEIVE, WITHDRAW, What, carry_out, preview
from trustwide.services.imaging.waiting.models import ListNote
from trustwide.services.imaging.waiting.notes import standings

from .waiting_stage import booked, request, today

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk_of_north(stage):
    return stage.cast.people["booking_clerk"]


def gone(stage):
    return request(stage, 10, more=[(Event.WITHDRAW, today(), {})])


def test_half_of_it_wrong_the_good_half_is_done(stage, clerk_of_north, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 7)
    good, bad = [request(stage, 10) for _ in range(20)], [gone(stage) for _ in range(20)]
    ids = [one.pk for pair in zip(good, bad, strict=True) for one in pair]
    seen = preview(ids, WITHDRAW, by=clerk_of_north)
    assert (seen.done, len(seen.refused)) == (20, 20)
    assert ImagingRequest.objects.waiting().count() == 20

    outcome = carry_out(ids, WITHDRAW, What(reason="Asked for by mistake", code="not_needed"), by=clerk_of_north)
    assert outcome.done == 20
    assert [one.request_id for one in outcome.refused] == [one.pk for one in bad]
    assert outcome.reasons == [
        ("The request is withdrawn, so 'withdraw' cannot be done now; what can be done: nothing more.", 20)
    ]
    assert ImagingRequest.objects.waiting().count() == 0
    assert set(
        ImagingRequest.objects.filter(pk__in=[one.pk for one in good]).values_list("stop_reason", flat=True)
    ) == {"not_needed"}


def test_requests_of_other_sites_are_left_as_they_are(stage, clerk_of_north):
    north, south = request(stage, 10), request(stage, 10, site=stage.cast.south)
    outcome = carry_out([north.pk, south.pk, 999_999], WITHDRAW, What(reason="x"), by=clerk_of_north)
    assert outcome.done == 1
    assert [(one.request_id, one.why) for one in outcome.refused] == [
        (south.pk, "It is not on a list you may see."),
        (999_999, "It is not on a list you may see."),
    ]
    south.refresh_from_db()
    assert south.stopped_on is None


def test_those_who_only_look_change_nothing(stage):
    one = request(stage, 10)
    outcome = carry_out([one.pk], WITHDRAW, What(reason="x"), by=stage.cast.people["radiologist"])
    assert outcome.done == 0
    assert "ask its booking office" in outcome.refused[0].why


def test_a_withdrawn_booking_gives_its_time_back(stage, clerk_of_north):
    one = booked(stage, 20, stage.monday)
    carry_out([one.pk], WITHDRAW, What(reason="Moved away", code="elsewhere"), by=clerk_of_north)
    ended = Appointment.objects.get()
    assert (ended.state, ended.ended_reason) == ("hospital_cancelled", "Moved away")


def test_requests_are_assigned_to_those_who_may_see_them(stage):
    north, south = request(stage, 10), request(stage, 10, site=stage.cast.south)
    person = stage.cast.people["booking_clerk"]
    outcome = carry_out([north.pk, south.pk], ASSIGN, What(person=person), by=stage.cast.chief)
    assert outcome.done == 1
    assert outcome.refused[0].why.endswith("may not see the list of South Hospital; choose somebody who works there.")
    north.refresh_from_db()
    assert north.assigned_to == person
    assert AuditEvent.objects.get(action="assigned requests").details == {
        "requests": [north.pk], "to": person.audit_id,
    }  # fmt: skip


def test_a_note_leaves_the_open_action_as_it_is(stage, clerk_of_north):
    one = request(stage, 10)
    due = today() + dt.timedelta(days=3)
    carry_out([one.pk], NOTE, What(action="Ring the ward", owner="Ann", due_on=due), by=clerk_of_north)
    carry_out([one.pk], NOTE, What(comment="Rang twice"), by=clerk_of_north)
    stands = standings([one.pk])[one.pk]
    assert (stands.comment, stands.action, stands.owner, stands.due_on) == ("Rang twice", "Ring the ward", "Ann", due)


def test_new_requests_are_received_once(stage, clerk_of_north):
    new = request(stage, 1, steps=(Event.REQUEST,))
    assert carry_out([new.pk, new.pk], RECEIVE, What(), by=clerk_of_north).done == 1
    received = new.events.get(kind=Event.RECEIVE)
    assert (received.actor_id, received.actor_name) == (clerk_of_north.audit_id, clerk_of_north.audit_name)
    new.refresh_from_db()
    assert new.state == "received"


def test_what_is_received_already_is_told(stage, clerk_of_north):
    new = request(stage, 1)
    outcome = preview([new.pk], RECEIVE, by=clerk_of_north)
    assert outcome.done == 0
    assert outcome.reasons[0][0].startswith("The request is ready, so 'receive' cannot be done now")


def post(client, **data):
    return client.post(reverse("imaging:waiting_bulk"), data, follow=True)


def test_the_outcome_can_be_loaded_again_without_doing_it_again(stage, clerk):
    good, bad = request(stage, 10), gone(stage)
    sent = {"act": NOTE, "ids": f"{good.pk},{bad.pk}", "sure": "yes", "comment": "Rang", "asked": "test=MRI"}
    answer = clerk.post(reverse("imaging:waiting_bulk"), sent)
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("imaging:waiting_bulk"))
    for _ in range(2):
        text = clerk.get(answer.headers["Location"]).content.decode()
        assert "Done for 1 request; 1 stay as they were." in text
        assert str(bad.patient) in text
        assert "It is no longer waiting." in text
    assert ListNote.objects.count() == 1
    assert str(bad.patient) not in str(dict(clerk.session))


def test_without_an_outcome_one_is_led_to_the_list(stage, clerk):
    answer = clerk.get(reverse("imaging:waiting_bulk"))
    assert answer.headers["Location"] == reverse("imaging:waiting_list")


def test_the_page_shows_what_will_happen_then_does_it(stage, clerk):
    good, bad = request(stage, 10), gone(stage)
    text = post(clerk, act=WITHDRAW, request=[good.pk, bad.pk], asked="test=MRI").content.decode()
    assert "1 request will be withdrawn; 1 cannot be and stay as they are. Nothing is changed yet." in text
    ids = f"{good.pk},{bad.pk}"
    assert f'name="ids" value="{ids}"' in text
    assert "Enter reason, for the record" in post(clerk, act=WITHDRAW, ids=ids, sure="yes").content.decode()
    done = post(clerk, act=WITHDRAW, ids=ids, sure="yes", reason="Not needed", code="other", asked="test=MRI")
    assert "Done for 1 request; 1 stay as they were." in done.content.decode()
    good.refresh_from_db()
    assert good.stop_reason == "other"


def test_all_that_match_are_meant_not_only_the_page(stage, clerk):
    for _ in range(60):
        request(stage, 10)
    request(stage, 10, exam="CHEAD")
    text = post(clerk, act=WITHDRAW, all="on", asked="test=MRI").content.decode()
    assert "60 requests will be withdrawn." in text


def test_nothing_ticked_is_told(stage, clerk):
    request(stage, 10)
    assert "Tick the requests first" in post(clerk, act=WITHDRAW).content.decode()
    clerk.force_login(stage.cast.people["radiologist"])
    assert post(clerk, act=WITHDRAW, all="on").status_code == 403
