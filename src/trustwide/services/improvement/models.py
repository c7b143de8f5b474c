"""Improvement projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import Q

from trustwide.commons.accounts.models import User
from trustwide.commons.measures.models import Signal, StrategicAim
from trustwide.commons.organisations.models import Site

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser


class ProjectQuerySet(models.QuerySet["Project"]):
    def for_user(self, user: AbstractBaseUser | AnonymousUser) -> ProjectQuerySet:
        """Projects of the sites this person may see."""
        return self.filter(site__in=Site.objects.for_user(user))

    def open(self) -> ProjectQuerySet:
        """Projects that nobody closed."""
        return self.filter(closed_at=None)


class Project(models.Model):
    """An improvement project on one measure at one place, for at least one strategic aim.

    `problem` is what the signal said when the project was opened. The baseline is the mean of the measure from
    `baseline_from` to `baseline_to` (first days of periods) before the pattern, in the scale of the measure's value;
    empty where nothing came before it. `goal` says in words how much, by when.
    """

    title = models.CharField(max_length=160)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="projects")
    measure = models.CharField(max_length=40)
    breakdown = models.CharField(max_length=40, blank=True)
    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="projects")
    aims = models.ManyToManyField(StrategicAim, related_name="projects")
    problem = models.TextField()
    goal = models.TextField()
    baseline = models.FloatField(null=True, blank=True)
    baseline_from = models.DateField(null=True, blank=True)
    baseline_to = models.DateField(null=True, blank=True)
    lead = models.ForeignKey(User, on_delete=models.PROTECT, related_name="led_projects")
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=200)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.TextField(blank=True)

    objects: ClassVar = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["signal"], condition=Q(closed_at=None), name="project_one_open_a_signal")
        ]

    def __str__(self) -> str:
        return self.title
