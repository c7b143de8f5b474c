"""Measures that are computed together: one grouping of a table's rows for all that see the same rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trustwide.commons.measures.definition import KEYS, Expression, MeasureDefinition, logical_table

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

COLUMNS = ("measure", *KEYS, "numerator", "denominator", "value")


@dataclass(frozen=True)
class Pass:
    """Definitions over one table with one preparation of its rows."""

    table: str
    prepare: Expression | None
    definitions: tuple[MeasureDefinition, ...]

    def expression(self) -> Any:
        """The Ibis expression over the logical table: the keys, and numerator and denominator of each definition.

        Each is what `MeasureDefinition.expression` gives for one definition alone.
        """
        import ibis

        table = ibis.table(dict(logical_table(self.table).columns), name=self.table)
        prepared = self.prepare(table) if self.prepare else table
        figures = {}
        for place, definition in enumerate(self.definitions):
            figures[f"numerator_{place}"] = definition.numerator(prepared).cast("float64")
            if definition.denominator:
                figures[f"denominator_{place}"] = definition.denominator(prepared).cast("float64")
        return prepared.group_by(*KEYS).aggregate(**figures)

    def sql(self, dialect: str) -> str:
        """The expression in an engine's own dialect."""
        import ibis

        getattr(ibis, dialect)  # loads the dialect's settings, without which some literals cannot be written
        return str(ibis.to_sql(self.expression(), dialect=dialect))

    @property
    def order_matters(self) -> bool:
        """Whether floats are added up: the last digits of such a sum depend on the order of adding."""
        import ibis.expr.operations as ops

        orderless = (ops.Max, ops.Min, ops.Count, ops.CountDistinct, ops.Median, ops.Quantile)
        return any(
            argument.dtype.is_floating()
            for reduction in self.expression().op().find(ops.Reduction)
            if not isinstance(reduction, orderless)
            for argument in reduction.args
            if isinstance(argument, ops.Value)
        )

    def observations(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The columns of COLUMNS, from what the expression gave. A value that is no finite number is none."""
        import polars as pl

        return pl.concat([self._of(place, rows) for place in range(len(self.definitions))])

    def _of(self, place: int, rows: pl.DataFrame) -> pl.DataFrame:
        import polars as pl

        definition, numerator = self.definitions[place], pl.col(f"numerator_{place}")
        denominator = pl.col(f"denominator_{place}") if definition.denominator else pl.lit(None, pl.Float64)
        value = numerator / denominator if definition.denominator else numerator
        return rows.select(
            pl.lit(definition.code).alias("measure"), pl.col("site_id").cast(pl.Int64),
            pl.col("breakdown").cast(pl.String), pl.col("period").cast(pl.Date), numerator.alias("numerator"),
            denominator.alias("denominator"), value.alias("value"),
        ).filter(pl.col("value").is_finite())  # fmt: skip


def passes(definitions: Sequence[MeasureDefinition]) -> tuple[Pass, ...]:
    """`definitions` by what they can share."""
    together: dict[tuple[str, Expression | None], list[MeasureDefinition]] = {}
    for definition in definitions:
        together.setdefault((definition.table, definition.rows), []).append(definition)
    return tuple(Pass(table, prepare, tuple(those)) for (table, prepare), those in together.items())


def typed(rows: pa.Table, columns: Mapping[str, str]) -> pl.DataFrame:
    """Rows of a logical table with just its columns, each of its type."""
    import polars as pl

    types: dict[str, Any] = {"int64": pl.Int64, "float64": pl.Float64, "string": pl.String, "date": pl.Date}
    return pl.DataFrame(rows).select(pl.col(name).cast(types[kind]) for name, kind in columns.items())


def in_order(rows: pa.Table, columns: Mapping[str, str]) -> pl.DataFrame:
    """The same in the one order that their values give: equal rows, read from anywhere, are equal frames."""
    import polars as pl

    first = ("period", "site_id", "breakdown")
    # -0.0 sorts as 0.0 does, but its bytes differ
    frame = typed(rows, columns).with_columns(pl.col(pl.Float64) + 0.0)
    return frame.sort(*first, *(name for name in columns if name not in first))


def sorted_observations(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Observations of several passes, by series and period."""
    import polars as pl

    return pl.concat(parts).sort(*COLUMNS[:4])
