"""From rows to observations to control charts."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from trustwide.analysis import spc
from trustwide.commons.measures.definition import Cadence, MeasureDefinition, logical_table
from trustwide.commons.measures.engines import observe_on
from trustwide.commons.measures.models import Observation

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

SERIES = ("measure", "site_id", "breakdown")
OBSERVATION = (*SERIES, "period", "numerator", "denominator", "value")


def observe(definitions: Sequence[MeasureDefinition], tables: Mapping[str, pa.Table]) -> pl.DataFrame:
    """The observations of `definitions` over arrow tables named as they ask, on DuckDB: the columns of OBSERVATION."""
    return observe_on("duckdb", definitions, tables)


def scale(definition: MeasureDefinition) -> float:
    """What a value is multiplied by to be in the definition's unit: shares are shown in hundredths."""
    return 100.0 if definition.unit == "%" else 1.0


def settings(
    definition: MeasureDefinition,
    rebase_dates: Sequence[datetime.date] = (),
    ghost_dates: Sequence[datetime.date] = (),
) -> spc.Settings:
    """How the charts of a measure are judged, in its own unit."""
    factor = scale(definition)
    return spc.Settings(
        definition.improvement_direction,
        None if definition.target is None else definition.target * factor,
        rebase_dates,
        profile="mdc",
        ghost_dates=ghost_dates,
        targets=[(day, value * factor) for day, value in definition.targets],
    )


def chart(
    definition: MeasureDefinition, observed: Sequence[Observation], judged_by: spc.Settings
) -> tuple[spc.Chart, spc.Choice]:
    """The control chart that suits one series, in its measure's unit, and why. `observed` is oldest first.

    A period without an observation is a gap, not a zero.
    """
    periods = np.array([row.period for row in observed], dtype="datetime64[D]")
    below = [np.nan if row.denominator is None else row.denominator for row in observed]
    columns = np.array([[row.numerator for row in observed], below], dtype=np.float64)
    cadence = logical_table(definition.table).cadence
    dates, (above, below), offsets = with_gaps(periods, columns, np.array([0, len(observed)]), cadence)
    charts, choices = spc.judged(
        dates, above, below, offsets, judged_by, [definition.quantity], np.array([scale(definition)])
    )
    return charts[0], choices[0]


def with_gaps(periods: Any, columns: Any, offsets: Any, cadence: Cadence = "month") -> tuple[Any, Any, Any]:
    """Series laid end to end, with a NaN for each period missing between the first and the last of its series.

    `columns` has one entry a period in its last dimension; weeks of one series begin on one day of the week.
    """
    filled = np.diff(offsets) > 0
    starts, ends = offsets[:-1][filled], offsets[1:][filled] - 1
    numbers, weekday = _numbered(periods, starts, cadence)
    lengths = np.zeros(len(offsets) - 1, dtype=np.int64)
    lengths[filled] = numbers[ends] - numbers[starts] + 1
    wide = np.concatenate(([0], np.cumsum(lengths)))
    shift = np.zeros(len(lengths), dtype=np.int64)
    shift[filled] = wide[:-1][filled] - numbers[starts]
    every = np.full((*columns.shape[:-1], wide[-1]), np.nan)
    every[..., numbers + np.repeat(shift, np.diff(offsets))] = columns
    back = np.arange(wide[-1]) - np.repeat(shift, lengths)
    if cadence == "month":
        return back.astype("datetime64[M]"), every, wide
    days = back * 7 + np.repeat(weekday, lengths[filled]) if cadence == "week" else back
    return days.astype("datetime64[D]"), every, wide


def _numbered(periods: Any, starts: Any, cadence: Cadence) -> tuple[Any, Any]:
    """The number of each period, one up from one to the next; and for weeks the day each series begins them on."""
    if cadence == "month":
        return periods.astype("datetime64[M]").astype(np.int64), None
    days = periods.astype("datetime64[D]").astype(np.int64)
    return (days // 7, days[starts] % 7) if cadence == "week" else (days, None)
