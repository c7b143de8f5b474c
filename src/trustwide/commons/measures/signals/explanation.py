"""What is known about a signal, in words made only from stored fields.

It says what moved and when. It names a cause only where a person wrote one down: a note on the chart near the time the
pattern began, or the reason of the mark that closed it, is quoted with its author, as theirs.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustwide.commons.accounts.models import User
from trustwide.commons.measures.definition import MeasureDefinition, measure
from trustwide.commons.measures.models import Annotation, Ghost, Rebase
from trustwide.commons.measures.signals.closing import period_of, within
from trustwide.commons.measures.signals.figures import SignalRow, signal_rows
from trustwide.commons.measures.signals.models import Signal

if TYPE_CHECKING:
    from trustwide.commons.measures.chart_pages import ChartPage

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
    definition = measure(signal.measure)
    return Explanation(growth(signal, definition), _notes(signal, definition, around), rows)


def growth(signal: Signal, definition: MeasureDefinition) -> str:
    """Since when it runs and when it was first seen."""
    seen, since = f"First seen {within(signal.opened, definition)}", period_of(signal.since, definition)
    if signal.closed:
        return f"{seen}, it had run since {since}."
    points = f"{signal.points} point{'' if signal.points == 1 else 's'}"
    return f"{seen}, it has run since {since} and held {within(signal.latest, definition)}, {points} by now."


def _notes(
    signal: Signal, definition: MeasureDefinition, around: tuple[datetime.date, datetime.date]
) -> tuple[str, ...]:
    written = Annotation.objects.on_chart(signal.measure, signal.site, signal.breakdown).standing()
    return tuple(
        f"{note.author} noted for {period_of(note.date, definition)} ({note.get_kind_display().lower()}): {note.reason}"
        for note in written.filter(date__range=around)[:MOST]
    )


def closing_mark(signal: Signal, chart: ChartPage) -> Rebase | Ghost | None:
    """The mark that closed a signal, of those that its reader sees on the chart; None where no such mark closed it.

    A mark is made in the same moment as it closes: of several at one date it is the last from before that.
    """
    if signal.closed_at is None or signal.mark_date is None:
        return None
    marks = (*chart.rebases, *chart.ghosts)
    made = {
        Signal.Closing.REBASED: chart.rebases,
        Signal.Closing.GHOSTED: chart.ghosts,
        Signal.Closing.WITHDRAWN: [mark.withdrawal for mark in marks if hasattr(mark, "withdrawal")],
    }
    there = [
        mark
        for mark in made[Signal.Closing(signal.closing)]
        if mark.date == signal.mark_date and mark.at <= signal.closed_at
    ]
    return max(there, key=lambda mark: mark.at, default=None)
