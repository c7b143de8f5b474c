"""What is measured: every definition with what its charts say, and everything about one of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.paginator import Page, Paginator
from django.db.models import Avg, Case, Count, Exists, IntegerField, OuterRef, Q, Value, When
from django.urls import reverse

from trustwide.commons.accounts.rules import sites_where
from trustwide.commons.measures.definition import MeasureDefinition, logical_table, measures
from trustwide.commons.measures.figures import scale
from trustwide.commons.measures.models import (
    ChartSummary,
    DefinitionVersion,
    FormerObservation,
    QualityScore,
    StrategicAim,
)
from trustwide.commons.measures.quality.kinds import ENDED
from trustwide.commons.measures.reading import for_reader, published_codes
from trustwide.commons.organisations.models import Partnership

if TYPE_CHECKING:
    import datetime

    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from trustwide.analysis.spc import Quantity
    from trustwide.commons.accounts.models import User

EVERYWHERE = "all"
ROWS_A_PAGE = 50
DIRECTIONS = {
    "increase": "Higher is better", "decrease": "Lower is better", "neutral": "Neither way is better by itself",
}  # fmt: skip
# what the figures are made of, and which charts suit (analysis.spc.mdc.choice)
QUANTITIES: dict[Quantity, tuple[str, str]] = {
    "count": ("Events in a period", "An XmR chart; where events are rare, a T chart of the days between them"),
    "share": (
        "Events out of chances for them",
        "A P' chart, whose limits follow the denominator; where events are rare, a G chart of what passes between them",
    ),
    "rate": (
        "Events for an amount of something",
        "A U' chart, whose limits follow the denominator; where events are rare, a G chart of what passes between them",
    ),
    "mean": ("An amount divided by another", "An XmR chart"),
    "stock": ("How many there are at the end of a period", "An XmR chart"),
    "stock_share": ("A share of those there at the end of a period", "An XmR chart"),
}
VERDICTS = (("concern", "Concern"), ("improvement", "Improvement"), ("neutral", "Change"), ("none", "Not judged"))


@dataclass(frozen=True)
class MeasureRow:
    """One measure in the catalogue. `quality` is the mean score of its charts, rounded down; None without any."""

    definition: MeasureDefinition
    aim: str
    charts: int
    concerns: int
    improvements: int
    quality: int | None

    @property
    def target(self) -> str:
        """The target in the measure's unit, in words; empty without one."""
        return target_in_words(self.definition)


@dataclass(frozen=True)
class Version:
    """A version of a definition, and how many of its figures this person may still see."""

    version: DefinitionVersion
    former: int


@dataclass(frozen=True)
class ChartRow:
    """One chart of a measure, with the name of its breakdown."""

    summary: ChartSummary
    breakdown_name: str

    @property
    def page(self) -> str:
        """The address of the chart."""
        chart = self.summary
        return reverse("measure_chart", args=[chart.measure, chart.site.code, chart.breakdown])


@dataclass(frozen=True)
class ChartFilters:
    """Which charts of a measure: of a partnership (its slug), of sites by name or code, of one of VERDICTS."""

    partnership: str = ""
    site: str = ""
    verdict: str = ""
    page: int = 1


def catalogue(
    user: User | AnonymousUser, partnership: str = "", text: str = "", aim: str = "", owner: str = ""
) -> tuple[MeasureRow, ...]:
    """The measures that fit, those with charts first, by title. Charts are counted where this person may see them."""
    fits = [each for each in measures() if _fits(each, text, aim, owner)]
    charts = _of_partnership(ChartSummary.objects.for_user(user), partnership).order_by().values_list("measure")
    concerns, improvements = (
        Count("pk", filter=Q(variation_icon__startswith=verdict)) for verdict in ("concern", "improvement")
    )
    every = charts.annotate(charts=Count("pk"), concerns=concerns, improvements=improvements)
    counted = {code: (total, worse, better) for code, total, worse, better in every}
    scores = _of_partnership(QualityScore.objects.for_user(user).filter(late_by__lte=ENDED), partnership)
    quality = dict(scores.order_by().values_list("measure").annotate(mean=Avg("score")))
    aims = dict(StrategicAim.objects.values_list("code", "title"))
    rows = []
    for each in sorted(fits, key=lambda each: each.title):
        total, worse, better = counted.get(each.code, (0, 0, 0))
        mean = _whole(quality.get(each.code))
        rows.append(MeasureRow(each, aims.get(each.aim, ""), total, worse, better, mean))
    return tuple(sorted(rows, key=lambda row: row.charts == 0))


def _whole(mean: float | None) -> int | None:
    return None if mean is None else math.floor(mean + 1e-9)


def _fits(definition: MeasureDefinition, text: str, aim: str, owner: str) -> bool:
    said = f"{definition.title} {definition.code} {definition.counts} {definition.out_of}".lower()
    named = all(word in said for word in text.lower().split())
    return named and aim in ("", definition.aim) and owner in ("", definition.owner)


def _of_partnership(rows: QuerySet[Any], partnership: str) -> QuerySet[Any]:
    return rows.filter(site__partner__partnership__slug=partnership) if partnership else rows


def places(user: User | AnonymousUser) -> tuple[list[tuple[str, str]], str]:
    """The partnerships with charts this person may see, our own first, and the one to begin with."""
    charts = ChartSummary.objects.for_user(user).filter(site__partner__partnership=OuterRef("pk"))
    found = list(Partnership.objects.filter(Exists(charts)).order_by("comparison", "name"))
    default = next((each.slug for each in found if not each.comparison), EVERYWHERE)
    return [*((each.slug, each.name) for each in found), (EVERYWHERE, "Everywhere")], default


def versions(user: User | AnonymousUser, code: str) -> tuple[Version, ...]:
    """The versions of a definition, newest first."""
    former = FormerObservation.objects.for_user(user).filter(version__measure=code).order_by()
    kept = dict(former.values_list("version").annotate(count=Count("pk")))
    return tuple(Version(each, kept.get(each.pk, 0)) for each in DefinitionVersion.objects.filter(measure=code))


def former_figures(user: User | AnonymousUser, code: str, number: int) -> QuerySet[Any]:
    """What an earlier version of a definition gave, where this person may read its figures."""
    found = FormerObservation.objects.for_user(user).filter(version__measure=code, version__number=number)
    return found if code in published_codes() else found.filter(site__in=sites_where(user, "view_bookings"))


def charts_of(
    user: User | AnonymousUser, definition: MeasureDefinition, filters: ChartFilters
) -> tuple[tuple[ChartRow, ...], Page[Any]]:
    """The charts of a measure that the filters let through: concerns first, then by site."""
    charts = _of_partnership(ChartSummary.objects.for_user(user).filter(measure=definition.code), filters.partnership)
    if filters.site:
        charts = charts.filter(Q(site__name__icontains=filters.site) | Q(site__code__iexact=filters.site))
    if filters.verdict == "none":
        charts = charts.filter(variation_icon="")
    elif filters.verdict:
        charts = charts.filter(variation_icon__startswith=filters.verdict)
    ranks = [When(variation_icon__startswith=verdict, then=Value(rank)) for rank, (verdict, _) in enumerate(VERDICTS)]
    ranked = charts.annotate(rank=Case(*ranks, default=Value(len(ranks)), output_field=IntegerField()))
    ordered = ranked.select_related("site").order_by("rank", "site__name", "breakdown", "site_id")
    page = Paginator(ordered, ROWS_A_PAGE).get_page(filters.page)
    names = logical_table(definition.table).breakdowns
    rows = for_reader(page.object_list, user)
    return tuple(ChartRow(each, names.get(each.breakdown, each.breakdown)) for each in rows), page


def target_in_words(definition: MeasureDefinition) -> str:
    """5% or 18 weeks; empty where a measure has no target."""
    return "" if definition.target is None else in_unit(definition.target, definition)


def targets_in_words(definition: MeasureDefinition) -> Sequence[tuple[datetime.date, str]]:
    """Since when which target holds, where it changed."""
    return [(day, in_unit(value, definition)) for day, value in definition.targets]


def in_unit(value: float, definition: MeasureDefinition) -> str:
    """A value of the measure in its unit."""
    return f"{value * scale(definition):,.4g}{'' if definition.unit == '%' else ' '}{definition.unit}"
