"""What the newest point of a chart says, in plain words built only from its numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from trustwide.analysis.spc.dates import Cadence, cadence, plain_day, plain_month, steps_between
from trustwide.analysis.spc.model import Chart

Kind = Literal["shift", "trend", "outside", "two_in_three"]
Verdict = Literal["improvement", "concern", "neutral"]


@dataclass(frozen=True)
class Change:
    """The pattern that runs at the newest point; figures are in the unit of the values.

    `level` is the mean for a shift and the limit passed or neared otherwise; `points` counts from `start` to `end`;
    `near` is how many of them a two-in-three pattern rests on; `mean_before` is of the segment's earlier points and
    None where there are none, and `step` is then None too.
    """

    kind: Kind
    direction: Literal["high", "low"]
    verdict: Verdict
    start: date
    end: date
    points: int
    near: int
    level: float
    first: float
    latest: float
    mean_run: float
    mean_before: float | None

    @property
    def step(self) -> float | None:
        """How far the mean of the run lies above (or, negative, below) the mean of the points before it."""
        return None if self.mean_before is None else self.mean_run - self.mean_before


def since(chart: Chart) -> Change | None:
    """The pattern at the newest point and when it began, or None where that point is usual or missing.

    Of the patterns that point the way the chart judges the newest point, the longest-running one is told.
    """
    if not len(chart) or chart.point_type[-1] == "common_cause":
        return None
    high = any(word in chart.special_cause_type[-1] for word in ("Above", "Increasing"))
    starts = _starts(chart, high)
    kind = min(starts, key=lambda each: starts[each])
    start, own = starts[kind], _last_segment(chart)
    before = [y for y in chart.value[own:start].tolist() if not math.isnan(y)]
    run = chart.value[start:].tolist()
    return Change(
        kind=kind,
        direction="high" if high else "low",
        verdict=_verdict(chart.point_type[-1]),
        start=chart.date[start].item(),
        end=chart.date[-1].item(),
        points=len(run),
        near=int(chart.close_to_limits[start:].sum()),
        level=float((chart.mean if kind == "shift" else chart.upl if high else chart.lpl)[-1]),
        first=run[0],
        latest=run[-1],
        mean_run=math.fsum(run) / len(run),
        mean_before=math.fsum(before) / len(before) if before else None,
    )


def _starts(chart: Chart, high: bool) -> dict[Kind, int]:
    """Where each pattern began that runs at the newest point and points that way."""
    sign = 1 if high else -1
    y, mean = chart.value * sign, chart.mean * sign
    limit = chart.upl if high else -chart.lpl
    starts: dict[Kind, int] = {}
    if chart.flag_shift[-1] and y[-1] > mean[-1]:
        starts["shift"] = _run_start(chart, lambda i: bool(y[i] > mean[i]))
    if chart.flag_trend[-1] and y[-1] > y[-2]:
        starts["trend"] = _run_start(chart, lambda i: bool(y[i + 1] > y[i]), last=len(y) - 2)
    if chart.outside_limits[-1]:
        starts["outside"] = _run_start(chart, lambda i: bool(y[i] > limit[i]))
    if chart.flag_two_in_three[-1] and y[-1] > mean[-1]:
        starts["two_in_three"] = len(y) - 3
    return starts


def _run_start(chart: Chart, holds: Callable[[int], bool], last: int | None = None) -> int:
    """The first of the consecutive points up to `last` for which something holds, within the newest segment."""
    i = len(chart) if last is None else last + 1
    while i > _last_segment(chart) and holds(i - 1):
        i -= 1
    return i


def _last_segment(chart: Chart) -> int:
    return int(np.searchsorted(chart.segment, chart.segment[-1]))


def _verdict(point_type: str) -> Verdict:
    verdicts: dict[str, Verdict] = {"special_cause_improvement": "improvement", "special_cause_concern": "concern"}
    return verdicts.get(point_type, "neutral")


def sentence(chart: Chart, *, title: str = "", unit: str = "") -> str:
    """What changed and since when, for example "Higher than usual since January 2025: nine months above 4,310"."""
    said = _no_change(chart) if (change := since(chart)) is None else _told(chart, change, unit)
    if len(chart) and chart.short_segment[-1]:
        own = len(chart) - _last_segment(chart)
        said += f" Based on only {counted(own, 'point')}."
    return f"{title}. {said}" if title else said


def _no_change(chart: Chart) -> str:
    if not len(chart):
        return "No values yet."
    days = chart.date.tolist()
    apart = cadence(days)
    if np.isnan(chart.value[-1]):
        return f"No value for {_when(days[-1], apart)}."
    return f"No change beyond the usual {apart}-to-{apart} variation."


def _told(chart: Chart, change: Change, unit: str) -> str:
    apart = cadence(chart.date.tolist())
    tell = {"shift": _shift, "trend": _trend, "outside": _outside, "two_in_three": _two_in_three}[change.kind]
    verdict = {"improvement": " Improvement.", "concern": " Concern.", "neutral": ""}[change.verdict]
    return f"{tell(change, apart, unit)}{_against_before(change)}.{verdict}"


def _shift(change: Change, apart: Cadence, unit: str) -> str:
    way, beyond = ("Higher", "above") if change.direction == "high" else ("Lower", "below")
    start = _when(change.start, apart)
    return f"{way} than usual since {start}: {_length(change, apart)} {beyond} {quantity(change.level, unit)}"


def _trend(change: Change, apart: Cadence, unit: str) -> str:
    way = "Rising" if change.direction == "high" else "Falling"
    span = f"from {quantity(change.first)} to {quantity(change.latest, unit)}"
    return f"{way} since {_when(change.start, apart)}: {_length(change, apart)} in a row, {span}"


def _outside(change: Change, apart: Cadence, unit: str) -> str:
    way, limit, beyond = ("Higher", "upper", "above") if change.direction == "high" else ("Lower", "lower", "below")
    start, level = _when(change.start, apart), quantity(change.level, unit)
    if change.points == 1:
        on = "in" if apart == "month" else "on"
        return f"{way} than the {limit} limit {on} {start}: {quantity(change.latest)} against a limit of {level}"
    return f"{way} than the {limit} limit since {start}: {_length(change, apart)} {beyond} {level}"


def _two_in_three(change: Change, apart: Cadence, unit: str) -> str:
    way, limit = ("Higher", "upper") if change.direction == "high" else ("Lower", "lower")
    noun = "points" if _gapped(change, apart) else f"{apart}s"
    share = f"{_number_word(change.near)} of the last three {noun}"
    start = _when(change.start, apart)
    return f"{way} than usual since {start}: {share} close to the {limit} limit of {quantity(change.level, unit)}"


def _against_before(change: Change) -> str:
    """The size of the step, where there is something before the run to compare it with."""
    if change.mean_before is None or change.points == 1 or change.kind == "trend":
        return ""
    return f", with a mean of {quantity(change.mean_run)} against {quantity(change.mean_before)} before"


def _when(day: date, apart: Cadence) -> str:
    return plain_month(day) if apart == "month" else plain_day(day)


def _length(change: Change, apart: Cadence) -> str:
    return counted(change.points, "point" if _gapped(change, apart) else apart)


def _gapped(change: Change, apart: Cadence) -> bool:
    return steps_between(change.start, change.end, apart) != change.points - 1


def counted(number: int, noun: str) -> str:
    """A count with its noun, in words up to nine: nine months, 12 months."""
    return f"{_number_word(number)} {noun}{'' if number == 1 else 's'}"


def _number_word(number: int) -> str:
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return words[number] if number < len(words) else f"{number:,}"


def quantity(value: float, unit: str = "") -> str:
    """A figure with thousands separators and about three significant digits, and its unit: 4,310 people."""
    size = abs(value)
    if size >= 1e15:
        text = f"{value:.3g}"
    else:
        decimals = 0 if size >= 100 or size == 0 else 1 if size >= 10 else 2 if size >= 1 else 2 - _exponent(size)
        text = f"{value:,.{decimals}f}"
        text = text.rstrip("0").rstrip(".") if decimals else text
    return f"{text} {unit}".strip()


def _exponent(size: float) -> int:
    return max(math.floor(math.log10(size)), -12)
