"""Who may see a patient's page and for how long, and what the page lets them do."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from trustwide.commons.patients.actions import surviving
from trustwide.commons.patients.actor import PatientActor
from trustwide.commons.patients.models import Patient
from trustwide.services.imaging.booking.models import Appointment
from trustwide.services.imaging.messages.models import PatientLink
from trustwide.services.imaging.patient_pages.links import find_link
from trustwide.services.imaging.requests.models import ImagingRequest

SESSION_KEY = "patient_links"
MINUTES_OPEN = 20
RATES = {"patient_page": "120/m/ip", "incoming_message": "600/m/ip"}


@dataclass(frozen=True)
class Visit:
    """Somebody who opened a link that leads somewhere."""

    link: PatientLink
    token: str
    patient: Patient
    now: datetime.datetime

    @property
    def request(self) -> ImagingRequest:
        """What the link is about."""
        return self.link.request

    @property
    def actor(self) -> PatientActor:
        """The patient as the one who acts."""
        return PatientActor(self.patient)

    def appointment(self) -> Appointment | None:
        """The appointment in force that lies ahead."""
        ahead = self.request.appointments.in_force().filter(starts_at__gt=self.now)
        found: Appointment | None = ahead.select_related("session__scanner", "session__site__partner").first()
        return found


Page = Callable[..., HttpResponse]


def for_link(view: Page) -> Page:
    """For views: anybody with a link that leads somewhere; the view gets a Visit. All else is one page that says no."""

    @login_not_required
    @never_cache
    @wraps(view)
    def checked(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponse:
        if not within_rate(request, "patient_page"):
            return _quietly(render(request, "imaging/patient/wait.jinja", status=429))
        now = timezone.now()
        link = find_link(token, now)
        if link is None:
            return _quietly(render(request, "imaging/patient/no_link.jinja", _phone(), status=404))
        visit = Visit(link, token, surviving(link.request.patient), now)
        if link.locked_at is not None:
            return _quietly(render(request, "imaging/patient/locked.jinja", _phone(), status=403))
        if visit.patient.born_on is None:
            return _quietly(render(request, "imaging/patient/no_birth_date.jinja", _phone(), status=403))
        return _quietly(view(request, visit, **kwargs))

    return checked


def for_patient(view: Page) -> Page:
    """For views: only the patient, who gave the date of birth within the last twenty minutes."""

    @wraps(view)
    def checked(request: HttpRequest, visit: Visit, **kwargs: Any) -> HttpResponse:
        if not is_known(request, visit):
            return redirect("patient_page", visit.token)
        remember(request, visit)
        return view(request, visit, **kwargs)

    return for_link(checked)


def is_known(request: HttpRequest, visit: Visit) -> bool:
    """Whether this browser gave the date of birth for this link lately."""
    until = request.session.get(SESSION_KEY, {}).get(str(visit.link.pk), 0)
    return bool(until > visit.now.timestamp())


def remember(request: HttpRequest, visit: Visit) -> None:
    """Another twenty minutes for this browser."""
    until = visit.now + datetime.timedelta(minutes=MINUTES_OPEN)
    known = request.session.get(SESSION_KEY, {})
    request.session[SESSION_KEY] = known | {str(visit.link.pk): until.timestamp()}


def within_rate(request: HttpRequest, action: str) -> bool:
    """Whether this address asked seldom enough; the same counter that guards signing in."""
    return bool(ratelimit.consume(request, app="trustwide", action=action, config=RATES, limit_get=True))


def _phone() -> dict[str, str]:
    return {"phone": settings.BOOKING_PHONE}


def _quietly(response: HttpResponse) -> HttpResponse:
    """Nothing of the address is passed on, and no search engine keeps the page."""
    # `no-referrer` would have browsers send "Origin: null" with forms, which the check against forgery refuses
    response.headers["Referrer-Policy"] = "strict-origin" if response.status_code == 200 else "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
