"""What the imaging service shows: where the pressure is, one list's months, and why a list stepped."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, Max, OuterRef, Q, Subquery

from trustwide.commons.measures.models import ChartSummary, Observation, Signal
from trustwide.services.imaging.diagnostic_tests import BY_CODE, TEST_CHOICES
from trustwide.services.imaging.explanation import step_explanation as step_explanation
from trustwide.services.imaging.models import Dm01Return

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser

    from trustwide.analysis.capacity import MonthlyHistory
    from trustwide.commons.measures.models import ChartSummaryQuerySet
    from trustwide.commons.organisations.models import Site

LIST, OVER_SIX, SHARE = "dm01_waiting_list", "dm01_over_six_weeks", "dm01_six_week_share"
RECENT_MONTHS = 3  # a list not returned for longer is not pressure now
WEEKS_A_YEAR = 365.25 / 7
BANDS = tuple(f"band_{weeks:02d}" for weeks in range(14))

_CHART = (
    "site_id", "breakdown", "measure", "period", "value", "variation_icon", "assurance_icon", "sentence", "since",
)  # fmt: skip


@dataclass(frozen=True)
class PressureFilters:
    """Which rows the pressure table shows: one test, one partnership (its slug), sites by name or code, concerns.

    A concern is a list that its control chart calls one.
    """

    test: str = ""
    partnership: str = ""
    search: str = ""
    concerns: bool = False
    page: int = 1
    page_size: int = 50


@dataclass(frozen=True)
class PressureRow:
    """One test's list at one site, as it stood at the end of `month` (its first day).

    `variation_icon`, `sentence` and `since` are those of the list's control chart, so a change has the size that its
    signal gives it; `assurance_icon` is that of the six-week share against its target. `since_last_month` is how many
    more people wait than a month before. `gap_per_week` is how many more people were added than tested a week over the
    last 12 months: the extra tests a week that would have held the list. None where it is not known.
    """

    site_id: int
    site_code: str
    site_name: str
    site_short_name: str
    site_colour: str
    test: str
    test_name: str
    month: datetime.date
    waiting_list: int
    over_six_weeks: int
    six_week_share: float | None
    variation_icon: str
    assurance_icon: str
    sentence: str
    since: datetime.date | None
    since_last_month: int | None
    gap_per_week: float | None


@dataclass(frozen=True)
class PressurePage:
    """A page of rows, most people over six weeks first; how many there are on all pages, and how many are out of date.

    `newest` is the first day of the newest month that any of these sites returned.
    """

    rows: tuple[PressureRow, ...]
    total: int
    out_of_date: int
    newest: datetime.date | None
    page: int
    pages: int


@dataclass(frozen=True)
class GrowingList:
    """A list with an open signal of concern, and how many people its mean is above the mean before that began."""

    site_name: str
    test_name: str
    step: int
    since: datetime.date


@dataclass(frozen=True)
class Growth:
    """How many lists there are and how many of them grew: those of our own partnerships, and all others.

    `longest` are those that grew most, our own first.
    """

    own: int
    own_growing: int
    others: int
    others_growing: int
    longest: tuple[GrowingList, ...]


def growing_lists(
    user: AbstractBaseUser | AnonymousUser, filters: PressureFilters, newest: datetime.date, *, named: int = 3
) -> Growth:
    """Which lists grew beyond what chance explains, among those that `pressure_rows` shows on all its pages."""
    lists = _filtered(ChartSummary.objects.for_user(user).filter(measure=LIST), filters)
    current = lists.filter(period__gte=_months_before(newest, RECENT_MONTHS - 1))
    # the size of the signal itself, so that this page and the list of signals tell one change alike
    own_signal = Signal.objects.open().filter(measure=LIST, site=OuterRef("site"), breakdown=OuterRef("breakdown"))
    current = current.annotate(step=Subquery(own_signal.order_by().values("step")[:1]))
    grew = Q(variation_icon="concern_high", step__gt=0)
    ours = "site__partner__partnership__comparison"
    counts = current.order_by().values_list(ours).annotate(every=Count("pk"), growing=Count("pk", filter=grew))
    counted = {comparison: (every, growing) for comparison, every, growing in counts}
    (own, own_growing), (others, others_growing) = (counted.get(comparison, (0, 0)) for comparison in (False, True))
    most = current.filter(grew).select_related("site").order_by(ours, "-step", "site_id", "breakdown")[:named]
    longest = tuple(
        GrowingList(chart.site.short_name, BY_CODE[chart.breakdown].short_name, round(chart.step), chart.since)
        for chart in most
        if chart.since is not None
    )
    return Growth(own, own_growing, others, others_growing, longest)


def pressure_rows(user: AbstractBaseUser | AnonymousUser, filters: PressureFilters | None = None) -> PressurePage:
    """Where the pressure is, for the sites this person may see: one row for each site and test."""
    chosen = filters or PressureFilters()
    lists = _filtered(ChartSummary.objects.for_user(user).filter(measure=OVER_SIX), chosen)
    newest = lists.aggregate(newest=Max("period"))["newest"]
    if newest is None:
        return PressurePage((), 0, 0, None, 1, 1)
    recent = _months_before(newest, RECENT_MONTHS - 1)
    current = lists.highest_first(OVER_SIX, since=recent)
    counted = lists.aggregate(every=Count("pk"), current=Count("pk", filter=Q(period__gte=recent)))
    total, out_of_date = counted["current"], counted["every"] - counted["current"]
    pages = max(1, -(-total // chosen.page_size))
    page = min(max(1, chosen.page), pages)
    start = (page - 1) * chosen.page_size
    summaries = list(current.select_related("site")[start : start + chosen.page_size])
    return PressurePage(_rows(summaries), total, out_of_date, newest, page, pages)


def site_lists(site: Site) -> tuple[PressureRow, ...]:
    """The lists of one site, most people over six weeks first."""
    lists = ChartSummary.objects.filter(measure=OVER_SIX, site=site).select_related("site")
    return _rows(list(lists.order_by("-value", "breakdown")))


def tests_returned(user: AbstractBaseUser | AnonymousUser) -> list[tuple[str, str]]:
    """Code and short name of the tests that some site this person may see has returned, in the return's order."""
    lists = ChartSummary.objects.for_user(user).filter(measure=LIST).order_by()
    found = set(lists.values_list("breakdown", flat=True).distinct())
    return [(code, name) for code, name in TEST_CHOICES if code in found]


def _filtered(lists: ChartSummaryQuerySet, chosen: PressureFilters) -> ChartSummaryQuerySet:
    if chosen.test:
        lists = lists.filter(breakdown=chosen.test)
    if chosen.partnership:
        lists = lists.filter(site__partner__partnership__slug=chosen.partnership)
    if text := chosen.search.strip():
        lists = lists.filter(Q(site__name__icontains=text) | Q(site__code__iexact=text))
    if chosen.concerns:
        charts = ChartSummary.objects.filter(measure=LIST, site=OuterRef("site"), breakdown=OuterRef("breakdown"))
        lists = lists.filter(Exists(charts.filter(variation_icon__startswith="concern")))
    return lists


def _rows(summaries: list[ChartSummary]) -> tuple[PressureRow, ...]:
    """The rows of these over-six-week charts, with what two more queries say of the same lists."""
    here = {
        "site_id__in": {summary.site_id for summary in summaries},
        "breakdown__in": {summary.breakdown for summary in summaries},
    }
    shown = {(summary.site_id, summary.breakdown) for summary in summaries}
    charts = ChartSummary.objects.filter(measure__in=(LIST, SHARE), **here).order_by().values_list(*_CHART, named=True)
    others = {
        (chart.site_id, chart.breakdown, chart.measure): chart
        for chart in charts
        if (chart.site_id, chart.breakdown) in shown
    }
    months = {_months_before(summary.period, count) for summary in summaries for count in (1, 12)}
    then = Observation.objects.filter(measure=LIST, period__in=months, **here).order_by()
    earlier = {tuple(key): value for *key, value in then.values_list("site_id", "breakdown", "period", "value")}
    return tuple(_row(summary, others, earlier) for summary in summaries)


def _row(summary: ChartSummary, others: dict[Any, Any], earlier: dict[Any, float]) -> PressureRow:
    key = summary.site_id, summary.breakdown
    waiting, share = others[(*key, LIST)], others.get((*key, SHARE))
    if share is not None and share.period != summary.period:
        share = None  # nobody waits now, so there is no share
    last_month, year_ago = (earlier.get((*key, _months_before(summary.period, count))) for count in (1, 12))
    return PressureRow(
        site_id=summary.site_id,
        site_code=summary.site.code,
        site_name=summary.site.name,
        site_short_name=summary.site.short_name,
        site_colour=summary.site.colour,
        test=summary.breakdown,
        test_name=BY_CODE[summary.breakdown].short_name,
        month=summary.period,
        waiting_list=round(waiting.value),
        over_six_weeks=round(summary.value),
        six_week_share=None if share is None else share.value,
        variation_icon=waiting.variation_icon,
        assurance_icon="" if share is None else share.assurance_icon,
        sentence=waiting.sentence,
        since=waiting.since,
        since_last_month=None if last_month is None else round(waiting.value - last_month),
        gap_per_week=None if year_ago is None else (waiting.value - year_ago) / WEEKS_A_YEAR,
    )


def _months_before(month: datetime.date, months: int) -> datetime.date:
    whole = month.year * 12 + month.month - 1 - months
    return datetime.date(whole // 12, whole % 12 + 1, 1)


def history(site: Site, test: str) -> MonthlyHistory:
    """Every month this site returned for this test, as arrays; no months where it returned none."""
    import numpy as np

    from trustwide.analysis.capacity import MonthlyHistory

    columns = ("month", *BANDS, "waiting_list_tests", "planned_tests", "unscheduled_tests")
    rows = list(Dm01Return.objects.history(site, test).values_list(*columns))
    counts = np.array([row[1:] for row in rows], dtype=np.int64).reshape(len(rows), len(columns) - 1)
    return MonthlyHistory(
        provider=site.code,
        provider_name=site.name,
        test=test,
        months=np.array([row[0] for row in rows], dtype="datetime64[M]"),
        bands=counts[:, :14],
        waiting_list_tests=counts[:, 14],
        planned_tests=counts[:, 15],
        unscheduled_tests=counts[:, 16],
    )
