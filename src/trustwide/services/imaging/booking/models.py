"""Scanners, the weeks they usually work, the days they do, who is booked and what was offered."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, ClassVar, Self, TypeVar

from django.db import models
from django.db.models import F, Q

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import sites_where
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.booking.cells import CELL_MINUTES, TAKEN
from trustwide.services.imaging.requests.models import ImagingRequest, Modality

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

LEAST_WEEKDAY, MOST_WEEKDAY = 0, 6


_Row = TypeVar("_Row", bound=models.Model, covariant=True)


class BySiteQuerySet(models.QuerySet[_Row]):
    """Rows of a site, whatever way leads to it."""

    way = "site"

    def for_user(self, user: User | AnonymousUser) -> Self:
        """Rows of sites where this person works with bookings."""
        return self.filter(**{f"{self.way}__in": sites_where(user, "view_bookings").of_the_group()})


class SessionQuerySet(BySiteQuerySet["ScannerSession"]):
    def open_between(self, start: datetime.datetime, end: datetime.datetime) -> SessionQuerySet:
        """Open sessions that begin in a span."""
        return self.filter(closed_reason="", opens_at__gte=start, opens_at__lt=end)


class BySessionQuerySet(BySiteQuerySet[_Row]):
    """Rows of a session, by its site."""

    way = "session__site"


class AppointmentQuerySet(BySessionQuerySet["Appointment"]):
    def in_force(self) -> AppointmentQuerySet:
        """Appointments nobody ended."""
        return self.filter(state=Appointment.State.BOOKED)


class Scanner(models.Model):
    """A machine that is booked. site: where it stands, or whose it is if it is mobile. has: tags such as wide_bore."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="scanners")
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    modality = models.CharField(max_length=2, choices=Modality.choices)
    mobile = models.BooleanField(default=False)
    has = models.JSONField(default=list)
    in_use = models.BooleanField(default=True)
    down_since = models.DateTimeField(null=True)
    down_until = models.DateTimeField(null=True, help_text="When it is expected back.")

    objects: ClassVar = BySiteQuerySet.as_manager()

    class Meta:
        ordering = ["site__name", "modality", "code"]
        constraints = [models.UniqueConstraint(fields=["site", "code"], name="scanner_code_once_a_site")]

    def __str__(self) -> str:
        return self.name

    def is_down_at(self, moment: datetime.datetime) -> bool:
        """Whether it is known not to work at a time ahead."""
        return self.down_since is not None and (self.down_until is None or moment < self.down_until)


class SessionTemplate(models.Model):
    """Hours a scanner usually works: a weekday (0 is Monday), every so many weeks, from a date on, at a site."""

    scanner = models.ForeignKey(Scanner, on_delete=models.PROTECT, related_name="templates")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+", help_text="Where the van stands then.")
    weekday = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()
    every_weeks = models.PositiveSmallIntegerField(default=1)
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    competences = models.JSONField(default=list, help_text="What the operators on duty are signed off for.")
    priorities = models.JSONField(default=list, help_text="Only these priorities; empty for all.")
    overbook_limit = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["scanner", "weekday", "opens"]
        constraints = [
            models.CheckConstraint(name="template_opens_first", condition=Q(opens__lt=F("closes"))),
            models.CheckConstraint(
                name="template_weekday", condition=Q(weekday__gte=LEAST_WEEKDAY, weekday__lte=MOST_WEEKDAY)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scanner} {self.opens:%H:%M} to {self.closes:%H:%M}"


class ScannerSession(models.Model):
    """A scanner's hours on one day. `cells` says which five minutes are taken; `version` counts every change of them.

    template: what it was made from; empty for a day opened by itself. closed_reason: why it is closed, empty if open.
    """

    scanner = models.ForeignKey(Scanner, on_delete=models.PROTECT, related_name="sessions")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    template = models.ForeignKey(SessionTemplate, on_delete=models.PROTECT, null=True, related_name="sessions")
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    cells = models.CharField(max_length=300)
    version = models.PositiveIntegerField(default=0)
    overbook_limit = models.PositiveSmallIntegerField(default=0)
    overbooked = models.PositiveSmallIntegerField(default=0)
    competences = models.JSONField(default=list)
    priorities = models.JSONField(default=list)
    closed_reason = models.CharField(max_length=200, blank=True)

    objects: ClassVar = SessionQuerySet.as_manager()

    class Meta:
        ordering = ["opens_at", "scanner"]
        verbose_name = "session"
        constraints = [
            models.UniqueConstraint(fields=["scanner", "opens_at"], name="session_once"),
            models.CheckConstraint(name="session_opens_first", condition=Q(opens_at__lt=F("closes_at"))),
            models.CheckConstraint(name="overbooked_within_limit", condition=Q(overbooked__lte=F("overbook_limit"))),
        ]
        indexes = [models.Index(fields=["opens_at", "scanner"], condition=Q(closed_reason=""), name="session_open")]

    def __str__(self) -> str:
        return f"{self.scanner} {self.opens_at:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        """Whether it may be booked into."""
        return not self.closed_reason

    @property
    def minutes(self) -> int:
        """Its length."""
        return len(self.cells) * CELL_MINUTES

    @property
    def minutes_taken(self) -> int:
        """How much of it is booked."""
        return self.cells.count(TAKEN) * CELL_MINUTES


class Appointment(models.Model):
    """A patient's time on a scanner. Of one request at most one is in force; no two in force begin at once.

    adjustments: codes of the needs it was made for. first_time: whether the scan was completed at this visit.
    """

    class State(models.TextChoices):
        BOOKED = "booked", "Booked"
        DONE = "done", "Done"
        MISSED = "missed", "Missed"
        PATIENT_CANCELLED = "patient_cancelled", "Cancelled by the patient"
        HOSPITAL_CANCELLED = "hospital_cancelled", "Cancelled by the hospital"
        ABANDONED = "abandoned", "Could not be completed"

    request = models.ForeignKey(ImagingRequest, on_delete=models.PROTECT, related_name="appointments")
    session = models.ForeignKey(ScannerSession, on_delete=models.PROTECT, related_name="appointments")
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    overbooked = models.BooleanField(default=False)
    adjustments = models.JSONField(default=list)
    state = models.CharField(max_length=18, choices=State.choices, default=State.BOOKED)
    booked_at = models.DateTimeField()
    booked_by = models.CharField(max_length=200)
    confirmed_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.CharField(max_length=300, blank=True)
    first_time = models.BooleanField(null=True)

    objects: ClassVar = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["request"], condition=Q(state="booked"), name="one_appointment_in_force"),
            models.UniqueConstraint(
                fields=["session", "starts_at"],
                condition=Q(state="booked", overbooked=False),
                name="one_patient_a_slot",
            ),
        ]
        indexes = [
            models.Index(fields=["starts_at"], condition=Q(state="booked"), name="appointment_ahead"),
            models.Index(fields=["session", "starts_at"], name="appointment_of_session"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} on {self.session.scanner}"

    @property
    def ends_at(self) -> datetime.datetime:
        """When it should be over."""
        return self.starts_at + datetime.timedelta(minutes=self.minutes)


class Offer(models.Model):
    """A time offered to a patient, kept with the answer. It holds nothing: the first to accept gets the slot.

    reasonable: whether it gave the notice that the rules ask for, or was accepted. freed_by: the appointment whose end
    freed the time.
    """

    class Answer(models.TextChoices):
        PENDING = "pending", "No answer yet"
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"
        EXPIRED = "expired", "Expired"
        GONE = "gone", "Taken by somebody else"

    request = models.ForeignKey(ImagingRequest, on_delete=models.PROTECT, related_name="offers")
    session = models.ForeignKey(ScannerSession, on_delete=models.PROTECT, related_name="offers")
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=200)
    expires_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=8, choices=Answer.choices, default=Answer.PENDING)
    answered_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    reasonable = models.BooleanField(default=False)
    freed_by = models.ForeignKey(Appointment, on_delete=models.PROTECT, null=True, related_name="freed_offers")

    objects: ClassVar = BySessionQuerySet.as_manager()

    class Meta:
        ordering = ["made_at", "pk"]
        indexes = [models.Index(fields=["starts_at"], condition=Q(answer="pending"), name="offer_pending")]

    def __str__(self) -> str:
        return f"Offer of {self.starts_at:%Y-%m-%d %H:%M}"


class TravelTime(models.Model):
    """Minutes by road from one site to another."""

    origin = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    destination = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    minutes = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["origin", "destination"], name="travel_time_once")]

    def __str__(self) -> str:
        return f"{self.origin} to {self.destination}: {self.minutes} minutes"
