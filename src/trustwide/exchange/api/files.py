"""Rows as files in open formats: CSV, Parquet and Excel, with the columns of their schema."""

from __future__ import annotations

import datetime as dt
import io
import types
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, get_args, get_origin

from django.http import HttpResponse
from ninja import Schema

from trustwide.commons.nhsuk.downloads import EXCEL, attachment, csv_file, workbook_file

if TYPE_CHECKING:  # takes a while to load, and most calls are for JSON
    import polars as pl

PARQUET = "application/vnd.apache.parquet"
CONTENT_TYPES = ("text/csv", PARQUET, EXCEL)


def as_file(form: str, name: str, kind: type[Schema], rows: Sequence[Schema]) -> HttpResponse:
    """A file called `name` with one line for each row, all of the schema `kind`; `form` is csv, parquet or xlsx."""
    if form == "csv":
        lines = ([_text(value) for value in row.model_dump().values()] for row in rows)
        return csv_file(f"{name}.csv", list(kind.model_fields), lines)
    table, out = frame(kind, rows), io.BytesIO()
    if form == "parquet":
        table.write_parquet(out)
        return HttpResponse(out.getvalue(), content_type=PARQUET, headers=attachment(f"{name}.parquet"))
    _write_sheet(table, name, out)
    return workbook_file(f"{name}.xlsx", out.getvalue())


def frame(kind: type[Schema], rows: Sequence[Schema]) -> pl.DataFrame:
    """A data frame with the columns of the schema, also where there are no rows."""
    import polars as pl

    kinds = {str: pl.String, float: pl.Float64, int: pl.Int64, bool: pl.Boolean, dt.date: pl.Date}
    columns = {name: kinds[_plain(field.annotation)] for name, field in kind.model_fields.items()}
    return pl.DataFrame([row.model_dump() for row in rows], schema=columns)


def _plain(annotation: Any) -> Any:
    """`float | None` holds floats."""
    if get_origin(annotation) is types.UnionType:
        return next(each for each in get_args(annotation) if each is not types.NoneType)
    return annotation


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def _write_sheet(table: pl.DataFrame, name: str, out: io.BytesIO) -> None:
    import polars as pl
    import xlsxwriter

    # a name that begins with "=" stays text, and a whole number is not cut to three places
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    formats: dict[Any, str] = {pl.Float64: "General", pl.Int64: "0", pl.Date: "yyyy-mm-dd"}
    with xlsxwriter.Workbook(out, plain) as book:
        table.write_excel(book, worksheet=name, dtype_formats=formats, autofit=len(table) <= 1000)
