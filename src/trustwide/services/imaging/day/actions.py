"""Writes of the day: each step of a visit."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from trustwide.commons.audit.actions import Actor
from trustwide.services.imaging.booking.actions import end, local_day
from trustwide.services.imaging.booking.exceptions import BookingError
from trustwide.services.imaging.booking.models import Appointment
from trustwide.services.imaging.requests.actions import happen
from trustwide.services.imaging.requests.pathway import Event

State = Appointment.State
OF_THE_DAY = (
    Event.ARRIVE, Event.ENTER_ROOM, Event.START, Event.END, Event.OUT_OF_ROOM, Event.LEAVE, Event.MISS, Event.ABANDON,
)  # fmt: skip
_ENDS = {Event.END: (State.DONE, True), Event.ABANDON: (State.ABANDONED, False), Event.MISS: (State.MISSED, None)}


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
    happen(appointment.request, event, by=by, at=at, reason=reason, details=details, place=appointment.session.site)
