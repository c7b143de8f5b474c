"""How a patient is reached and travels, changed on a page."""

from __future__ import annotations

import pytest
from django.urls import reverse

from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.commons.patients.actions import record_need
from trustwide.services.imaging.booking.slots import question_for
from trustwide.services.imaging.requests.models import ImagingRequest

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(stage, client):
    client.force_login(stage.cast.people["booking_clerk"])
    return client


def send(client, request, **posted):
    return client.post(reverse("imaging:patient_details", args=[request.pk]), posted, follow=True).content.decode()


def test_the_journey_a_patient_accepts_is_kept_to(stage, clerk):
    request = stage.request()
    assert "The details are kept" in send(clerk, request, nearest=stage.cast.south.pk, travel_minutes=15)
    question = question_for(ImagingRequest.objects.get(pk=request.pk))
    assert (question.home, question.travel) == (stage.cast.south.pk, 15)


def test_names_and_numbers_are_asked_only_where_booking_is_live(stage, clerk, settings):
    request = stage.request()
    send(clerk, request, name="Ada Example", mobile="07700 900123", travel_minutes=15)
    request.patient.refresh_from_db()
    assert (request.patient.name, request.patient.mobile, request.patient.travel_minutes) == ("", "", 15)
    settings.LIVE_BOOKING = True
    assert "Choose how to reach the patient" in send(clerk, request, name="Ada Example")
    send(clerk, request, name="Ada Example", mobile="07700 900123", contact_by="sms")
    request.patient.refresh_from_db()
    assert (request.patient.name, request.patient.contact_by) == ("Ada Example", "sms")
    assert request.patient.mobile.endswith("7700900123")


def test_what_must_come_first_is_marked_done(stage, clerk):
    request = stage.request()
    need = record_need(request.patient, "sedation", by=STAGE)
    page = clerk.get(reverse("imaging:request", args=[request.pk])).content.decode()
    assert "Sedation plan done" in page
    clerk.post(reverse("imaging:request_need_ready", args=[request.pk, need.pk]))
    need.refresh_from_db()
    assert need.ready


def test_patients_of_other_sites_and_readers_are_refused(stage, clerk, client):
    theirs = stage.request(site=stage.cast.south)
    assert clerk.get(reverse("imaging:patient_details", args=[theirs.pk])).status_code == 404
    client.force_login(stage.cast.people["planner"])
    mine = stage.request()
    assert client.get(reverse("imaging:patient_details", args=[mine.pk])).status_code == 403
