"""Files that would fill the memory are refused before they are opened; ordinary ones pass."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from trustwide.exchange.activity.exceptions import ActivityFormatError
from trustwide.exchange.activity.extract import read
from trustwide.exchange.tables import guard, parquet_guard
from trustwide.exchange.tables.guard import TooMuchError, check_workbook
from trustwide.exchange.tables.parquet_guard import check_parquet, check_texts
from trustwide.exchange.workbooks.meeting import read_meeting


def workbook(*cells: tuple[int, int]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for row, column in cells:
            sheet.write(row, column, "x")
    return out.getvalue()


def with_sheet(xml: bytes) -> bytes:
    """A workbook whose one sheet is this text."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook((0, 0)))) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, xml if name == "xl/worksheets/sheet1.xml" else old.read(name))
    return out.getvalue()


def test_two_far_corners_are_refused_everywhere(tmp_path: Path) -> None:
    bomb = workbook((0, 0), (1_048_575, 16_383))
    assert len(bomb) < 10_000
    with pytest.raises(TooMuchError, match="more than 5 million cells"):
        check_workbook(bomb)
    with pytest.raises(ValueError, match="more than 5 million cells"):
        read_meeting(bomb)
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(bomb)
    with pytest.raises(ActivityFormatError, match=r"bomb\.xlsx: its sheets reach over more than 5 million cells"):
        read(path)


@pytest.mark.parametrize(
    "xml",
    [
        b"<worksheet><dimension ref='A1:B2'/><sheetData><row><c r = 'XFD1048576'/></row></sheetData></worksheet>",
        b'<x:worksheet><x:sheetData><x:row r="1"><x:c><x:v>1</x:v></x:c></x:row><x:row r="5000001"><x:c/></x:row>'
        b"</x:sheetData></x:worksheet>",
        b'<worksheet><sheetData><row r="1">' + b"<c><v>1</v></c>" * 6_000
        + b'</row><row r="1000"><c/></row></sheetData></worksheet>',
        b'<worksheet><sheetData><row r="1">' + b" " * 3_000_000 + b'<c s="1"' + b" " * 3_000_000
        + b'r="XFD1048576"/></row></sheetData></worksheet>',
    ],
    ids=["a dimension that is not true", "rows alone", "cells without address", "far apart"],
)  # fmt: skip
def test_no_way_of_writing_an_address_gets_past(xml: bytes) -> None:
    with pytest.raises(TooMuchError, match="5 million cells"):
        check_workbook(with_sheet(xml))


def test_what_it_unpacks_to_is_counted_and_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "MOST_BYTES", 1_000_000)
    large = with_sheet(b"<worksheet><sheetData/>" + b" " * 2_000_000 + b"</worksheet>")
    with pytest.raises(TooMuchError, match="unpacks to more than 1 MB"):
        check_workbook(large)
    with zipfile.ZipFile(io.BytesIO(large)) as book:
        size = book.getinfo("xl/worksheets/sheet1.xml").file_size
    with pytest.raises(TooMuchError, match="unpacks to more than 1 MB"):
        check_workbook(large.replace(struct.pack("<L", size), struct.pack("<L", 10)))


def test_ordinary_and_unreadable_workbooks() -> None:
    check_workbook(workbook((0, 0), (70_000, 50)))
    check_workbook(b"no workbook at all")
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as file:
        file.writestr("content.xml", "<office/>")
    with pytest.raises(TooMuchError, match=r"save it from Excel as \.xlsx"):
        check_workbook(other.getvalue())


def test_parquet_of_too_many_cells_or_too_long_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    pl.DataFrame({"a": ["x" * 1000] * 2_000}).write_parquet(out)
    check_parquet(out.getvalue())
    table = pl.read_parquet(out.getvalue())
    check_texts(table)
    monkeypatch.setattr(parquet_guard, "MOST_BYTES", 1_000_000)
    monkeypatch.setattr(parquet_guard, "MOST_CELLS", 1_000)
    with pytest.raises(TooMuchError, match="2,000 rows of 1 columns in"):
        check_parquet(out.getvalue())
    with pytest.raises(TooMuchError, match="texts come to more than 1 MB"):
        check_texts(table)


BASE = {"Patient ID": ["1"], "Accession number": ["A"], "Exam code": ["X"], "Request date": ["2026-07-01"]}


@pytest.mark.parametrize(
    "extra",
    [pl.Series([["a"]]), pl.Series([{"a": 1}]), pl.Series([b"\xff\xfe"]), pl.Series([dt.timedelta(1)])],
    ids=["list", "struct", "bytes", "duration"],
)
def test_columns_that_are_no_text_read_as_empty(tmp_path: Path, extra: pl.Series) -> None:
    path = tmp_path / "extract.parquet"
    pl.DataFrame({**BASE, "Room": extra}).write_parquet(path)
    file = read(path, today=dt.date(2026, 8, 1))
    assert (file.frame.height, file.frame["scanner"][0], file.rejects) == (1, None, ())


def test_a_refusal_repeats_no_cell_of_an_extract(tmp_path: Path) -> None:
    path = tmp_path / "nohead.csv"
    path.write_text("9434765919,SMITH John,01/02/1950,A123,CTHEAD,03/11/2026\n")
    with pytest.raises(ActivityFormatError) as refused:
        read(path)
    assert "found none of the headers that are known, and 4 are needed" in str(refused.value)
    assert "SMITH" not in str(refused.value)
    assert "943" not in str(refused.value)


def test_a_mark_of_the_byte_order_alone_is_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "bom.csv"
    path.write_bytes(b"\xef\xbb\xbf")
    with pytest.raises(ActivityFormatError, match="the file is empty"):
        read(path)
