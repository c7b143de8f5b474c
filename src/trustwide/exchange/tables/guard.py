"""Refuses files that unpack to more than a server can hold, before a reader opens them.

A workbook of five kilobytes may name one cell in its first corner and one in its last, and readers then lay out every
cell between them. So what a file unpacks to is counted here, and the declared sizes are not believed.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from lzma import LZMAError

MOST_BYTES = 200_000_000  # unpacked, all parts of a file together
MOST_CELLS = 5_000_000  # all sheets of a file together, empty cells between filled ones counted
_CHUNK = 1 << 20
_NAME = rb"<(?:[^\s<>/:=]{1,40}:)?"  # the start of a tag, with a prefix if there is one
_TOKENS = re.compile(
    _NAME + rb"(?P<tag>sheetData|row|c)\b" + rb"|(?<![\w:.\-])r\s*=\s*[\"']\s*(?P<column>[A-Za-z]*)(?P<row>\d*)\s*[\"']"
)
_BROKEN = (zipfile.BadZipFile, zlib.error, LZMAError, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


class TooMuchError(ValueError):
    """A file that unpacks to too much, or is not what its kind should be; the message is the end of a sentence."""


def check_workbook(content: bytes) -> None:
    """Raise TooMuchError for an Excel file (.xlsx; an old .xls is let through) that would fill the memory."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            _check_parts(book)
    except TooMuchError:
        raise
    except _BROKEN as error:
        raise TooMuchError("this is not a readable Excel file; save it again from Excel.") from error


def _check_parts(book: zipfile.ZipFile) -> None:
    names = {name.lower() for name in book.namelist()}
    if "xl/workbook.xml" not in names or names & {"xl/workbook.bin", "content.xml"}:
        raise TooMuchError("this is not an Excel workbook of the kind .xlsx; save it from Excel as .xlsx.")
    unpacked = cells = 0
    for part in book.infolist():
        area = _Area()
        for chunk in _chunks(book, part):
            unpacked += len(chunk)
            if unpacked > MOST_BYTES:
                raise TooMuchError(
                    f"it unpacks to more than {MOST_BYTES // 1_000_000} MB, more than is read; divide it into files "
                    "with fewer rows."
                )
            area.take(chunk)
            if cells + area.cells > MOST_CELLS:
                raise TooMuchError(
                    f"its sheets reach over more than {MOST_CELLS // 1_000_000} million cells; delete what stands far "
                    "below or to the right of the table, or divide it into files with fewer rows."
                )
        cells += area.cells


def _chunks(book: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """What a part unpacks to, to its true end: readers do not stop at the length that the file declares."""
    part.file_size = MOST_BYTES + _CHUNK
    with book.open(part) as file:
        while chunk := file.read(_CHUNK):
            yield chunk
    yield b"<"  # lets go of what was held back


class _Area:
    """From A1 to the furthest cell of a sheet, of which the text comes in chunks. Cells may leave out their address."""

    def __init__(self) -> None:
        self.held, self.is_sheet = b"", False
        self.row = self.column = self.rows = self.columns = 0

    @property
    def cells(self) -> int:
        """How many cells a reader lays out; none for a part that is no sheet."""
        return self.rows * self.columns if self.is_sheet else 0

    def take(self, chunk: bytes) -> None:
        """Read on. A tag that is not whole yet is held back."""
        text = self.held + chunk
        end = text.rfind(b"<")
        if end < 0 and len(text) > 8 * _CHUNK:
            raise TooMuchError("this is not a readable Excel file; save it again from Excel.")
        self.held = text[max(end, 0) :]
        for found in _TOKENS.finditer(text, 0, max(end, 0)):
            self._follow(found)

    def _follow(self, found: re.Match[bytes]) -> None:
        tag, letters, digits = found.group("tag", "column", "row")
        if tag == b"sheetData":
            self.is_sheet = True
        elif tag == b"row":
            self.row, self.column = self.row + 1, 0
        elif tag == b"c":
            self.column += 1
        else:
            self.row = int(digits) if digits else self.row
            self.column = _number(letters) if letters else self.column
        self.rows, self.columns = max(self.rows, self.row), max(self.columns, self.column)


def _number(letters: bytes) -> int:
    """A is 1, XFD is 16384."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
