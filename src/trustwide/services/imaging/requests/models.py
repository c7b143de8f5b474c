"""Exams that can be asked for, requests for them, and everything that happened to each request."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import sites_where
from trustwide.commons.organisations.models import Partnership, Site
from trustwide.commons.patients.models import Patient
from trustwide.services.imaging.append_only import AppendOnly
from trustwide.services.imaging.diagnostic_tests import TEST_CHOICES
from trustwide.services.imaging.requests.pathway import NEXT_STEPS, Event, NextStep, State

if TYPE_CHECKING:
    import datetime

    from django.contrib.auth.models import AnonymousUser


class Modality(models.TextChoices):
    """Kinds of scanner, by their DICOM codes."""

    MR = "MR", "MRI"
    CT = "CT", "CT"
    US = "US", "Ultrasound"
    DX = "DX", "X-ray"
    RF = "RF", "Fluoroscopy"
    BD = "BD", "Bone density (DEXA)"
    NM = "NM", "Nuclear medicine"


class Priority(models.TextChoices):
    """How urgent a request is; `PRIORITY_DAYS` says by when its scan is due."""

    EMERGENCY = "emergency", "Emergency"
    INPATIENT = "inpatient", "Inpatient"
    SUSPECTED_CANCER = "suspected_cancer", "Suspected cancer"
    URGENT = "urgent", "Urgent"
    ROUTINE = "routine", "Routine"
    PLANNED = "planned", "Planned or surveillance"


# days from request to scan; a routine wait of under 42 days is the DM01 standard, the others are to be confirmed
PRIORITY_DAYS = {
    Priority.EMERGENCY: 0,
    Priority.INPATIENT: 1,
    Priority.SUSPECTED_CANCER: 7,
    Priority.URGENT: 14,
    Priority.ROUTINE: 41,
    Priority.PLANNED: 0,
}


class ExamType(models.Model):
    """An exam of a partnership's catalogue: one standard for all sites.

    safety: codes of the question sets to be asked (mr, contrast, pregnancy). scanner_must_have: tags such as contrast,
    cardiac, wide_bore. competence: what an operator must be signed off for, or empty.
    """

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="exam_types")
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=120)
    modality = models.CharField(max_length=2, choices=Modality.choices)
    test = models.CharField(max_length=12, choices=TEST_CHOICES, blank=True, help_text="The DM01 test, if it is one.")
    minutes = models.PositiveSmallIntegerField(help_text="Length of a slot, without what a patient's needs add.")
    preparation = models.TextField(blank=True, help_text="What a patient is asked to do before, in plain words.")
    preparation_days = models.PositiveSmallIntegerField(default=0, help_text="Days of notice that preparation takes.")
    safety = models.JSONField(default=list)
    scanner_must_have = models.JSONField(default=list)
    competence = models.CharField(max_length=40, blank=True)
    in_use = models.BooleanField(default=True)

    class Meta:
        ordering = ["modality", "name"]
        constraints = [models.UniqueConstraint(fields=["partnership", "code"], name="exam_code_once")]

    def __str__(self) -> str:
        return self.name


class RequestQuerySet(models.QuerySet["ImagingRequest"]):
    def for_user(self, user: User | AnonymousUser, permission: str = "view_bookings") -> RequestQuerySet:
        """Requests of sites where this person holds the permission."""
        return self.filter(site__in=sites_where(user, permission).of_the_group())

    def seen_by(self, user: User | AnonymousUser) -> RequestQuerySet:
        """Requests of this person's sites, and those of other lists that come, or came, to a scanner there."""
        sites = sites_where(user, "view_bookings").of_the_group()
        comes = ImagingRequest.objects.filter(pk=OuterRef("pk"), appointments__session__site__in=sites)
        return self.filter(Q(site__in=sites) | Exists(comes))

    def waiting(self) -> RequestQuerySet:
        """Those whose clock runs: asked for, not yet scanned and not taken off."""
        return self.filter(stopped_on=None)

    def active(self, day: datetime.date) -> RequestQuerySet:
        """Waiting requests, without planned ones that are not due by `day`."""
        return self.waiting().exclude(priority=Priority.PLANNED, due_on__gt=day)

    def to_do_by(self, role: str) -> RequestQuerySet:
        """Requests whose next step is this role's, overdue first."""
        return self.filter(next_role=role).order_by("next_due_at", "pk")

    def light(self) -> RequestQuerySet:
        """With what lists show, in one query."""
        return self.select_related("patient", "site", "exam", "assigned_to")


class ImagingRequest(models.Model):
    """One exam asked for one patient. All but its first facts is derived from its events, and kept for quick lists.

    started_on, breach_on: the DM01 clock; experienced_from: the patient's own, which nothing resets. target_on:
    when the priority asks for the scan. stopped_on: when the clocks stopped. series: requests of one series have one
    text here.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="requests")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="requests", help_text="Whose list it is on.")
    exam = models.ForeignKey(ExamType, on_delete=models.PROTECT, related_name="requests")
    test = models.CharField(max_length=12, blank=True, help_text="The exam's DM01 test.")
    accession = models.CharField(max_length=64, blank=True, help_text="The local number, or its keyed hash.")
    priority = models.CharField(max_length=20, choices=Priority.choices)
    source = models.CharField(max_length=40, blank=True, help_text="Where it came from: GP, outpatients, ward.")
    referrer = models.CharField(max_length=120, blank=True)
    question = models.TextField(blank=True, help_text="The clinical question; kept only where booking is live.")
    series = models.CharField(max_length=40, blank=True)
    requested_at = models.DateTimeField()
    due_on = models.DateField(null=True, help_text="For planned exams.")
    system = models.CharField(max_length=60, blank=True, help_text="The system an imported request came from.")
    protocol = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=12, choices=[(s.value, s.value.replace("_", " ")) for s in State])
    state_since = models.DateTimeField()
    events_count = models.PositiveIntegerField(default=0)
    next_role = models.CharField(max_length=20, blank=True)
    next_due_at = models.DateTimeField(null=True)
    assigned_to = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    started_on = models.DateField()
    experienced_from = models.DateField()
    breach_on = models.DateField(help_text="The day on which the wait is six weeks.")
    target_on = models.DateField()
    stopped_on = models.DateField(null=True)
    stop_reason = models.CharField(max_length=40, blank=True)
    appointment_at = models.DateTimeField(null=True, help_text="Of the appointment in force.")
    scanned_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar = RequestQuerySet.as_manager()

    class Meta:
        ordering = ["breach_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["system", "site", "accession", "exam"], condition=~Q(accession=""), name="request_once"
            )
        ]
        indexes = [
            models.Index(fields=["site", "test", "breach_on"], condition=Q(stopped_on=None), name="request_waiting"),
            models.Index(fields=["breach_on", "id"], condition=Q(stopped_on=None), name="request_breach"),
            models.Index(fields=["next_role", "next_due_at"], condition=~Q(next_role=""), name="request_to_do"),
            models.Index(fields=["site", "test", "requested_at"], name="request_added"),
            models.Index(fields=["site", "test", "scanned_at"], name="request_scanned"),
            models.Index(
                fields=["site", "test", "stopped_on"],
                condition=Q(scanned_at=None, stopped_on__isnull=False),
                name="request_removed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.exam} for {self.patient}"

    @property
    def stage(self) -> State:
        """The state, as the pathway names it."""
        return State(self.state)

    @property
    def next_step(self) -> NextStep | None:
        """Who has to do what next; None for a closed request."""
        return NEXT_STEPS.get(self.stage)


class PathwayEvent(AppendOnly):
    """One thing that happened to a request: when, by whom, why. Rows are never changed; the database refuses it.

    at: when it happened. recorded_at: when it was written. number: its place in the request's history, so that of two
    people who act at once only one succeeds.
    """

    request = models.ForeignKey(ImagingRequest, on_delete=models.PROTECT, related_name="events")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=[(e.value, e.value.replace("_", " ")) for e in Event])
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    actor_id = models.CharField(max_length=60)
    actor_name = models.CharField(max_length=200)
    reason = models.CharField(max_length=300, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ["request", "number"]
        constraints = [models.UniqueConstraint(fields=["request", "number"], name="event_number_once")]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M}"
