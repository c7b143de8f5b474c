"""Makes cells: what one series says for the month, without what must not be shown."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from trustwide.commons.measures.charting import JudgedSeries, told
from trustwide.commons.measures.definition import MeasureDefinition
from trustwide.commons.measures.figures import scale
from trustwide.commons.measures.performance.left_out import Parts
from trustwide.commons.measures.performance.model import SHOWN_MONTHS, Cell, Row, when
from trustwide.commons.measures.performance.series import Key, counts_of
from trustwide.commons.measures.performance.small_numbers import Flags
from trustwide.commons.measures.periods import periods
from trustwide.commons.measures.reading import plain as plain_words
from trustwide.commons.measures.signals.actions import direction_of, touched
from trustwide.commons.measures.signals.ranking import rank, sigmas

STILL_TOLD = 2  # months that a newest figure may be older than the report's month: national returns come late


@dataclass(frozen=True, eq=False)
class Source:
    """The figures of one series: numerators and denominators a period, and which of them must not be shown.

    `left_out` says of periods of a sum which of its parts somebody left out of their own chart.
    """

    key: Key
    definition: MeasureDefinition
    place: str
    place_code: str
    breakdown: str | None
    periods: Any
    above: Any
    below: Any
    hidden: Flags
    left_out: Mapping[datetime.date, Parts] = field(default_factory=dict)

    @property
    def wanted(self) -> tuple[MeasureDefinition, Any, Any, Any]:
        """As `series.judge` takes it."""
        return self.definition, self.periods, self.above, self.below


def months_before(month: datetime.date, count: int) -> datetime.date:
    """The first day of the month so many months earlier."""
    number = month.year * 12 + month.month - 1 - count
    return datetime.date(number // 12, number % 12 + 1, 1)


def make_cell(source: Source, judged: JudgedSeries | None, month: datetime.date, weight: float) -> Cell:
    """The cell of one series. Nothing in it gives away what is hidden: no limits, no picture, no figures in words."""
    stale = judged is not None and judged.period < months_before(month, STILL_TOLD)
    if judged is None or stale:
        why = f"No figure since {when(source.definition, judged.period)}." if judged else "No figure yet."
        return _cell(source, why=why)
    any_hidden = bool(source.hidden.any())
    now_hidden = bool(source.hidden[source.periods == np.datetime64(judged.period)].any())
    late = [f"Of {when(source.definition, judged.period)}, the newest there is."] if judged.period < month else []
    left_out = not judged.lacking and is_left_out(judged)
    unjudged = f"Not judged: {when(source.definition, judged.period)} is left out." if left_out else ""
    parts = [source.left_out[judged.period].named] if judged.period in source.left_out else [unjudged]
    shown, silent = not now_hidden, bool(judged.lacking or left_out)
    return _cell(
        source,
        period=judged.period,
        numerator=judged.numerator if shown else None,
        denominator=judged.denominator if shown else None,
        value=judged.value if shown else None,
        suppressed=now_hidden,
        variation="" if silent else judged.chart.variation_icon,
        assurance="" if silent else judged.chart.assurance_icon or "",
        sentence=unjudged or (plain(judged) if any_hidden else said(judged)),
        why=" ".join(each for each in late + parts if each),
        rank=0.0 if silent else weight_of(judged, weight),
        chart=None if any_hidden else judged.chart,
        rows=_rows(source, judged, month),
        left_out=left_out,
    )


def _cell(source: Source, **more: Any) -> Cell:
    nothing = {"period": None, "numerator": None, "denominator": None, "value": None, "suppressed": False,
               "variation": "", "assurance": "", "sentence": "", "rank": 0.0, "chart": None, "rows": ()}  # fmt: skip
    return Cell(source.definition, source.place, source.place_code, source.breakdown, **{**nothing, **more})


def _rows(source: Source, judged: JudgedSeries, month: datetime.date) -> tuple[Row, ...]:
    """The newest periods; where any is hidden, none has limits: with the others they would tell it."""
    first = months_before(month, SHOWN_MONTHS - 1)
    any_hidden = bool(source.hidden.any())
    secret = set(source.periods[source.hidden].tolist())
    kept = source.periods >= np.datetime64(first)
    counted = list(counts_of(judged, source.periods[kept], source.above[kept], source.below[kept]))
    found = [
        replace(each, reading=_reading(each.reading, source.left_out.get(each.date)))
        for each in periods(judged.chart, counted, scale(source.definition))
        if each.date >= first
    ]
    if not any_hidden:
        return tuple(
            Row(each.date, each.numerator, each.denominator, each.value, each.mean, each.lower_limit,
                each.upper_limit, each.reading)
            for each in found
        )  # fmt: skip
    return tuple(
        Row(each.date, None, None, None, None, None, None, "", suppressed=True)
        if each.date in secret
        else Row(each.date, each.numerator, each.denominator, each.value, None, None, None, each.reading)
        for each in found
    )


def _reading(own: str, parts: Parts | None) -> str:
    """How a period reads, with what is left out of it; where the chart leaves it out too, that alone."""
    if parts is None:
        return own
    return f"{own}. {parts.told}" if own and not parts.outweighed else parts.told


def is_left_out(judged: JudgedSeries) -> bool:
    """Whether somebody left the newest figure out of its chart, which then speaks of an earlier one only."""
    chart = judged.chart
    return bool(len(chart) and chart.ghost[-1] and chart.date[-1] >= np.datetime64(judged.period))


def said(judged: JudgedSeries) -> str:
    """What the chart says, or why it is not judged."""
    return judged.lacking or told(judged.definition, judged.chart)


def plain(judged: JudgedSeries) -> str:
    """The same without a figure."""
    change = judged.change
    if judged.lacking or change is None:
        return "Too little to judge." if judged.lacking else "No change beyond the usual variation."
    return plain_words(direction_of(judged), when(judged.definition, change.start), change.verdict)


def weight_of(judged: JudgedSeries, aim_weight: float) -> float:
    """What comes first: as signals are ranked; 0 where nothing changed."""
    change = judged.change
    if change is None:
        return 0.0
    return rank(change.verdict, sigmas(judged.chart, change), touched(judged), change.points, aim_weight)
