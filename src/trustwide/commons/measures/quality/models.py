"""What can be doubted in each series, and how far it can be trusted."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from trustwide.commons.measures.querysets import OfSitesQuerySet
from trustwide.commons.organisations.models import Site


class QualityNoteQuerySet(OfSitesQuerySet):
    def on_chart(self, measure: str, site: Site, breakdown: str) -> QualityNoteQuerySet:
        """What to doubt on one chart, oldest first."""
        return self.filter(measure=measure, site=site, breakdown=breakdown).order_by("period", "kind")


class QualityNote(models.Model):
    """Something to doubt in one series, one of `kinds.CHECKS`: from `period` to `until` (first days), in a sentence."""

    measure = models.CharField(max_length=40)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="quality_notes", db_index=False)
    breakdown = models.CharField(max_length=40, blank=True)
    period = models.DateField()
    until = models.DateField()
    kind = models.CharField(max_length=10)
    sentence = models.TextField()

    objects: ClassVar = QualityNoteQuerySet.as_manager()

    class Meta:
        ordering = ["measure", "site", "breakdown", "period"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "measure", "breakdown", "kind", "period"], name="quality_note_once_a_period"
            )
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.site} {self.breakdown}: {self.sentence}"


class QualityScore(models.Model):
    """How far one series can be trusted, 0 to 100 (`quality.scores`), and what that rests on.

    `first` and `newest` are its periods, `expected` the newest that more than half of the measure's series have;
    it is `late_by` so many periods. `size` is how many a usual period counts, `doubts` how many notes there are, old
    ones included.
    """

    measure = models.CharField(max_length=40)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="quality_scores", db_index=False)
    breakdown = models.CharField(max_length=40, blank=True)
    score = models.PositiveSmallIntegerField()
    doubts = models.PositiveIntegerField()
    size = models.FloatField()
    first = models.DateField()
    newest = models.DateField()
    expected = models.DateField()
    late_by = models.PositiveIntegerField()

    objects: ClassVar = OfSitesQuerySet.as_manager()

    class Meta:
        ordering = ["score", "-size", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["site", "measure", "breakdown"], name="quality_score_once_a_series")
        ]
        indexes = [models.Index(fields=["score", "-size"]), models.Index(fields=["measure", "newest"])]

    def __str__(self) -> str:
        return f"{self.measure} {self.site} {self.breakdown}: {self.score}"
