"""Figures that somebody left out of their own chart, and what becomes of the sums that hold them.

Such a month is left out of the chart of the sum too, so that no limit or rule rests on it, unless the part is too small
to matter there (`adding.outweighed`): else a site of one person would switch off the chart of thousands. The sum names
the part either way. The figure itself stays in the sum, as it stays in the cell of its own site: taken out, the sum
would show a dip that nobody measured, and would no longer be the sum of the cells beside it, on which the protection of
small numbers rests.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from trustwide.commons.measures.definition import MeasureDefinition
from trustwide.commons.measures.models import Ghost
from trustwide.commons.measures.performance.adding import Panel, outweighed
from trustwide.commons.measures.performance.model import when
from trustwide.commons.measures.performance.words import joined, sentence
from trustwide.commons.measures.signals.figures import breakdown_name
from trustwide.commons.organisations.models import Site

MOST_NAMED = 3


@dataclass(frozen=True)
class LeftOut:
    """One figure of a series, left out of its chart: where, in which period, and the reason somebody gave."""

    site_id: int
    site: str
    breakdown: str
    period: datetime.date
    reason: str


@dataclass(frozen=True)
class Parts:
    """What a sum says of one period of which parts are left out of their own charts.

    `named` fits a cell: "North left out of May 2025." `told` gives the reasons too, each with its part. `outweighed`:
    the sum's own chart leaves the period out.
    """

    named: str
    told: str
    outweighed: bool


def left_out_figures(
    sites: Collection[Site], until: datetime.date, codes: Collection[str]
) -> dict[str, tuple[LeftOut, ...]]:
    """What is left out at these sites up to a day, by measure; one query."""
    names = {site.pk: site.short_name for site in sites}
    marks = Ghost.objects.standing().filter(site__in=names, measure__in=sorted(codes), date__lte=until)
    found: dict[str, list[LeftOut]] = {}
    ordered = marks.order_by("site__name", "site_id", "breakdown", "date")
    for code, site, breakdown, period, reason in ordered.values_list(
        "measure", "site_id", "breakdown", "date", "reason"
    ):
        found.setdefault(code, []).append(LeftOut(site, names[site], breakdown, period, reason))
    return {code: tuple(own) for code, own in found.items()}


def by_period(panel: Panel, reasons_at: Collection[int]) -> dict[datetime.date, Parts]:
    """What the sum of a panel says of each period that any of its parts leaves out.

    A reason stands only for the sites in `reasons_at`: it may hold figures, or a name, that are not for everybody.
    """
    heavy = set(panel.periods[outweighed(panel)].tolist())
    periods: dict[datetime.date, list[LeftOut]] = {}
    for each in panel.left_out:
        periods.setdefault(each.period, []).append(each)
    return {
        period: _parts(panel.definition, period, own, reasons_at, outweighed=period in heavy)
        for period, own in periods.items()
    }


def _parts(
    definition: MeasureDefinition,
    period: datetime.date,
    left_out: Sequence[LeftOut],
    reasons_at: Collection[int],
    *,
    outweighed: bool,
) -> Parts:
    parts = {_part(definition, each): each.reason if each.site_id in reasons_at else "" for each in left_out}
    kept = list(parts)[:MOST_NAMED]
    more = [f"{len(parts) - MOST_NAMED:,} more"] if len(parts) > MOST_NAMED else []
    named = f"{joined([*kept, *more])} left out of {when(definition, period)}"
    if len(set(parts.values())) == 1:
        (reason,) = set(parts.values())
        return Parts(f"{named}.", sentence(f"{named}: {reason}" if reason else named), outweighed)
    why: dict[str, list[str]] = {}
    for part in kept:
        why.setdefault(parts[part], []).append(part)
    reasons = [sentence(f"{joined(own)}: {reason}") for reason, own in why.items() if reason]
    return Parts(f"{named}.", " ".join([f"{named}.", *reasons]), outweighed)


def _part(definition: MeasureDefinition, left_out: LeftOut) -> str:
    part = breakdown_name(definition, left_out.breakdown)
    return f"{part} at {left_out.site}" if part else left_out.site
