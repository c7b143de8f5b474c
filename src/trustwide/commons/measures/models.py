"""Observations of measures, and what their charts say at the newest point."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models

from trustwide.commons.organisations.models import Site

if TYPE_CHECKING:
    import datetime

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser


class MeasureVersion(models.Model):
    """The version of a definition that the stored observations were computed with."""

    measure = models.CharField(max_length=40, primary_key=True)
    version = models.CharField(max_length=16)

    def __str__(self) -> str:
        return f"{self.measure} {self.version}"


class ObservationQuerySet(models.QuerySet["Observation"]):
    def for_user(self, user: AbstractBaseUser | AnonymousUser) -> ObservationQuerySet:
        """Observations of the sites this person may see."""
        return self.filter(site__in=Site.objects.for_user(user))

    def series(self, measure: str, site: Site, breakdown: str = "") -> ObservationQuerySet:
        """Every period of one measure at one site, oldest first."""
        return self.filter(measure=measure, site=site, breakdown=breakdown).order_by("period")


class Observation(models.Model):
    """A measure's value at a site in a period (its first day), for one breakdown, such as a diagnostic test."""

    measure = models.CharField(max_length=40)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="observations", db_index=False)
    breakdown = models.CharField(max_length=12, blank=True)
    period = models.DateField()
    numerator = models.FloatField()
    denominator = models.FloatField(null=True)
    value = models.FloatField()

    objects: ClassVar = ObservationQuerySet.as_manager()

    class Meta:
        ordering = ["measure", "site", "breakdown", "period"]
        constraints = [
            models.UniqueConstraint(fields=["site", "measure", "breakdown", "period"], name="observation_once_a_period")
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.site} {self.breakdown} {self.period:%Y-%m}: {self.value:g}"


class ChartSummaryQuerySet(models.QuerySet["ChartSummary"]):
    def for_user(self, user: AbstractBaseUser | AnonymousUser) -> ChartSummaryQuerySet:
        """Charts of the sites this person may see."""
        return self.filter(site__in=Site.objects.for_user(user))

    def highest_first(self, measure: str, *, since: datetime.date) -> ChartSummaryQuerySet:
        """The charts of one measure that reach at least to `since`, highest newest value first."""
        return self.filter(measure=measure, period__gte=since).order_by("-value", "site_id", "breakdown")


class ChartSummary(models.Model):
    """What one series' control chart says at its newest point.

    `since` is where the pattern at that point began and `change` how far the value moved from the point before it;
    both are empty where the point is usual. An empty `variation_icon` means that the series cannot be judged: the
    sentence says why.
    """

    measure = models.CharField(max_length=40)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="chart_summaries", db_index=False)
    breakdown = models.CharField(max_length=12, blank=True)
    period = models.DateField()
    value = models.FloatField()
    points = models.PositiveIntegerField()
    mean = models.FloatField(null=True)
    lpl = models.FloatField(null=True)
    upl = models.FloatField(null=True)
    variation_icon = models.CharField(max_length=20, blank=True)
    assurance_icon = models.CharField(max_length=20, blank=True)
    sentence = models.TextField()
    since = models.DateField(null=True)
    change = models.FloatField(null=True)

    objects: ClassVar = ChartSummaryQuerySet.as_manager()

    class Meta:
        ordering = ["measure", "site", "breakdown"]
        constraints = [
            models.UniqueConstraint(fields=["site", "measure", "breakdown"], name="chart_summary_once_a_series")
        ]
        indexes = [models.Index(fields=["measure", "-value"])]

    def __str__(self) -> str:
        return f"{self.measure} {self.site} {self.breakdown}: {self.sentence}"
