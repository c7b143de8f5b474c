"""The waiting list as files: the rows, columns and order of the page, of all its pages."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from django.http import HttpResponse
from django.utils import timezone

from trustwide.commons.nhsuk.downloads import csv_file, workbook_file
from trustwide.services.imaging.requests.models import RequestQuerySet
from trustwide.services.imaging.waiting.columns import FIXED, Column, chosen
from trustwide.services.imaging.waiting.list_figures import Counts, WaitingRow, answer, many_rows

MOST_IN_A_FILE = 50_000
FORMATS = {"text": "@", "days": "#,##0", "date": "d mmmm yyyy", "time": "d mmmm yyyy hh:mm"}
WIDTHS = {"exam": 32, "comment": 50, "resets": 40, "next": 30, "needs": 30}
USUAL_WIDTH = 20


def as_csv(found: RequestQuerySet, counts: Counts, kind: str, keys: tuple[str, ...]) -> HttpResponse:
    """Waits in days, dates as 2026-03-03, for other programs."""
    columns = (*FIXED, *chosen(keys))
    rows = ([_plain(column, row) for column in columns] for row in _rows(found))
    left = [[sentence]] if (sentence := left_out(counts.of(kind))) else []
    return csv_file("waiting.csv", _titles(columns), (*rows, *left))


def as_workbook(found: RequestQuerySet, counts: Counts, kind: str, keys: tuple[str, ...]) -> HttpResponse:
    """One sheet under the page's first line; dates and waits are values that can be sorted."""
    columns = (*FIXED, *chosen(keys))
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Waiting")
        styles = [book.add_format({"num_format": FORMATS[column.kind]}) for column in columns]
        for place, column in enumerate(columns):
            sheet.set_column(place, place, WIDTHS.get(column.key, USUAL_WIDTH))
        sheet.write_string(0, 0, "Who is waiting, and how long?", book.add_format({"bold": True, "font_size": 14}))
        sheet.write_string(1, 0, f"{answer(kind, counts)} {left_out(counts.of(kind))}".strip())
        sheet.write_row(3, 0, _titles(columns), book.add_format({"bold": True, "text_wrap": True, "bottom": 1}))
        sheet.freeze_panes(4, 2)
        sheet.set_landscape()
        for line, row in enumerate(_rows(found), start=4):
            for place, column in enumerate(columns):
                _write(sheet, line, place, column, row, styles[place])
    return workbook_file("waiting.xlsx", made.getvalue())


def left_out(total: int) -> str:
    """What is said of rows that do not fit into a file."""
    if total <= MOST_IN_A_FILE:
        return ""
    return f"Only the first {MOST_IN_A_FILE:,} of {total:,} rows are in this file; filter the list for the others."


def _rows(found: RequestQuerySet) -> Any:
    return many_rows(found, timezone.localdate(), MOST_IN_A_FILE)


def _titles(columns: Sequence[Column]) -> list[str]:
    return [f"{column.title}, days" if column.kind == "days" else column.title for column in columns]


def _plain(column: Column, row: WaitingRow) -> Any:
    value = column.read(row)
    if value is None or column.kind in ("text", "days"):
        return value
    if hasattr(value, "astimezone"):
        value = timezone.localtime(value)
    return f"{value:%Y-%m-%d %H:%M}" if column.kind == "time" else f"{value:%Y-%m-%d}"


def _write(sheet: Any, line: int, place: int, column: Column, row: WaitingRow, style: Any) -> None:
    value = column.read(row)
    if value is None or value == "":
        return
    if column.kind == "days":
        sheet.write_number(line, place, value, style)
    elif column.kind == "text":  # never as a formula, whatever a name begins with
        sheet.write_string(line, place, str(value), style)
    else:  # a workbook knows no zones
        local = timezone.localtime(value).replace(tzinfo=None) if hasattr(value, "astimezone") else value
        sheet.write_datetime(line, place, local, style)
