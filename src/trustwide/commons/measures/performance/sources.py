"""From the figures of every breakdown to the series that cells are made of, each with what of it must not be shown."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from trustwide.commons.measures.definition import MeasureDefinition
from trustwide.commons.measures.performance.adding import Panel, added
from trustwide.commons.measures.performance.cells import Source, months_before
from trustwide.commons.measures.performance.left_out import by_period
from trustwide.commons.measures.performance.model import SHOWN_MONTHS
from trustwide.commons.measures.performance.scope import Scope
from trustwide.commons.measures.performance.series import TOGETHER, Key
from trustwide.commons.measures.performance.small_numbers import Flags, hidden, is_published


@dataclass(frozen=True, eq=False)
class Asked:
    """Whose report, of when, on which figures, and who reads it: the sites whose rows they may see, and whether anybody
    knows who they are.
    """

    scope: Scope
    month: datetime.date
    panels: Mapping[str, Panel]
    rows_seen: frozenset[int]
    reader_known: bool


def sources_of(asked: Asked, panel: Panel) -> Iterator[Source]:
    """The series of one measure at each site of the scope, and last of all together; breakdowns are added up."""
    secret, definition = secrets(asked, panel), panel.definition
    reasons_at = _reasons_at(asked, definition)
    for site in asked.scope.sites:
        own = panel.of([site.pk])
        breakdown = own.keys[0][1] if len(own.keys) == 1 else None
        key = (definition.code, site.pk, breakdown or "")
        figures = (panel.periods, *added(own), secret[site.pk])
        # the one series of a site has its own marks
        left_out = by_period(own, reasons_at) if breakdown is None else {}
        yield Source(key, definition, site.short_name, site.code, breakdown, *figures, left_out)
    if asked.scope.together:
        whole = panel.of([site.pk for site in asked.scope.sites])
        figures = (panel.periods, *added(whole), secret[TOGETHER])
        left_out = by_period(whole, reasons_at)
        yield Source((definition.code, TOGETHER, ""), definition, asked.scope.together, "", None, *figures, left_out)


def _reasons_at(asked: Asked, definition: MeasureDefinition) -> frozenset[int]:
    """At which sites this reader may read why somebody left a figure out: as its chart says it, to people we know."""
    if not asked.reader_known:
        return frozenset()
    return frozenset(site.pk for site in asked.scope.sites) if is_published(definition) else asked.rows_seen


def left_out_of(sources: Mapping[str, Iterable[Source]]) -> dict[Key, tuple[datetime.date, ...]]:
    """The periods that the sums among these series leave out of their charts, as `series.judge` takes them."""
    every = (each for own in sources.values() for each in own if each.left_out)
    return {each.key: tuple(at for at, parts in each.left_out.items() if parts.outweighed) for each in every}


def breakdown_sources(asked: Asked, panel: Panel, breakdown: str) -> Iterator[Source]:
    """The series of one breakdown at each site of the scope; figures only where published or the rows may be seen.

    So nothing finer than a site's sum is ever given to others, and what `secrets` hides of the sums stays hidden.
    """
    none = np.full(len(panel.periods), np.nan)
    for site in asked.scope.sites:
        key = (site.pk, breakdown)
        place = panel.keys.index(key) if key in panel.keys else None
        above, below = (none, none) if place is None else (panel.above[place], panel.below[place])
        closed = not is_published(panel.definition) and site.pk not in asked.rows_seen
        secret = ~np.isnan(above) if closed else np.zeros(len(above), dtype=bool)
        figures = (panel.periods, above, below, secret)
        yield Source((panel.definition.code, *key), panel.definition, site.short_name, site.code, breakdown, *figures)


def sites_told(asked: Asked, panel: Panel, sources: Iterable[Source]) -> frozenset[int]:
    """At which sites words about one series may hold figures: where it is the site's own figure and nothing is hidden.

    Else a part, taken from the sum that is shown, would leave the other part.
    """
    if is_published(panel.definition):
        return frozenset(site.pk for site in asked.scope.sites)
    whole = {source.key[1] for source in sources if source.breakdown is not None and not source.hidden.any()}
    return frozenset(whole | asked.rows_seen)


def secrets(asked: Asked, panel: Panel) -> dict[int, Flags]:
    """Which periods of each site, and of the scope's sum, must not be shown; decided over the whole partnership."""
    everyone = asked.scope.everyone
    unknown = {site.pk for site in everyone if site.pk not in asked.rows_seen}
    nothing = np.zeros(len(panel.periods), dtype=bool)
    if is_published(panel.definition) or not unknown or everyone[0].partner.partnership.comparison:
        return dict.fromkeys([TOGETHER, *(site.pk for site in everyone)], nothing)
    window = panel.periods >= np.datetime64(months_before(asked.month, SHOWN_MONTHS - 1))
    rows = [added(panel.of([site.pk])) for site in everyone]
    above, below = (np.array([each[place][window] for each in rows]) for place in range(2))
    partners = [
        (partner, list(own))
        for partner, own in groupby(range(len(everyone)), key=lambda place: everyone[place].partner_id)
    ]
    groups = [[place for place in own if everyone[place].pk in unknown] for _, own in partners]
    flags = np.zeros((len(everyone) + len(partners) + 1, len(panel.periods)), dtype=bool)
    flags[:, window] = hidden(panel.definition, groups, above, below)
    found = dict(zip([site.pk for site in everyone], flags, strict=False))
    of_partner = dict(zip([partner for partner, _ in partners], flags[len(everyone) :], strict=False))
    of_scope = of_partner[asked.scope.sites[0].partner_id] if asked.scope.kind == "partner" else flags[-1]
    return {**found, TOGETHER: of_scope}
