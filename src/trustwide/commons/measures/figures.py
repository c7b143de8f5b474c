"""From rows to observations to control charts."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from trustwide.analysis import spc
from trustwide.commons.measures.definition import MeasureDefinition, measure
from trustwide.commons.measures.models import Observation
from trustwide.commons.organisations.models import Site

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

SERIES = ("measure", "site_id", "breakdown")
OBSERVATION = (*SERIES, "period", "numerator", "denominator", "value")


def observe(definitions: Sequence[MeasureDefinition], tables: Mapping[str, pa.Table]) -> pl.DataFrame:
    """The observations of `definitions` over arrow tables named as they ask, on DuckDB: the columns of OBSERVATION."""
    import duckdb
    import polars as pl

    with duckdb.connect() as connection:
        for name, rows in tables.items():
            connection.register(name, rows)
        return pl.concat([_observed(definition, connection) for definition in definitions]).sort(*SERIES, "period")


def _observed(definition: MeasureDefinition, connection: Any) -> pl.DataFrame:
    import polars as pl

    rows: pl.DataFrame = connection.sql(definition.sql()).pl()
    value = pl.col("numerator") / pl.col("denominator") if definition.denominator else pl.col("numerator")
    measured = rows.with_columns(pl.lit(definition.code).alias("measure"), value.alias("value"))
    return measured.filter(pl.col("value").is_finite()).select(OBSERVATION).cast({"site_id": pl.Int64})


def scale(definition: MeasureDefinition) -> float:
    """What a value is multiplied by to be in the definition's unit: shares are shown in hundredths."""
    return 100.0 if definition.unit == "%" else 1.0


def settings(definition: MeasureDefinition, rebase_dates: Sequence[datetime.date] = ()) -> spc.Settings:
    """How the charts of a measure are judged, in its own unit."""
    target = None if definition.target is None else definition.target * scale(definition)
    return spc.Settings(definition.improvement_direction, target, rebase_dates)


def chart(code: str, site: Site, breakdown: str = "", *, rebase_dates: Sequence[datetime.date] = ()) -> spc.Chart:
    """The control chart of one series in its measure's unit. A month without an observation is a gap, not a zero."""
    definition = measure(code)
    rows = list(Observation.objects.series(code, site, breakdown).values_list("period", "value"))
    months = np.array([period for period, _ in rows], dtype="datetime64[M]")
    values = np.array([value for _, value in rows], dtype=np.float64) * scale(definition)
    filled, numbers, _ = with_gaps(months, values, np.array([0, len(rows)]))
    return spc.chart(filled, numbers, settings(definition, rebase_dates))


def with_gaps(months: Any, values: Any, offsets: Any) -> tuple[Any, Any, Any]:
    """Series laid end to end, with a NaN for each month missing between the first and the last of its series."""
    filled = np.diff(offsets) > 0
    starts, ends = offsets[:-1][filled], offsets[1:][filled] - 1
    numbers = months.astype(np.int64)
    lengths = np.zeros(len(offsets) - 1, dtype=np.int64)
    lengths[filled] = numbers[ends] - numbers[starts] + 1
    wide = np.concatenate(([0], np.cumsum(lengths)))
    shift = np.zeros(len(lengths), dtype=np.int64)
    shift[filled] = wide[:-1][filled] - numbers[starts]
    all_values = np.full(wide[-1], np.nan)
    all_values[numbers + np.repeat(shift, np.diff(offsets))] = values
    all_months = np.arange(wide[-1]) - np.repeat(shift, lengths)
    return all_months.astype("datetime64[M]"), all_values, wide
