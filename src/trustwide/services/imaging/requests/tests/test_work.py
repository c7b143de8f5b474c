"""What is there to do? Work lists by role, their counts and filters, and one step done for many."""

import datetime as dt

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from trustwide.commons.accounts.actions import add_member
from trustwide.commons.accounts.models import Membership
from trustwide.commons.accounts.tests.cast import STAGE, person
from trustwide.commons.audit.models import AuditEvent
from trustwide.services.imaging.requests import several
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.requests.pathway import Event, State
from trustwide.services.imaging.requests.words import delay
from trustwide.services.imaging.requests.worklists import Asked, to_do, work_page

from .asked_stage import asked_for

pytestmark = pytest.mark.django_db


def work(client, **query):
    return client.get(reverse("imaging:work"), query)


def several_at_once(client, act, *requests, **given):
    sent = {"act": act, "request": [one.pk for one in requests], "asked": "role=radiologist"} | given
    return client.post(reverse("imaging:work_several"), sent)


def test_each_role_finds_its_own_steps(stage, sign_in_as):
    asked_for(stage)
    asked_for(stage, "MKNEE", Event.ACCEPT)
    stage.request()
    for role, words in (("radiologist", "Vet"), ("radiographer", "Protocol"), ("booking_clerk", "Offer a date")):
        page = work_page(stage.cast.people[role], Asked(""), timezone.now())
        assert [(step.words, step.number) for step in page.steps] == [(words, 1)]
        assert [row.step for row in page.rows] == [words]
        assert page.roles == ((role, dict(page.roles)[role]),)


def test_somebody_without_a_role_of_the_pathway_sees_all_of_them(stage):
    assert len(work_page(stage.cast.chief, Asked(""), timezone.now()).roles) == 3


def test_overdue_first_and_how_late_in_words(stage, sign_in_as):
    asked_for(stage, days_ago=1)
    asked_for(stage, days_ago=6)
    page = work(sign_in_as("radiologist")).content.decode()
    assert "2 requests wait for radiologists, 1 of them overdue." in page
    assert page.index("4 days late") < page.index("due in 23 hours")


def test_delays_in_words():
    now = timezone.now()
    assert delay(now - dt.timedelta(days=1, hours=5), now) == "1 day late"
    assert delay(now - dt.timedelta(minutes=3), now) == "3 minutes late"
    assert delay(now + dt.timedelta(hours=2), now) == "due in 2 hours"
    assert delay(None, now) == ""


def test_an_appointment_asks_for_nothing_before_its_time(stage):
    from trustwide.services.imaging.booking.actions import book
    from trustwide.services.imaging.booking.slots import find_slots, question_for

    request = stage.request()
    slot = find_slots(question_for(request), limit=1)[0]
    book(request, slot.session_id, slot.starts_at, by=STAGE)
    clerk = stage.cast.people["booking_clerk"]
    assert not to_do(clerk, Asked("booking_clerk"), timezone.now())
    after = slot.starts_at + dt.timedelta(hours=1)
    assert list(to_do(clerk, Asked("booking_clerk"), after)) == [request]


def test_the_address_filters(stage, sign_in_as):
    asked_for(stage)
    asked_for(stage, "CHEAD", priority="urgent")
    client = sign_in_as("radiologist")
    assert "CT head" not in work(client, test="MRI").content.decode().split("<tbody")[1]
    assert "MRI knee" not in work(client, priority="urgent").content.decode().split("<tbody")[1]
    assert "Nothing for radiologists is waiting" in work(client, priority="planned").content.decode()
    assert "There is a problem" in work(client, site="S1").content.decode()
    assert work(client, page="x", step="nothing", role="<b>").status_code == 200


def test_a_request_of_south_is_on_no_list_at_north(stage, sign_in_as):
    asked_for(stage, site=stage.cast.south)
    assert "Nothing for radiologists is waiting" in work(sign_in_as("radiologist")).content.decode()


def test_the_list_takes_a_fixed_number_of_queries(stage, sign_in_as, django_assert_num_queries):
    client = sign_in_as("radiologist")
    asked_for(stage)
    work(client)
    with django_assert_num_queries(11):
        work(client)
    for _ in range(60):
        asked_for(stage)
    with django_assert_num_queries(11):
        page = work(client).content.decode()
    assert page.count('name="request"') == 50
    assert work(client, page=2).content.decode().count('name="request"') == 11


def test_the_list_is_read_from_its_index(stage):
    query = to_do(stage.cast.people["radiologist"], Asked("radiologist"), timezone.now())[:50]
    if connection.vendor == "sqlite":
        assert "request_to_do" in query.explain()


def test_work_is_taken_and_given(stage, sign_in_as):
    one, two = asked_for(stage), asked_for(stage)
    radiologist = stage.cast.people["radiologist"]
    client = sign_in_as("radiologist")
    before = several_at_once(client, "take", one, two).content.decode()
    assert "2 requests will be yours. Nothing is changed yet." in before
    several_at_once(client, "take", one, sure="yes")
    one.refresh_from_db()
    assert one.assigned_to == radiologist
    assert AuditEvent.objects.filter(action="assigned requests").count() == 1
    assert work(client, mine="yes").content.decode().count('name="request"') == 1
    colleague = person("North Second Radiologist")
    add_member(colleague, Membership.Role.RADIOLOGIST, stage.cast.north, by=STAGE, reason="test")
    assert "North Second Radiologist" in several_at_once(client, "give", one).content.decode()
    several_at_once(client, "give", one, sure="yes", person=colleague.pk)
    one.refresh_from_db()
    assert one.assigned_to == colleague


def test_work_is_not_given_to_somebody_of_another_site(stage):
    south = person("South Radiologist")
    add_member(south, Membership.Role.RADIOLOGIST, stage.cast.south, by=STAGE, reason="test")
    request = asked_for(stage)
    outcome = several.carry_out([request.pk], "give", several.What(person=south), by=stage.cast.people["radiologist"])
    assert outcome.done == 0
    assert "may not see the requests of North Hospital" in outcome.refused[0].why


def test_half_of_many_can_and_the_others_are_told(stage, sign_in_as):
    """One is accepted already, one is at South, one is fine: the fine one is done and the others say why not."""
    fine, over = asked_for(stage), asked_for(stage, "MKNEE", Event.ACCEPT)
    elsewhere = asked_for(stage, site=stage.cast.south)
    client = sign_in_as("radiologist")
    before = several_at_once(client, "accept", fine, over, elsewhere).content.decode()
    assert "1 request will be accepted; 2 cannot be and stay as they are." in before
    assert fine.events.count() == 2
    done = several_at_once(client, "accept", fine, over, elsewhere, sure="yes", practitioner="Dr A").content.decode()
    assert "Done for 1 request; 2 stay as they were." in done
    assert "It is not on a list you may see." in done
    assert "The request is accepted" in done
    states = dict(ImagingRequest.objects.values_list("pk", "state"))
    assert (states[fine.pk], states[elsewhere.pk]) == (State.ACCEPTED, State.RECEIVED)
    assert fine.events.get(kind=Event.ACCEPT).details == {"practitioner": "Dr A"}


def test_particulars_are_asked_for_before_anything_is_done(stage, sign_in_as):
    request = asked_for(stage, "MKNEE", Event.ACCEPT)
    client = sign_in_as("radiographer")
    page = several_at_once(client, "protocol", request, sure="yes", protocol="").content.decode()
    assert "Enter protocol" in page
    several_at_once(client, "protocol", request, sure="yes", protocol="Knee, routine")
    request.refresh_from_db()
    assert (request.stage, request.protocol) == (State.PROTOCOLLED, "Knee, routine")


def test_who_only_reads_does_nothing_to_many(stage, sign_in_as):
    request = asked_for(stage)
    client = sign_in_as("planner")
    assert 'name="act"' not in work(client, role="radiologist").content.decode()
    page = several_at_once(client, "take", request, sure="yes").content.decode()
    assert "Done for 0 requests" in page
    assert "not do this there" in page


def test_nothing_ticked_is_told(stage, sign_in_as):
    page = several_at_once(sign_in_as("radiologist"), "take").content.decode()
    assert "Tick the requests first" in page
