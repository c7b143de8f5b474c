"""Tables as files that people keep."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_file(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """A response that downloads as `name`, in UTF-8 with a byte order mark, which Excel needs to read it as such."""
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8", headers=attachment(name))
    writer = csv.writer(response)
    writer.writerow(head)
    writer.writerows([_safe(value) for value in row] for row in rows)
    return response


def workbook_file(name: str, content: bytes) -> HttpResponse:
    """A response that downloads a finished workbook as `name`."""
    return HttpResponse(content, content_type=EXCEL, headers=attachment(name))


def attachment(name: str) -> dict[str, str]:
    """The header that makes a response a file of that name."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _safe(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe before it, which spreadsheets hide."""
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
