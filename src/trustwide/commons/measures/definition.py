"""What a measure is, and the list of all that the services registered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from trustwide.commons.measures.exceptions import (
    MeasureDefinitionError,
    MeasureRegisteredTwiceError,
    UnknownMeasureError,
)

if TYPE_CHECKING:  # loading Arrow takes a second, and most pages do not need it
    import datetime

    import pyarrow as pa

    from trustwide.analysis.spc import Quantity

Direction = Literal["increase", "decrease", "neutral"]
Cadence = Literal["month", "week", "day"]
Expression = Callable[[Any], Any]
Doubts = Callable[[int, str], "Sequence[tuple[datetime.date, str]]"]

KEYS = ("site_id", "breakdown", "period")


@dataclass(frozen=True)
class LogicalTable:
    """Rows that measures are computed from, under names that hold on every engine.

    columns: name -> Ibis type; `site_id`, `breakdown` and `period` are among them. rows(site_ids) reads them from the
    operational database, for those sites or, given None, for all. `breakdowns` names each breakdown for people;
    doubts(site_id, breakdown) gives what in the rows looks wrong, as (first day of the period, sentence);
    page(site_code, breakdown) is the address of the rows themselves. A period is a `cadence` long. Where `of_places`,
    breakdowns are codes of places at the site (wards, rooms), which roll up into it. Where `published`, everybody may
    read the figures site by site anyway, so that small numbers among them hide nothing.
    """

    name: str
    columns: Mapping[str, str]
    rows: Callable[[Collection[int] | None], pa.Table]
    breakdowns: Mapping[str, str] = field(default_factory=dict)
    doubts: Doubts = lambda site_id, breakdown: ()
    page: Callable[[str, str], str] = lambda site_code, breakdown: ""
    cadence: Cadence = "month"
    of_places: bool = False
    published: bool = False


@dataclass(frozen=True)
class MeasureDefinition:
    """One measure. Its value is numerator / denominator, or the numerator alone where it has no denominator.

    numerator and denominator take the logical table as an Ibis table and give an aggregate of it; `rows`, where given,
    prepares the table first. A period whose denominator is zero, or that `rows` leaves out, has no observation.
    `unit` "%" is a share of one; `target` is in the value's own scale, and where it changed, `targets` holds (first
    day, value) pairs. `quantity` says what the figures are made of, which decides the kind of control chart:
    `spc.Quantity`. `counts`, `out_of` and `leaves_out` say in words what numerator, denominator and exclusions are,
    `quality` what to know about the data, `changes` what the newest change of the definition was. `aim` is the code of
    the strategic aim that the measure serves most (`models.StrategicAim`). `counts_people` says which part of a mean
    counts people or exams, such as the denominator of a mean wait.
    """

    code: str
    title: str
    unit: str
    improvement_direction: Direction
    target: float | None
    numerator: Expression
    denominator: Expression | None
    owner: str
    table: str
    quantity: Quantity
    rows: Expression | None = None
    counts: str = ""
    out_of: str = ""
    leaves_out: str = ""
    quality: str = ""
    changes: str = ""
    aim: str = ""
    counts_people: Literal["numerator", "denominator", ""] | None = None
    targets: Sequence[tuple[datetime.date, float]] = ()

    @property
    def people(self) -> Literal["numerator", "denominator", ""]:
        """Which part counts people or exams: the numerator of whatever counts, of a mean only what its maker says."""
        if self.counts_people is not None:
            return self.counts_people
        return "" if self.quantity == "mean" else "numerator"

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
    def meaning(self) -> str:
        """A hash of what the figures are: another one makes them other figures."""
        return _hash([self.sql(), self.unit])

    @property
    def version(self) -> str:
        """A hash of what the measure means and how it is judged."""
        targets = [(day.isoformat(), value) for day, value in self.targets]
        return _hash([self.sql(), self.unit, self.improvement_direction, self.target, targets, self.quantity])


def _hash(parts: Sequence[Any]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


_definitions: dict[str, MeasureDefinition] = {}
_tables: dict[str, LogicalTable] = {}


def register(*definitions: MeasureDefinition) -> None:
    """Add measures to the list. Raises MeasureRegisteredTwiceError where a code is taken, and MeasureDefinitionError
    for one whose quantity does not fit its denominator.
    """
    for definition in definitions:
        whole = definition.quantity in ("count", "stock")
        fits = definition.quantity == "mean" or whole == (definition.denominator is None)  # a median is a mean too
        if not fits:
            wanted = "none" if whole else "one"
            raise MeasureDefinitionError(
                f'Measure "{definition.code}" is a {definition.quantity}, which takes {wanted} for a denominator; '
                "change its quantity or its denominator."
            )
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
