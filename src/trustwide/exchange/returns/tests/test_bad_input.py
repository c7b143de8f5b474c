"""Whatever is wrong with a file gets a sentence with file, row, column, value and what was expected."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from trustwide.exchange.returns import Dm01FormatError, read, rejects_path, write_rejects
from trustwide.exchange.returns.tests.returns_cases import HEADER, row, write

TODAY = dt.date(2026, 11, 21)

ROWS = {
    "a code of no provider": (row(Provider_Org_Code="R@J"), "Provider Org Code", "R@J", "a provider code"),
    "no code": (row(Provider_Org_Code="", Provider_Org_Name="X"), "Provider Org Code", "", "a provider code"),
    "an unknown test": (row(Diagnostic_Tests="X-RAY"), "Diagnostic Tests", "X-RAY", "15 tests"),
    "no test": (row(Diagnostic_Tests=""), "Diagnostic Tests", "", "15 tests"),
    "no month": (row(Period="Smarch 2025"), "Period", "Smarch 2025", "a month from January 2006"),
    "no such day": (row(Period="2025-02-30"), "Period", "2025-02-30", "a month"),
    "a month to come": (row(Period="2026-12-31"), "Period", "2026-12-31", "had ended by 21 November 2026"),
    "a month that has not ended": (row(Period="November 2026"), "Period", "November 2026", "had ended by"),
    "a month before the return began": (row(Period="March 1999"), "Period", "March 1999", "a month"),
    "a negative wait": (row(**{"03_<_04_Weeks": "-2", "Total_WL": "24"}), "03 < 04 Weeks", "-2", "a whole number"),
    "half a person": (row(Total_WL="27.5"), "Total WL", "27.5", "a whole number"),
    "a word": (row(Planned_Activity="five"), "Planned Activity", "five", "a whole number"),
    "a star": (row(Planned_Activity="*"), "Planned Activity", "*", "a whole number"),
    "a continental number": (row(Waiting_List_Activity='"9,0"'), "Waiting List Activity", "9,0", "a whole number"),
    "too many people": (row(Unscheduled_Activity="99999999999"), "Unscheduled Activity", "99999999999", "9,999,999"),
    "an empty cell": (row(Waiting_List_Activity=""), "Waiting List Activity", "", "a whole number"),
    "a wrong sum of bands": (row(Total_WL="29"), "Total WL", "29", "28, the sum of the 14 waiting bands"),
    "a wrong sum of activity": (row(Total_Activity="1"), "Total Activity", "1", "120, the sum of the three kinds"),
    "a note": ("Source: NHS England", "(the whole row)", "Source: NHS England", "a value in every column"),
    "a cell too many": (row() + ",7", "(after the last column)", "7", "no cell beyond"),
    "a row cut short": (row().rsplit(",", 3)[0], "Planned Activity", "", "a whole number"),
}


@pytest.mark.parametrize("case", ROWS)
def test_a_faulty_row_is_left_out_with_a_sentence_and_good_rows_stay(tmp_path, case):
    line, column, value, expected = ROWS[case]
    file = read(write(tmp_path, row(Diagnostic_Tests="CT"), line, row(Diagnostic_Tests="DEXA")), today=TODAY)
    assert sorted(file.frame["test"]) == ["CT", "DEXA"]
    assert file.rejected["source_row"].to_list() == [3]
    fault = next(reject for reject in file.rejects if reject.column == column)
    assert (fault.file, fault.row, fault.value) == ("return.csv", 3, value)
    assert expected in fault.expected
    assert fault.sentence.startswith(f'return.csv, row 3, column "{column}": found ')
    assert fault.sentence.endswith(f"expected {fault.expected}.")


def test_every_fault_of_a_row_is_told(tmp_path):
    file = read(write(tmp_path, row(Diagnostic_Tests="no", Period="never", Planned_Activity="x")), today=TODAY)
    assert {reject.column for reject in file.rejects} == {"Diagnostic Tests", "Period", "Planned Activity"}
    assert file.rejected_rows == 1


def test_of_equal_repeats_the_first_stays(tmp_path):
    file = read(write(tmp_path, row(), row(), row(Diagnostic_Tests="CT")), today=TODAY)
    assert file.frame["source_row"].sort().to_list() == [2, 4]
    assert file.rejects[0].sentence == (
        'return.csv, row 3, column "Provider Org Code": found "XAA MRI September 2025", '
        "expected one row for each provider, test and month; row 2 holds the same figures."
    )


def test_of_differing_repeats_none_stays(tmp_path):
    file = read(write(tmp_path, row(), row(Planned_Activity="6", Total_Activity="121")), today=TODAY)
    assert file.frame.is_empty()
    assert [reject.row for reject in file.rejects] == [2, 3]
    assert "differ, so none is taken" in file.rejects[0].sentence


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("empty.csv", b"", "the file is empty"),
        ("blank.csv", b" \r\n\r\n ", "the file is empty"),
        ("header.csv", HEADER.encode(), "no row below the header"),
        ("other.csv", b"ward,beds\nA1,28\n", 'not a DM01 return; expected a header row with "Period"'),
        ("words.txt", b"hello", "expected a .csv, .xlsx or .xls file, found .txt"),
        ("month.zip", b"PK\x03\x04", "found .zip; save or unpack it"),
        ("renamed.csv", b"PK\x03\x04\x14\x00", "an Excel file under the name of a CSV file"),
        ("broken.xlsx", b"PK\x03\x04 no workbook", "not a readable Excel file"),
        ("wide.csv", HEADER.encode("utf-16"), "not plain text"),
        ("bytes.csv", b"\x81\x8d\x8f\x90" * 9, "neither UTF-8 nor Windows-1252"),
        ("quote.csv", f'{HEADER}\n{row()}\n"{row()}\n'.encode(), "row 3 has a quotation mark that is not closed"),
    ],
)
def test_a_file_that_is_no_return_is_refused_with_its_name(tmp_path, name, content, expected):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Dm01FormatError) as refused:
        read(path, today=TODAY)
    assert str(refused.value).startswith(f"{name}: ")
    assert expected in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(Dm01FormatError, match="there is no such file; check the name"):
        read(tmp_path / "nothing.csv")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Total WL", "Totale", '"Total WL" or "Total Waiting List" is missing'),
        ("Period,", "Months,", '"Period" or "Reporting Period" is missing'),
        ("07 < 08 Weeks", "07 to 08 Weeks", '"07 < 08 Weeks" is missing; the nearest found is "07 to 08 Weeks"'),
        ("Diagnostic Tests,", "Modality,", '"Diagnostic Tests" or "Diagnostic ID" is missing'),
        ("13+ Weeks", "13 Weeks and more", '"13+ Weeks" is missing; the nearest found is "13 Weeks and more"'),
        ("Planned Activity", "Waiting List Activity", "hold the same thing"),
    ],
)
def test_a_missing_column_is_named_with_what_was_found(tmp_path, before, after, expected):
    path = tmp_path / "columns.csv"
    path.write_text(HEADER.replace(before, after) + "\n" + row() + "\n", encoding="utf-8")
    with pytest.raises(Dm01FormatError) as refused:
        read(path, today=TODAY)
    assert expected in str(refused.value)


def test_the_rejects_file_can_be_corrected_and_read(tmp_path):
    path = write(tmp_path, row(), row(Diagnostic_Tests="CT", Total_WL="30"), row(Diagnostic_Tests="HEAD"))
    file = read(path, today=TODAY)
    target = rejects_path(path)
    assert target.name == "return.csv.rejects.csv"
    write_rejects([file], target)
    written = pl.read_csv(target)
    assert written.columns == [*HEADER.split(","), "reason"]
    assert written.height == 2
    assert "row 3" in written["reason"][0]
    assert "the sum of the 14 waiting bands" in written["reason"][0]
    corrected = target.read_text(encoding="utf-8-sig").replace(",30,", ",28,").replace("HEAD,", "DEXA,")
    target.write_text(corrected, encoding="utf-8")
    again = read(target, today=TODAY)
    assert again.rejects == ()
    assert sorted(again.frame["test"]) == ["CT", "DEXA"]
