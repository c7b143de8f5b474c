"""Writes of the day: each step of a visit, and an urgent patient put in between."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import check_can
from trustwide.commons.audit.actions import Actor
from trustwide.commons.patients.models import Patient
from trustwide.services.imaging.booking.actions import book, end, local_day
from trustwide.services.imaging.booking.exceptions import BookingError
from trustwide.services.imaging.booking.models import Appointment, ScannerSession
from trustwide.services.imaging.booking.slots import SlotQuestion, find_slots, question_for
from trustwide.services.imaging.requests.actions import event_rows, happen, new_request
from trustwide.services.imaging.requests.models import ExamType, ImagingRequest, PathwayEvent, Priority
from trustwide.services.imaging.requests.pathway import Event
from trustwide.services.imaging.waiting.clocks import Happening

State = Appointment.State
OF_THE_DAY = (
    Event.ARRIVE, Event.ENTER_ROOM, Event.START, Event.END, Event.OUT_OF_ROOM, Event.LEAVE, Event.MISS, Event.ABANDON,
)  # fmt: skip
_ENDS = {Event.END: (State.DONE, True), Event.ABANDON: (State.ABANDONED, False), Event.MISS: (State.MISSED, None)}
URGENT = (Priority.EMERGENCY, Priority.INPATIENT)


@transaction.atomic
def record_step(
    appointment: Appointment, event: Event, *, by: Actor, at: datetime.datetime | None = None, reason: str = ""
) -> None:
    """Record one step of a visit. Raises PathwayError or BookingError where it cannot be.

    Ending the scan completes the appointment; abandoning it, or a patient who did not come, ends it too.
    """
    if event not in OF_THE_DAY:
        raise BookingError(f"'{event.value.replace('_', ' ')}' is no step of a visit.")
    if event is Event.MISS and appointment.starts_at > timezone.now():
        raise BookingError("The appointment has not begun; a patient can be late, not absent, before it does.")
    if event in _ENDS:
        state, first_time = _ENDS[event]
        end(appointment, state, reason=reason)
        appointment.first_time = first_time
        appointment.save(update_fields=["first_time"])
    details: dict[str, Any] = {"appointment": appointment.pk}
    if event is Event.MISS:
        details["appointment_on"] = local_day(appointment).isoformat()
    happen(appointment.request, event, by=by, at=at, reason=reason, details=details)


@transaction.atomic
def add_urgent(
    patient: Patient, exam: ExamType, session: ScannerSession, priority: str, *, by: Actor, question: str = ""
) -> Appointment:
    """Put an urgent patient into a session now: into its next gap, or on top of the list within its limit.

    Vetting, protocol and safety questions are recorded as done by whoever adds them.
    """
    site = session.scanner.site
    if isinstance(by, User):
        check_can(by, "run_the_day", site)
    if priority not in URGENT:
        raise BookingError("Only emergencies and inpatients are put in between; book others in the ordinary way.")
    request = _urgent_request(patient, exam, session, priority, by, question)
    slot = next((s for s in find_slots(_today_in(request, session), limit=50) if s.session_id == session.pk), None)
    if slot is not None:
        return book(request, session.pk, slot.starts_at, by=by)
    return book(request, session.pk, _next_cell(session), by=by, overbook=True)


def _urgent_request(
    patient: Patient, exam: ExamType, session: ScannerSession, priority: str, by: Actor, question: str
) -> ImagingRequest:
    now = timezone.now()
    steps = (Event.REQUEST, Event.RECEIVE, Event.ACCEPT, Event.PROTOCOL, Event.SAFETY_PASS)
    events = [Happening(step, now, {}) for step in steps]
    request = new_request(patient, exam, session.scanner.site, priority, events, source="ward", question=question)
    request.save()
    PathwayEvent.objects.bulk_create(event_rows(request, events, by=by))
    return request


def _today_in(request: ImagingRequest, session: ScannerSession) -> SlotQuestion:
    return question_for(request, latest=session.closes_at)


def _next_cell(session: ScannerSession) -> datetime.datetime:
    minutes = max(0, -((session.opens_at - timezone.now()) // datetime.timedelta(minutes=5)))
    start = session.opens_at + (minutes + 1) * datetime.timedelta(minutes=5)
    if start >= session.closes_at:
        raise BookingError(f"{session} closes too soon; choose another scanner.")
    return start
