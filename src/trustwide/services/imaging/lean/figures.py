"""The lean figures of some sites over some weeks: the registered measures, over rows as they are filtered."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import polars as pl

from trustwide.commons.measures.definition import MeasureDefinition, logical_table, measure
from trustwide.services.imaging.lean import tables
from trustwide.services.imaging.lean.names import APPOINTMENTS, COLUMNS, DAYS, EXAMS, REQUESTS
from trustwide.services.imaging.lean.reading import Span

if TYPE_CHECKING:
    from trustwide.commons.organisations.models import Site

GAPS = "gaps"


@dataclass(frozen=True)
class Asked:
    """Which rows are looked at. scanner: its id; exam: its code; hour: of arrival, or of the appointment."""

    sites: tuple[Site, ...]
    modality: str
    since: datetime.date
    until: datetime.date
    scanner: int | None = None
    exam: str = ""
    hour: int | None = None

    @property
    def span(self) -> Span:
        """The sites and days, as rows are read."""
        return Span(frozenset(site.pk for site in self.sites), self.since, self.until)

    @property
    def weeks(self) -> int:
        """How long it is."""
        return (self.until - self.since).days // 7

    def of(self, name: str, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows of a logical table that are asked for."""
        kept = rows.filter(pl.col("breakdown") == self.modality)
        if self.scanner is not None:
            kept = kept.filter(pl.col("scanner") == self.scanner)
        if name == DAYS:
            return kept
        if self.exam:
            kept = kept.filter(pl.col("exam") == self.exam)
        if self.hour is not None:
            kept = kept.filter(pl.col("hour") == self.hour)
        return kept


@dataclass(frozen=True)
class Value:
    """One measure over some rows, in the scale of the definition: a share is a share of one. None: nothing counted."""

    numerator: float
    denominator: float

    @property
    def value(self) -> float | None:
        """Numerator over denominator."""
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True)
class Spread:
    """How single times vary: quarter, median and three quarters, nine in ten."""

    count: int
    low: float | None
    median: float | None
    high: float | None
    nine_in_ten: float | None


Rows = Mapping[str, pl.DataFrame]


def read(asked: Asked) -> Rows:
    """All four tables as asked for, and the changeovers as GAPS: eight queries, however many rows there are."""
    from trustwide.services.imaging.lean import reading

    span = asked.span
    scanned = tables.measured(reading.read_exams(span))
    gaps = tables.changeovers(reading.read_stays(span))
    ids = [site.pk for site in asked.sites]
    every = {
        EXAMS: scanned.filter(pl.col("scan_site_id").is_in(ids)).with_columns(site_id="scan_site_id"),
        REQUESTS: scanned.filter(pl.col("list_site_id").is_in(ids)).with_columns(site_id="list_site_id"),
        APPOINTMENTS: tables.appointments(span),
        DAYS: tables.days_of(span, gaps),
    }
    kept = {name: asked.of(name, rows) for name, rows in every.items()}
    of_kept = pl.col("session").is_in(kept[DAYS]["session"].drop_nulls().to_list())
    return kept | {GAPS: gaps.filter(of_kept & pl.col("changeover").is_not_null())}


def read_one(name: str, asked: Asked) -> pl.DataFrame:
    """One logical table as asked for; at most four queries."""
    return asked.of(name, tables.READERS[name](asked.span))


def values(rows: Rows, codes: Sequence[str]) -> dict[str, dict[int, Value]]:
    """Each measure by site id, and over all sites together under 0."""
    import duckdb

    found: dict[str, dict[int, Value]] = {}
    with duckdb.connect() as connection:
        for name in COLUMNS:
            connection.register(name, tables.as_arrow(name, rows[name]))
        for code in codes:
            counted = connection.sql(_by_site(measure(code))).fetchall()
            kept = {site: Value(float(over or 0), float(under or 0)) for site, over, under in counted}
            found[code] = kept | {0: _together(list(kept.values()))}
    return found


def _together(parts: Sequence[Value]) -> Value:
    return Value(sum(part.numerator for part in parts), sum(part.denominator for part in parts))


@lru_cache(maxsize=64)
def _by_site(definition: MeasureDefinition) -> str:
    """The definition's own expression, over all periods of a site."""
    import ibis

    table: Any = ibis.table(dict(logical_table(definition.table).columns), name=definition.table)
    prepared = definition.rows(table) if definition.rows else table
    denominator = definition.denominator(prepared) if definition.denominator else ibis.literal(1)
    return str(
        ibis.to_sql(
            prepared.group_by("site_id").aggregate(numerator=definition.numerator(prepared), denominator=denominator),
            dialect="duckdb",
        )
    )


def spread(values: pl.Series) -> Spread:
    """How the known values vary; quantiles are interpolated."""
    known = values.drop_nulls()
    low, median, high, nine = (known.quantile(share, "linear") for share in (0.25, 0.5, 0.75, 0.9))
    return Spread(known.len(), low, median, high, nine)
