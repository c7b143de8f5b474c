"""Control charts of many series at once, each told in one row."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from trustwide.analysis import spc
from trustwide.commons.measures.definition import MeasureDefinition, measure
from trustwide.commons.measures.figures import SERIES, scale, settings, with_gaps
from trustwide.commons.measures.models import Rebase
from trustwide.commons.measures.rules import CannotJudgeError, check_can_judge

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator, Sequence

    import polars as pl

SUMMARY = (
    *SERIES, "period", "value", "points", "mean", "lpl", "upl", "variation_icon", "assurance_icon", "sentence", "since",
    "change",
)  # fmt: skip


def summaries(observations: pl.DataFrame) -> Iterator[tuple[Any, ...]]:
    """One row, with the columns of SUMMARY, for each series in `observations` (sorted by series and period)."""
    series = observations.group_by(SERIES, maintain_order=True).len()
    offsets = np.concatenate(([0], np.cumsum(series["len"].to_numpy()))).astype(np.int64)
    definitions = [measure(code) for code in series["measure"]]
    factor = np.repeat([scale(definition) for definition in definitions], np.diff(offsets))
    months, values, wide = with_gaps(
        observations["period"].to_numpy().astype("datetime64[M]"), observations["value"].to_numpy() * factor, offsets
    )
    keys = list(series.select(SERIES).iter_rows())
    charts = spc.charts(months, values, wide, _settings(definitions, keys))
    numerators = observations["numerator"].to_list()
    for number, (chart, key) in enumerate(zip(charts, keys, strict=True)):
        counted = numerators[offsets[number] : offsets[number + 1]]
        yield (*key, *_summary(definitions[number], chart, counted))


def _settings(definitions: Sequence[MeasureDefinition], keys: Sequence[tuple[Any, ...]]) -> list[spc.Settings]:
    """How each series is judged; those of one measure share their settings, unless a person rebased the chart."""
    rebased: dict[tuple[Any, ...], list[datetime.date]] = {}
    for *key, date in Rebase.objects.standing().values_list(*SERIES, "date"):
        rebased.setdefault(tuple(key), []).append(date)
    usual = {definition.code: settings(definition) for definition in definitions}
    return [
        settings(definition, rebased[key]) if key in rebased else usual[definition.code]
        for definition, key in zip(definitions, keys, strict=True)
    ]


def _summary(definition: MeasureDefinition, chart: spc.Chart, numerators: Sequence[float]) -> tuple[Any, ...]:
    factor = scale(definition)
    period, value = chart.date[-1].item().isoformat(), float(chart.value[-1]) / factor
    lpl, upl = _finite(chart.lpl[-1]), _finite(chart.upl[-1])
    limits = tuple(None if edge is None else edge / factor for edge in (_finite(chart.mean[-1]), lpl, upl))
    try:
        check_can_judge(numerators, limits_width=math.nan if lpl is None or upl is None else upl - lpl)
    except CannotJudgeError as lacking:
        return period, value, len(numerators), *limits, "", "", str(lacking), None, None
    change = spc.since(chart)
    start, moved = (None, None) if change is None else (change.start, _moved(chart, change) / factor)
    return (
        period, value, len(numerators), *limits, chart.variation_icon, chart.assurance_icon or "",
        told(definition, chart), start and start.isoformat(), moved,
    )  # fmt: skip


def told(definition: MeasureDefinition, chart: spc.Chart) -> str:
    """The chart's sentence in the measure's unit."""
    return spc.sentence(chart, unit=definition.unit).replace(" %", "%")


def _moved(chart: spc.Chart, change: spc.Change) -> float:
    """How far the newest value is from the last one before the pattern, or from its first where there is none."""
    start = int(np.searchsorted(chart.date, np.datetime64(change.start)))
    before = chart.value[:start][~np.isnan(chart.value[:start])]
    return change.latest - float(before[-1] if len(before) else change.first)


def _finite(value: Any) -> float | None:
    return None if math.isnan(value) else float(value)
