"""Finds the requests of a patient who is on the telephone, by name or number."""

from __future__ import annotations

import re

from django.db.models import Q

from trustwide.commons.accounts.models import User
from trustwide.commons.organisations.models import Partnership
from trustwide.commons.patients.exceptions import PatientError
from trustwide.commons.patients.identity import key_of
from trustwide.commons.patients.models import Patient
from trustwide.services.imaging.requests.models import ImagingRequest

MOST_FOUND = 50


def requests_of(user: User, text: str) -> list[ImagingRequest]:
    """The newest requests, which this person may see, of patients with that name, NHS number or local number."""
    patients = Patient.objects.for_user(user).filter(_named(user, text.replace("\x00", "").strip()))
    found = ImagingRequest.objects.seen_by(user).filter(patient__in=patients.values("pk"))
    return list(found.light().order_by("-requested_at")[:MOST_FOUND])


def _named(user: User, text: str) -> Q:
    named = Q(nhs_number=re.sub(r"\D", "", text)) if re.search(r"\d", text) else Q(name__icontains=text)
    sites = Partnership.objects.filter(comparison=False).values_list("slug", flat=True)
    try:
        keys = [key_of(text, slug) for slug in sites]
    except PatientError:
        return named
    return named | Q(key__in=keys) | Q(merged__key__in=keys)
