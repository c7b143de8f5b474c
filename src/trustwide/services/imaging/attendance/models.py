"""Impact assessments that switch the room on, scores, trials with their hold-out, and calls made."""

from __future__ import annotations

from django.db import models

from trustwide.commons.accounts.models import User
from trustwide.commons.organisations.models import Partnership
from trustwide.commons.patients.models import Patient
from trustwide.services.imaging.append_only import AppendOnly
from trustwide.services.imaging.booking.models import Appointment


class ImpactAssessment(AppendOnly):
    """An assessment somebody signed: data protection, equality, clinical safety. All must be in force."""

    class Kind(models.TextChoices):
        DATA_PROTECTION = "data_protection", "Data protection impact assessment"
        EQUALITY = "equality", "Equality impact assessment"
        CLINICAL_SAFETY = "clinical_safety", "Clinical safety case"

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="impact_assessments")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    reference = models.CharField(max_length=200, help_text="Where the signed document is kept.")
    signed_by = models.CharField(max_length=150)
    signed_on = models.DateField()
    review_on = models.DateField(help_text="After this day the room is off until a new one is recorded.")
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} until {self.review_on}"


class TrainedModel(AppendOnly):
    """That a model was trained on a partnership's own appointments, and how good it was on patients it never saw."""

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="attendance_models")
    quality = models.JSONField()
    appointments = models.PositiveIntegerField()
    trained_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"Model of {self.trained_at:%Y-%m-%d}"


class AttendanceRisk(models.Model):
    """How likely an appointment is to be missed, as it was judged at one time."""

    appointment = models.OneToOneField(Appointment, on_delete=models.PROTECT, related_name="risk")
    model = models.ForeignKey(TrainedModel, on_delete=models.PROTECT, related_name="+")
    risk = models.FloatField()
    scored_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.risk:.2f}"


class Trial(models.Model):
    """A trial of calls or reminders: a stated share of patients, drawn by chance, does without."""

    class Kind(models.TextChoices):
        CALLS = "calls", "Calls"
        REMINDERS = "reminders", "Reminders"

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="attendance_trials")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    hold_out = models.FloatField(help_text="Share of patients who do without, between 0 and 1.")
    key = models.CharField(max_length=64, help_text="From which every patient's arm follows.")
    began_on = models.DateField()
    ends_on = models.DateField()
    stopped_on = models.DateField(null=True)

    class Meta:
        ordering = ["-began_on"]

    def __str__(self) -> str:
        return self.name


class TrialMember(AppendOnly):
    """An appointment that came into a trial, and the arm it was given before anybody acted on it."""

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="members")
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="trial_members")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    held_out = models.BooleanField()
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trial", "appointment"], name="trial_member_once")]

    def __str__(self) -> str:
        return "held out" if self.held_out else "treated"


class Call(AppendOnly):
    """A call a clerk made about an appointment, and what it led to."""

    class Outcome(models.TextChoices):
        WILL_COME = "will_come", "Will come"
        MOVED = "moved", "Moved"
        CANCELLED = "cancelled", "Cancelled"
        NOBODY = "nobody", "Nobody answered"

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="calls")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    minutes = models.PositiveSmallIntegerField(default=3)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.get_outcome_display()
