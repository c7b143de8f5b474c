"""Which signals somebody sees, in which order, and what they add up to."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Max, Min, Sum
from django.utils import timezone

from trustwide.commons.measures.definition import MeasureDefinition, logical_table, measures
from trustwide.commons.measures.models import ChartSummary, StrategicAim
from trustwide.commons.measures.signals.models import Signal, SignalQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from trustwide.commons.accounts.models import User

ROWS_A_PAGE = 50

# New signals a series a period when nothing changes, by kind of chart: measured on in-control simulations of 36 periods
# (docs/explanation/control-charts.md)
FALSE_ALERTS = {"xmr": 0.012, "pp": 0.013, "up": 0.012, "t": 0.005, "g": 0.005}


@dataclass(frozen=True)
class SignalFilters:
    """What narrows the list. `verdict` is concern, improvement or neutral; `state` is open, snoozed or closed."""

    measure: str = ""
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
    """How many charts were judged, how many signals are new in the newest period, and how many chance alone opens."""

    judged: int
    newest: datetime.date | None
    new: int
    by_chance: float


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


@dataclass(frozen=True)
class RolledUp:
    """The signals of one measure that point one way: at which sites, on how many charts of how many."""

    definition: MeasureDefinition
    direction: str
    verdict: str
    charts: int
    judged: int
    sites: tuple[tuple[str, str, int], ...]
    people: float
    since: datetime.date

    @property
    def everywhere(self) -> bool:
        """Whether every chart that is judged shows it: then it is of the group rather than of a site."""
        return self.charts == self.judged > 1


def signals_for(user: User | AnonymousUser, filters: SignalFilters) -> SignalQuerySet:
    """The signals this person may see that the filters let through, first the ones that come first."""
    found: SignalQuerySet = Signal.objects.for_user(user).filter(**_equal(filters))
    today = timezone.localdate()
    if filters.state == "closed":
        found = found.exclude(closed=None).order_by("-closed", "-rank", "pk")
    elif filters.state == "snoozed":
        found = found.open().filter(snoozed_until__gt=today)
    else:
        found = found.open().awake(today)
    if filters.aim:
        found = found.filter(measure__in=[each.code for each in measures() if each.aim == filters.aim])
    return found.filter(assigned_to=user.pk) if filters.mine else found


def _equal(filters: SignalFilters) -> dict[str, str]:
    asked = {"verdict": filters.verdict, "direction": filters.direction}
    return _places(filters) | {name: value for name, value in asked.items() if value}


def _places(filters: SignalFilters) -> dict[str, str]:
    """What holds for charts as well as for signals: which measure, and where."""
    asked = {
        "measure": filters.measure,
        "site__partner__partnership__slug": filters.partnership,
        "site__code": filters.site,
    }
    return {name: value for name, value in asked.items() if value}


def signals_page(user: User | AnonymousUser, filters: SignalFilters, rows: int = ROWS_A_PAGE) -> SignalsPage:
    """What changed more than chance explains, for the sites this person may see."""
    found = signals_for(user, filters).select_related("site", "assigned_to")
    page = Paginator(found, rows).get_page(filters.page)
    return SignalsPage(signal_rows(page.object_list), page, expected(user, filters))


def signal_rows(signals: Iterable[Signal]) -> tuple[SignalRow, ...]:
    """Signals with their names; one whose measure no longer exists is left out."""
    known = {each.code: each for each in measures()}
    aims = dict(StrategicAim.objects.values_list("code", "title"))
    return tuple(
        SignalRow(each, known[each.measure], breakdown_name(known[each.measure], each.breakdown),
                  aims.get(known[each.measure].aim, ""))
        for each in signals
        if each.measure in known
    )  # fmt: skip


def breakdown_name(definition: MeasureDefinition, breakdown: str) -> str:
    """What people call a breakdown of a measure."""
    return logical_table(definition.table).breakdowns.get(breakdown, breakdown)


def expected(user: User | AnonymousUser, filters: SignalFilters) -> Expected:
    """What chance alone would open in a period, on the charts the filters let through, against what was opened."""
    charts = ChartSummary.objects.for_user(user).exclude(variation_icon="")
    same = _places(filters)
    charts = charts.filter(**same)
    if filters.aim:
        charts = charts.filter(measure__in=[each.code for each in measures() if each.aim == filters.aim])
    kinds = list(charts.order_by().values_list("kind").annotate(count=Count("pk"), newest=Max("period")))
    newest = max((period for _, _, period in kinds), default=None)
    new = Signal.objects.for_user(user).filter(**same, opened=newest)
    return Expected(
        judged=sum(count for _, count, _ in kinds),
        newest=newest,
        new=new.count() if newest else 0,
        by_chance=sum(FALSE_ALERTS.get(kind, 0.0) * count for kind, count, _ in kinds),
    )


def rolled_up(user: User | AnonymousUser, filters: SignalFilters) -> tuple[RolledUp, ...]:
    """The same signals by measure and direction, each with its sites: those that are the same everywhere are of the
    group. The highest ranked first.
    """
    found = signals_for(user, filters).order_by()
    kinds: dict[tuple[str, str, str], dict[str, Any]] = {}
    by_kind = found.values_list("measure", "direction", "verdict")
    for *key, people, since, most in by_kind.annotate(people=Sum("people"), first=Min("since"), most=Max("rank")):
        kinds[tuple(key)] = {"people": people, "since": since, "rank": most, "sites": []}
    by_site = found.values_list("measure", "direction", "verdict", "site__code", "site__short_name")
    for *key, code, name, count in by_site.annotate(count=Count("pk")):
        kinds[tuple(key)]["sites"].append((code, name, count))
    judged = ChartSummary.objects.for_user(user).exclude(variation_icon="").filter(**_places(filters)).order_by()
    charts = dict(judged.values_list("measure").annotate(count=Count("pk")))
    known = {each.code: each for each in measures()}
    ranked = sorted((key for key in kinds if key[0] in known), key=lambda key: -kinds[key]["rank"])
    return tuple(_rolled_up(known[key[0]], key, kinds[key], charts) for key in ranked)


def _rolled_up(
    definition: MeasureDefinition, key: tuple[str, str, str], found: dict[str, Any], charts: dict[str, int]
) -> RolledUp:
    _, direction, verdict = key
    sites = tuple(sorted(found["sites"], key=lambda site: (-site[2], site[1])))
    return RolledUp(
        definition, direction, verdict, sum(count for *_, count in sites), charts.get(definition.code, 0), sites,
        found["people"], found["since"],
    )  # fmt: skip
