"""The board report as one workbook: figures as figures, suppressed ones as a word, the same bytes each time."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import pytest
from python_calamine import CalamineWorkbook

from trustwide.commons.audit.actions import SystemActor
from trustwide.commons.measures.performance.figures import performance_report
from trustwide.commons.measures.performance.scope import scope_of
from trustwide.commons.measures.performance.tests.report_stage import NEWEST, build
from trustwide.commons.measures.tests.conftest import month
from trustwide.exchange.workbooks.board import board_workbook


@pytest.fixture
def stage(cast, monkeypatch):
    return build(cast, monkeypatch)


def report_of(stage, viewer, when=NEWEST):
    return performance_report(viewer, scope_of(viewer, "partnership", "group"), when)


def read(content):
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def table(rows):
    """The rows under the head of a sheet, each by the titles of its columns."""
    head = rows[3]
    return [dict(zip(head, row, strict=True)) for row in rows[4:] if any(row)]


def test_one_sheet_of_summary_one_an_aim_rows_definitions_notes(stage):
    sheets = read(board_workbook(report_of(stage, stage.chief)))
    assert list(sheets) == [
        "Summary", "Care in time", "Safe and right first time", "Good use of what we have", "Rows", "Definitions",
        "Notes",
    ]  # fmt: skip
    assert sheets["Summary"][0][0] == "Two Rivers Group: Performance report, December 2025"
    assert {each["Code"] for each in table(sheets["Definitions"])} == {"share_late", "waiting", "daily", "falls"}


def test_figures_are_figures_and_months_are_dates(stage):
    report = report_of(stage, stage.chief)
    sheets = read(board_workbook(report))
    (waiting,) = [row for row in table(sheets["Care in time"]) if (row["Measure"], row["Place"]) == (
        "People waiting", "Group")]  # fmt: skip
    (cell,) = [each for aim in report.aims for each in aim.cells()
               if (each.definition.code, each.place) == ("waiting", "Group")]  # fmt: skip
    assert waiting["Value"] == cell.value
    assert waiting["Month"] == dt.date(2025, 12, 1)
    rows = [row for row in table(sheets["Rows"]) if (row["Measure"], row["Place"]) == ("People waiting", "Group")]
    assert [row["Value"] for row in rows] == [row.value for row in cell.rows]
    assert [row["Upper limit"] for row in rows] == pytest.approx([row.upper_limit for row in cell.rows])
    assert len(rows) == 24


def test_what_is_suppressed_is_a_word_and_stands_nowhere_else(stage):
    sheets = read(board_workbook(report_of(stage, SystemActor("report"), month(17))))
    (north,) = [row for row in table(sheets["Safe and right first time"]) if row["Place"] == "North"]
    assert (north["Value"], north["Numerator"]) == ("Suppressed", "Suppressed")
    rows = [row for row in table(sheets["Rows"]) if (row["Measure"], row["Place"]) == ("Falls", "North")]
    hidden = [row for row in rows if row["Value"] == "Suppressed"]
    assert [row["Period"] for row in hidden] == [month(17)]
    assert all(row["Mean"] == "" for row in rows)
    assert any("suppressed" in str(row[1]) for row in sheets["Notes"])


def test_the_same_report_gives_the_same_bytes_with_frozen_heads(stage):
    report = report_of(stage, stage.chief)
    content = board_workbook(report)
    assert board_workbook(report) == content
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        sheets = [packed.read(name).decode() for name in packed.namelist() if name.startswith("xl/worksheets/sheet")]
    assert all('state="frozen"' in sheet for sheet in sheets)
