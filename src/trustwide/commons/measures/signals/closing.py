"""Why a signal closed: how that is decided when it closes, and how it is said."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from trustwide.commons.measures.definition import MeasureDefinition, logical_table
from trustwide.commons.measures.models import Ghost, Rebase
from trustwide.commons.measures.quality.words import called
from trustwide.commons.measures.signals.models import Signal
from trustwide.commons.nhsuk.formats import month

if TYPE_CHECKING:
    from trustwide.commons.measures.charting import JudgedSeries

Closing = Signal.Closing


def by_mark(mark: Rebase | Ghost) -> Closing:
    """Why a pattern is gone from a chart on which this mark was just made, or taken back by it."""
    if mark.withdraws_id is not None:
        return Closing.WITHDRAWN
    return Closing.REBASED if isinstance(mark, Rebase) else Closing.GHOSTED


def by_figures(series: JudgedSeries, judged_until: datetime.date, *, redefined: bool) -> Closing:
    """Why a pattern is gone from a chart on which nobody made a mark since it was last judged, up to `judged_until`.

    A pattern ends by itself only where a newer figure shows it. Without a newer figure, either its measure is judged by
    other rules now (`redefined`) or the figures that showed it are others now: a chart is not judged anew otherwise.
    """
    if series.lacking:
        return Closing.UNJUDGED
    if series.period > judged_until:
        return Closing.ENDED if series.change is None else Closing.REPLACED
    return Closing.REDEFINED if redefined else Closing.CORRECTED


def closed_words(signal: Signal, definition: MeasureDefinition) -> str:
    """Why a closed signal closed, without a full stop; signals of before reasons were kept have ended."""
    when, marked = month(signal.closed), ""
    if signal.mark_date is not None:
        marked = called(signal.mark_date, logical_table(definition.table).cadence)
    said = {
        Closing.ENDED: f"Ended: back within its usual variation in {when}",
        Closing.REPLACED: f"Ended: another change took its place in {when}",
        Closing.REBASED: f"Closed: the limits were recalculated from {marked} on",
        Closing.GHOSTED: f"Closed: {marked} was left out of the limits",
        Closing.WITHDRAWN: f"Closed: a mark on the chart at {marked} was taken back",
        Closing.REDEFINED: "Closed: the definition of the measure changed",
        Closing.CORRECTED: "Closed: earlier figures were changed",
        Closing.UNJUDGED: "Closed: the chart can no longer be judged",
        Closing.EMPTIED: "Closed: the chart has no figures any more",
    }
    return said[Closing(signal.closing)] if signal.closing else f"Ended in {when}"
