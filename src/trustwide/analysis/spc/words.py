"""What the newest point of a chart says, in plain words built only from its numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Literal

import numpy as np

from trustwide.analysis.spc.dates import Cadence, cadence, plain_day, plain_month, steps_between
from trustwide.analysis.spc.mdc.model import SHIFT, SPARSE_SHIFT
from trustwide.analysis.spc.model import Chart

Kind = Literal["shift", "trend", "outside", "two_in_three"]
Verdict = Literal["improvement", "concern", "neutral"]

# charts of rare events draw what passes from one to the next, in this unit
GAPS = {"t": "days", "g": "opportunities"}
MOVING_LIMITS = ("pp", "up")
MOST_DECIMALS = 12
Apart = Cadence | Literal["gap"]
Figures = dict[str, str]


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
    told = _as_told(chart)
    if not len(told) or told.point_type[-1] == "common_cause":
        return None
    high = any(word in told.special_cause_type[-1] for word in ("Above", "Increasing"))
    starts = _starts(told, high)
    if not starts:  # a gap so near its line that bringing the line back to days put it on the other side
        return None
    kind = min(starts, key=lambda each: starts[each])
    start, own = starts[kind], _last_segment(told)
    before = [y for y in told.value[own:start].tolist() if not math.isnan(y)]
    run = told.value[start:].tolist()
    near = told.close_to_limits | (told.outside_limits & (told.settings.profile == "mdc"))
    return Change(
        kind=kind,
        direction="high" if high else "low",
        verdict=_verdict(told.point_type[-1]),
        start=told.date[start].item(),
        end=told.date[-1].item(),
        points=len(run),
        near=int(near[start:].sum()),
        level=float((told.mean if kind == "shift" else told.upl if high else told.lpl)[-1]),
        first=run[0],
        latest=run[-1],
        mean_run=math.fsum(run) / len(run),
        mean_before=math.fsum(before) / len(before) if before else None,
    )


def _as_told(chart: Chart) -> Chart:
    """The chart up to the point that speaks for it, with ghosted points missing, as its rules saw it."""
    if not len(chart) or (chart.last == len(chart) - 1 and not chart.ghost.any()):
        return chart
    until = slice(0, chart.last + 1)
    arrays = {
        each.name: getattr(chart, each.name)[until]
        for each in fields(chart)
        if isinstance(getattr(chart, each.name), np.ndarray)
    }
    return replace(chart, **{**arrays, "value": np.where(chart.ghost, np.nan, chart.value)[until]})


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
    if chart.outside_limits[-1] and y[-1] > limit[-1]:
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
    if len(chart):
        said += _opposite(chart) + _based_on_few(chart) + _up_to(chart)
    return f"{title}. {said}" if title else said


def _opposite(chart: Chart) -> str:
    other = str(chart.other_cause[chart.last])
    return "" if other == "Common Cause" else f" It also shows the opposite: {_plain_cause(cause_name(chart, other))}."


def _based_on_few(chart: Chart) -> str:
    """Of how few points the limits come; profile mdc counts those that have a value and are not left out."""
    if not chart.short_segment[chart.last] or chart.kind == "run":
        return ""
    own = chart.segment == chart.segment[chart.last]
    if chart.settings.profile == "mdc":
        own = own & ~np.isnan(chart.value) & ~chart.ghost
    return f" Based on only {counted(int(own.sum()), 'gap' if chart.kind in GAPS else 'point')}."


def _up_to(chart: Chart) -> str:
    """What came after the point that speaks: values that are missing or left out."""
    later = slice(chart.last + 1, len(chart))
    count = len(chart) - chart.last - 1
    if not count:
        return ""
    missing, apart = np.isnan(chart.value[later]), _cadence(chart)
    why = "missing" if missing.all() else "missing or left out" if missing.any() else "left out"
    if chart.kind in GAPS:
        return f" The newest gap is {why}." if count == 1 else f" The newest {counted(count, 'gap')} are {why}."
    if count == 1:
        return f" The value for {_when(chart.date[-1].item(), apart)} is {why}."
    return f" The values after {_when(chart.date[chart.last].item(), apart)} are {why}."


def _no_change(chart: Chart) -> str:
    if not len(chart):
        return "No values yet."
    apart = _cadence(chart)
    if chart.kind == "run":
        return "Too little to judge yet."
    if np.isnan(chart.value[chart.last]):
        return f"No value for {_when(chart.date[-1].item(), apart)}."
    if chart.settings.profile == "mdc" and np.isnan(chart.upl[chart.last]):
        return "Too constant to judge: most values are the same as the one before."
    if chart.kind in GAPS:
        usual = quantity(float(chart.mean[chart.last]), GAPS[chart.kind])
        return f"No change beyond the usual variation: {usual} from one to the next is usual."
    return f"No change beyond the usual {apart}-to-{apart} variation."


def cause_name(chart: Chart, cause: str) -> str:
    """A cause of `model.CAUSES` with as many points as the chart's own rule takes."""
    if chart.settings.trend_points != SHIFT:
        cause = cause.replace(f"{SHIFT} Point Trend", f"{chart.settings.trend_points} Point Trend")
    return cause.replace(f"{SHIFT} Points", f"{SPARSE_SHIFT} Points") if chart.kind in GAPS else cause


def _plain_cause(cause: str) -> str:
    """A cause in the middle of a sentence: above the upper limit."""
    words = {"UCL": "the upper limit", "LCL": "the lower limit", "CL": "the centre line"}
    return " ".join(words.get(word, word.lower()) for word in cause.split())


def _told(chart: Chart, change: Change, unit: str) -> str:
    apart, way = _cadence(chart), _way(chart.kind, change)
    tell = {"shift": _shift, "trend": _trend, "outside": _outside, "two_in_three": _two_in_three}[change.kind]
    if change.kind == "outside" and change.points > 1 and chart.kind in MOVING_LIMITS:
        tell = _outside_moving
    verdict = {"improvement": " Improvement.", "concern": " Concern.", "neutral": ""}[change.verdict]
    told = _figures(chart, change, GAPS.get(chart.kind, unit), _contrasts(change, tell is _outside_moving))
    said = tell(change, way, apart, told)
    if change.kind == "two_in_three" and chart.settings.profile == "mdc":
        said = said.replace(" close to ", " close to or beyond ")
    return f"{said}{_against_before(change, told)}.{verdict}"


def _contrasts(change: Change, moving: bool) -> list[tuple[str, str]]:
    """Which figures the sentence holds against each other, by their names in `Change`; else the level alone."""
    if change.kind == "trend":
        return [("latest", "first")]
    pairs = [("mean_run", "mean_before")] if _tells_before(change) else []
    if change.kind == "outside" and (change.points == 1 or moving):
        pairs.append(("latest", "level"))
    elif pairs and change.kind != "two_in_three":
        pairs.append(("mean_run", "level"))
    return [*pairs, ("level", "level")]


def _figures(chart: Chart, change: Change, unit: str, pairs: Sequence[tuple[str, str]]) -> Figures:
    """The figures of one sentence with as many decimals each; single points of a chart of counts stay whole."""
    values: dict[str, float] = {name: getattr(change, name) for pair in pairs for name in pair}
    places = decimals(list(values.values()), [(values[one], values[other]) for one, other in pairs])
    known = chart.value[~np.isnan(chart.value)]
    counts = unit != "%" and bool((known == np.floor(known)).all())
    every = unit if unit == "%" else ""
    units = {"level": unit, "latest": unit if change.kind == "trend" else every}
    return {
        name: quantity(value, units.get(name, every), 0 if counts and name in ("first", "latest") else places)
        for name, value in values.items()
    }


def _cadence(chart: Chart) -> Apart:
    """How far apart the points are; gaps between events have no cadence, however the days of the events fall."""
    return "gap" if chart.kind in GAPS else cadence(chart.date.tolist())


def _way(kind: str, change: Change) -> str:
    """What is higher or lower: the figure itself, or for rare events what passes from one to the next."""
    if kind in GAPS:
        return f"{'Longer' if change.direction == 'high' else 'Shorter'} between events"
    return "Higher" if change.direction == "high" else "Lower"


def _shift(change: Change, way: str, apart: Apart, told: Figures) -> str:
    beyond = "above" if change.direction == "high" else "below"
    start = _when(change.start, apart)
    return f"{way} than usual since {start}: {_length(change, apart)} {beyond} {told['level']}"


def _trend(change: Change, way: str, apart: Apart, told: Figures) -> str:
    rises = "Rising" if change.direction == "high" else "Falling"
    span = f"from {told['first']} to {told['latest']}"
    return f"{rises} since {_when(change.start, apart)}: {_length(change, apart)} in a row, {span}"


def _outside(change: Change, way: str, apart: Apart, told: Figures) -> str:
    limit, beyond = ("upper", "above") if change.direction == "high" else ("lower", "below")
    start, level = _when(change.start, apart), told["level"]
    if change.points == 1:
        on = {"month": "in", "gap": "up to"}.get(apart, "on")
        return f"{way} than the {limit} limit {on} {start}: {told['latest']} against a limit of {level}"
    return f"{way} than the {limit} limit since {start}: {_length(change, apart)} {beyond} {level}"


def _outside_moving(change: Change, way: str, apart: Apart, told: Figures) -> str:
    """Several points beyond limits that follow denominators, so that no one figure is the limit of them all."""
    limit = "upper" if change.direction == "high" else "lower"
    latest = f"the latest {told['latest']} against a limit of {told['level']}"
    return f"{way} than the {limit} limit since {_when(change.start, apart)}: {_length(change, apart)}, {latest}"


def _two_in_three(change: Change, way: str, apart: Apart, told: Figures) -> str:
    limit = "upper" if change.direction == "high" else "lower"
    noun = "points" if _gapped(change, apart) else f"{apart}s"
    share = f"{_number_word(change.near)} of the last three {noun}"
    start = _when(change.start, apart)
    return f"{way} than usual since {start}: {share} close to the {limit} limit of {told['level']}"


def _tells_before(change: Change) -> bool:
    return change.mean_before is not None and change.points > 1 and change.kind != "trend"


def _against_before(change: Change, told: Figures) -> str:
    """The size of the step, where there is something before the run to compare it with."""
    if not _tells_before(change):
        return ""
    return f", with a mean of {told['mean_run']} against {told['mean_before']} before"


def _when(day: date, apart: Apart) -> str:
    return plain_month(day) if apart == "month" else plain_day(day)


def _length(change: Change, apart: Apart) -> str:
    return counted(change.points, "point" if _gapped(change, apart) else apart)


def _gapped(change: Change, apart: Apart) -> bool:
    return apart != "gap" and steps_between(change.start, change.end, apart) != change.points - 1


def counted(number: int, noun: str) -> str:
    """A count with its noun, in words up to nine: nine months, 12 months."""
    return f"{_number_word(number)} {noun}{'' if number == 1 else 's'}"


def _number_word(number: int) -> str:
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return words[number] if number < len(words) else f"{number:,}"


def quantity(value: float, unit: str = "", places: int | None = None) -> str:
    """A figure with thousands separators and its unit: 4,310 people, 20.8%.

    Of `places` decimals; without, of about three significant digits and no more than the figure needs.
    """
    if abs(value) >= 1e15:
        text = f"{value:.3g}"
    else:
        digits = _decimals(abs(value)) if places is None else places
        text = f"{round(value, digits) + 0.0:,.{digits}f}"  # + 0.0 so that nothing reads -0.0
        text = text.rstrip("0").rstrip(".") if places is None and digits else text
    return f"{text}%" if unit == "%" else f"{text} {unit}".strip()


def decimals(values: Sequence[float], pairs: Sequence[tuple[float, float]] = ()) -> int:
    """How many decimals figures of one sentence share: about three significant digits of the largest, at need more.

    So many that the two of a pair, which the sentence holds against each other, do not read alike, and none that is 0
    in all of them.
    """
    usual = _decimals(max(abs(value) for value in values))
    enough = (
        places
        for places in range(usual, MOST_DECIMALS + 1)
        if all(one == other or f"{one:.{places}f}" != f"{other:.{places}f}" for one, other in pairs)
    )
    places = next(enough, usual)
    while places and all(f"{value:.{places}f}".endswith("0") for value in values):
        places -= 1
    return places


def _decimals(size: float) -> int:
    if size >= 100 or size == 0:
        return 0
    return 1 if size >= 10 else 2 if size >= 0.1 else 2 - _exponent(size)


def _exponent(size: float) -> int:
    return max(math.floor(math.log10(size)), -12)
