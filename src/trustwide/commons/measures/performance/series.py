"""Reads the observations of a report once and judges every series of it with the rules of the chart pages."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from trustwide.commons.measures.charting import JudgedSeries, judged_series
from trustwide.commons.measures.definition import MeasureDefinition, logical_table, measures
from trustwide.commons.measures.models import Observation
from trustwide.commons.measures.performance.adding import Panel
from trustwide.commons.measures.performance.left_out import LeftOut, left_out_figures

if TYPE_CHECKING:
    import polars as pl

    from trustwide.commons.organisations.models import Site

Key = tuple[str, int, str]
FIGURES = ("period", "numerator", "denominator", "value")
TOGETHER = 0  # stands for all sites together where a site's number is expected


def last_day(month: datetime.date) -> datetime.date:
    """The last day of a month."""
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def panels(sites: Collection[Site], month: datetime.date, codes: Collection[str] | None = None) -> dict[str, Panel]:
    """The figures of every measure at these sites up to the end of the month, by measure; two queries."""
    known = {each.code: each for each in measures() if codes is None or each.code in codes}
    rows = _rows(sites, month, known)
    left_out = left_out_figures(sites, last_day(month), known)
    found: dict[str, Panel] = {}
    for (code,), own in rows.group_by("measure", maintain_order=True):
        found[code] = _panel(known[code], own, left_out.get(code, ()))
    return found


def _rows(sites: Collection[Site], month: datetime.date, known: Collection[str]) -> pl.DataFrame:
    import polars as pl
    import pyarrow as pa

    from trustwide.commons.measures.arrow import arrow_of

    types = {
        "measure": pa.string(), "site_id": pa.int64(), "breakdown": pa.string(), "period": pa.date32(),
        "numerator": pa.float64(), "denominator": pa.float64(),
    }  # fmt: skip
    there = Observation.objects.filter(site__in=[site.pk for site in sites], period__lte=last_day(month))
    ordered = there.filter(measure__in=sorted(known)).order_by("measure", "site_id", "breakdown", "period")
    return pl.DataFrame(arrow_of(ordered.values_list(*types), pa.schema(types)))


def _panel(definition: MeasureDefinition, rows: pl.DataFrame, left_out: Iterable[LeftOut]) -> Panel:
    keys = list(dict.fromkeys(rows.select("site_id", "breakdown").iter_rows()))
    numbers = {key: number for number, key in enumerate(keys)}
    series = np.array([numbers[key] for key in rows.select("site_id", "breakdown").iter_rows()], dtype=np.int64)
    periods, place = np.unique(rows["period"].to_numpy().astype("datetime64[D]"), return_inverse=True)
    above, below = (np.full((len(keys), len(periods)), np.nan) for _ in range(2))
    above[series, place] = rows["numerator"].to_numpy()
    below[series, place] = rows["denominator"].to_numpy()
    there = set(rows.select("site_id", "breakdown", "period").iter_rows())
    held = tuple(each for each in left_out if (each.site_id, each.breakdown, each.period) in there)
    return Panel(definition, tuple(keys), periods, above, below, held)


def judge(
    wanted: Mapping[Key, tuple[MeasureDefinition, Any, Any, Any]],
    left_out: Mapping[Key, Collection[datetime.date]] | None = None,
) -> dict[Key, JudgedSeries]:
    """The chart of each series: key -> (definition, periods, numerators, denominators); NaN where there is no figure.

    `left_out` names periods to leave out of limits and rules beside those that are marked on the series' own chart. A
    series without any value has no chart.
    """
    found: dict[Key, JudgedSeries] = {}
    by_cadence: dict[str, list[Key]] = {}
    for key, (definition, *_) in wanted.items():
        by_cadence.setdefault(logical_table(definition.table).cadence, []).append(key)
    for keys in by_cadence.values():
        frame = _observations(keys, wanted)
        if len(frame):
            found.update((each.key, each) for each in judged_series(frame, left_out))
    return found


def _observations(keys: Sequence[Key], wanted: Mapping[Key, tuple[MeasureDefinition, Any, Any, Any]]) -> pl.DataFrame:
    import polars as pl

    columns: dict[str, list[Any]] = {name: [] for name in ("measure", "site_id", "breakdown")}
    figures: list[list[Any]] = [[], [], [], []]
    for key in keys:
        definition, dates, above, below = wanted[key]
        with np.errstate(divide="ignore", invalid="ignore"):
            value = above if definition.denominator is None else above / below
        there = np.isfinite(value)
        for name, part in zip(columns, key, strict=True):
            columns[name] += [part] * int(there.sum())
        for kept, all_of in zip(figures, (dates, above, below, value), strict=True):
            kept.append(all_of[there])
    return pl.DataFrame(
        {
            **columns,
            **{name: np.concatenate(own) for name, own in zip(FIGURES, figures, strict=True)},
        },
        schema_overrides={"site_id": pl.Int64, "period": pl.Date},
    ).with_columns(pl.col("denominator").fill_nan(None))  # fmt: skip


def counts_of(judged: JudgedSeries, panel_periods: Any, above: Any, below: Any) -> Iterable[Observation]:
    """The figures behind a chart as unsaved observations, oldest first, as `periods.periods` takes them."""
    for period, n, d in zip(panel_periods.tolist(), above.tolist(), below.tolist(), strict=True):
        value = n if judged.definition.denominator is None else (n / d if d else np.nan)
        if np.isfinite(value):
            yield Observation(period=period, numerator=n, denominator=None if np.isnan(d) else d, value=value)
