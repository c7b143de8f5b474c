"""The list of signals as files: the same rows, columns and order as the page shows, on all its pages."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter
from django.http import HttpResponse

from trustwide.commons.measures.signals.columns import FIXED, Column, chosen
from trustwide.commons.measures.signals.pages import ListPage
from trustwide.commons.nhsuk.downloads import csv_file, workbook_file

FORMATS = {"text": "@", "count": "#,##0", "month": "mmmm yyyy"}
WIDTHS = {"what": 46, "sentence": 80, "size": 26, "site": 24, "state": 56}
USUAL_WIDTH = 16
RANK = "Rank"


def as_csv(page: ListPage) -> HttpResponse:
    """Text, figures that are not rounded, and months as their first day, for other programs."""
    columns = _columns(page)
    rows = ([place, *(_plain(column.read(row)) for column in columns)] for place, row in _ranked(page))
    return csv_file("signals.csv", [RANK, *(column.title for column in columns)], rows)


def as_workbook(page: ListPage) -> HttpResponse:
    """One sheet under the page's first line; months and figures are values that can be sorted."""
    columns = _columns(page)
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Signals")
        sheet.write_string(0, 0, "What changed?", book.add_format({"bold": True, "font_size": 14}))
        sheet.write_string(1, 0, page.answer)
        head = book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "valign": "bottom"})
        sheet.write_row(3, 0, [RANK, *(column.title for column in columns)], head)
        for line, (place, _) in enumerate(_ranked(page), start=4):
            sheet.write_number(line, 0, place)
        for place, column in enumerate(columns, start=1):
            style = book.add_format({"num_format": FORMATS[column.kind]})
            sheet.set_column(place, place, WIDTHS.get(column.key, USUAL_WIDTH))
            for line, (_, row) in enumerate(_ranked(page), start=4):
                _write(sheet, line, place, column, column.read(row), style)
        sheet.autofilter(3, 0, 3 + len(page.signals.rows), len(columns))
        sheet.freeze_panes(4, 3)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
    return workbook_file("signals.xlsx", made.getvalue())


def _columns(page: ListPage) -> tuple[Column, ...]:
    """Those of the page; what its rows say beside the name, that they are put off or why they closed, in one more."""
    keys = tuple(column.key for column in page.columns)
    beside = () if page.asked.filters.state == "open" or "state" in keys else chosen(("state",))
    return (*FIXED, *page.columns, *beside)


def _ranked(page: ListPage) -> Any:
    return enumerate(page.signals.rows, start=page.signals.page.start_index())


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _write(sheet: Any, line: int, place: int, column: Column, value: Any, style: Any) -> None:
    if value is None or value == "":
        sheet.write_blank(line, place, None, style)
    elif column.kind == "count":
        sheet.write_number(line, place, value, style)
    elif column.kind == "month":
        sheet.write_datetime(line, place, value, style)
    else:  # never as a formula, whatever a name begins with
        sheet.write_string(line, place, str(value), style)
