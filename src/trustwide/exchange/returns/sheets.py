"""Opens a CSV or Excel file as a table of text, below its header row, keeping the spreadsheet's row numbers."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl
import python_calamine

from trustwide.exchange.returns.columns import recognised
from trustwide.exchange.returns.exceptions import Dm01FormatError

EXTENSIONS = (".csv", ".xlsx", ".xls")
HEADER_WITHIN = 60  # rows; titles and notes above a header are never longer
HEADER_COLUMNS = 6  # recognised columns that make a row the header
_EXPECTED = 'expected a header row with "Period" or "Reporting Period", a provider code, a test and waiting bands'


@dataclass(frozen=True)
class Sheet:
    """The header's cells, and the rows below it as text columns `0`, `1`, ... and `source_row` (1 is the first row).

    The last text column, one past the header, catches cells beyond it.
    """

    header: tuple[str, ...]
    rows: pl.DataFrame


def open_sheet(path: Path) -> Sheet:
    """Read `path`. Raises Dm01FormatError with a sentence for a file that cannot be read or is no DM01 return."""
    name = path.name
    if not path.is_file():
        raise Dm01FormatError(f"{path}: there is no such file; check the name and the folder.")
    if path.suffix.lower() not in EXTENSIONS:
        found = path.suffix or "no extension"
        raise Dm01FormatError(f"{name}: expected a .csv, .xlsx or .xls file, found {found}; save or unpack it as one.")
    content = path.read_bytes()
    if not content.strip():
        raise Dm01FormatError(f"{name}: the file is empty; {_EXPECTED}.")
    sheet = _open_csv(name, content) if path.suffix.lower() == ".csv" else _open_workbook(name, content)
    if sheet.rows.is_empty():
        raise Dm01FormatError(f"{name}: there is no row below the header; expected one row for each provider and test.")
    return sheet


def _open_csv(name: str, content: bytes) -> Sheet:
    text = _decoded(name, content)
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        for index, cells in enumerate(islice(reader, HEADER_WITHIN)):
            if recognised(cells) >= HEADER_COLUMNS:
                return _csv_rows(name, text, tuple(cell.strip() for cell in cells), reader.line_num, index + 2)
    except csv.Error as error:
        raise Dm01FormatError(f"{name}: row {reader.line_num} is not readable as CSV ({error}).") from error
    raise _not_a_return(name, text.splitlines()[0])


def _csv_rows(name: str, text: str, header: tuple[str, ...], skip_lines: int, first_row: int) -> Sheet:
    schema = {str(position): pl.String for position in range(len(header) + 1)}
    try:
        rows = pl.read_csv(
            text.encode(), has_header=False, skip_lines=skip_lines, schema=schema, truncate_ragged_lines=True,
            missing_columns="insert",
        )  # fmt: skip
    except pl.exceptions.NoDataError:
        rows = pl.DataFrame(schema=schema)
    except pl.exceptions.PolarsError as error:
        lines = enumerate(text.splitlines(), start=1)
        row = next((number for number, line in lines if line.count('"') % 2), first_row)
        raise Dm01FormatError(
            f"{name}: row {row} has a quotation mark that is not closed; expected none, or one at each end of a value."
        ) from error
    return _sheet(header, rows, first_row)


def _decoded(name: str, content: bytes) -> str:
    if content[:4] == b"PK\x03\x04" or content[:4] == b"\xd0\xcf\x11\xe0":
        raise Dm01FormatError(f"{name}: this is an Excel file under the name of a CSV file; name it .xlsx or .xls.")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in content:
        raise Dm01FormatError(f"{name}: this is not plain text; save it again as CSV (UTF-8).")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Dm01FormatError(f"{name}: the letters are neither UTF-8 nor Windows-1252; save it again as CSV (UTF-8).")


def _open_workbook(name: str, content: bytes) -> Sheet:
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [workbook.get_sheet_by_name(title).to_python(skip_empty_area=False) for title in workbook.sheet_names]
    except (python_calamine.CalamineError, OSError) as error:
        raise Dm01FormatError(f"{name}: this is not a readable Excel file; save it again from Excel.") from error
    for rows in sheets:
        for index, row in enumerate(rows[:HEADER_WITHIN]):
            header = tuple(_text(cell) for cell in row)
            if recognised(header) >= HEADER_COLUMNS:
                return _sheet(header, _table(rows[index + 1 :], len(header)), index + 2)
    raise _not_a_return(name, ", ".join(_first_texts(sheets)))


def _first_texts(sheets: Iterable[Sequence[Sequence[Any]]]) -> Iterator[str]:
    cells = (_text(cell) for rows in sheets for row in rows[:HEADER_WITHIN] for cell in row)
    return islice((cell for cell in cells if cell), 5)


def _table(rows: Sequence[Sequence[Any]], width: int) -> pl.DataFrame:
    columns = zip(*rows, strict=True) if rows else [[] for _ in range(width)]
    data = {str(position): [_text(cell) for cell in column] for position, column in enumerate(columns)}
    return pl.DataFrame({**data, str(width): [None] * len(rows)}, schema_overrides=dict.fromkeys(data, pl.String))


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.date):
        return cell.isoformat()[:10]
    return str(cell).strip()


def _sheet(header: tuple[str, ...], rows: pl.DataFrame, first_row: int) -> Sheet:
    text = rows.with_columns(pl.col(pl.String).str.strip_chars()).with_columns(
        pl.when(pl.col(pl.String) != "").then(pl.col(pl.String)).name.keep()
    )
    numbered = text.with_row_index("source_row", offset=first_row).cast({"source_row": pl.Int64})
    filled = numbered.filter(pl.any_horizontal(pl.exclude("source_row").is_not_null()))
    return Sheet(header, filled)


def _not_a_return(name: str, found: str) -> Dm01FormatError:
    start = found if len(found) <= 60 else found[:57] + "..."
    return Dm01FormatError(f'{name}: this is not a DM01 return; {_EXPECTED}, found "{start}".')
