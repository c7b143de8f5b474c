"""Saved column mappings, what local codes mean, and every file that was brought in."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import sites_where
from trustwide.commons.organisations.models import Partnership
from trustwide.services.imaging.append_only import AppendOnly

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class OfPartnershipQuerySet(models.QuerySet[models.Model]):
    def for_user(self, user: User | AnonymousUser) -> OfPartnershipQuerySet:
        """Rows of partnerships where this person may bring in activity."""
        sites = sites_where(user, "import_activity").of_the_group()
        return self.filter(partnership__in=Partnership.objects.filter(partners__sites__in=sites))


class ColumnMapping(models.Model):
    """How the export of one system reads. columns: our name -> the header in the file. day_first: dd/mm/yyyy."""

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="column_mappings")
    system = models.CharField(max_length=60)
    columns = models.JSONField()
    day_first = models.BooleanField(default=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects: ClassVar = OfPartnershipQuerySet.as_manager()

    class Meta:
        ordering = ["system"]
        constraints = [models.UniqueConstraint(fields=["partnership", "system"], name="column_mapping_once")]

    def __str__(self) -> str:
        return self.system


class CodeMapping(models.Model):
    """What one local code of a system means. meaning: our code, or empty while nobody has said."""

    class Kind(models.TextChoices):
        EXAM = "exam", "Exam"
        SITE = "site", "Site"
        PRIORITY = "priority", "Priority"
        OUTCOME = "outcome", "Outcome"
        SCANNER = "scanner", "Scanner"

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="code_mappings")
    system = models.CharField(max_length=60)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    local_code = models.CharField(max_length=120)
    meaning = models.CharField(max_length=40, blank=True)
    rows = models.PositiveIntegerField(default=0, help_text="Rows of the last file with it.")
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects: ClassVar = OfPartnershipQuerySet.as_manager()

    class Meta:
        ordering = ["system", "kind", "-rows", "local_code"]
        constraints = [
            models.UniqueConstraint(fields=["partnership", "system", "kind", "local_code"], name="code_mapping_once")
        ]

    def __str__(self) -> str:
        return f"{self.local_code} ({self.get_kind_display()})"


class ActivityImport(AppendOnly):
    """A file that was brought in: what it was, and what became of its rows."""

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="activity_imports")
    system = models.CharField(max_length=60)
    file_name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file.")
    rows = models.PositiveIntegerField()
    added = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()
    rejected = models.PositiveIntegerField()
    unmapped = models.PositiveIntegerField()
    imported_by = models.CharField(max_length=200)
    imported_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar = OfPartnershipQuerySet.as_manager()

    class Meta:
        ordering = ["-imported_at"]

    def __str__(self) -> str:
        return self.file_name
