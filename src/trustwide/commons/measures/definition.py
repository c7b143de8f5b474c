"""What a measure is, and the list of all that the services registered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from trustwide.commons.measures.exceptions import MeasureRegisteredTwiceError, UnknownMeasureError

if TYPE_CHECKING:  # loading it takes a second, and most pages do not need it
    import datetime

    import pyarrow as pa

Direction = Literal["increase", "decrease", "neutral"]
Expression = Callable[[Any], Any]
Doubts = Callable[[int, str], "Sequence[tuple[datetime.date, str]]"]

KEYS = ("site_id", "breakdown", "period")


@dataclass(frozen=True)
class LogicalTable:
    """Rows that measures are computed from, under names that hold on every engine.

    columns: name -> Ibis type; `site_id`, `breakdown` and `period` are among them. rows(site_ids) reads them from the
    operational database, for those sites or, given None, for all. `breakdowns` names each breakdown for people;
    doubts(site_id, breakdown) gives what in the rows looks wrong, as (first day of the period, sentence);
    page(site_code, breakdown) is the address of the rows themselves.
    """

    name: str
    columns: Mapping[str, str]
    rows: Callable[[Collection[int] | None], pa.Table]
    breakdowns: Mapping[str, str] = field(default_factory=dict)
    doubts: Doubts = lambda site_id, breakdown: ()
    page: Callable[[str, str], str] = lambda site_code, breakdown: ""


@dataclass(frozen=True)
class MeasureDefinition:
    """One measure. Its value is numerator / denominator, or the numerator alone where it has no denominator.

    numerator and denominator take the logical table as an Ibis table and give an aggregate of it; `rows`, where given,
    prepares the table first. A period whose denominator is zero, or that `rows` leaves out, has no observation.
    `unit` "%" is a share of one; `target` is in the value's own scale. `chart` names the kind of control chart.
    `counts` and `out_of` say in words what the numerator and the denominator are.
    """

    code: str
    title: str
    unit: str
    improvement_direction: Direction
    target: float | None
    numerator: Expression
    denominator: Expression | None
    chart: Literal["xmr"]
    owner: str
    table: str
    rows: Expression | None = None
    counts: str = ""
    out_of: str = ""

    def expression(self, table: Any) -> Any:
        """The Ibis expression over `table`: site_id, breakdown, period, numerator, denominator. Runs on any engine."""
        import ibis

        prepared = self.rows(table) if self.rows else table
        denominator = self.denominator(prepared) if self.denominator else ibis.literal(None)
        return prepared.group_by(*KEYS).aggregate(
            numerator=self.numerator(prepared).cast("float64"), denominator=denominator.cast("float64")
        )

    def sql(self, dialect: str = "duckdb") -> str:
        """The expression over the logical table, in an engine's own dialect."""
        import ibis

        table = ibis.table(dict(logical_table(self.table).columns), name=self.table)
        return str(ibis.to_sql(self.expression(table), dialect=dialect))

    @property
    def version(self) -> str:
        """A hash of what the measure means: it changes when the expression or the way it is judged does."""
        meaning = [self.sql(), self.unit, self.improvement_direction, self.target, self.chart]
        return hashlib.sha256(json.dumps(meaning).encode()).hexdigest()[:16]


_definitions: dict[str, MeasureDefinition] = {}
_tables: dict[str, LogicalTable] = {}


def register(*definitions: MeasureDefinition) -> None:
    """Add measures to the list. Raises MeasureRegisteredTwiceError where a code is taken."""
    for definition in definitions:
        _add(_definitions, definition.code, definition)


def register_table(table: LogicalTable) -> None:
    """Say where the rows of a logical table come from."""
    _add(_tables, table.name, table)


def _add(kept: dict[str, Any], name: str, what: Any) -> None:
    if kept.setdefault(name, what) is not what:
        raise MeasureRegisteredTwiceError(f'"{name}" is registered twice; give one of the two another name.')


def measure(code: str) -> MeasureDefinition:
    """The measure of that code. Raises UnknownMeasureError."""
    if code not in _definitions:
        raise UnknownMeasureError(f'There is no measure "{code}"; expected one of {", ".join(sorted(_definitions))}.')
    return _definitions[code]


def measures() -> tuple[MeasureDefinition, ...]:
    """All of them, by code."""
    return tuple(_definitions[code] for code in sorted(_definitions))


def measures_over(table: str) -> tuple[MeasureDefinition, ...]:
    """The measures computed from one logical table."""
    return tuple(definition for definition in measures() if definition.table == table)


def logical_table(name: str) -> LogicalTable:
    """The table of that name. Raises UnknownMeasureError."""
    if name not in _tables:
        raise UnknownMeasureError(f'There is no table "{name}"; expected one of {", ".join(sorted(_tables))}.')
    return _tables[name]
