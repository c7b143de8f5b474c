"""Requests at any step of the pathway, for the tests of their pages."""

from __future__ import annotations

import datetime as dt
import itertools

from django.urls import reverse
from django.utils import timezone

from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.commons.patients.actions import find_or_add_patient
from trustwide.services.imaging.requests.actions import happen, receive_request
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.requests.pathway import Event

_numbers = itertools.count(1)


def asked_for(stage, exam="MKNEE", *steps: Event, site=None, days_ago=10, priority="routine", who="") -> ImagingRequest:
    """A request received and taken through `steps` at the moment it was asked for."""
    patient = find_or_add_patient(stage.cast.group, who or f"A{next(_numbers)}", by=STAGE)
    at = timezone.now() - dt.timedelta(days=days_ago)
    due = {"due_on": timezone.localdate() + dt.timedelta(days=20)} if priority == "planned" else {}
    request = receive_request(
        patient, stage.exams[exam], site or stage.cast.north, priority, by=STAGE, requested_at=at, at=at, **due
    )
    for step in steps:
        happen(request, step, by=STAGE, at=at)
    return ImagingRequest.objects.light().get(pk=request.pk)


def page_of(client, request) -> str:
    """The page of a request as text."""
    return client.get(reverse("imaging:request", args=[request.pk])).content.decode()


def do(client, request, event, follow=True, **given):
    """Send the form of a step as it was shown for the request as given."""
    address = reverse("imaging:request_step", args=[request.pk, event])
    return client.post(address, {"seen": request.events_count} | given, follow=follow)
