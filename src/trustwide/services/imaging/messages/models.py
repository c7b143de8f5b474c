"""Messages that wait or were sent, answers that came, and the signed links by which patients reach their own page."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from trustwide.commons.patients.models import Patient
from trustwide.services.imaging.booking.models import Appointment, Offer
from trustwide.services.imaging.requests.models import ImagingRequest


class Message(models.Model):
    """One message to one patient. It goes out once `send_after` has passed and nobody stopped it."""

    class Kind(models.TextChoices):
        BOOKED = "booked", "Appointment made"
        REMINDER = "reminder", "Reminder"
        OFFER = "offer", "Offer of an earlier time"
        MOVED = "moved", "Appointment moved"
        CANCELLED = "cancelled", "Appointment cancelled"
        ANSWER = "answer", "Answer to a reply"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        STOPPED = "stopped", "Not sent"

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="messages")
    request = models.ForeignKey(ImagingRequest, on_delete=models.PROTECT, related_name="messages")
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, null=True, related_name="messages")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, null=True, related_name="messages")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    channel = models.CharField(max_length=6, choices=Patient.ContactBy.choices)
    text = models.TextField()
    send_after = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    provider_id = models.CharField(max_length=120, blank=True)
    problem = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["send_after", "pk"]
        indexes = [models.Index(fields=["send_after"], condition=Q(state="waiting"), name="message_waiting")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} by {self.get_channel_display()}"


class Reply(models.Model):
    """What a patient answered, how it was read, and whether somebody has to look at it."""

    class ReadAs(models.TextChoices):
        YES = "yes", "Will come"
        NO = "no", "Cannot come"
        STOP = "stop", "No more messages"
        UNCLEAR = "unclear", "Not understood"

    message = models.ForeignKey(Message, on_delete=models.PROTECT, null=True, related_name="replies")
    provider_id = models.CharField(max_length=120, unique=True, help_text="A reply delivered twice counts once.")
    text = models.CharField(max_length=1000)
    read_as = models.CharField(max_length=7, choices=ReadAs.choices)
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)
    handled_by = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-received_at"]
        indexes = [models.Index(fields=["received_at"], condition=Q(handled_at=None), name="reply_to_handle")]

    def __str__(self) -> str:
        return f"{self.get_read_as_display()} at {self.received_at:%Y-%m-%d %H:%M}"


class PatientLink(models.Model):
    """A short link to the page of one request. Only a hash of its secret is kept.

    failures: wrong dates of birth given; too many lock the link.
    """

    request = models.ForeignKey(ImagingRequest, on_delete=models.PROTECT, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    failures = models.PositiveSmallIntegerField(default=0)
    locked_at = models.DateTimeField(null=True)
    last_opened_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"Link to request {self.request_id} until {self.expires_at:%Y-%m-%d}"
