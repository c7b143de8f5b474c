"""Which signals somebody sees, in which order, and what they add up to."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.paginator import Page, Paginator
from django.db.models import Count, Max, Q
from django.utils import timezone

from trustwide.commons.measures.definition import MeasureDefinition, logical_table, measures
from trustwide.commons.measures.models import ChartSummary, ChartSummaryQuerySet, StrategicAim
from trustwide.commons.measures.reading import for_reader
from trustwide.commons.measures.signals.models import Signal, SignalQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from trustwide.commons.accounts.models import User

ROWS_A_PAGE = 50

# New signals a series a period when nothing changes, by kind of chart: measured on in-control simulations of 36 periods
# (docs/explanation/control-charts.md)
FALSE_ALERTS = {"xmr": 0.012, "pp": 0.014, "up": 0.016, "t": 0.005, "g": 0.004}


@dataclass(frozen=True)
class SignalFilters:
    """What narrows the list. `verdict` is concern, improvement or neutral; `state` is open, snoozed or closed; `site`
    is a code or a part of a name.
    """

    measure: str = ""
    breakdown: str = ""
    aim: str = ""
    partnership: str = ""
    site: str = ""
    verdict: str = ""
    direction: str = ""
    state: str = "open"
    mine: bool = False
    page: int = 1


@dataclass(frozen=True)
class SignalRow:
    """A signal with the names that people know it by."""

    signal: Signal
    definition: MeasureDefinition
    breakdown_name: str
    aim: str

    @property
    def name(self) -> str:
        """What it is about: the measure and, where there is one, its breakdown."""
        return f"{self.definition.title}: {self.breakdown_name}" if self.breakdown_name else self.definition.title


@dataclass(frozen=True)
class Expected:
    """How many charts were judged, how many of the open signals are new in their measure's newest period, and how many
    chance alone opens in a period. `newest` is that period; None where measures differ in it. `put_off` are the open
    signals that the list leaves out for now.
    """

    judged: int
    newest: datetime.date | None
    new: int
    by_chance: float
    put_off: int


@dataclass(frozen=True)
class SignalsPage:
    """One page of signals, how many there are in all, and what chance alone would give."""

    rows: tuple[SignalRow, ...]
    page: Page[Signal]
    expected: Expected

    @property
    def total(self) -> int:
        """How many signals there are on all pages."""
        return self.page.paginator.count


def signals_for(user: User | AnonymousUser, filters: SignalFilters) -> SignalQuerySet:
    """The signals this person may see that the filters let through, first the ones that come first."""
    found, today = _that_fit(user, filters), timezone.localdate()
    if filters.state == "closed":
        closed: SignalQuerySet = found.exclude(closed=None).order_by("-closed", "-rank", "pk")
        return closed
    return found.open().filter(snoozed_until__gt=today) if filters.state == "snoozed" else found.open().awake(today)


def _that_fit(user: User | AnonymousUser, filters: SignalFilters) -> SignalQuerySet:
    """Those that the filters let through, in whatever state they are."""
    found: SignalQuerySet = Signal.objects.for_user(user).filter(of_places(filters))
    asked = {"verdict": filters.verdict, "direction": filters.direction}
    found = found.filter(**{name: value for name, value in asked.items() if value})
    return found.filter(assigned_to=user.pk) if filters.mine else found


def of_places(filters: SignalFilters) -> Q:
    """What holds for charts as well as for signals: of which measure, and where."""
    asked = {
        "measure": filters.measure,
        "breakdown": filters.breakdown,
        "site__partner__partnership__slug": filters.partnership,
    }
    found = Q(**{name: value for name, value in asked.items() if value})
    if filters.aim:
        found &= Q(measure__in=[each.code for each in measures() if each.aim == filters.aim])
    if filters.site:
        text = filters.site
        found &= Q(site__code__iexact=text) | Q(site__name__icontains=text) | Q(site__short_name__icontains=text)
    return found


def signals_page(user: User | AnonymousUser, filters: SignalFilters, rows: int = ROWS_A_PAGE) -> SignalsPage:
    """What changed more than chance explains, for the sites this person may see."""
    found = signals_for(user, filters).select_related("site", "assigned_to")
    page = Paginator(found, rows).get_page(filters.page)
    return SignalsPage(signal_rows(page.object_list, user), page, expected(user, filters))


def signal_rows(signals: Iterable[Signal], reader: User | AnonymousUser) -> tuple[SignalRow, ...]:
    """Signals with their names, in words alone where the reader may not see figures; unknown measures are left out."""
    known = {each.code: each for each in measures()}
    aims = dict(StrategicAim.objects.values_list("code", "title"))
    return tuple(
        SignalRow(each, known[each.measure], breakdown_name(known[each.measure], each.breakdown),
                  aims.get(known[each.measure].aim, ""))
        for each in for_reader(signals, reader)
        if each.measure in known
    )  # fmt: skip


def breakdown_name(definition: MeasureDefinition, breakdown: str) -> str:
    """What people call a breakdown of a measure."""
    return logical_table(definition.table).breakdowns.get(breakdown, breakdown)


def judged_charts(user: User | AnonymousUser, filters: SignalFilters) -> ChartSummaryQuerySet:
    """The charts that can show a signal, of those the filters let through."""
    charts: ChartSummaryQuerySet = ChartSummary.objects.for_user(user).exclude(variation_icon="")
    return charts.filter(of_places(filters)).order_by()


def expected(user: User | AnonymousUser, filters: SignalFilters) -> Expected:
    """What chance alone would open in a period, on the charts the filters let through, against what was opened."""
    grouped = judged_charts(user, filters).values_list("measure", "kind")
    kinds = list(grouped.annotate(count=Count("pk"), newest=Max("period")))
    newest: dict[str, datetime.date] = {}
    for code, _, _, period in kinds:
        newest[code] = max(period, newest.get(code, period))
    new, put_off = _new_and_put_off(user, filters, newest)
    return Expected(
        judged=sum(count for *_, count, _ in kinds),
        newest=max(newest.values()) if len(set(newest.values())) == 1 else None,
        new=new,
        by_chance=sum(FALSE_ALERTS.get(kind, 0.0) * count for _, kind, count, _ in kinds),
        put_off=put_off,
    )


def _new_and_put_off(
    user: User | AnonymousUser, filters: SignalFilters, newest: dict[str, datetime.date]
) -> tuple[int, int]:
    """How many of the open signals that fit opened in the newest period of their measure, and how many are put off."""
    fresh = Q(pk=None)
    for period in set(newest.values()):
        fresh |= Q(opened=period, measure__in=[code for code in newest if newest[code] == period])
    put_off = Q(snoozed_until__gt=timezone.localdate())
    fit = _that_fit(user, filters).open().order_by()
    counted = fit.aggregate(new=Count("pk", filter=fresh & ~put_off), put_off=Count("pk", filter=put_off))
    return counted["new"], counted["put_off"]
