"""The pressure table as files: the same rows, columns and order as the page shows, on all its pages."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter
from django.http import HttpResponse

from trustwide.commons.nhsuk.downloads import csv_file, workbook_file
from trustwide.web.columns import FIXED, Column
from trustwide.web.pressure import HomePage

FORMATS = {"text": "@", "count": "#,##0", "share": "0.0%", "rate": "+#,##0.0;-#,##0.0;0", "step": "+#,##0;-#,##0;0"}
WIDTHS = {"site": 46, "test": 18, "month": 16, "words": 60}
USUAL_WIDTH = 16


def as_csv(page: HomePage) -> HttpResponse:
    """Text and unrounded figures, for other programs."""
    columns = (*FIXED, *page.columns)
    rows = ([column.read(row) for column in columns] for row in page.table.rows)
    return csv_file("pressure.csv", [column.title for column in columns], rows)


def as_workbook(page: HomePage) -> HttpResponse:
    """One sheet, formatted as on the page, under the page's first line."""
    columns = (*FIXED, *page.columns)
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Pressure")
        sheet.write_string(0, 0, "Where is the pressure?", book.add_format({"bold": True, "font_size": 14}))
        sheet.write_string(1, 0, page.answer)
        head = book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "valign": "bottom"})
        for place, column in enumerate(columns):
            style = book.add_format({"num_format": FORMATS[column.kind]})
            sheet.set_column(place, place, WIDTHS.get(column.key, USUAL_WIDTH))
            sheet.write_string(3, place, column.title, head)
            for line, row in enumerate(page.table.rows, start=4):
                _write(sheet, line, place, column, column.read(row), style)
        sheet.autofilter(3, 0, 3 + len(page.table.rows), len(columns) - 1)
        sheet.freeze_panes(4, 2)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
    return workbook_file("pressure.xlsx", made.getvalue())


def _write(sheet: Any, line: int, place: int, column: Column, value: Any, style: Any) -> None:
    if value is None or value == "":
        sheet.write_blank(line, place, None, style)
    elif column.numeric:
        sheet.write_number(line, place, value, style)
    else:  # never as a formula, whatever a name begins with
        sheet.write_string(line, place, value, style)
