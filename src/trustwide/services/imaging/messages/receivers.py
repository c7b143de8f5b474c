"""What follows when an appointment is made or ends: messages, and its time offered to others."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from trustwide.services.imaging.booking.models import Appointment
from trustwide.services.imaging.booking.signals import appointment_ended, appointment_made
from trustwide.services.imaging.jobs import start
from trustwide.services.imaging.messages import rules
from trustwide.services.imaging.messages.actions import stop_messages_of, tell_booked, tell_cancelled
from trustwide.services.imaging.messages.freed import (
    CANCELLED,
    close_taken_offers,
    is_worth_offering,
    offer_freed_time_job,
)
from trustwide.services.imaging.patient_pages.links import end_links


@receiver(appointment_made, dispatch_uid="tell the patient of an appointment")
def when_made(appointment: Appointment, **_: Any) -> None:
    """Offers of the same time to others are gone; tell the patient."""
    close_taken_offers(appointment)
    if rules.leaves_here():
        tell_booked(appointment)


@receiver(appointment_ended, dispatch_uid="tell the patient of an end")
def when_ended(appointment: Appointment, **_: Any) -> None:
    """Stop what waits about it; old links lead nowhere; tell who did not cancel, and offer the time to others."""
    stop_messages_of(appointment)
    if appointment.state not in CANCELLED:
        return
    now = timezone.now()
    end_links(appointment.request_id, now)
    if not rules.leaves_here():
        return
    if appointment.state == Appointment.State.HOSPITAL_CANCELLED:
        tell_cancelled(appointment)
    if is_worth_offering(appointment, now):
        start(offer_freed_time_job, appointment.pk)
