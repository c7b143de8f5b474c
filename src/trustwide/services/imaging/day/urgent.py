"""An urgent patient put in between, with what has to be settled before: justified, protocolled, asked about safety."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import check_can
from trustwide.commons.patients.actions import find_or_add_patient
from trustwide.commons.patients.models import Patient
from trustwide.services.imaging.booking.actions import book
from trustwide.services.imaging.booking.exceptions import BookingError
from trustwide.services.imaging.booking.models import Appointment, ScannerSession
from trustwide.services.imaging.booking.slots import CELL, find_slots, question_for
from trustwide.services.imaging.requests.actions import event_rows, new_request
from trustwide.services.imaging.requests.models import ExamType, ImagingRequest, PathwayEvent, Priority
from trustwide.services.imaging.requests.pathway import CLOSED, Event
from trustwide.services.imaging.requests.rules import IONISING
from trustwide.services.imaging.waiting.clocks import Happening

URGENT = (Priority.EMERGENCY, Priority.INPATIENT)
TAKES = ("run_the_day", "vet_requests", "make_bookings")  # whoever puts a patient in between does all three


@dataclass(frozen=True)
class UrgentRequest:
    """What is asked for. practitioner: who justified it, if radiation is used. safety_asked: nothing holds the exam."""

    identifier: str
    exam: ExamType
    priority: str
    safety_asked: bool
    practitioner: str = ""
    question: str = ""


@transaction.atomic
def add_urgent(asked: UrgentRequest, session: ScannerSession, *, by: User) -> Appointment:
    """Put somebody into a session now: into its next gap, or on top of the list within its limit; all or nothing.

    Raises NotAllowedError, or BookingError where something is not settled or the patient is on the list already.
    """
    site = session.scanner.site
    for permission in TAKES:
        check_can(by, permission, site)
    _check_settled(asked)
    patient = find_or_add_patient(site.partner.partnership, asked.identifier, by=by)
    _check_not_there(patient, asked.exam)
    request = _request(patient, asked, session, by)
    question = question_for(request, latest=session.closes_at)
    slot = next((slot for slot in find_slots(question, limit=50) if slot.session_id == session.pk), None)
    if slot is not None:
        return book(request, session.pk, slot.starts_at, by=by)
    return book(request, session.pk, _next_cell(session), by=by, overbook=True)


def _check_settled(asked: UrgentRequest) -> None:
    if asked.priority not in URGENT:
        raise BookingError("Only emergencies and inpatients are put in between; book others in the ordinary way.")
    if asked.exam.modality in IONISING and not asked.practitioner.strip():
        raise BookingError("This exam uses radiation: name the practitioner who justifies it.")
    if not asked.safety_asked:
        raise BookingError("Ask the safety questions of this exam first; if an answer holds it, book it when settled.")


def _check_not_there(patient: Patient, exam: ExamType) -> None:
    """The same form sent twice puts nobody in twice."""
    same = patient.requests.filter(exam=exam, priority__in=URGENT, stopped_on=None).exclude(state__in=CLOSED)
    if same.exists():
        raise BookingError("This patient is on the list for this exam already; look at the list of the day.")


def _request(patient: Patient, asked: UrgentRequest, session: ScannerSession, by: User) -> ImagingRequest:
    now = timezone.now()
    settled = {
        Event.ACCEPT: {"practitioner": asked.practitioner} if asked.practitioner else {},
        Event.SAFETY_PASS: {"sets": asked.exam.safety, "asked_before_booking": True},
    }
    steps = (Event.REQUEST, Event.RECEIVE, Event.ACCEPT, Event.PROTOCOL, Event.SAFETY_PASS)
    events = [Happening(step, now, settled.get(step, {})) for step in steps]
    request = new_request(
        patient, asked.exam, session.scanner.site, asked.priority, events, source="ward", question=asked.question
    )
    request.save()
    PathwayEvent.objects.bulk_create(event_rows(request, events, by=by))
    return request


def _next_cell(session: ScannerSession) -> datetime.datetime:
    """The next five minutes of the session from now on."""
    passed = max(0, -((session.opens_at - timezone.now()) // CELL))
    start = session.opens_at + (passed + 1) * CELL
    if start >= session.closes_at:
        raise BookingError(f"{session} closes too soon; choose another scanner.")
    return start
