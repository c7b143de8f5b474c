"""Operational rows straight into Arrow columns, without a Python object for each value."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.core.exceptions import EmptyResultSet
from django.db import connections

if TYPE_CHECKING:  # loading it takes a while, and most pages do not need it
    import pyarrow as pa
    from django.db.models import QuerySet

BUSY_MILLISECONDS = 20_000
# SQLite columns have no type, so the driver reads a batch to guess one: the whole answer is one batch
_WHOLE = {"adbc.sqlite.query.batch_rows": str(2**30)}


def arrow_of(rows: QuerySet[Any, Any], schema: pa.Schema) -> pa.Table:
    """The rows of a `values_list` query set as an arrow table with the columns of `schema`, in that order.

    ADBC reads them over a connection of its own. What only Django's connection can see or do goes through that:
    uncommitted rows of an atomic block, a database in memory, functions that Django adds to SQLite. Both give equal
    tables. Values are as the database keeps them: no model field's own conversion is applied. Raises
    pyarrow.ArrowInvalid where a value does not fit its column.
    """
    connection: Any = connections[rows.db]
    if connection.in_atomic_block or (connection.vendor == "sqlite" and connection.is_in_memory_db()):
        return _by_django(rows, schema)
    try:
        sql, parameters = rows.query.get_compiler(rows.db).as_sql()
    except EmptyResultSet:
        return schema.empty_table()
    import adbc_driver_manager

    try:
        read = _from_sqlite if connection.vendor == "sqlite" else _from_postgresql
        return _typed(read(connection, sql, parameters), schema)
    except adbc_driver_manager.ProgrammingError as error:
        if "no such function" not in str(error):
            raise
        return _by_django(rows, schema)


def _by_django(rows: QuerySet[Any, Any], schema: pa.Schema) -> pa.Table:
    import pyarrow as pa

    columns = list(zip(*rows.all(), strict=True)) or [() for _ in schema]
    return pa.table(
        [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)], schema=schema
    )


def _from_sqlite(connection: Any, sql: str, parameters: Any) -> pa.Table:
    from adbc_driver_sqlite import dbapi

    path = quote(str(connection.settings_dict["NAME"]))
    marks = sql % (("?",) * len(parameters))
    with closing(dbapi.connect(f"file:{path}?mode=ro")) as database, closing(database.cursor()) as cursor:
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
        cursor.adbc_statement.set_options(**_WHOLE)
        cursor.execute(marks, list(parameters) or None)
        return cursor.fetch_arrow_table()


def _from_postgresql(connection: Any, sql: str, parameters: Any) -> pa.Table:
    from adbc_driver_postgresql import dbapi  # type: ignore[import-untyped]
    from psycopg.conninfo import make_conninfo

    connection.ensure_connection()
    known = connection.connection.info
    address = make_conninfo(known.dsn, password=known.password or None)
    with closing(dbapi.connect(address)) as database, closing(database.cursor()) as cursor:
        # values go into the text, quoted by psycopg, which knows the types that Django gives them
        cursor.execute(connection.ops.compose_sql(sql, parameters))
        return cursor.fetch_arrow_table()


def _typed(table: pa.Table, schema: pa.Schema) -> pa.Table:
    import pyarrow as pa

    columns = [_cast(column, field.type) for column, field in zip(table.columns, schema, strict=True)]
    return pa.table(columns, schema=schema)


def _cast(column: Any, kind: pa.DataType) -> Any:
    """SQLite keeps days and moments as text, moments in UTC without saying so, and yes and no as 1 and 0."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if column.null_count == len(column):  # such a column came without a type
        return pa.nulls(len(column), kind)
    if pa.types.is_timestamp(kind) and kind.tz and not pa.types.is_timestamp(column.type):
        return pc.assume_timezone(column.cast(pa.timestamp(kind.unit)), kind.tz)
    return column.cast(kind)
