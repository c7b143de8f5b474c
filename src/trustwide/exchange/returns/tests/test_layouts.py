"""Both published layouts, from CSV and Excel, give the same table."""

from __future__ import annotations

import csv
import datetime as dt

import polars as pl
import pytest
import xlsxwriter
from polars.testing import assert_frame_equal

from trustwide.exchange.returns import COLUMNS, read
from trustwide.exchange.returns.tests.returns_cases import CASES, GOOD, HEADER, row, write

TODAY = dt.date(2026, 11, 21)


def by_hand(path, skip=0):
    """The file as the csv module of the standard library sees it."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for _ in range(skip):
            next(lines)
        return list(csv.DictReader(lines))


def test_the_layout_with_numbered_tests():
    file = read(CASES / "numbered_tests.csv", today=TODAY)
    rows = by_hand(CASES / "numbered_tests.csv")
    assert tuple(file.frame.columns) == COLUMNS
    assert file.frame.height == len(rows) == 18
    assert (file.rejects, file.notices) == ((), ())
    assert file.frame["waiting_list"].sum() == sum(int(each["Total Waiting List"]) for each in rows)
    assert sorted(file.frame["test"].unique()) == ["GASTROSCOPY", "MRI"]
    first = file.frame.filter(pl.col("source_row") == 2).row(0, named=True)
    assert (first["provider_code"], first["test"], first["month"]) == ("XAA", "MRI", dt.date(2025, 7, 1))
    assert first["band_00"] == int(rows[0]["0 <01 weeks"])
    assert first["waiting_list_tests"] == int(rows[0]["Waiting list tests / procedures (excluding planned)"])


def test_names_come_from_the_lookup_beside_the_file_and_fall_back_to_the_code():
    file = read(CASES / "numbered_tests.csv", today=TODAY)
    names = dict(file.frame.select("provider_code", "provider_name").unique().iter_rows())
    assert names == {
        "XAA": "Hillshire University Hospitals NHS Foundation Trust",
        "XBB": "Riverside and Dale NHS Trust",
        "XZ9": "XZ9",
    }


def test_the_published_layout_below_its_title_rows():
    file = read(CASES / "published_by_provider.csv", today=TODAY)
    rows = [
        each
        for each in by_hand(CASES / "published_by_provider.csv", skip=2)
        if each["Diagnostic Tests"] != "TOTAL" and each["Provider Org Name"] != "ENGLAND"
    ]
    assert file.frame.height == len(rows) == 18
    assert file.frame["unscheduled_tests"].sum() == sum(int(each["Unscheduled Activity"]) for each in rows)
    assert file.frame["month"].unique().sort().to_list() == [dt.date(2025, 8, 1), dt.date(2025, 9, 1)]
    assert sorted(file.frame["test"].unique()) == ["CT", "MRI", "NEURO"]
    assert file.frame["source_row"].min() == 4  # two rows of title and the header stand above
    assert "St Anne's Scanning Ltd" in file.frame["provider_name"].to_list()
    assert file.rejects == ()


def test_totals_are_left_out_and_said_so():
    notices = read(CASES / "published_by_provider.csv", today=TODAY).notices
    assert [notice.split(": ", 1)[1] for notice in notices] == [
        "rows left out because they are a total over all tests: 6.",
        "rows left out because they are a total for England: 2.",
    ]


def test_rows_by_commissioner_are_added_up_and_said_so():
    path = CASES / "published_by_commissioner.csv"
    file = read(path, today=TODAY)
    expected = {}
    for each in by_hand(path):
        key = each["Provider Org Code"], each["Diagnostic Tests"]
        expected[key] = expected.get(key, 0) + int(each["Total WL"])
    held = {
        (code, test): waiting
        for code, test, waiting in file.frame.select("provider_code", "test", "waiting_list").iter_rows()
    }
    assert held == expected
    assert (
        file.frame.select(pl.sum_horizontal(f"band_{weeks:02d}" for weeks in range(14)))
        .to_series()
        .equals(file.frame["waiting_list"].rename("band_00"))
    )
    assert file.notices == ("published_by_commissioner.csv: 12 rows by commissioner were added up to 4 by provider.",)


def test_a_faulty_commissioner_row_takes_its_provider_month_with_it(tmp_path):
    lines = (CASES / "published_by_commissioner.csv").read_text(encoding="utf-8").splitlines()
    lines[1] = lines[1].replace("September 2025", "Sometime")
    lines[3] = lines[3].rsplit(",", 6)[0] + ",x,80,32,205,317"
    path = tmp_path / "c.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    file = read(path, today=TODAY)
    assert ("XAA", "MRI") not in set(file.frame.select("provider_code", "test").iter_rows())
    assert file.frame.height == 3
    assert file.rejected["source_row"].to_list() == [2, 4, 6]
    assert "every commissioner's row" in file.rejects[-1].sentence


@pytest.mark.parametrize("name", ["numbered_tests.csv", "published_by_provider.csv"])
@pytest.mark.parametrize("typed", [False, True])
def test_excel_gives_the_same_as_csv(tmp_path, name, typed):
    workbook = xlsxwriter.Workbook(tmp_path / "same.xlsx")
    workbook.add_worksheet("Notes").write(0, 0, "Nothing here")
    sheet = workbook.add_worksheet("Provider")
    day = workbook.add_format({"num_format": "dd/mm/yyyy"})
    with (CASES / name).open(encoding="utf-8-sig", newline="") as lines:
        for number, cells in enumerate(csv.reader(lines)):
            for column, cell in enumerate(cells):
                if typed and cell.startswith("2025-"):
                    sheet.write_datetime(number, column, dt.datetime.fromisoformat(cell), day)
                elif typed and cell.isdecimal():
                    sheet.write_number(number, column, int(cell))
                else:
                    sheet.write_string(number, column, cell)
    workbook.close()
    (tmp_path / "dim_provider.csv").write_bytes((CASES / "dim_provider.csv").read_bytes())
    assert_frame_equal(read(tmp_path / "same.xlsx", today=TODAY).frame, read(CASES / name, today=TODAY).frame)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_letters_in_every_usual_encoding(tmp_path, encoding):
    path = tmp_path / "letters.csv"
    path.write_bytes(f"{HEADER}\r\n{row(Provider_Org_Name='Sant’Ana Clínica')}\r\n".encode(encoding))
    assert read(path, today=TODAY).frame["provider_name"].to_list() == ["Sant’Ana Clínica"]


def test_headers_are_known_whatever_their_spacing_and_case(tmp_path):
    changed = HEADER.replace("Provider Org Code", " provider  ORG code").replace("00 < 01 Week", "0<1 weeks")
    path = tmp_path / "spacing.csv"
    path.write_text(changed.upper() + "\n" + row() + "\n", encoding="utf-8")
    assert read(path, today=TODAY).frame["waiting_list"].to_list() == [28]


def test_columns_may_stand_in_any_order(tmp_path):
    names = list(reversed(HEADER.split(",")))
    path = tmp_path / "order.csv"
    path.write_text("\n".join([",".join(names), ",".join(GOOD[name] for name in names)]), encoding="utf-8")
    plain = read(write(tmp_path, row()), today=TODAY).frame
    assert_frame_equal(read(path, today=TODAY).frame, plain)


def test_counts_may_be_written_with_commas_or_as_decimals(tmp_path):
    line = row(Waiting_List_Activity='"1,090"', Total_Activity="1120.0")
    assert read(write(tmp_path, line), today=TODAY).frame["waiting_list_tests"].to_list() == [1090]


def test_blank_rows_keep_the_numbering(tmp_path):
    file = read(
        write(tmp_path, row(), "", row(Diagnostic_Tests="CT"), "," * 25, row(Diagnostic_Tests="no")), today=TODAY
    )
    assert file.frame["source_row"].sort().to_list() == [2, 4]
    assert file.rejects[0].row == 6
