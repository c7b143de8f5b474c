"""A patient on the telephone is found by name or number, at the asker's sites only; no name stands in an address."""

from __future__ import annotations

import pytest
from django.urls import reverse

from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.commons.patients.actions import find_or_add_patient
from trustwide.services.imaging.requests.models import ImagingRequest

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(stage, settings):
    settings.LIVE_BOOKING = True
    request = stage.request(name="Ada Example")
    known = find_or_add_patient(stage.cast.group, "T765 4321", by=STAGE, nhs_number="9990000018")
    ImagingRequest.objects.filter(pk=request.pk).update(patient=known)
    known.name = "Ada Example"
    known.save()
    return request


@pytest.mark.parametrize("text", ["exampl", "t7654321", "999 000 0018"])
def test_found_by_name_local_number_or_nhs_number(stage, ada, client, text):
    client.force_login(stage.cast.people["booking_clerk"])
    page = client.post(reverse("imaging:find_patient"), {"text": text}).content.decode()
    assert "1 request." in page
    assert reverse("imaging:request", args=[ada.pk]) in page


def test_not_found_at_another_site_nor_without_sense(stage, ada, client):
    ImagingRequest.objects.update(site=stage.cast.south)
    client.force_login(stage.cast.people["booking_clerk"])
    url = reverse("imaging:find_patient")
    assert "Nobody of that name or number" in client.post(url, {"text": "Example"}).content.decode()
    assert "Give two letters or more" in client.post(url, {"text": "E"}).content.decode()
