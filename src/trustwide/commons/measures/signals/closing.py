"""Why a signal closed: how that is decided when it closes, and how it is said."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from trustwide.commons.measures.definition import MeasureDefinition, logical_table
from trustwide.commons.measures.models import Ghost, Rebase
from trustwide.commons.measures.quality.words import called
from trustwide.commons.measures.signals.models import Signal

if TYPE_CHECKING:
    from trustwide.commons.measures.charting import JudgedSeries

Closing = Signal.Closing


def by_mark(mark: Rebase | Ghost) -> Closing:
    """Why a pattern is gone from a chart on which this mark was just made, or taken back by it."""
    if mark.withdraws_id is not None:
        return Closing.WITHDRAWN
    return Closing.REBASED if isinstance(mark, Rebase) else Closing.GHOSTED


def by_figures(series: JudgedSeries, *, stood: bool, redefined: bool) -> Closing:
    """Why a pattern is gone from a chart on which nobody made a mark since it was last judged.

    `stood` says whether the figures and rules of now still show it without the newer figures. Only then was it one of
    these that ended it. Else it went before they came: its measure is judged by other rules now (`redefined`), or the
    figures that showed it are others now.
    """
    if series.lacking:
        return Closing.UNJUDGED
    if stood:
        return Closing.ENDED if series.change is None else Closing.REPLACED
    return Closing.REDEFINED if redefined else Closing.CORRECTED


def period_of(date: datetime.date, definition: MeasureDefinition) -> str:
    """A period of a measure as people call it: January 2025; the week of 6 January 2025; 6 January 2025."""
    return called(date, logical_table(definition.table).cadence)


def within(date: datetime.date, definition: MeasureDefinition) -> str:
    """When something was, by the periods of a measure: in January 2025; on 6 January 2025."""
    on = "on" if logical_table(definition.table).cadence == "day" else "in"
    return f"{on} {period_of(date, definition)}"


def closed_words(signal: Signal, definition: MeasureDefinition) -> str:
    """Why a closed signal closed, without a full stop; of those from before reasons were kept, only when."""
    assert signal.closed is not None  # noqa: S101 - the callers look first
    when = within(signal.closed, definition)
    marked = "" if signal.mark_date is None else period_of(signal.mark_date, definition)
    said = {
        Closing.ENDED: f"Ended: back within its usual variation {when}",
        Closing.REPLACED: f"Ended: another change took its place {when}",
        Closing.REBASED: f"Closed: the limits were recalculated from {marked} on",
        Closing.GHOSTED: f"Closed: {marked} was left out of the limits",
        Closing.WITHDRAWN: f"Closed: a mark on the chart at {marked} was taken back",
        Closing.REDEFINED: "Closed: the definition of the measure changed",
        Closing.CORRECTED: "Closed: earlier figures were changed",
        Closing.UNJUDGED: "Closed: the chart can no longer be judged",
        Closing.EMPTIED: "Closed: the chart has no figures any more",
    }
    return said[Closing(signal.closing)] if signal.closing else f"Closed {when}"
