"""Joins the parts of profile `mdc`: chooses charts, draws their lines, applies the rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from trustwide.analysis.spc.assemble import assemble
from trustwide.analysis.spc.mdc import reference
from trustwide.analysis.spc.mdc.choice import Choice, choose
from trustwide.analysis.spc.mdc.lines import lines_of, on_rule_scale, shown
from trustwide.analysis.spc.mdc.model import QUANTITIES, SHIFT, SPARSE_SHIFT, Findings, Lines, Quantity, Rules
from trustwide.analysis.spc.mdc.sparse import between_events
from trustwide.analysis.spc.model import (
    FEWEST_JUDGED,
    KINDS,
    Charts,
    Codes,
    Days,
    Direction,
    Flags,
    Floats,
    Ints,
    Settings,
    SpcError,
)
from trustwide.analysis.spc.prepare import (
    check_values,
    columns_of,
    in_date_order,
    offsets_of,
    segments_of,
    settings_of,
)

COMPILED_FROM_POINTS = 20_000
SPARSE = (KINDS.index("t"), KINDS.index("g"))
BETTER = {"increase": 1, "decrease": -1, "neutral": 0}
OPPOSITE: dict[Direction, Direction] = {"increase": "decrease", "decrease": "increase", "neutral": "neutral"}


@dataclass(frozen=True, eq=False, slots=True)
class Plotted:
    """What is drawn: points laid end to end, and for P' and U' charts what each is made of, in `scale` of the value."""

    days: Days
    values: Floats
    ghost: Flags
    offsets: Ints
    kind: Codes
    settings: Sequence[Settings]
    numerators: Floats
    denominators: Floats
    scale: Floats

    @property
    def series(self) -> Ints:
        return np.repeat(np.arange(len(self.settings)), np.diff(self.offsets))


def xmr_charts(days: Days, values: Floats, offsets: Ints, rules: Sequence[Settings]) -> Charts:
    """XmR charts of sorted series; those with fewer than 13 values are run charts, without limits."""
    series = np.repeat(np.arange(len(rules)), np.diff(offsets))
    ghost = _ghosts(days, offsets, rules)
    counted = np.bincount(series, weights=~np.isnan(values) & ~ghost, minlength=len(rules))
    kind = np.where(counted < FEWEST_JUDGED, KINDS.index("run"), KINDS.index("xmr")).astype(np.int8)
    nothing = np.full(len(values), np.nan)
    return _charts(Plotted(days, values, ghost, offsets, kind, rules, nothing, nothing, np.ones(len(rules))))


def judged(
    dates: Any,
    numerators: Any,
    denominators: Any,
    offsets: Any,
    settings: Settings | Sequence[Settings],
    quantities: Sequence[Quantity],
    scale: Any = None,
) -> tuple[Charts, list[Choice]]:
    """The chart that suits each of many series laid end to end, judged by profile `mdc`, and why it was chosen.

    Arguments as in `spc.charts`, with numerators and denominators (NaN: none, or missing; a denominator not above zero
    gives no value) and what each series' figures are made of. Values are numerator / denominator times `scale` (one a
    series, 1 if not given), the unit of targets and lines. Rare events come back as gaps between them, in days or
    opportunities, where longer is fewer: their settings have the direction turned and no target. Raises SpcError as
    `spc.charts` does.
    """
    days, above = columns_of(dates, numerators)
    below = _denominators(denominators)
    starts = offsets_of(offsets, len(above))
    rules = settings_of(settings, len(starts) - 1)
    _check(rules, quantities, below, len(above))
    series = np.repeat(np.arange(len(rules)), np.diff(starts))
    days, (above, below) = in_date_order(days, (above, below), series)
    check_values(above, series)
    check_values(below, series)
    factor = np.ones(len(rules)) if scale is None else np.asarray(scale, dtype=np.float64)
    ghost = _ghosts(days, starts, rules)
    divides = _divides(quantities, below, series)[series]
    with np.errstate(over="ignore", under="ignore"):
        values = np.where(divides, above / np.where(below > 0, below, np.nan), above) * factor[series]
    check_values(values, series)
    choices = _choices(quantities, np.where(ghost | np.isnan(values), np.nan, above), below, starts)
    kind = np.array([KINDS.index(choice.kind) for choice in choices], dtype=np.int8)
    drawn = Plotted(days, values, ghost, starts, kind, rules, above, below, factor)
    return _charts(_with_gaps_between_events(drawn, choices)), choices


def _denominators(denominators: Any) -> Floats:
    try:
        return np.array(denominators, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise SpcError(f"A denominator is not a number ({error}); expected numbers, or None where missing.") from None


def _divides(quantities: Sequence[Quantity], below: Floats, series: Ints) -> Flags:
    """Which series divide: all but counts, and means that stand as they are, such as a median, without denominators."""
    known = np.bincount(series, weights=~np.isnan(below), minlength=len(quantities)) > 0
    whole = np.array([what in ("count", "stock") for what in quantities], dtype=np.bool_)
    alone = np.array([what == "mean" for what in quantities], dtype=np.bool_) & ~known
    return np.asarray(~(whole | alone), dtype=np.bool_)


def _check(rules: Sequence[Settings], quantities: Sequence[Quantity], below: Floats, points: int) -> None:
    if any(own.profile != "mdc" for own in rules):
        raise SpcError("Charts are chosen by profile mdc only; give settings of that profile.")
    if len(quantities) != len(rules) or set(quantities) - set(QUANTITIES):
        raise SpcError(f"Expected one of {', '.join(QUANTITIES)} for each of {len(rules)} series.")
    if below.shape != (points,):
        raise SpcError(f"There are {below.size} denominators for {points} numerators; expected as many.")


def _ghosts(days: Days, offsets: Ints, rules: Sequence[Settings]) -> Flags:
    ghost = np.zeros(len(days), dtype=np.bool_)
    for i, own in enumerate(rules):
        if own.ghost_dates:
            points = slice(offsets[i], offsets[i + 1])
            ghost[points] = np.isin(days[points], np.array(own.ghost_dates, dtype="datetime64[D]"))
    return ghost


def _choices(quantities: Sequence[Quantity], above: Floats, below: Floats, offsets: Ints) -> list[Choice]:
    return [
        choose(what, above[start:end], below[start:end] if what in ("share", "rate", "stock_share") else None)
        for what, start, end in zip(quantities, offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)
    ]


def _with_gaps_between_events(drawn: Plotted, choices: Sequence[Choice]) -> Plotted:
    """The same, with the series of rare events told as gaps between them."""
    if not np.isin(drawn.kind, SPARSE).any():
        return drawn
    names = ("days", "values", "ghost", "numerators", "denominators")
    columns: dict[str, list[Any]] = {name: [] for name in names}
    settings = list(drawn.settings)
    for i, choice in enumerate(choices):
        own = slice(drawn.offsets[i], drawn.offsets[i + 1])
        if choice.kind in ("t", "g"):
            gaps = _gaps(drawn, own, choice)
            nothing = np.full(len(gaps.gap), np.nan)
            parts = (gaps.date, gaps.gap, gaps.ghost, nothing, nothing)
            settings[i] = _turned(drawn.settings[i], gaps.date, turn=not choice.of_failures)
        else:
            parts = tuple(getattr(drawn, name)[own] for name in names)
        for name, part in zip(names, parts, strict=True):
            columns[name].append(part)
    offsets = np.cumsum([0, *(len(part) for part in columns["days"])])
    return replace(drawn, offsets=offsets, settings=settings, **{k: np.concatenate(v) for k, v in columns.items()})


def _gaps(drawn: Plotted, own: slice, choice: Choice) -> Any:
    below = drawn.denominators[own]
    counts = below - drawn.numerators[own] if choice.of_failures else drawn.numerators[own]
    # a period without any opportunity is no missing one: nothing could happen in it
    missing = np.isnan(drawn.values[own]) & ~((below == 0) & (counts == 0))
    counts = np.where(missing, np.nan, counts)
    return between_events(drawn.days[own], counts, drawn.ghost[own], below if choice.kind == "g" else None)


def _turned(settings: Settings, days: Days, *, turn: bool) -> Settings:
    """Settings for gaps: longer is fewer, limits begin at the first event after a rebase, and no target applies."""
    direction = settings.improvement_direction
    starts = [days[days >= np.datetime64(date)][:1] for date in settings.rebase_dates]
    return replace(
        settings,
        improvement_direction=OPPOSITE[direction] if turn else direction,
        target=None,
        targets=(),
        rebase_dates=tuple(start[0].item() for start in starts if len(start)),
        ghost_dates=(),
    )


def _charts(drawn: Plotted) -> Charts:
    series = drawn.series
    segment, bounds = segments_of(drawn.days, drawn.offsets, series, drawn.settings)
    lines = lines_of(drawn, bounds, series)
    found = _judge(on_rule_scale(drawn.values, drawn.kind[series]), drawn.ghost, lines, bounds, _rules(drawn, bounds))
    seen = shown(lines, drawn.kind[series])
    findings = {"mean": seen.centre, "lpl": seen.lower, "upl": seen.upper}
    findings |= {name: getattr(found, name) for name in found.__slots__}
    return assemble(
        drawn.days, drawn.values, drawn.offsets, drawn.settings, segment=segment, bounds=bounds, findings=findings,
        kind=drawn.kind, ghost=drawn.ghost,
    )  # fmt: skip


def _rules(drawn: Plotted, bounds: Ints) -> list[Rules]:
    """Gaps between events are judged by limits and a longer run only: their neighbours share a period's draw."""
    usual = [
        Rules(BETTER[own.improvement_direction], 0, SPARSE_SHIFT, False)
        if kind in SPARSE
        else Rules(BETTER[own.improvement_direction], own.trend_points, SHIFT, True)
        for own, kind in zip(drawn.settings, drawn.kind.tolist(), strict=True)
    ]
    return [usual[i] for i in drawn.series[bounds[:-1]].tolist()]


def _judge(values: Floats, ghost: Flags, lines: Lines, bounds: Ints, rules: Sequence[Rules]) -> Findings:
    if len(values) < COMPILED_FROM_POINTS:
        return reference.judge(values, ghost, lines, bounds, rules)
    from trustwide.analysis.spc.mdc import fast  # here, because loading the compiler takes a second

    return fast.judge(values, ghost, lines, bounds, reference.as_arrays(rules))
