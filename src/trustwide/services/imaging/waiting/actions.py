"""Writes to waiting requests that several pages share: taking off the list, receiving, assigning, merging records."""

from __future__ import annotations

import datetime
from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import check_can, sites_where
from trustwide.commons.audit.actions import Actor, record
from trustwide.commons.organisations.models import Site
from trustwide.commons.patients.actions import merge_patients, surviving
from trustwide.commons.patients.models import Patient
from trustwide.services.imaging.booking.actions import end
from trustwide.services.imaging.booking.models import Appointment
from trustwide.services.imaging.requests.actions import happen, happenings, set_derived, target_on
from trustwide.services.imaging.requests.derived import Derived, derive
from trustwide.services.imaging.requests.models import ImagingRequest, Priority
from trustwide.services.imaging.requests.pathway import Event, PathwayError, State, check_can_happen
from trustwide.services.imaging.waiting.clocks import LONDON

DUPLICATE = "duplicate"
FURTHEST_DUE = datetime.timedelta(days=3653)  # ten years


def take_off(request: ImagingRequest, *, by: Actor, reason: str, code: str = "") -> None:
    """Withdraw a request; its appointment in force ends with it and its minutes are free again.

    code: why, as the list counts it, for example "duplicate". Raises PathwayError where it cannot be withdrawn.
    """
    check_can_happen(Event.WITHDRAW, request.stage, reason=reason)
    details = {"code": code} if code else {}
    if request.stage is not State.BOOKED:
        happen(request, Event.WITHDRAW, by=by, reason=reason, details=details)
        return
    with transaction.atomic():
        for appointment in Appointment.objects.in_force().filter(request=request):
            end(appointment, Appointment.State.HOSPITAL_CANCELLED, reason=reason, free=True)
        happen(request, Event.WITHDRAW, by=by, reason=reason, details=details)


@transaction.atomic
def did_not_come(request: ImagingRequest, appointment_id: int, *, by: Actor) -> None:
    """The appointment has begun, is in force, and nobody came. Raises PathwayError where that is not so."""
    held = Appointment.objects.in_force().select_related("session").filter(request=request, pk=appointment_id)
    appointment = held.first()
    if appointment is None:
        raise PathwayError("That appointment is no longer in force; look at the request again.")
    if appointment.starts_at > timezone.now():
        raise PathwayError("That appointment is still ahead, so nobody can have missed it.")
    end(appointment, Appointment.State.MISSED)
    day = appointment.starts_at.astimezone(LONDON).date().isoformat()
    happen(request, Event.MISS, by=by, details={"appointment": appointment.pk, "appointment_on": day})


@transaction.atomic
def set_due(request: ImagingRequest, due_on: datetime.date, *, by: User) -> None:
    """Give a planned exam the day it is due; its clocks start then. Raises PathwayError for an exam of another kind."""
    check_can(by, "make_bookings", request.site)
    if request.priority != Priority.PLANNED:
        raise PathwayError("Only a planned exam has a day it is due.")
    if abs(due_on - timezone.localdate()) > FURTHEST_DUE:
        raise PathwayError("A planned exam is due within ten years of today; check the year.")
    asked_on = request.requested_at.astimezone(LONDON).date()
    request.due_on = due_on
    request.target_on = target_on(request.priority, asked_on, due_on)
    set_derived(request, derive(asked_on, due_on, happenings(request.events.order_by("number"))))
    request.save(update_fields=["due_on", "target_on", *Derived.__dataclass_fields__])
    record("gave a planned exam its day", by=by, target=request, site_code=request.site.code,
           details={"due_on": due_on})  # fmt: skip


@transaction.atomic
def assign(requests: Collection[ImagingRequest], person: User, *, by: User) -> None:
    """Make somebody responsible for requests, all of one or more sites where `by` books."""
    for site in Site.objects.filter(pk__in={request.site_id for request in requests}):
        check_can(by, "make_bookings", site)
    ids = [request.pk for request in requests]
    ImagingRequest.objects.filter(pk__in=ids).update(assigned_to=person)
    record("assigned requests", by=by, details={"requests": ids, "to": person.audit_id})


@transaction.atomic
def merge_records(gone: Patient, into: Patient, *, by: User, reason: str) -> Patient:
    """Two records of one person become one, and what was asked for under the first moves over with it.

    Raises PatientError where they are one already, NotAllowedError where requests of other sites would be moved.
    """
    into = surviving(into)
    of_both = ImagingRequest.objects.filter(patient__in=[gone, into])
    elsewhere = of_both.exclude(site__in=sites_where(by, "make_bookings")).select_related("site").first()
    if elsewhere is not None:
        check_can(by, "make_bookings", elsewhere.site)
    moving = ImagingRequest.objects.filter(patient=gone)
    ids = list(moving.values_list("pk", flat=True))
    merge_patients(gone, into, by=by, reason=reason)
    moving.update(patient=into)
    record("moved the requests of a merged record", by=by, target=into, details={"gone": gone.pk, "requests": ids})
    return into
