"""Layouts of departments as they were described, with what running them said."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import sites_where
from trustwide.commons.organisations.models import Site

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class DepartmentLayoutQuerySet(models.QuerySet["DepartmentLayout"]):
    def for_user(self, user: User | AnonymousUser) -> DepartmentLayoutQuerySet:
        """Layouts of sites where this person may see plans."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(site__in=sites_where(user, "view_plans").of_the_group())

    def in_use(self) -> DepartmentLayoutQuerySet:
        """Without those put away."""
        return self.filter(archived_at=None)

    def light(self) -> DepartmentLayoutQuerySet:
        """Without the large columns, for lists of layouts."""
        return self.defer("text", "answer").select_related("site")


class DepartmentLayout(models.Model):
    """A department as a file describes it; another drawing of it is a layout of its own.

    `answer` is JSON as text, for its keys keep their order: `result` (of the engine), `day` (to be shown again) and
    `samples` (the figures of every replication that layouts are compared by).
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="department_layouts")
    name = models.CharField(max_length=200)
    text = models.TextField(help_text="The file as it was given.")
    answer = models.TextField()
    bottleneck = models.TextField(help_text="The answer in words.")
    seed = models.PositiveBigIntegerField()
    replications = models.PositiveIntegerField()
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", help_text="Empty for a job of the program."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True)

    objects: ClassVar = DepartmentLayoutQuerySet.as_manager()

    class Meta:
        ordering = ["site__name", "name", "pk"]
        verbose_name = "layout"

    def __str__(self) -> str:
        return self.name

    @property
    def answered(self) -> dict[str, Any]:
        """The answer as plain data."""
        read: dict[str, Any] = json.loads(self.answer)
        return read
