"""Writes many rows of one table at once: what the database's own bulk path is for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models


def upsert(model: type[models.Model], columns: Sequence[str], rows: Iterable[Any], key: Sequence[str]) -> None:
    """Insert `rows`, or change those whose `key` is there already, in the caller's transaction.

    `columns` are names of database columns; dates are given as ISO text.
    """
    quote = connection.ops.quote_name
    names = ", ".join(quote(column) for column in columns)
    changes = ", ".join(f"{quote(column)} = excluded.{quote(column)}" for column in columns if column not in key)
    conflict = f"ON CONFLICT ({', '.join(quote(column) for column in key)}) DO UPDATE SET {changes}"
    table = quote(model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _copy_upsert(cursor, table, names, conflict, rows)
        else:
            marks = ", ".join(["%s"] * len(columns))
            many: Any = rows  # an iterable does: Django passes it on
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks}) {conflict}", many)  # noqa: S608


def _copy_upsert(cursor: Any, table: str, names: str, conflict: str, rows: Iterable[Any]) -> None:
    """PostgreSQL takes many rows fastest by COPY, which knows no conflict, so they go through a temporary table."""
    cursor.execute(f"CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS SELECT {names} FROM {table} WITH NO DATA")  # noqa: S608
    with cursor.copy(f"COPY incoming ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM incoming {conflict}")  # noqa: S608
    cursor.execute("DROP TABLE incoming")
    cursor.execute(f"ANALYZE {table}")  # or the next queries are planned as if the table were still empty
