"""The performance report of a month as one workbook: a summary, a sheet an aim, and the rows of every chart."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter

from trustwide.commons.measures import icons
from trustwide.commons.measures.figures import scale
from trustwide.commons.measures.performance.model import SUPPRESSED, AimPart, Cell, PerformanceReport
from trustwide.commons.measures.performance.words import more_signals
from trustwide.exchange.workbooks.parts import Figures, styles

TOP = 3  # rows above a table: its title, what it says, and an empty one
LONGEST_NAME = 31  # of a sheet, as Excel allows
FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'"))
AIM_COLUMNS = (
    ("Measure", 52), ("Place", 16), ("Month", 12), ("Value", 12), ("Unit", 22), ("Numerator", 12), ("Denominator", 12),
    ("Target", 10), ("Variation", 14), ("Assurance", 16), ("What the chart says", 90), ("Note", 34),
)  # fmt: skip
ROW_COLUMNS = (
    ("Aim", 28), ("Measure", 52), ("Place", 16), ("Period", 12), ("Numerator", 12), ("Denominator", 12), ("Value", 12),
    ("Unit", 22), ("Mean", 12), ("Lower limit", 12), ("Upper limit", 12), ("Reading", 44),
)  # fmt: skip
Value = str | float | datetime.date | None


def board_workbook(report: PerformanceReport) -> bytes:
    """The report as an Excel file; the same report gives the same bytes. Suppressed figures are a word."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        at = datetime.datetime(report.month.year, report.month.month, 1, tzinfo=datetime.UTC)
        book.set_properties({"title": f"{report.scope.name}: {report.title}", "author": "Trustwide", "created": at})
        formats = styles(book) | {"date": book.add_format({"num_format": "mmm yyyy", "align": "left"}),
                                  "figure": book.add_format({"num_format": "#,##0.##"})}  # fmt: skip
        _summary(book, report, formats)
        for aim in report.aims:
            if aim.lines:
                _aim(book, report, aim, formats)
        _rows(book, report, formats)
        _definitions(book, report, formats)
        _notes(book, report, formats)
    return made.getvalue()


def _summary(book: xlsxwriter.Workbook, report: PerformanceReport, formats: Figures) -> None:
    sheet = book.add_worksheet("Summary")
    columns = (("Aim", 40), ("Concern", 12), ("Improvement", 12), ("Other change", 12), ("Usual", 12),
               ("Not judged", 12))  # fmt: skip
    rows: list[tuple[Value, ...]] = [
        (aim.title, *(float(aim.count(kind)) for kind in ("concern", "improvement", "neutral", "common", "")))
        for aim in report.aims
    ]
    _table(sheet, f"{report.scope.name}: {report.title}", report.answer, columns, rows, formats)
    line = TOP + len(rows) + 2
    news = (
        (report.opened_title, [(aim.opened, aim.more_opened) for aim in report.aims]),
        (report.closed_title, [(aim.closed, aim.more_closed) for aim in report.aims]),
    )
    for title, parts in news:
        found = [f"{each.name}, {each.place}. {each.words}".strip() for told, _ in parts for each in told]
        if found:
            sheet.write_string(line, 0, title, formats["head"])
            for sentence in _with_more(found, sum(more for _, more in parts)):
                line += 1
                sheet.write_string(line, 0, sentence)
            line += 2


def _with_more(told: Sequence[str], more: int) -> list[str]:
    return [*told, more_signals(more)] if more else [*told]


def _aim(book: xlsxwriter.Workbook, report: PerformanceReport, aim: AimPart, formats: Figures) -> None:
    taken = {sheet.get_name() for sheet in book.worksheets()}
    sheet = book.add_worksheet(_sheet_name(aim.title, taken))
    rows = [_cell(cell, report.month) for cell in aim.cells()]
    _table(sheet, aim.title, " ".join(aim.summary), AIM_COLUMNS, rows, formats)
    sheet.autofilter(TOP, 0, TOP + len(rows), len(AIM_COLUMNS) - 1)
    line = TOP + len(rows) + 2
    parts = (
        ("What changed, what matters most first",
         _with_more([f"{one.name}, {one.place}: {one.words}" for one in aim.signals], aim.more_signals)),
        ("What is being done", [f"{each.title}, {each.place}. {each.standing}" for each in aim.work]),
        ("What to doubt in these figures", aim.doubts),
        ("Without a figure", aim.unmeasured),
    )  # fmt: skip
    for title, sentences in parts:
        if sentences:
            sheet.write_string(line, 0, title, formats["head"])
            for place, sentence in enumerate(sentences, start=line + 1):
                sheet.write_string(place, 0, sentence)
            line += len(sentences) + 2


def _cell(cell: Cell, month: datetime.date) -> tuple[Value, ...]:
    definition, factor = cell.definition, scale(cell.definition)
    hidden = SUPPRESSED if cell.suppressed else None
    judged = cell.has_figure
    return (
        definition.title, cell.place, cell.period or month,
        cell.value * factor if cell.value is not None else hidden or "No figure", definition.unit,
        cell.numerator if cell.numerator is not None else hidden,
        cell.denominator if cell.denominator is not None or definition.denominator is None else hidden,
        None if definition.target is None else definition.target * factor,
        icons.variation(cell.variation).word if judged else None,
        icons.assurance(cell.assurance).word if judged else None,
        cell.sentence, f"{cell.why} {cell.doubts}".strip(),
    )  # fmt: skip


def _rows(book: xlsxwriter.Workbook, report: PerformanceReport, formats: Figures) -> None:
    sheet = book.add_worksheet("Rows")
    rows = [
        (
            aim.title, cell.definition.title, cell.place, row.period,
            *(SUPPRESSED if row.suppressed else each for each in (row.numerator, row.denominator, row.value)),
            cell.definition.unit, row.mean, row.lower_limit, row.upper_limit, row.reading,
        )
        for aim in report.aims for cell in aim.cells() for row in cell.rows
    ]  # fmt: skip
    _table(sheet, "The figures behind every chart", "The newest two years, newest first.", ROW_COLUMNS, rows, formats)
    sheet.autofilter(TOP, 0, TOP + len(rows), len(ROW_COLUMNS) - 1)


def _definitions(book: xlsxwriter.Workbook, report: PerformanceReport, formats: Figures) -> None:
    columns = (("Measure", 52), ("Code", 30), ("Numerator", 60), ("Denominator", 60), ("Unit", 22), ("Better", 12),
               ("Target", 10), ("Left out", 40), ("About the data", 40))  # fmt: skip
    rows = [
        (
            each.title, each.code, each.counts or each.title, each.out_of, each.unit,
            {"increase": "higher", "decrease": "lower", "neutral": "neither"}[each.improvement_direction],
            None if each.target is None else each.target * scale(each), each.leaves_out, each.quality,
        )
        for each in report.definitions
    ]  # fmt: skip
    _table(book.add_worksheet("Definitions"), "How the measures are defined", "", columns, rows, formats)


def _notes(book: xlsxwriter.Workbook, report: PerformanceReport, formats: Figures) -> None:
    doubts = [sentence for aim in report.aims for sentence in aim.doubts]
    rows: list[tuple[Value, ...]] = [("Reading", each) for each in report.notes]
    rows += [("Data", each) for each in doubts]
    _table(book.add_worksheet("Notes"), "What to know", "", (("About", 14), ("Note", 120)), rows, formats)


def _table(
    sheet: Any,
    title: str,
    says: str,
    columns: Sequence[tuple[str, int]],
    rows: Iterable[Sequence[Value]],
    formats: Figures,
) -> None:
    """A table under its title and a sentence, its head frozen; figures are figures and months are dates."""
    sheet.write_string(0, 0, title, formats["title"])
    sheet.write_string(1, 0, says)
    for place, (head, width) in enumerate(columns):
        sheet.set_column(place, place, width)
        sheet.write_string(TOP, place, head, formats["head"])
    for line, row in enumerate(rows, start=TOP + 1):
        for place, value in enumerate(row):
            _write(sheet, line, place, value, formats)
    sheet.freeze_panes(TOP + 1, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _write(sheet: Any, line: int, place: int, value: Value, formats: Figures) -> None:
    if isinstance(value, datetime.date):
        sheet.write_datetime(line, place, value, formats["date"])
    elif isinstance(value, str):  # never as a formula, whatever a name begins with
        sheet.write_string(line, place, value)
    elif value is not None:
        sheet.write_number(line, place, value, formats["figure"])


def _sheet_name(title: str, taken: set[str]) -> str:
    """A title as Excel takes it for a sheet, unlike those there are."""
    short = title.translate(FORBIDDEN)[:LONGEST_NAME].strip() or "Aim"
    number, name = 1, short
    while name.casefold() in {each.casefold() for each in (*taken, "Rows", "Definitions", "Notes", "History")}:
        number += 1
        name = f"{short[: LONGEST_NAME - 3]} {number}"
    return name
