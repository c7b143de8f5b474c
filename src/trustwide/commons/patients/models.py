"""Patients and what they need."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import Q

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import sites_where
from trustwide.commons.organisations.models import Partnership, Site
from trustwide.commons.patients.needs import NEED_CHOICES, NEEDS, Need

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class PatientQuerySet(models.QuerySet["Patient"]):
    def for_user(self, user: User | AnonymousUser) -> PatientQuerySet:
        """Patients of the partnerships where this person works with bookings."""
        sites = sites_where(user, "view_bookings").of_the_group()
        return self.filter(partnership__in=Partnership.objects.filter(partners__sites__in=sites))

    def in_use(self) -> PatientQuerySet:
        """Without records that were merged into another."""
        return self.filter(merged_into=None)


class Patient(models.Model):
    """A person of one partnership. `key` tells people apart; the rest is empty unless the deployment books live."""

    class ContactBy(models.TextChoices):
        SMS = "sms", "Text message"
        EMAIL = "email", "E-mail"
        LETTER = "letter", "Letter"

    class Sex(models.TextChoices):
        FEMALE = "F", "Female"
        MALE = "M", "Male"
        UNKNOWN = "U", "Not known"

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="patients")
    key = models.CharField(max_length=64, help_text="Keyed hash of the identifier.")
    born_year = models.PositiveSmallIntegerField(null=True)
    sex = models.CharField(max_length=1, choices=Sex.choices, default=Sex.UNKNOWN)
    nearest = models.ForeignKey(
        Site, on_delete=models.PROTECT, null=True, related_name="+", help_text="The site nearest to home."
    )
    travel_minutes = models.PositiveSmallIntegerField(
        null=True, help_text="The longest extra journey this person accepts; empty where nobody asked."
    )
    nhs_number = models.CharField(max_length=10, blank=True)
    name = models.CharField(max_length=150, blank=True)
    born_on = models.DateField(null=True)
    mobile = models.CharField(max_length=20, blank=True)
    email = models.EmailField(blank=True)
    contact_by = models.CharField(max_length=6, choices=ContactBy.choices, default=ContactBy.LETTER)
    reminders_stopped_at = models.DateTimeField(null=True, help_text="When this person asked for no more reminders.")
    large_print = models.BooleanField(default=False)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar = PatientQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["partnership", "key"], name="patient_key_once")]
        indexes = [
            models.Index(fields=["partnership", "name"], name="patient_name"),
            models.Index(fields=["mobile"], name="patient_mobile", condition=~Q(mobile="")),
        ]

    def __str__(self) -> str:
        return self.name or f"Patient {self.key[:8]}"


class PatientNeedQuerySet(models.QuerySet["PatientNeed"]):
    def current(self) -> PatientNeedQuerySet:
        """Needs that nobody has ended."""
        return self.filter(ended_at=None)


class PatientNeed(models.Model):
    """One thing a patient needs, recorded once and carried into every appointment until it is ended."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="needs")
    code = models.CharField(max_length=20, choices=NEED_CHOICES)
    detail = models.CharField(max_length=300, blank=True, help_text="For example the language of the interpreter.")
    ready = models.BooleanField(default=False, help_text="What must come before (a visit, a plan) is done.")
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.CharField(max_length=200)
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar = PatientNeedQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["patient", "code"], condition=Q(ended_at=None), name="need_once_at_a_time")
        ]

    def __str__(self) -> str:
        return f"{self.need.name}: {self.detail}" if self.detail else self.need.name

    @property
    def need(self) -> Need:
        """What the need asks of an appointment."""
        return NEEDS[self.code]
