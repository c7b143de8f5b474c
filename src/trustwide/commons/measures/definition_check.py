"""Whether a definition can be computed at all: its parts name columns that exist, and an engine runs the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from trustwide.commons.measures.definition import KEYS, LogicalTable, MeasureDefinition, logical_table
from trustwide.commons.measures.exceptions import MeasureDefinitionError, UnknownMeasureError

# what a definition's own functions may raise when they are given a table that they do not fit
WRONG = (ArithmeticError, AttributeError, LookupError, NameError, TypeError, ValueError)
LONGEST = 200  # characters of another program's message


def what_they_raise() -> tuple[type[Exception], ...]:
    """The errors that a definition at fault may end in, while it is built or run."""
    import duckdb
    from ibis.common.annotations import ValidationError
    from ibis.common.exceptions import IbisError

    return (*WRONG, IbisError, ValidationError, duckdb.Error)


def check_definition(definition: MeasureDefinition) -> None:
    """Raises MeasureDefinitionError, in one sentence: which measure, over which table, what is wrong and the cure.

    Its parts are built one after another, to name the one at fault, and the whole is run over no rows on DuckDB.
    """
    import ibis

    wrong = what_they_raise()
    try:
        columns = dict(logical_table(definition.table).columns)
    except UnknownMeasureError as unknown:
        raise _error(definition, f"its table is not registered: {unknown}", "correct its table") from None
    table = ibis.table(columns, name=definition.table)
    for part, build in _parts(definition):
        try:
            built = build(table)
            _check_kind(part, built)
        except wrong as error:
            what = f"its {part} cannot be built: {_said(error)}"
            raise _error(definition, what, f"correct its {part} (the table has {', '.join(columns)})") from None
        table = built if part == "rows" else table
    try:
        _run(definition, columns)
    except wrong as error:
        cure = "correct its expression, of which numerator and denominator each add up rows to one number"
        raise _error(definition, f"DuckDB cannot run it: {_said(error)}", cure) from None


# a definition never changes, and to build it takes a tenth of a second: each is checked once for each table it is over
_checked: dict[tuple[int, int], tuple[MeasureDefinition, LogicalTable | None, str]] = {}


def fault(definition: MeasureDefinition) -> str:
    """What is wrong with a definition, in a sentence; empty where it can be computed. Looked at once."""
    try:
        table: LogicalTable | None = logical_table(definition.table)
    except UnknownMeasureError:
        table = None
    place = id(definition), id(table)
    if place not in _checked:
        _checked[place] = definition, table, _fault(definition)
    return _checked[place][-1]


def _fault(definition: MeasureDefinition) -> str:
    try:
        check_definition(definition)
    except MeasureDefinitionError as error:
        return str(error)
    return ""


def sound(definitions: Sequence[MeasureDefinition]) -> tuple[list[MeasureDefinition], list[str]]:
    """Those that can be computed, and a sentence about each that cannot: one at fault must not stop the others."""
    faults = {definition.code: fault(definition) for definition in definitions}
    return [each for each in definitions if not faults[each.code]], [said for said in faults.values() if said]


def _parts(definition: MeasureDefinition) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    if definition.rows:
        yield "rows", definition.rows
    yield "numerator", definition.numerator
    if definition.denominator:
        yield "denominator", definition.denominator


def _check_kind(part: str, built: Any) -> None:
    import ibis.expr.types as types

    if part == "rows" and not isinstance(built, types.Table):
        raise TypeError(f"it gives {_kind(built)}, not a table")
    if part != "rows" and not isinstance(built, types.Scalar):
        raise TypeError(f"it gives {_kind(built)}, not one number for the rows of a period, such as a sum")
    if part != "rows" and not (built.type().is_numeric() or built.type().is_boolean()):
        raise TypeError(f"it gives a {built.type()}, not a number")


def _kind(built: Any) -> str:
    import ibis.expr.types as types

    names = {types.Column: "a column", types.Table: "a table", types.Scalar: "one number", type(None): "nothing"}
    return next((name for kind, name in names.items() if isinstance(built, kind)), f"the Python value {built!r}")


def _run(definition: MeasureDefinition, columns: dict[str, str]) -> None:
    import duckdb
    import ibis

    query = definition.sql()
    with duckdb.connect() as connection:
        empty = ibis.schema(columns).to_pyarrow().empty_table()
        connection.register(definition.table, empty)
        found = [name for name, *_ in connection.execute(query).description or ()]
    if wanted := [name for name in (*KEYS, "numerator", "denominator") if name not in found]:
        raise ValueError(f"the result lacks {', '.join(wanted)}")


def _error(definition: MeasureDefinition, what: str, cure: str) -> MeasureDefinitionError:
    said = f'Measure "{definition.code}" over the table "{definition.table}" cannot be computed: {what.rstrip(".")}'
    return MeasureDefinitionError(f"{said}; {cure}.")


def _said(error: Exception) -> str:
    """The first sentence of another program's message."""
    if isinstance(error, AttributeError) and error.name and type(error.obj).__name__ == "Table":
        return f'there is no column "{error.name}"'
    first = (str(error).strip().splitlines() or [type(error).__name__])[0].partition(" Existing columns")[0]
    return first if len(first) <= LONGEST else f"{first[:LONGEST]} …"
