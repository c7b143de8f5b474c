"""What to doubt in the figures of a report: in those of its month, and in every chart that shows a change."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trustwide.commons.measures.charting import JudgedSeries
from trustwide.commons.measures.definition import Cadence, MeasureDefinition, logical_table
from trustwide.commons.measures.models import QualityNote
from trustwide.commons.measures.performance.cells import months_before
from trustwide.commons.measures.performance.model import SHOWN_MONTHS
from trustwide.commons.measures.performance.series import last_day
from trustwide.commons.measures.performance.small_numbers import is_published
from trustwide.commons.measures.performance.words import named
from trustwide.commons.measures.quality.words import NOUNS, called
from trustwide.commons.measures.signals.figures import breakdown_name
from trustwide.commons.measures.signals.opening import began
from trustwide.commons.organisations.models import Site

MOST_OF_A_CHART = 4
SHORT: Mapping[str, str] = {
    "impossible": "impossible",
    "zero": "zero-filled",
    "gap": "no figure",
    "late": "no figure yet",
    "jump": "jump",
}


@dataclass(frozen=True)
class Doubts:
    """What this reader may read of what was found to doubt up to the end of a month."""

    month: datetime.date
    notes: Sequence[QualityNote]

    def of_month(self, known: Mapping[str, MeasureDefinition]) -> dict[str, list[str]]:
        """What to doubt in the figures of the month: measure -> sentences."""
        found: dict[str, list[str]] = {}
        for note in self.notes:
            if note.until < self.month:
                continue
            definition = known[note.measure]
            part = breakdown_name(definition, note.breakdown)
            where = ", ".join(each for each in (definition.title, part, note.site.short_name) if each)
            found.setdefault(note.measure, []).append(f"{where}: {note.sentence}")
        return found

    def in_chart(self, judged: JudgedSeries | None, place_code: str, breakdown: str | None) -> str:
        """What to doubt in what one chart judges or draws, newest first: "To doubt: May 2025: copied from April."

        Without a place it is of all sites together, without a breakdown (None) of the sum of all: every note on what is
        added up counts. Of a month's parts the first are named.
        """
        if judged is None:
            return ""
        first, cadence = _first(judged), logical_table(judged.definition.table).cadence
        parts: dict[tuple[datetime.date, datetime.date, str], list[str]] = {}
        for note in self.notes:
            here = place_code in ("", note.site.code) and breakdown in (None, note.breakdown)
            if here and note.measure == judged.definition.code and note.until >= first:
                part = breakdown_name(judged.definition, note.breakdown) if breakdown is None else ""
                site = "" if place_code else note.site.short_name
                of = f"{part} at {site}" if part and site else part or site
                parts.setdefault((note.period, note.until, note.kind), []).append(of)
        if not parts:
            return ""
        told = [_short(*about, parts[about], cadence) for about in sorted(parts, reverse=True)]
        more = [f"and {len(told) - MOST_OF_A_CHART:,} more"] if len(told) > MOST_OF_A_CHART else []
        return f"To doubt: {'; '.join([*told[:MOST_OF_A_CHART], *more])}."


def doubts_at(
    sites: Sequence[Site], month: datetime.date, known: Mapping[str, MeasureDefinition], rows_seen: Collection[int]
) -> Doubts:
    """What to doubt at these sites in figures up to the end of the month, with their sites; one query.

    Of measures that are not published only at the sites in `rows_seen`, as on the pages of data quality
    (`reading.figures_at`): kind and month alone give a figure away, since that one of two parts is zero-filled says
    that the sum is the other.
    """
    found = QualityNote.objects.filter(site__in=sites, measure__in=sorted(known), period__lte=last_day(month))
    ordered = found.select_related("site").order_by("site__name", "breakdown", "period")
    return Doubts(month, [note for note in ordered if is_published(known[note.measure]) or note.site_id in rows_seen])


def _first(judged: JudgedSeries) -> datetime.date:
    """From when on figures count for a chart: all do, or where limits were recalculated, those since then or drawn."""
    chart = judged.chart
    start = int(np.searchsorted(chart.segment, chart.segment[-1])) if len(chart) else 0
    drawn = max(len(chart) - SHOWN_MONTHS, 0)
    if not (start and drawn):
        return datetime.date.min
    return began(chart.date[min(start, drawn)].item(), logical_table(judged.definition.table).cadence)


def _short(period: datetime.date, until: datetime.date, kind: str, parts: Sequence[str], cadence: Cadence) -> str:
    last = "" if until == period else f" to {called(until, cadence)}"
    when = f"{called(period, cadence)}{last}"
    said = f"copied from {_before(period, cadence)}" if kind == "copied" else SHORT[kind]
    of = [part for part in parts if part]
    return f"{when[0].upper()}{when[1:]}: {said}{f' ({named(of)})' if of else ''}"


def _before(period: datetime.date, cadence: Cadence) -> str:
    return f"{months_before(period, 1):%B}" if cadence == "month" else f"the {NOUNS[cadence]} before"
