"""Opens a CSV, Excel or Parquet file as a table of text below its header, keeping the spreadsheet's row numbers."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl
import python_calamine

from trustwide.exchange.tables.guard import TooMuchError, check_workbook
from trustwide.exchange.tables.parquet_guard import check_parquet, check_texts

HEADER_WITHIN = 60  # rows; titles and notes above a header are never longer
LONDON = "Europe/London"


@dataclass(frozen=True)
class Layout:
    """What a kind of file looks like. recognised: how many columns of the kind stand in these cells.

    columns: so many recognised ones make a row the header. what: "a DM01 return". expected, below: what the header, and
    the rows below it, should hold, in words. error: raised, with a sentence, for a file that is not of this kind.
    quotes: whether that sentence may repeat cells of the file; never where they may be a patient's.
    """

    what: str
    expected: str
    below: str
    extensions: tuple[str, ...]
    columns: int
    recognised: Callable[[Sequence[str]], int]
    error: type[Exception]
    quotes: bool = True

    def is_header(self, cells: Sequence[str]) -> bool:
        """Whether a row with these cells is the header."""
        return self.recognised(cells) >= self.columns

    def refused(self, name: str, rows: Iterable[Sequence[str]]) -> Exception:
        """The error for a file without such a header; `rows` are its first."""
        cells = [[cell for cell in row if cell] for row in rows]
        if self.quotes:
            text = ", ".join(next((row for row in cells if row), [])[:5])
            found = f'"{text if len(text) <= 60 else text[:57] + "..."}"'
        else:
            most = max((self.recognised(row) for row in cells), default=0)
            found = f"{most or 'none'} of the headers that are known, and {self.columns} are needed"
        return self.error(f"{name}: this is not {self.what}; {self.expected}, found {found}.")


@dataclass(frozen=True)
class Sheet:
    """The header's cells, and the rows below it as text columns `0`, `1`, ... and `source_row` (1 is the first row).

    The last text column, one past the header, catches cells beyond it.
    """

    header: tuple[str, ...]
    rows: pl.DataFrame

    def as_in_file(self) -> pl.DataFrame:
        """The rows under the file's own titles, with `source_row`."""
        titles: dict[str, str] = {}
        for position, title in enumerate(self.header):
            titles[str(position)] = title if title and title not in titles.values() else f"column {position + 1}"
        return self.rows.select("source_row", *titles).rename(titles)


def open_sheet(path: Path, layout: Layout) -> Sheet:
    """Read `path`. Raises the layout's error with a sentence for a file that cannot be read or is of another kind."""
    name, suffix = path.name, path.suffix.lower()
    if not path.is_file():
        raise layout.error(f"{path}: there is no such file; check the name and the folder.")
    if suffix not in layout.extensions:
        kinds = f"{', '.join(layout.extensions[:-1])} or {layout.extensions[-1]}"
        raise layout.error(
            f"{name}: expected a {kinds} file, found {path.suffix or 'no extension'}; save or unpack it as one."
        )
    content = path.read_bytes()
    if not content.strip():
        raise layout.error(f"{name}: the file is empty; {layout.expected}.")
    openers = {".csv": _open_csv, ".parquet": _open_parquet}
    sheet = openers.get(suffix, _open_workbook)(name, content, layout)
    if sheet.rows.is_empty():
        raise layout.error(f"{name}: there is no row below the header; expected {layout.below}.")
    return sheet


def _open_csv(name: str, content: bytes, layout: Layout) -> Sheet:
    text = _decoded(name, content, layout)
    if not text.strip():
        raise layout.error(f"{name}: the file is empty; {layout.expected}.")
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        for index, cells in enumerate(islice(reader, HEADER_WITHIN)):
            if layout.is_header(cells):
                header = tuple(cell.strip() for cell in cells)
                return _csv_rows(name, text, header, reader.line_num, index + 2, layout)
    except csv.Error as error:
        raise layout.error(f"{name}: row {reader.line_num} is not readable as CSV ({error}).") from error
    raise layout.refused(name, islice(csv.reader(io.StringIO(text, newline="")), HEADER_WITHIN))


def _csv_rows(name: str, text: str, header: tuple[str, ...], skip_lines: int, first_row: int, layout: Layout) -> Sheet:
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
        raise layout.error(
            f"{name}: row {row} has a quotation mark that is not closed; expected none, or one at each end of a value."
        ) from error
    return _sheet(header, rows, first_row)


def _decoded(name: str, content: bytes, layout: Layout) -> str:
    if content[:4] == b"PK\x03\x04" or content[:4] == b"\xd0\xcf\x11\xe0":
        raise layout.error(f"{name}: this is an Excel file under the name of a CSV file; name it .xlsx or .xls.")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in content:
        raise layout.error(f"{name}: this is not plain text; save it again as CSV (UTF-8).")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise layout.error(f"{name}: the letters are neither UTF-8 nor Windows-1252; save it again as CSV (UTF-8).")


def _open_parquet(name: str, content: bytes, layout: Layout) -> Sheet:
    try:
        check_parquet(content)
        table = pl.read_parquet(io.BytesIO(content))
        check_texts(table)
        header = tuple(title.strip() for title in table.columns)
        if not layout.is_header(header):
            raise layout.refused(name, [header])
        columns = [_as_text(title, kind).alias(str(place)) for place, (title, kind) in enumerate(table.schema.items())]
        texts = table.select(*columns, pl.lit(None, pl.String).alias(str(len(header))))
    except TooMuchError as error:
        raise layout.error(f"{name}: {error}") from error
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise layout.error(f"{name}: this is not a readable Parquet file; write it again.") from error
    return _sheet(header, texts, 2)


def _as_text(title: str, kind: pl.DataType) -> pl.Expr:
    """A typed column as a person would write it; times with a zone as the clock at the hospital shows them.

    A column of bytes, lists or the like is none that a person writes, and reads as empty.
    """
    column = pl.col(title)
    if isinstance(kind, pl.Datetime):
        local = column.dt.convert_time_zone(LONDON) if kind.time_zone else column
        return local.dt.strftime("%Y-%m-%d %H:%M:%S")
    if kind.is_nested() or isinstance(kind, pl.Binary | pl.Duration | pl.Object):
        return pl.lit(None, pl.String)
    return column.cast(pl.String, strict=False)


def _open_workbook(name: str, content: bytes, layout: Layout) -> Sheet:
    try:
        check_workbook(content)
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [workbook.get_sheet_by_name(title).to_python(skip_empty_area=False) for title in workbook.sheet_names]
    except TooMuchError as error:
        raise layout.error(f"{name}: {error}") from error
    except (python_calamine.CalamineError, OSError) as error:
        raise layout.error(f"{name}: this is not a readable Excel file; save it again from Excel.") from error
    for rows in sheets:
        for index, row in enumerate(rows[:HEADER_WITHIN]):
            header = tuple(_text(cell) for cell in row)
            if layout.is_header(header):
                return _sheet(header, _table(rows[index + 1 :], len(header)), index + 2)
    starts = (rows[:HEADER_WITHIN] for rows in sheets)
    raise layout.refused(name, ([_text(cell) for cell in row] for rows in starts for row in rows))


def _table(rows: Sequence[Sequence[Any]], width: int) -> pl.DataFrame:
    columns = zip(*rows, strict=True) if rows else [[] for _ in range(width)]
    data = {str(position): [_text(cell) for cell in column] for position, column in enumerate(columns)}
    return pl.DataFrame({**data, str(width): [None] * len(rows)}, schema_overrides=dict.fromkeys(data, pl.String))


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.datetime):
        whole_day = cell.time() == datetime.time()
        return cell.date().isoformat() if whole_day else cell.isoformat(sep=" ", timespec="seconds")
    return str(cell).strip()


def _sheet(header: tuple[str, ...], rows: pl.DataFrame, first_row: int) -> Sheet:
    text = rows.with_columns(pl.col(pl.String).str.strip_chars()).with_columns(
        pl.when(pl.col(pl.String) != "").then(pl.col(pl.String)).name.keep()
    )
    numbered = text.with_row_index("source_row", offset=first_row).cast({"source_row": pl.Int64})
    filled = numbered.filter(pl.any_horizontal(pl.exclude("source_row").is_not_null()))
    return Sheet(header, filled)
