"""What was said about a request at the waiting-list meeting, and returns held against the list."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from trustwide.commons.accounts.models import User
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.append_only import AppendOnly
from trustwide.services.imaging.booking.models import BySiteQuerySet
from trustwide.services.imaging.diagnostic_tests import TEST_CHOICES
from trustwide.services.imaging.requests.models import ImagingRequest


class ListNote(models.Model):
    """A comment on a waiting request with what is to be done, by whom and when; open actions carry forward."""

    request = models.ForeignKey(ImagingRequest, on_delete=models.PROTECT, related_name="list_notes")
    comment = models.CharField(max_length=500, blank=True)
    action = models.CharField(max_length=300, blank=True)
    owner = models.CharField(max_length=120, blank=True)
    due_on = models.DateField(null=True)
    done_at = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["request"], condition=Q(done_at=None), name="list_note_open")]

    def __str__(self) -> str:
        return self.comment or self.action


class Reconciliation(AppendOnly):
    """The list held against one submitted return: counts on both sides, differences by reason, and who signed.

    figures: bands of both sides. differences: reason -> ids of requests, so that it opens to its rows.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="reconciliations")
    test = models.CharField(max_length=12, choices=TEST_CHOICES)
    month = models.DateField()
    figures = models.JSONField()
    differences = models.JSONField()
    note = models.TextField(blank=True)
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar = BySiteQuerySet.as_manager()

    class Meta:
        ordering = ["-month", "site", "test", "-signed_at"]

    def __str__(self) -> str:
        return f"{self.site} {self.test} {self.month:%B %Y}"
