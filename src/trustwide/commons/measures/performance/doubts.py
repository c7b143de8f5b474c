"""What to doubt in the figures of a report: in those of its month, and in the year that its charts draw."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence

from trustwide.commons.measures.definition import Cadence, MeasureDefinition, logical_table
from trustwide.commons.measures.models import QualityNote
from trustwide.commons.measures.performance.cells import months_before
from trustwide.commons.measures.performance.model import Cell
from trustwide.commons.measures.performance.series import last_day
from trustwide.commons.measures.performance.small_numbers import is_published
from trustwide.commons.measures.quality.words import NOUNS, called
from trustwide.commons.measures.signals.figures import breakdown_name
from trustwide.commons.organisations.models import Site

MONTHS = 12  # the report's own and those before it
MOST_OF_A_CHART = 3
SHORT: Mapping[str, str] = {
    "impossible": "impossible",
    "zero": "zero-filled",
    "gap": "no figure",
    "late": "no figure yet",
    "jump": "jump",
}


def notes_of(sites: Sequence[Site], month: datetime.date, codes: Collection[str]) -> list[QualityNote]:
    """What to doubt at these sites in the year that ends with the month, with their sites; one query."""
    touching = QualityNote.objects.filter(site__in=sites, measure__in=sorted(codes), period__lte=last_day(month))
    recent = touching.filter(until__gte=months_before(month, MONTHS - 1))
    return list(recent.select_related("site").order_by("site__name", "breakdown", "period"))


def doubts_about(
    notes: Sequence[QualityNote],
    month: datetime.date,
    known: Mapping[str, MeasureDefinition],
    rows_seen: Collection[int],
) -> dict[str, list[str]]:
    """What to doubt in the figures of the month: measure -> sentences. Nothing of what this reader may not read."""
    found: dict[str, list[str]] = {}
    for note in notes:
        definition = known[note.measure]
        if note.until < month or not _is_readable(note, definition, rows_seen):
            continue
        part = breakdown_name(definition, note.breakdown)
        where = ", ".join(each for each in (definition.title, part, note.site.short_name) if each)
        found.setdefault(note.measure, []).append(f"{where}: {note.sentence}")
    return found


def doubts_of_chart(cell: Cell, notes: Sequence[QualityNote], rows_seen: Collection[int]) -> str:
    """What to doubt in the last year of what one chart draws, newest first: "To doubt: May 2025: copied from April."

    Every note on what is added up in it counts, of those that this reader may read.
    """
    own = [note for note in notes if _is_in(cell, note) and _is_readable(note, cell.definition, rows_seen)]
    own.sort(key=lambda note: note.period, reverse=True)
    if not own:
        return ""
    told = [_short(note, cell) for note in own[:MOST_OF_A_CHART]]
    more = [f"and {len(own) - MOST_OF_A_CHART:,} more"] if len(own) > MOST_OF_A_CHART else []
    return f"To doubt: {'; '.join([*told, *more])}."


def _is_readable(note: QualityNote, definition: MeasureDefinition, rows_seen: Collection[int]) -> bool:
    """Whether this reader may read the note at all, as on the pages of data quality (`reading.figures_at`).

    Kind and month alone give a figure away: that one of two parts is zero-filled says that the sum is the other.
    """
    return is_published(definition) or note.site_id in rows_seen


def _is_in(cell: Cell, note: QualityNote) -> bool:
    here = not cell.place_code or note.site.code == cell.place_code
    return here and note.measure == cell.definition.code and cell.breakdown in (None, note.breakdown)


def _short(note: QualityNote, cell: Cell) -> str:
    cadence = logical_table(cell.definition.table).cadence
    last = "" if note.until == note.period else f" to {called(note.until, cadence)}"
    when = f"{called(note.period, cadence)}{last}"
    kind = f"copied from {_before(note.period, cadence)}" if note.kind == "copied" else SHORT[note.kind]
    site = "" if cell.place_code else note.site.short_name
    part = breakdown_name(cell.definition, note.breakdown) if cell.breakdown is None else ""
    of = ", ".join(each for each in (site, part) if each)
    return f"{when[0].upper()}{when[1:]}: {kind}{f' ({of})' if of else ''}"


def _before(period: datetime.date, cadence: Cadence) -> str:
    return f"{months_before(period, 1):%B}" if cadence == "month" else f"the {NOUNS[cadence]} before"
