"""What is known about a signal, in words made only from stored fields.

It says what moved and when. It names a cause only where a person wrote one down: a note on the chart near the time the
pattern began is quoted with its author, as theirs.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from trustwide.commons.accounts.models import User
from trustwide.commons.measures.definition import measure
from trustwide.commons.measures.models import Annotation
from trustwide.commons.measures.signals.closing import closed_words
from trustwide.commons.measures.signals.figures import SignalRow, signal_rows
from trustwide.commons.measures.signals.models import Signal

NEAR_DAYS = 62  # notes and other signals within about two months of the start are told beside it
MOST = 5


@dataclass(frozen=True)
class Explanation:
    """What is known: how the signal grew, what people noted near its start, and what else moved at that time."""

    growth: str
    notes: tuple[str, ...]
    beside: tuple[SignalRow, ...]


def explanation(signal: Signal, reader: User) -> Explanation:
    """What the record says about one signal. Scope is the caller's: everything here is of the signal's own site."""
    around = (signal.since - datetime.timedelta(days=NEAR_DAYS), signal.since + datetime.timedelta(days=NEAR_DAYS))
    same = Signal.objects.filter(site=signal.site, breakdown=signal.breakdown, since__range=around)
    others = same.exclude(pk=signal.pk).exclude(measure=signal.measure)
    rows = signal_rows(others.select_related("site", "assigned_to")[:MOST], reader)
    return Explanation(growth(signal), _notes(signal, around), rows)


def growth(signal: Signal) -> str:
    """Since when it runs and when it was first seen; where it closed, why."""
    seen = f"First seen in {signal.opened:%B %Y}"
    if signal.closed:
        by_mark = " Who did that, and why, stands on the chart." if signal.mark_date else ""
        return f"{seen}, it ran since {signal.since:%B %Y}. {closed_words(signal, measure(signal.measure))}.{by_mark}"
    points = f"{signal.points} point{'' if signal.points == 1 else 's'}"
    return f"{seen}, it runs since {signal.since:%B %Y} and held in {signal.latest:%B %Y}, {points} by now."


def _notes(signal: Signal, around: tuple[datetime.date, datetime.date]) -> tuple[str, ...]:
    written = Annotation.objects.on_chart(signal.measure, signal.site, signal.breakdown).standing()
    near = written.filter(date__range=around)[:MOST]
    return tuple(
        f"{note.author} noted for {note.date:%B %Y} ({note.get_kind_display().lower()}): {note.reason}" for note in near
    )
