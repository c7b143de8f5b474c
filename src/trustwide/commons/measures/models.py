"""Observations of measures, what their charts say at the newest point, and what people marked on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from django.db import models

from trustwide.commons.measures.exceptions import MarkIsAppendOnlyError
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


class ChartMarkQuerySet(models.QuerySet[Any]):
    def for_user(self, user: AbstractBaseUser | AnonymousUser) -> ChartMarkQuerySet:
        """Marks on the charts of sites this person may see."""
        return self.filter(site__in=Site.objects.for_user(user))

    def standing(self) -> ChartMarkQuerySet:
        """Marks that nobody took back, oldest date first."""
        return self.filter(withdraws=None, withdrawal=None).order_by("date", "at")

    def on_chart(self, measure: str, site: Site, breakdown: str) -> ChartMarkQuerySet:
        """Every mark on one chart, taken back or not, in the order they were made."""
        return self.filter(measure=measure, site=site, breakdown=breakdown).order_by("at", "pk")

    def update(self, **kwargs: Any) -> NoReturn:
        raise MarkIsAppendOnlyError("A mark on a chart is never changed; take it back and make a new one.")

    def delete(self) -> NoReturn:
        raise MarkIsAppendOnlyError("A mark on a chart is never deleted; take it back with the reason.")


class ChartMark(models.Model):
    """What a person marked on one chart, from which period on (its first day) and why. Never changed or deleted.

    `author` is kept as text, so that it outlives the account. Each kind has `withdraws`: a row with it takes an
    earlier one back.
    """

    measure = models.CharField(max_length=40)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="%(class)ss")
    breakdown = models.CharField(max_length=12, blank=True)
    date = models.DateField()
    reason = models.TextField()
    author = models.CharField(max_length=200)
    at = models.DateTimeField()

    objects: ClassVar = ChartMarkQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.measure} {self.site} {self.breakdown} {self.date:%Y-%m}: {self.reason}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise MarkIsAppendOnlyError("A mark on a chart is never changed; take it back and make a new one.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise MarkIsAppendOnlyError("A mark on a chart is never deleted; take it back with the reason.")


class Rebase(ChartMark):
    """From `date` on the limits are computed anew. The newest limits until then are kept, in the scale of the value."""

    old_mean = models.FloatField(null=True, blank=True)
    old_lpl = models.FloatField(null=True, blank=True)
    old_upl = models.FloatField(null=True, blank=True)
    withdraws = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="withdrawal")


class Annotation(ChartMark):
    """A note on a chart: what happened in that period, such as a scanner that opened. `reason` is its text."""

    withdraws = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="withdrawal")
