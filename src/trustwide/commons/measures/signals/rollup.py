"""The same signals from further away: of wards up to their site, of sites up to the group."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count, Max, Min, OuterRef, Subquery, Sum

from trustwide.commons.measures.definition import MeasureDefinition, logical_table, measures
from trustwide.commons.measures.models import ChartSummary, Ghost
from trustwide.commons.measures.reading import figures_at
from trustwide.commons.measures.signals.closing import period_of
from trustwide.commons.measures.signals.figures import (
    SignalFilters,
    breakdown_name,
    judged_charts,
    signals_for,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from trustwide.commons.accounts.models import User
    from trustwide.commons.measures.signals.models import SignalQuerySet

Key = tuple[str, str, str, str]


class _OfSite(NamedTuple):
    """What the database adds up of one line at one site."""

    code: str
    name: str
    charts: int
    people: float
    since: datetime.date
    rank: float
    hidden: int


@dataclass(frozen=True)
class RolledSite:
    """One site in a line: on how many of its judged charts the change shows."""

    code: str
    name: str
    charts: int
    judged: int

    @property
    def whole(self) -> bool:
        """Whether every chart of the site shows it: then it is of the site rather than of one ward."""
        return self.charts == self.judged


@dataclass(frozen=True)
class LeftOut:
    """A signal whose newest figure somebody left out of its chart: of which part of the site, when (in words), how many
    people.
    """

    site: str
    part: str
    period: str
    people: float

    @property
    def sentence(self) -> str:
        """What the sum of a line does not count, and when: "MRI at North, where May 2025 is left out"."""
        return f"{f'{self.part} at {self.site}' if self.part else self.site}, where {self.period} is left out"


@dataclass(frozen=True)
class RolledUp:
    """The signals of one measure that point one way, at which sites. `all_sites` is how many have a judged chart.

    `breakdown` is empty where the charts of all breakdowns are taken together. `people` are those of every signal but
    those in `left_out`; None where the measure counts nobody, or the reader may not see the figures of all of them.
    """

    definition: MeasureDefinition
    breakdown: str
    direction: str
    verdict: str
    sites: tuple[RolledSite, ...]
    all_sites: int
    judged: int
    people: float | None
    since: datetime.date
    left_out: tuple[LeftOut, ...]

    @property
    def charts(self) -> int:
        """On how many charts the change shows."""
        return sum(site.charts for site in self.sites)

    @property
    def name(self) -> str:
        """The measure and, where the line is about one, its breakdown."""
        if not self.breakdown:
            return self.definition.title
        return f"{self.definition.title}: {breakdown_name(self.definition, self.breakdown)}"

    @property
    def of_wards(self) -> bool:
        """Whether the charts of a site are its wards and rooms."""
        return logical_table(self.definition.table).of_places

    @property
    def everywhere(self) -> bool:
        """Whether every chart of every site shows it: then it is of the group rather than of a site."""
        return len(self.sites) == self.all_sites > 1 and all(site.whole for site in self.sites)


def rolled_up(user: User | AnonymousUser, filters: SignalFilters) -> tuple[RolledUp, ...]:
    """The signals the filters let through by measure and direction, each with its sites, the highest ranked first.

    Wards and rooms are taken together at their site. Where one measure is asked for, each of its breakdowns that is not
    a place, such as a test, has a line of its own.
    """
    known = {each.code: each for each in measures()}
    apart = filters.measure in known and not logical_table(known[filters.measure].table).of_places
    line = ("measure", "breakdown") if apart else ("measure",)
    found = signals_for(user, filters).order_by().filter(measure__in=known)
    by_site = found.values_list("direction", "verdict", "site__code", "site__short_name", *line)
    counted = by_site.annotate(
        count=Count("pk"), touched=Sum("people"), first=Min("since"), most=Max("rank"),
        hidden=Count("pk", filter=~figures_at(user)),
    )  # fmt: skip
    lines: dict[Key, list[_OfSite]] = {}
    for direction, verdict, code, name, *rest in counted:
        of, totals = rest[: len(line)], rest[len(line) :]
        lines.setdefault((*_key(of), direction, verdict), []).append(_OfSite(code, name, *totals))
    judged: dict[tuple[str, str], dict[str, int]] = {}
    for site, *of, count in judged_charts(user, filters).values_list("site__code", *line).annotate(count=Count("pk")):
        judged.setdefault(_key(of), {})[site] = count
    left_out = _left_out(found, line, known)
    ranked = sorted(lines, key=lambda key: -max(each.rank for each in lines[key]))
    return tuple(
        _rolled_up(known[key[0]], key, lines[key], judged.get(key[:2], {}), left_out.get(key, [])) for key in ranked
    )


def _key(of: Sequence[str]) -> tuple[str, str]:
    return of[0], of[1] if len(of) > 1 else ""


def _left_out(
    found: SignalQuerySet, line: Sequence[str], known: Mapping[str, MeasureDefinition]
) -> dict[Key, list[LeftOut]]:
    """Open signals whose newest figure somebody declared to say nothing of the rest, by line; one query.

    Such a figure is not added to people: a chart leaves it out of everything but its picture, and a sum has none.
    """
    series = {name: OuterRef(name) for name in ("measure", "site", "breakdown")}
    newest = found.filter(closed=None).annotate(newest=Subquery(ChartSummary.objects.filter(**series).values("period")))
    marked = Ghost.objects.standing().filter(**series, date=OuterRef("newest")).order_by()
    rows = newest.annotate(left_out=Subquery(marked.values("date")[:1])).exclude(left_out=None)
    columns = ("direction", "verdict", "site__short_name", "measure", "breakdown", "left_out", "people")
    lines: dict[Key, list[LeftOut]] = {}
    for direction, verdict, site, code, breakdown, period, people in rows.values_list(*columns):
        key = (code, breakdown if "breakdown" in line else "", direction, verdict)
        part = "" if key[1] else breakdown_name(known[code], breakdown)
        lines.setdefault(key, []).append(LeftOut(site, part, period_of(period, known[code]), people))
    return lines


def _rolled_up(
    definition: MeasureDefinition,
    key: Key,
    found: Sequence[_OfSite],
    judged: Mapping[str, int],
    left_out: Sequence[LeftOut],
) -> RolledUp:
    _, breakdown, direction, verdict = key
    ordered = sorted(found, key=lambda each: (-each.rank, each.name))
    sites = tuple(
        RolledSite(each.code, each.name, each.charts, max(judged.get(each.code, 0), each.charts)) for each in ordered
    )
    people = sum(each.people for each in found)
    is_told = people > 0 and not any(each.hidden for each in found)
    return RolledUp(
        definition, breakdown, direction, verdict, sites, all_sites=max(len(judged), len(sites)),
        judged=sum(judged.values()), people=people - sum(one.people for one in left_out) if is_told else None,
        since=min(each.since for each in found), left_out=tuple(left_out),
    )  # fmt: skip
