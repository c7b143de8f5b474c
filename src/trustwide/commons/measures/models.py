"""Observations of measures, what their charts say at the newest point, and what people marked on them."""

from __future__ import annotations

import datetime
from typing import Any, ClassVar, NoReturn

from django.db import models

from trustwide.commons.measures.exceptions import MarkIsAppendOnlyError
from trustwide.commons.measures.quality.models import QualityNote as QualityNote
from trustwide.commons.measures.quality.models import QualityScore as QualityScore
from trustwide.commons.measures.querysets import OfSitesQuerySet
from trustwide.commons.measures.signals.models import Signal as Signal
from trustwide.commons.measures.signals.models import SignalAct as SignalAct
from trustwide.commons.measures.signals.models import SignalSubscription as SignalSubscription
from trustwide.commons.organisations.models import Site


class StrategicAim(models.Model):
    """One of the aims of the partnership, in the order the board has them. `weight` ranks its signals among others'."""

    code = models.SlugField(max_length=20, primary_key=True)
    title = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField()
    weight = models.FloatField(default=1.0)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.title


class DefinitionVersion(models.Model):
    """A version of a definition, from the moment observations were first computed with it; the newest is in force.

    `version` is a hash of the definition, `meaning` of what its figures are. `sql` is the expression as DuckDB runs it;
    `changes` says in words what is different from the version before.
    """

    measure = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    version = models.CharField(max_length=16)
    meaning = models.CharField(max_length=16, blank=True)
    title = models.CharField(max_length=200, blank=True)
    unit = models.CharField(max_length=40, blank=True)
    improvement_direction = models.CharField(max_length=10, blank=True)
    target = models.FloatField(null=True, blank=True)
    quantity = models.CharField(max_length=12, blank=True)
    sql = models.TextField(blank=True)
    changes = models.TextField(blank=True)
    since = models.DateTimeField()

    class Meta:
        ordering = ["measure", "-number"]
        constraints = [models.UniqueConstraint(fields=["measure", "number"], name="definition_version_once")]

    def __str__(self) -> str:
        return f"{self.measure}, version {self.number}"


class FormerObservation(models.Model):
    """A figure as an earlier version of its definition gave it, kept when the version ended."""

    version = models.ForeignKey(DefinitionVersion, on_delete=models.PROTECT, related_name="observations")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="former_observations")
    breakdown = models.CharField(max_length=40, blank=True)
    period = models.DateField()
    numerator = models.FloatField()
    denominator = models.FloatField(null=True)
    value = models.FloatField()

    objects: ClassVar = OfSitesQuerySet.as_manager()

    class Meta:
        ordering = ["version", "site", "breakdown", "period"]

    def __str__(self) -> str:
        return f"{self.version}: {self.site} {self.breakdown} {self.period:%Y-%m}: {self.value:g}"


class ObservationQuerySet(OfSitesQuerySet):
    def series(self, measure: str, site: Site, breakdown: str = "") -> ObservationQuerySet:
        """Every period of one measure at one site, oldest first."""
        return self.filter(measure=measure, site=site, breakdown=breakdown).order_by("period")


class Observation(models.Model):
    """A measure's value at a site in a period (its first day), for one breakdown, such as a diagnostic test."""

    measure = models.CharField(max_length=40)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="observations", db_index=False)
    breakdown = models.CharField(max_length=40, blank=True)
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


class ChartSummaryQuerySet(OfSitesQuerySet):
    def highest_first(self, measure: str, *, since: datetime.date) -> ChartSummaryQuerySet:
        """The charts of one measure that reach at least to `since`, highest newest value first."""
        return self.filter(measure=measure, period__gte=since).order_by("-value", "site_id", "breakdown")


class ChartSummary(models.Model):
    """What one series' control chart says at its newest point.

    `kind` of chart is one of `spc.model.KINDS`, chosen for `reason`; charts of gaps between events keep no lines here.
    `since` is where the pattern at that point began and `change` how far the value moved from the point before it;
    both are empty where the point is usual. An empty `variation_icon` means that the series cannot be judged: the
    sentence says why.
    """

    measure = models.CharField(max_length=40)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="chart_summaries", db_index=False)
    breakdown = models.CharField(max_length=40, blank=True)
    period = models.DateField()
    value = models.FloatField()
    points = models.PositiveIntegerField()
    mean = models.FloatField(null=True)
    lpl = models.FloatField(null=True)
    upl = models.FloatField(null=True)
    kind = models.CharField(max_length=4, blank=True)
    reason = models.TextField(blank=True)
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


class ChartMarkQuerySet(OfSitesQuerySet):
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
    breakdown = models.CharField(max_length=40, blank=True)
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

    class Kind(models.TextChoices):
        NOTE = "note", "Note"
        GO_LIVE = "go_live", "Change went live"
        PDSA = "pdsa", "PDSA cycle"

    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.NOTE)
    withdraws = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="withdrawal")


class Ghost(ChartMark):
    """A period that is shown but left out of limits and rules, because what happened then says nothing of the rest."""

    withdraws = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="withdrawal")


class SeriesForecast(models.Model):
    """The periods to come of one series, from `first_period` on: lists of one length in the scale of the value.

    Four in five outcomes are expected between `low` and `high`, half of them above `median`.
    """

    measure = models.CharField(max_length=40)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="forecasts", db_index=False)
    breakdown = models.CharField(max_length=40, blank=True)
    first_period = models.DateField()
    low = models.JSONField()
    median = models.JSONField()
    high = models.JSONField()

    objects: ClassVar = OfSitesQuerySet.as_manager()

    class Meta:
        ordering = ["measure", "site", "breakdown"]
        constraints = [models.UniqueConstraint(fields=["site", "measure", "breakdown"], name="forecast_once_a_series")]

    def __str__(self) -> str:
        return f"{self.measure} {self.site} {self.breakdown} from {self.first_period:%Y-%m}"

    def periods(self) -> list[datetime.date]:
        """The first day of each month to come."""
        first = self.first_period.year * 12 + self.first_period.month - 1
        months = range(first, first + len(self.median))
        return [datetime.date(number // 12, number % 12 + 1, 1) for number in months]
