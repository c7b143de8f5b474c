"""Three engines for the measures: DuckDB over operational rows, DuckDB over the lake, and Spark over the lake.

Each runs the same Ibis expressions. The two on DuckDB give the same bits, because both meet the rows in the same order
and add floats in one thread; Spark may differ in a float's last digits.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trustwide.commons.measures.definition import MeasureDefinition, logical_table
from trustwide.commons.measures.lake import Table, file_of, published
from trustwide.commons.measures.passes import Pass, in_order, passes, sorted_observations, typed

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

# months of the lake are computed together up to so many rows, so that memory does not grow with the years
ROWS_AT_ONCE = 2_000_000


@dataclass(frozen=True)
class Limits:
    """What DuckDB may use: threads (None: all cores), and memory in its words, such as 700MB (None: as it likes)."""

    threads: int | None = None
    memory: str | None = None


@dataclass(frozen=True)
class Span:
    """Periods from `first` to `last`, both included; None is open."""

    first: datetime.date | None = None
    last: datetime.date | None = None

    def holds(self, month: str) -> bool:
        """Whether some day of a month (YYYY-MM) may lie in it."""
        after = self.first is None or f"{self.first:%Y-%m}" <= month
        return after and (self.last is None or month <= f"{self.last:%Y-%m}")

    def of(self, observations: pl.DataFrame) -> pl.DataFrame:
        """The observations of its periods."""
        import polars as pl

        for edge, inside in ((self.first, pl.col("period").ge), (self.last, pl.col("period").le)):
            if edge is not None:
                observations = observations.filter(inside(edge))
        return observations


ALL = Span()


def observe_on(
    engine: str,
    definitions: Sequence[MeasureDefinition],
    source: Mapping[str, pa.Table] | Path,
    span: Span = ALL,
    limits: Limits | None = None,
) -> pl.DataFrame:
    """The observations of `definitions` in `span`: the columns of `passes.COLUMNS`, by series and period.

    `engine` is one of ENGINES. For duckdb, `source` holds the operational rows as arrow tables named as the
    definitions ask; for lake and spark it is the folder of the lake. Raises LakeError where a table is not published,
    and SparkError where Spark cannot be had.
    """
    return sorted_observations([span.of(part) for part in ENGINES[engine](passes(definitions), source, span, limits)])


def _over_rows(wanted: Sequence[Pass], source: Any, span: Span, limits: Limits | None) -> Iterator[pl.DataFrame]:
    @cache
    def arranged(table: str, in_one_order: bool) -> pa.Table:
        arrange = in_order if in_one_order else typed
        return arrange(source[table], logical_table(table).columns).to_arrow()

    for each in wanted:
        with _duckdb(each, limits) as connection:
            connection.register(each.table, arranged(each.table, each.order_matters))
            yield each.observations(connection.sql(each.sql("duckdb")).pl())


def _over_lake(wanted: Sequence[Pass], source: Any, span: Span, limits: Limits | None) -> Iterator[pl.DataFrame]:
    for each in wanted:
        query = each.sql("duckdb")
        with _duckdb(each, limits) as connection:
            for months in _slices(each, published(source, each.table), span):
                files = [str(file_of(source, each.table, month)) for month in months]
                if files:
                    connection.read_parquet(files, hive_partitioning=False).create_view(each.table, replace=True)
                else:
                    connection.register(each.table, _no_rows(each.table))
                yield each.observations(connection.sql(query).pl())


def _slices(wanted: Pass, table: Table, span: Span) -> Iterator[list[str]]:
    """The months to compute together. A preparation may look at months before, so it is given all at once."""
    if wanted.prepare is not None:
        yield list(table.months)
        return
    held, rows = list[str](), 0
    for month, said in table.months.items():
        if not span.holds(month):
            continue
        if held and rows + said.rows > ROWS_AT_ONCE:
            yield held
            held, rows = [], 0
        held, rows = [*held, month], rows + said.rows
    yield held


def _over_spark(wanted: Sequence[Pass], source: Any, span: Span, limits: Limits | None) -> Iterator[pl.DataFrame]:
    import polars as pl

    from trustwide.commons.measures.spark import session, view

    spark = session()
    for each in wanted:
        table = published(source, each.table)
        months = [month for month in table.months if each.prepare is not None or span.holds(month)]
        view(spark, each.table, table.columns, [file_of(source, each.table, month) for month in months])
        yield each.observations(pl.DataFrame(spark.sql(each.sql("pyspark")).toArrow()))


ENGINES: Mapping[str, Callable[[Sequence[Pass], Any, Span, Limits | None], Iterator[pl.DataFrame]]] = {
    "duckdb": _over_rows,
    "lake": _over_lake,
    "spark": _over_spark,
}


@contextmanager
def _duckdb(wanted: Pass, limits: Limits | None) -> Iterator[Any]:
    import duckdb

    given = limits or Limits()
    threads = 1 if wanted.order_matters else given.threads
    config = {"threads": threads, "memory_limit": given.memory, "preserve_insertion_order": threads == 1}
    with duckdb.connect(config={name: str(value) for name, value in config.items() if value is not None}) as connection:
        yield connection


@cache
def _no_rows(table: str) -> pa.Table:
    import polars as pl

    columns = logical_table(table).columns
    return typed(pl.DataFrame(schema=dict.fromkeys(columns)).to_arrow(), columns).to_arrow()
