"""Which figures can be doubted, for whom, in which order; and what to doubt on one chart."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse

from trustwide.commons.measures.definition import MeasureDefinition, logical_table, measures
from trustwide.commons.measures.quality.kinds import ENDED, Kind
from trustwide.commons.measures.quality.models import QualityNote, QualityScore
from trustwide.commons.measures.reading import figures_at

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from trustwide.commons.accounts.models import User
    from trustwide.commons.organisations.models import Site

ROWS_A_PAGE = 50
OF_FIGURES = ("gap", "zero", "copied", "jump")  # what the rows themselves may say too, and better


@dataclass(frozen=True)
class QualityFilters:
    """What narrows the list. `since`: only doubts about periods from then on. `ended`: also series that have ended."""

    partnership: str = ""
    site: str = ""
    measure: str = ""
    kind: str = ""
    since: datetime.date | None = None
    ended: bool = False
    page: int = 1


@dataclass(frozen=True)
class DoubtedSeries:
    """One series with doubts: its score and what the filters let through of its notes, newest first."""

    score: QualityScore
    definition: MeasureDefinition
    breakdown_name: str
    notes: tuple[QualityNote, ...]

    @property
    def name(self) -> str:
        """What it measures, and for which breakdown."""
        return f"{self.breakdown_name}: {self.definition.title}" if self.breakdown_name else self.definition.title

    @property
    def chart_page(self) -> str:
        """The address of its chart."""
        return reverse("measure_chart", args=[self.score.measure, self.score.site.code, self.score.breakdown])

    @property
    def rows_page(self) -> str:
        """The address of the rows that its figures are computed from; empty where they have no page."""
        return logical_table(self.definition.table).page(self.score.site.code, self.score.breakdown)


@dataclass(frozen=True)
class QualityPage:
    """One page of doubted series, worst score first; how many there are of how many, and how many notes a kind.

    `ended` is how many more the filters would let through that have had no figure for over a year of periods.
    """

    rows: tuple[DoubtedSeries, ...]
    page: Page[QualityScore]
    checked: int
    notes: Mapping[Kind, int]
    ended: int

    @property
    def total(self) -> int:
        """How many doubted series there are on all pages."""
        return self.page.paginator.count


def quality_page(user: User | AnonymousUser, filters: QualityFilters, rows: int = ROWS_A_PAGE) -> QualityPage:
    """Which figures can be doubted, for the sites this person may see. Within one score, the largest first."""
    series = _of_places(_known(QualityScore.objects.for_user(user).filter(figures_at(user))), filters)
    running = series if filters.ended else series.filter(late_by__lte=ENDED)
    doubted = _doubted(running, filters)
    page = Paginator(doubted.select_related("site"), rows).get_page(filters.page)
    ended = 0 if filters.ended else _doubted(series.filter(late_by__gt=ENDED), filters).count()
    return QualityPage(doubted_series(page, filters), page, running.count(), _notes_a_kind(user, filters), ended)


def _known(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Without those of measures that no longer exist."""
    return rows.filter(measure__in=[each.code for each in measures()])


def _doubted(series: QuerySet[Any], filters: QualityFilters) -> QuerySet[Any]:
    """Those with a note that the filters let through."""
    narrowed = _of_notes(filters)
    if not narrowed:
        return series.filter(doubts__gt=0)
    same = {"measure": OuterRef("measure"), "site": OuterRef("site"), "breakdown": OuterRef("breakdown")}
    return series.filter(Exists(QualityNote.objects.filter(**same, **narrowed).order_by()), doubts__gt=0)


def _notes_a_kind(user: User | AnonymousUser, filters: QualityFilters) -> dict[Kind, int]:
    readable = _known(QualityNote.objects.for_user(user).filter(figures_at(user)))
    notes = _of_places(readable, filters).filter(**_of_notes(filters))
    if not filters.ended:
        same = {"measure": OuterRef("measure"), "site": OuterRef("site"), "breakdown": OuterRef("breakdown")}
        notes = notes.exclude(Exists(QualityScore.objects.filter(**same, late_by__gt=ENDED).order_by()))
    return dict(notes.order_by().values_list("kind").annotate(count=Count("pk")))


def _of_places(rows: QuerySet[Any], filters: QualityFilters) -> QuerySet[Any]:
    """What holds for series as well as for notes: which measure, and where."""
    asked = {"measure": filters.measure, "site__partner__partnership__slug": filters.partnership}
    rows = rows.filter(**{name: value for name, value in asked.items() if value})
    if filters.site:
        rows = rows.filter(Q(site__name__icontains=filters.site) | Q(site__code__iexact=filters.site))
    return rows


def _of_notes(filters: QualityFilters) -> dict[str, Any]:
    asked = {"kind": filters.kind, "until__gte": filters.since}
    return {name: value for name, value in asked.items() if value}


def doubted_series(scores: Iterable[QualityScore], filters: QualityFilters) -> tuple[DoubtedSeries, ...]:
    """These series with their names and the notes that the filters let through."""
    shown = list(scores)
    notes: dict[tuple[str, int, str], list[QualityNote]] = {}
    here = {
        f"{name}__in": {getattr(each, name) for each in shown} for name in ("measure", "site_id", "breakdown")
    }  # fmt: skip
    for note in QualityNote.objects.filter(**here, **_of_notes(filters)).order_by("-period", "kind"):
        notes.setdefault((note.measure, note.site_id, note.breakdown), []).append(note)
    known = {each.code: each for each in measures()}
    return tuple(
        DoubtedSeries(
            each,
            known[each.measure],
            logical_table(known[each.measure].table).breakdowns.get(each.breakdown, each.breakdown),
            tuple(notes.get((each.measure, each.site_id, each.breakdown), ())),
        )
        for each in shown
    )


def notes_on_chart(
    measure: str, site: Site, breakdown: str, doubts: Sequence[tuple[datetime.date, str]] = ()
) -> tuple[tuple[datetime.date, str], ...]:
    """What to doubt on one chart, oldest first: what was found in the figures, and `doubts`, what the rows say.

    Where both speak of one period, what the rows say stands alone: it knows more, and nothing is said twice.
    """
    told = {day for day, _ in doubts}
    found = [
        (note.period, note.sentence)
        for note in QualityNote.objects.on_chart(measure, site, breakdown)
        if note.kind not in OF_FIGURES or not any(note.period <= day <= note.until for day in told)
    ]
    return tuple(sorted([*doubts, *found], key=lambda each: each[0]))


def score_of(measure: str, site: Site, breakdown: str) -> int | None:
    """How far the figures of one chart can be trusted, 0 to 100; None where there is none yet."""
    found: int | None = (
        QualityScore.objects.filter(measure=measure, site=site, breakdown=breakdown)
        .values_list("score", flat=True)
        .first()
    )
    return found
