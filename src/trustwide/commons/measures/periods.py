"""The table under a chart: every period with its figures, its limits and how it reads."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from trustwide.analysis import spc
from trustwide.commons.measures.models import Observation

READINGS = {"special_cause_improvement": "Improvement", "special_cause_concern": "Concern"}
GHOSTED = "Left out of the limits"


@dataclass(frozen=True)
class Period:
    """One row of the chart's table, in the measure's unit; None where a period has no value or no limits."""

    date: datetime.date
    numerator: float | None
    denominator: float | None
    value: float | None
    mean: float | None
    lower_limit: float | None
    upper_limit: float | None
    reading: str


def periods(chart: spc.Chart, observed: Sequence[Observation], factor: float) -> tuple[Period, ...]:
    """Newest first. Charts of gaps between events have a point an event, so there the periods stand alone."""
    gaps = chart.kind in spc.GAPS
    rows = [_alone(row, factor) for row in observed] if gaps else _with_limits(chart, observed)
    return tuple(reversed(rows))


def _alone(row: Observation, factor: float) -> Period:
    return Period(row.period, row.numerator, row.denominator, row.value * factor, None, None, None, "")


def _with_limits(chart: spc.Chart, observed: Sequence[Observation]) -> list[Period]:
    counted = {row.period: row for row in observed}
    has_mean = chart.kind != "run"
    columns = zip(
        chart.date.tolist(),
        *(_known(column) for column in (chart.value, chart.mean, chart.lpl, chart.upl)),
        _readings(chart),
        strict=True,
    )
    return [
        Period(
            date=date,
            numerator=counted[date].numerator if date in counted else None,
            denominator=counted[date].denominator if date in counted else None,
            value=value,
            mean=mean if has_mean else None,
            lower_limit=lower,
            upper_limit=upper,
            reading=reading,
        )
        for date, value, mean, lower, upper, reading in columns
    ]


def _readings(chart: spc.Chart) -> list[str]:
    columns = (chart.special_cause_type, chart.other_cause, chart.point_type, chart.ghost)
    return [
        GHOSTED
        if ghost
        else reading(spc.cause_name(chart, cause), spc.cause_name(chart, other), READINGS.get(kind, ""))
        for cause, other, kind, ghost in zip(*(column.tolist() for column in columns), strict=True)
    ]


def reading(cause: str, other: str, verdict: str) -> str:
    """How a point reads, for example "Concern: seven in a row above the mean"; empty where it is usual."""
    said = cause_in_words(cause)
    said = f"{verdict}: {said[0].lower()}{said[1:]}" if said and verdict else said
    besides = cause_in_words(other)
    return f"{said}; also {besides[0].lower()}{besides[1:]}" if besides else said


def cause_in_words(cause: str) -> str:
    """One of `spc.model.CAUSES` for people; empty for common cause."""
    if cause == "Common Cause":
        return ""
    if cause in ("Above UCL", "Below LCL"):
        return "Above the upper limit" if cause == "Above UCL" else "Below the lower limit"
    if cause.startswith("2 in 3"):
        return f"Two of three near the {'upper' if 'Above' in cause else 'lower'} limit"
    number = {"6": "Six", "7": "Seven", "8": "Eight"}[re.findall(r"\d+", cause)[0]]
    if "Trend" in cause:
        return f"{number} in a row {'rising' if 'Increasing' in cause else 'falling'}"
    return f"{number} in a row {'above' if 'Above' in cause else 'below'} the mean"


def _known(column: Any) -> list[float | None]:
    return [None if math.isnan(value) else value for value in column.tolist()]
