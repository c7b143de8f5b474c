"""What the record says beside the charts: signals open in the month, new and ended ones, and doubts about the data."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence

from django.db.models import Q

from trustwide.commons.measures.charting import JudgedSeries
from trustwide.commons.measures.definition import MeasureDefinition
from trustwide.commons.measures.models import QualityNote, Signal
from trustwide.commons.measures.performance.cells import plain, said, weight_of
from trustwide.commons.measures.performance.model import Told
from trustwide.commons.measures.performance.series import Key, last_day
from trustwide.commons.measures.performance.small_numbers import is_published
from trustwide.commons.measures.quality.kinds import CHECKS
from trustwide.commons.measures.signals.figures import breakdown_name
from trustwide.commons.organisations.models import Site


def signals_of(sites: Sequence[Site], month: datetime.date, codes: Collection[str]) -> list[Signal]:
    """Signals that were seen by the end of the month and had not ended before it; with their sites."""
    going_on = Q(closed=None) | Q(closed__gte=month)
    there = Signal.objects.filter(going_on, site__in=sites, measure__in=sorted(codes), opened__lte=last_day(month))
    return list(there.select_related("site"))


def key_of(signal: Signal) -> Key:
    """The series that a signal is on."""
    return signal.measure, signal.site_id, signal.breakdown


def ended_in(signal: Signal, month: datetime.date) -> bool:
    """Whether the pattern ended in the month."""
    return signal.closed is not None and signal.closed <= last_day(month)


def tell(
    signal: Signal, judged: JudgedSeries | None, definition: MeasureDefinition, aim_weight: float, *, figures: bool
) -> Told:
    """A signal as it stood in the month of the report, judged on the figures up to then; with figures or without."""
    part = breakdown_name(definition, signal.breakdown)
    name = f"{definition.title}: {part}" if part else definition.title
    if judged is None or judged.change is None:
        sentence, verdict, size = "", signal.verdict, 0.0
    else:
        sentence, verdict = (said if figures else plain)(judged), judged.change.verdict
        size = weight_of(judged, aim_weight)
    return Told(signal.pk, name, signal.site.short_name, verdict, sentence, size)


def doubts_about(
    sites: Sequence[Site], month: datetime.date, known: Mapping[str, MeasureDefinition], rows_seen: Collection[int]
) -> dict[str, list[str]]:
    """What to doubt in the figures of the month: measure -> sentences.

    Without figures for those who may not see the rows, where figures are not published.
    """
    titles = {check.kind: check.title for check in CHECKS.values()}
    touching = QualityNote.objects.filter(site__in=sites, measure__in=sorted(known), period__lte=last_day(month))
    found: dict[str, list[str]] = {}
    for note in touching.filter(until__gte=month).select_related("site").order_by("site__name", "breakdown", "period"):
        definition = known[note.measure]
        part = breakdown_name(definition, note.breakdown)
        where = ", ".join(each for each in (definition.title, part, note.site.short_name) if each)
        may_see = is_published(definition) or note.site_id in rows_seen
        found.setdefault(note.measure, []).append(f"{where}: {note.sentence if may_see else titles[note.kind] + '.'}")
    return found
