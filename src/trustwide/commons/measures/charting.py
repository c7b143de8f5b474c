"""Control charts of many series at once, each told in one row."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from trustwide.analysis import spc
from trustwide.commons.measures.definition import MeasureDefinition, logical_table, measure
from trustwide.commons.measures.figures import SERIES, scale, settings, with_gaps
from trustwide.commons.measures.models import Ghost, Rebase
from trustwide.commons.measures.rules import CannotJudgeError, check_can_judge

if TYPE_CHECKING:
    import datetime
    from collections.abc import Collection, Iterator, Mapping, Sequence

    import polars as pl

SUMMARY = (
    *SERIES, "period", "value", "points", "mean", "lpl", "upl", "kind", "reason", "variation_icon", "assurance_icon",
    "sentence", "since", "change",
)  # fmt: skip


@dataclass(frozen=True)
class JudgedSeries:
    """One series with its chart; `period`, `value`, `numerator` and `denominator` are of its newest observation.

    `lacking` says why it is not judged; empty where it is, and then `change` is the pattern at its newest point.
    """

    key: tuple[str, int, str]
    definition: MeasureDefinition
    chart: spc.Chart
    choice: spc.Choice
    period: datetime.date
    value: float
    numerator: float
    denominator: float | None
    points: int
    lacking: str
    change: spc.Change | None


def judged_series(
    observations: pl.DataFrame, left_out: Mapping[tuple[str, int, str], Collection[datetime.date]] | None = None
) -> Iterator[JudgedSeries]:
    """The chart of each series in `observations`, which are sorted by series and period and have one cadence.

    `left_out` names periods of series to leave out beside those that people marked, such as those of a sum's parts.
    """
    import polars as pl

    series = observations.group_by(SERIES, maintain_order=True).len()
    offsets = np.concatenate(([0], np.cumsum(series["len"].to_numpy()))).astype(np.int64)
    keys = list(series.select(SERIES).iter_rows())
    definitions = [measure(code) for code, *_ in keys]
    below = observations["denominator"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    columns = np.stack([observations["numerator"].to_numpy(), below])
    cadence = logical_table(definitions[0].table).cadence
    periods = observations["period"].to_numpy().astype("datetime64[D]")
    dates, (above, below), wide = with_gaps(periods, columns, offsets, cadence)
    factors = np.array([scale(definition) for definition in definitions])
    rules = _settings(definitions, keys, left_out or {})
    quantities = [definition.quantity for definition in definitions]
    charts, choices = spc.judged(dates, above, below, wide, rules, quantities, factors)
    newest = observations[offsets[1:] - 1]
    rows = newest.select("period", "value", "numerator", "denominator").iter_rows()
    for key, definition, chart, choice, points, row in zip(
        keys, definitions, charts, choices, series["len"].to_list(), rows, strict=True
    ):
        yield _judged(key, definition, chart, choice, points, row)


def _judged(
    key: tuple[str, int, str],
    definition: MeasureDefinition,
    chart: spc.Chart,
    choice: spc.Choice,
    points: int,
    newest: tuple[datetime.date, float, float, float | None],
) -> JudgedSeries:
    width = float(chart.upl[chart.last] - chart.lpl[chart.last]) if len(chart) else math.nan
    lacking, change = "", None
    try:
        check_can_judge(choice, limits_width=width)
        change = spc.since(chart)
    except CannotJudgeError as too_little:
        lacking = str(too_little)
    return JudgedSeries(key, definition, chart, choice, *newest, points, lacking, change)


def _settings(
    definitions: Sequence[MeasureDefinition],
    keys: Sequence[tuple[Any, ...]],
    left_out: Mapping[tuple[str, int, str], Collection[datetime.date]],
) -> list[spc.Settings]:
    """How each series is judged; those of one measure share their settings, unless a person marked the chart."""
    codes = {definition.code for definition in definitions}
    marked: dict[tuple[Any, ...], tuple[list[datetime.date], list[datetime.date]]] = {}
    for place, kind in enumerate((Rebase, Ghost)):
        for *key, date in kind.objects.standing().filter(measure__in=codes).values_list(*SERIES, "date"):
            marked.setdefault(tuple(key), ([], []))[place].append(date)
    for series, dates in left_out.items():
        marked.setdefault(series, ([], []))[1].extend(dates)
    usual = {definition.code: settings(definition) for definition in definitions}
    return [
        settings(definition, *marked[key]) if key in marked else usual[definition.code]
        for definition, key in zip(definitions, keys, strict=True)
    ]


def summary(series: JudgedSeries) -> tuple[Any, ...]:
    """What is kept of one chart: a row with the columns of SUMMARY, in the scale of the stored value.

    Where rare events are judged by the time between them, there are no lines in that scale.
    """
    chart, factor = series.chart, scale(series.definition)
    lines: list[float | None] = [None, None, None]
    if series.choice.kind not in ("t", "g") and len(chart):
        ends = (float(line[chart.last]) for line in (chart.mean, chart.lpl, chart.upl))
        lines = [None if math.isnan(end) else end / factor for end in ends]
    about = (*series.key, series.period.isoformat(), series.value, series.points, *lines)
    why = (series.choice.kind, series.choice.reason)
    if series.lacking:
        return (*about, *why, "", "", series.lacking, None, None)
    start = series.change.start.isoformat() if series.change else None
    icons = (chart.variation_icon, chart.assurance_icon or "")
    return (*about, *why, *icons, told(series.definition, chart), start, moved(series))


def told(definition: MeasureDefinition, chart: spc.Chart) -> str:
    """The chart's sentence in the measure's unit."""
    return spc.sentence(chart, unit=definition.unit)


def moved(series: JudgedSeries) -> float | None:
    """How far the newest value is from the last one before the pattern, or from its first where there is none.

    In the scale of the stored value; None where nothing changed or gaps between events are drawn.
    """
    chart, change = series.chart, series.change
    if change is None or series.choice.kind in ("t", "g"):
        return None
    start = int(np.searchsorted(chart.date, np.datetime64(change.start)))
    before = chart.value[:start][~np.isnan(chart.value[:start])]
    return (change.latest - float(before[-1] if len(before) else change.first)) / scale(series.definition)
