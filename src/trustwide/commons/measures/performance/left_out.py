"""Figures that somebody left out of their own chart, and what becomes of the sums that hold them.

Such a month is left out of the chart of the sum too, so that no limit or rule rests on it, and the sum names the part.
The figure itself stays in the sum, as it stays in the cell of its own site: taken out, the sum would show a dip that
nobody measured, and would no longer be the sum of the cells beside it, on which the protection of small numbers rests.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from trustwide.commons.measures.definition import MeasureDefinition
from trustwide.commons.measures.models import Ghost
from trustwide.commons.measures.performance.model import when
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


def left_out_figures(
    sites: Collection[Site], until: datetime.date, codes: Collection[str]
) -> dict[str, tuple[LeftOut, ...]]:
    """What is left out at these sites up to a day, by measure; one query."""
    names = {site.pk: site.short_name for site in sites}
    marks = Ghost.objects.standing().filter(site__in=names, measure__in=sorted(codes), date__lte=until)
    found: dict[str, list[LeftOut]] = {}
    for code, site, breakdown, period, reason in marks.values_list("measure", "site_id", "breakdown", "date", "reason"):
        found.setdefault(code, []).append(LeftOut(site, names[site], breakdown, period, reason))
    return {code: tuple(own) for code, own in found.items()}


def by_period(
    definition: MeasureDefinition, left_out: Iterable[LeftOut], reasons_at: Collection[int]
) -> dict[datetime.date, str]:
    """What a sum says of each period: "North left out of May 2025: scanner log lost."

    The reason stands only for the sites in `reasons_at`: it may hold figures that are not for everybody.
    """
    periods: dict[datetime.date, list[LeftOut]] = {}
    for each in left_out:
        periods.setdefault(each.period, []).append(each)
    return {period: _sentence(definition, period, own, reasons_at) for period, own in periods.items()}


def _sentence(
    definition: MeasureDefinition, period: datetime.date, left_out: Sequence[LeftOut], reasons_at: Collection[int]
) -> str:
    parts: Mapping[str, str] = {
        _part(definition, each): each.reason.rstrip(". ") if each.site_id in reasons_at else "" for each in left_out
    }
    named = list(parts)[:MOST_NAMED]
    more = [f"{len(parts) - MOST_NAMED:,} more"] if len(parts) > MOST_NAMED else []
    why = "; ".join(dict.fromkeys(parts[name] for name in named if parts[name]))
    return f"{_joined([*named, *more])} left out of {when(definition, period)}{f': {why}' if why else ''}."


def _part(definition: MeasureDefinition, left_out: LeftOut) -> str:
    part = breakdown_name(definition, left_out.breakdown)
    return f"{part} at {left_out.site}" if part else left_out.site


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
