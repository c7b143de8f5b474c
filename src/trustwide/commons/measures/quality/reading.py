"""From observations to arrays, and from what the checks find to rows."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from trustwide.commons.measures.definition import Cadence, logical_table, measure
from trustwide.commons.measures.figures import SERIES
from trustwide.commons.measures.quality.checks import doubts
from trustwide.commons.measures.quality.kinds import SHARES, Doubt, Series
from trustwide.commons.measures.quality.words import first_day, number_of, sentence

if TYPE_CHECKING:
    import polars as pl

Key = tuple[str, int, str]
EPOCH = datetime.date(1970, 1, 1).toordinal()
SIZE_OF = 12  # newest periods that say how many a usual one counts


@dataclass(frozen=True)
class Facts:
    """What a score rests on, for one series: its first and newest period, and how many a usual one counts."""

    first: datetime.date
    newest: datetime.date
    size: float


@dataclass(frozen=True)
class Note:
    """A row of `QualityNote`, without its series."""

    kind: str
    period: datetime.date
    until: datetime.date
    sentence: str


@dataclass(frozen=True)
class Scored:
    """A row of `QualityScore`, without its series."""

    score: int
    doubts: int
    facts: Facts
    expected: datetime.date
    late_by: int


def cadence_of(code: str) -> Cadence:
    """How long a period of the measure is."""
    return logical_table(measure(code).table).cadence


def read(observations: pl.DataFrame) -> dict[Key, tuple[Facts, list[Note]]]:
    """The facts of each series in `observations` (columns of `figures.OBSERVATION`), and what is odd in it."""
    import polars as pl

    found: dict[Key, tuple[Facts, list[Note]]] = {}
    codes = observations["measure"].unique().to_list()
    for cadence in sorted({cadence_of(code) for code in codes}):
        alike = [code for code in codes if cadence_of(code) == cadence]
        rows = observations.filter(pl.col("measure").is_in(alike)).sort(*SERIES, "period")
        found |= _read(rows, cadence)
    return found


def _read(rows: pl.DataFrame, cadence: Cadence) -> dict[Key, tuple[Facts, list[Note]]]:
    series = rows.group_by(SERIES, maintain_order=True).len()
    keys: list[Key] = list(series.select(SERIES).iter_rows())
    offsets = np.concatenate(([0], np.cumsum(series["len"].to_numpy()))).astype(np.int64)
    checked = _as_series(rows, keys, offsets, cadence)
    facts = _facts(rows, checked, keys)
    found: dict[Key, tuple[Facts, list[Note]]] = {key: (fact, []) for key, fact in zip(keys, facts, strict=True)}
    for doubt in doubts(checked):
        fact, notes = found[keys[doubt.series]]
        notes.append(noted(doubt, fact.newest, cadence))
    return found


def _as_series(rows: pl.DataFrame, keys: list[Key], offsets: Any, cadence: Cadence) -> Series:
    import polars as pl

    periods = rows["period"].to_numpy().astype("datetime64[D]")
    days = periods.astype(np.int64) + EPOCH
    numbers = periods.astype("datetime64[M]").astype(np.int64) + 1970 * 12 if cadence == "month" else days
    return Series(
        numbers=numbers // 7 if cadence == "week" else numbers,
        numerators=rows["numerator"].cast(pl.Float64).fill_null(np.nan).to_numpy(),
        denominators=rows["denominator"].cast(pl.Float64).fill_null(np.nan).to_numpy(),
        offsets=offsets,
        quantities=[measure(code).quantity for code, _, _ in keys],
        gaps=cadence != "day",  # many services rest at weekends
    )


def _facts(rows: pl.DataFrame, checked: Series, keys: list[Key]) -> list[Facts]:
    import polars as pl

    shares = {code for code in rows["measure"].unique() if measure(code).quantity in SHARES}
    counts = pl.when(pl.col("measure").is_in(shares)).then(pl.col("denominator")).otherwise(pl.col("numerator"))
    usual = pl.col("counts").filter(pl.col("counts").is_finite()).tail(SIZE_OF).median().fill_null(0.0)
    about = (
        rows.with_columns(counts.alias("counts"))
        .group_by(SERIES, maintain_order=True)
        .agg(pl.col("period").first().alias("first"), pl.col("period").last().alias("newest"), usual.alias("size"))
    )
    return [Facts(*each) for each in about.select("first", "newest", "size").iter_rows()]


def noted(doubt: Doubt, newest: datetime.date, cadence: Cadence) -> Note:
    """A doubt as it is kept. `newest` is a period of its series, which says on which day its weeks begin."""
    weekday = newest.toordinal() % 7
    first, last = (first_day(number, cadence, weekday) for number in (doubt.first, doubt.last))
    return Note(doubt.kind, first, last, sentence(doubt, first, last, cadence))


def doubt_of(note: Note, series: int, cadence: Cadence) -> Doubt:
    """As much of a doubt as its score asks for, from a note."""
    first, last = number_of(note.period, cadence), number_of(note.until, cadence)
    return Doubt(series, note.kind, first, last)  # type: ignore[arg-type]
