"""Whose report it is: a whole group, one partner's own pack, or one site; and who reads it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from django.db.models import Max, Min, QuerySet
from django.utils import timezone

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import sites_where
from trustwide.commons.audit.actions import SystemActor
from trustwide.commons.measures.models import Observation
from trustwide.commons.measures.performance.exceptions import ReportScopeError
from trustwide.commons.organisations.models import Site, SiteQuerySet

Kind = Literal["partnership", "partner", "site"]
Viewer = User | SystemActor  # a named job sees every site, but no rows: nobody knows who will read its file
KINDS: tuple[Kind, ...] = ("partnership", "partner", "site")
_CODES = {"partnership": "partner__partnership__slug", "partner": "partner__code", "site": "code"}


@dataclass(frozen=True)
class Scope:
    """The sites of a report; `everyone` are those of the whole partnership, over which small numbers are protected."""

    kind: Kind
    code: str
    name: str
    sites: tuple[Site, ...]
    everyone: tuple[Site, ...]

    @property
    def key(self) -> str:
        """As an address has it: "partner:T1"."""
        return f"{self.kind}:{self.code}"

    @property
    def together(self) -> str:
        """What the figures of all its sites added up are called; empty where there is one site."""
        if len(self.sites) == 1:
            return ""
        return "Group" if self.kind == "partnership" else "All sites"


@dataclass(frozen=True)
class Months:
    """The first and the newest month of figures in a scope that are over."""

    first: datetime.date
    newest: datetime.date

    def all(self) -> list[datetime.date]:
        """Newest first."""
        numbers = range(self.newest.year * 12 + self.newest.month, self.first.year * 12 + self.first.month - 1, -1)
        return [datetime.date((number - 1) // 12, (number - 1) % 12 + 1, 1) for number in numbers]


def scopes_for(viewer: Viewer) -> tuple[Scope, ...]:
    """Every scope of our own groups that this reader may have a report of, the widest first."""
    visible = set(_visible(viewer).of_the_group().values_list("pk", flat=True))
    of_groups = Site.objects.filter(partner__partnership__partners__sites__in=visible).distinct()
    found: list[Scope] = []
    for _, group in groupby(_in_order(of_groups), key=lambda site: site.partner.partnership_id):
        everyone = tuple(group)
        partners = [tuple(own) for _, own in groupby(everyone, key=lambda site: site.partner_id)]
        whole = [("partnership", everyone)] if len(partners) > 1 else []
        whole += [("partner", own) for own in partners]
        whole += [("site", (site,)) for own in partners for site in own if len(own) > 1]
        found += [_scope(kind, sites, everyone) for kind, sites in whole if all(site.pk in visible for site in sites)]
    return tuple(found)


def scope_of(viewer: Viewer, kind: str, code: str) -> Scope:
    """The scope of that kind and code. Raises ReportScopeError unless this reader may see the whole of it."""
    if kind not in KINDS:
        raise ReportScopeError(f'A report of a "{kind}" cannot be made; expected one of {", ".join(KINDS)}.')
    sites = tuple(_in_order(Site.objects.filter(**{_CODES[kind]: code})))
    visible = set(_visible(viewer).filter(**{_CODES[kind]: code}).values_list("pk", flat=True))
    if not sites or any(site.pk not in visible for site in sites):
        raise ReportScopeError(f'There is no {kind} "{code}", or you may not see all of it; choose another.')
    partnership = sites[0].partner.partnership
    if partnership.comparison:
        if kind == "partnership":
            raise ReportScopeError(f"{partnership} holds providers in public data; name one of its partners.")
        return _scope(kind, sites, sites)
    return _scope(kind, sites, tuple(_in_order(Site.objects.filter(partner__partnership=partnership))))


def months_of(scope: Scope) -> Months | None:
    """Of which months there can be a report; None where there is no figure of a month that is over."""
    over = timezone.localdate().replace(day=1)
    found = Observation.objects.filter(site__in=scope.sites, period__lt=over).aggregate(Min("period"), Max("period"))
    if found["period__max"] is None:
        return None
    return Months(found["period__min"].replace(day=1), found["period__max"].replace(day=1))


def sites_with_rows(viewer: Viewer) -> frozenset[int]:
    """The sites whose rows this reader may see; for them nothing is hidden there."""
    if isinstance(viewer, SystemActor):
        return frozenset()
    return frozenset(sites_where(viewer, "view_bookings").values_list("pk", flat=True))


def is_known(viewer: Viewer) -> bool:
    """Whether we know who reads it; where not, it names nobody and quotes nothing that somebody wrote."""
    return not isinstance(viewer, SystemActor)


def _visible(viewer: Viewer) -> SiteQuerySet:
    everywhere: SiteQuerySet = Site.objects.all()
    return everywhere if isinstance(viewer, SystemActor) else sites_where(viewer, "view_measures")


def _in_order(sites: QuerySet[Site]) -> QuerySet[Site]:
    by = ("partner__partnership__name", "partner__name", "partner_id", "name", "pk")
    return sites.select_related("partner__partnership").order_by(*by)


def _scope(kind: str, sites: tuple[Site, ...], everyone: tuple[Site, ...]) -> Scope:
    first = sites[0]
    known: dict[str, tuple[Kind, str, str]] = {
        "partnership": ("partnership", first.partner.partnership.slug, first.partner.partnership.name),
        "partner": ("partner", first.partner.code, first.partner.name),
        "site": ("site", first.code, first.name),
    }
    return Scope(*known[kind], sites, everyone)
