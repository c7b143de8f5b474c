"""The waiting-list meeting as a workbook: out with every row, and back in with what was written into it.

The first two columns are locked: the request's number, and the version of what stood when the workbook was made. A row
is taken only where somebody changed it, and only where nobody wrote on the site meanwhile.
"""

from __future__ import annotations

import datetime
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import python_calamine
import xlsxwriter

from trustwide.exchange.tables.guard import TooMuchError, check_workbook
from trustwide.services.imaging.waiting.forms import NoteForm
from trustwide.services.imaging.waiting.meeting_figures import MOST_ROWS, MeetingRow
from trustwide.services.imaging.waiting.notes import NOTHING, Change, Standing

FACTS = ("Six weeks on", "Site", "Patient", "Exam", "Appointment", "Days, DM01", "Days, patient's own")
OPEN = ("Comment", "Action", "Owner", "Due", "Done")  # the columns that are written into
TITLES = ("Number", "Version", *FACTS, *OPEN)
FIELDS = dict(zip(("comment", "action", "owner", "due_on"), OPEN, strict=False))
WIDTHS = (10, 12, 16, 16, 24, 30, 32, 12, 12, 50, 40, 20, 16, 8)
HEAD = 3  # the line of the titles, counted from 0
YES, NO = {"yes", "y", "x", "true", "1"}, {"", "no", "n", "false", "0"}


@dataclass(frozen=True)
class Fault:
    """What is wrong with one cell: the row as Excel counts it, the column's title, and a sentence."""

    row: int
    column: str
    sentence: str


@dataclass(frozen=True)
class Returned:
    """What a workbook that came back says: rows somebody changed, faults, and how many rows were left as they were."""

    changes: tuple[Change, ...]
    faults: tuple[Fault, ...]
    unchanged: int
    row_of: dict[int, int]


def write_meeting(rows: Sequence[MeetingRow], title: str, answer: str, cut: str, out: io.BytesIO) -> None:
    """One locked sheet with five open columns. cut: a sentence where rows are left out."""
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Meeting")
        plain, date = (
            book.add_format({"valign": "top"}),
            book.add_format({"num_format": "d mmmm yyyy", "valign": "top"}),
        )
        free = book.add_format({"locked": False, "text_wrap": True, "bg_color": "#fff9e5", "valign": "top"})
        free_date = book.add_format(
            {"locked": False, "num_format": "d mmmm yyyy", "bg_color": "#fff9e5", "valign": "top"}
        )
        sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
        sheet.write_string(1, 0, f"{answer} Write into the yellow columns only.")
        sheet.write_string(2, 0, cut)
        sheet.write_row(HEAD, 0, TITLES, book.add_format({"bold": True, "bottom": 1, "text_wrap": True}))
        for place, width in enumerate(WIDTHS):
            sheet.set_column(place, place, width, None, {"hidden": TITLES[place] == "Version"})
        for line, row in enumerate(rows, start=HEAD + 1):
            _write_row(sheet, line, row, plain, date, free, free_date)
        sheet.autofilter(HEAD, 0, HEAD + max(1, len(rows)), len(TITLES) - 1)
        sheet.freeze_panes(HEAD + 1, 0)
        sheet.set_landscape()
        sheet.set_paper(8)  # A3
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEAD)
        sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True})


def stamp(standing: Standing) -> str:
    """The version of what stands, with a digest by which a row is known to be as it went out."""
    return f"{standing.version}.{_digest(standing.words)}"


def read_meeting(content: bytes) -> Returned:
    """What was written into a workbook. Raises ValueError, with a sentence, for a file that is no such workbook."""
    rows = _sheet(content)
    head = next(
        (place for place, row in enumerate(rows) if {"Number", "Version"} <= {_text(cell) for cell in row}), None
    )
    if head is None:
        raise ValueError('The file has no row with the titles "Number" and "Version"; bring back a workbook that was '
                         "downloaded from the meeting.")  # fmt: skip
    titles = [_text(cell) for cell in rows[head]]
    missing = [title for title in OPEN if title not in titles]
    if missing:
        raise ValueError(f"The file lacks the column {missing[0]}; download the workbook again and fill that in.")
    if len(rows) - head - 1 > MOST_ROWS:
        raise ValueError(f"The file has more than {MOST_ROWS:,} rows; bring it back in parts.")
    return _read_rows(rows[head + 1 :], titles, head + 2)


def _write_row(sheet: Any, line: int, row: MeetingRow, *styles: Any) -> None:
    plain, date, free, free_date = styles
    request, stands = row.request, row.standing
    sheet.write_number(line, 0, request.pk, plain)
    sheet.write_string(line, 1, stamp(stands), plain)
    sheet.write_datetime(line, 2, request.breach_on, date)
    for place, text in enumerate(
        (request.site.short_name, str(request.patient), request.exam.name, row.place), start=3
    ):
        sheet.write_string(line, place, text, plain)
    sheet.write_number(line, 7, row.dm01_days, plain)
    sheet.write_number(line, 8, row.own_days, plain)
    for place, text in enumerate((stands.comment, stands.action, stands.owner), start=9):
        sheet.write_string(line, place, text, free)
    if stands.due_on:
        sheet.write_datetime(line, 12, stands.due_on, free_date)
    else:
        sheet.write_blank(line, 12, None, free_date)
    sheet.write_blank(line, 13, None, free)


def _sheet(content: bytes) -> list[list[Any]]:
    try:
        check_workbook(content)
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        return book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except TooMuchError as error:
        raise ValueError(f"The file cannot be read: {error}") from None
    except (python_calamine.CalamineError, OSError):
        raise ValueError("This is not a readable Excel file; save it from Excel as .xlsx.") from None


def _read_rows(rows: Sequence[Sequence[Any]], titles: Sequence[str], first: int) -> Returned:
    changes, faults, unchanged, row_of = [], list[Fault](), 0, dict[int, int]()
    for number, cells in enumerate(rows, start=first):
        row = {title: _text(cell) for title, cell in zip(titles, cells, strict=False)}
        if not any(row.values()):
            continue
        wrong = _wrong_key(number, row, row_of)
        if wrong:
            faults.append(wrong)
            continue
        row_of[int(row["Number"])] = number
        if _is_as_it_went_out(row):
            unchanged += 1
            continue
        change, found = _change(number, row)
        faults += found
        changes += [change] if change else []
    return Returned(tuple(changes), tuple(faults), unchanged, row_of)


def _wrong_key(number: int, row: dict[str, str], row_of: dict[int, int]) -> Fault | None:
    key = row["Number"]
    if not key.isdecimal() or len(key) > 15:
        return Fault(number, "Number", "It is not the number of a request; the column must stay as it was downloaded.")
    if int(key) in row_of:
        return Fault(number, "Number", f"The request stands in row {row_of[int(key)]} already; keep one of the two.")
    if row["Version"].count(".") != 2:
        return Fault(number, "Version", "It is not what was downloaded; download the workbook again.")
    return None


def _is_as_it_went_out(row: dict[str, str]) -> bool:
    words = tuple(row[title] for title in FIELDS.values())
    return row["Version"].rsplit(".", 1)[1] == _digest(words) and row["Done"].lower() in NO


def _change(number: int, row: dict[str, str]) -> tuple[Change | None, list[Fault]]:
    done = row["Done"].lower()
    if done not in YES | NO:
        return None, [Fault(number, "Done", f'Expected yes or nothing, found "{row["Done"][:40]}".')]
    version = row["Version"].rsplit(".", 1)[0]
    form = NoteForm({**{field: row[title] for field, title in FIELDS.items()}, "version": version})
    if not form.is_valid():
        return None, [Fault(number, FIELDS[name], str(errors[0])) for name, errors in form.errors.items()]
    no_action = version.rsplit(".", 1)[1] == str(NOTHING.open)
    if done in YES and no_action:
        return None, [Fault(number, "Done", "There is no open action to be done; leave it empty.")]
    if not no_action and not form.cleaned_data["action"] and done in NO:
        return None, [Fault(number, "Action", "An open action cannot be emptied; write yes under Done if it is done.")]
    return Change(int(row["Number"]), **{**form.cleaned_data, "done": done in YES}), []


def _digest(words: Sequence[str]) -> str:
    plain = (" ".join(text.split()) for text in words)
    return hashlib.sha256("\x1f".join(plain).encode()).hexdigest()[:12]


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat()
    return str(cell).strip()
