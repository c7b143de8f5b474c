"""What is downloaded is what is shown: the same rows, columns and order."""

from __future__ import annotations

import csv
import io

import pytest
from python_calamine import CalamineWorkbook

from trustwide.commons.nhsuk.tests.pages import Page
from trustwide.services.imaging.tests.stage import import_lists
from trustwide.web import pressure

VIEWS = ("where=all", "where=group&concerns=on", "where=all&columns=list&columns=gap", "where=group&test=MRI&page=2")
AS_SHOWN = {
    "Over six weeks": lambda text: f"{int(text):,}",
    "Waiting": lambda text: f"{int(text):,}",
    "Share over six": lambda text: f"{float(text):.1%}",
    "Change since last month": lambda text: f"{int(text):+,}".replace("-", "−") if int(text) else "0",
    "Gap, tests a week": lambda text: "0" if round(float(text)) == 0 else f"{float(text):+.0f}".replace("-", "−"),
}


@pytest.fixture
def chief(cast, client):
    import_lists(cast)
    client.force_login(cast.chief)
    return client


def shown(client, view):
    """Head and rows as the page shows them, with the site's short name and without the columns of no figures."""
    head, *rows = Page(client.get(f"/?{view}")).tables[0]
    return head, rows


def as_shown(head, row):
    return [
        AS_SHOWN.get(title, str)(value) if value not in ("", None) else "–"
        for title, value in zip(head, row, strict=True)
    ]


def without_month(head, rows):
    place = head.index("End of")
    return [*head[:place], *head[place + 1 :]], [[*row[:place], *row[place + 1 :]] for row in rows]


@pytest.mark.parametrize("view", VIEWS)
def test_the_csv_is_the_table(chief, view):
    text = chief.get(f"/pressure.csv?{view}").content.decode("utf-8-sig")
    written_head, *written = csv.reader(io.StringIO(text))
    compare(chief, view, *without_month(written_head, written))


@pytest.mark.parametrize("view", VIEWS)
def test_the_workbook_is_the_table_under_the_first_line(chief, view):
    response = chief.get(f"/pressure.xlsx?{view}")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(response.content)).get_sheet_by_index(0).to_python()
    assert rows[0][0] == "Where is the pressure?"
    assert rows[1][0] in Page(chief.get(f"/?{view}")).text
    compare(chief, view, *without_month(rows[3], rows[4:]))


def compare(client, view, written_head, written):
    head, rows = shown(client, view)
    assert written_head == head
    assert len(written) == len(rows) > 0
    short = {"North Hospital": "North", "South Hospital": "South"}
    for line, row in zip(written, rows, strict=True):
        assert as_shown(head, [short.get(line[0], line[0]), *line[1:]]) == row


def test_all_pages_are_written(chief, monkeypatch):
    whole = chief.get("/pressure.csv?where=all").content
    monkeypatch.setattr(pressure, "ROWS_A_PAGE", 1)
    assert chief.get("/pressure.csv?where=all&page=3").content == whole
