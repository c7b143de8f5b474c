"""Extracts in every kind of file come out the same; a faulty row is a sentence, and the good ones stay."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from trustwide.exchange.activity.columns import guess_columns
from trustwide.exchange.activity.exceptions import ActivityFormatError
from trustwide.exchange.activity.extract import header_of, read
from trustwide.exchange.activity.tests.extracts import (
    HEADER,
    row,
    sample,
    write_csv,
    write_parquet,
    write_workbook,
)
from trustwide.exchange.tables.rejects import rejects_path, write_rejects

TODAY = dt.date(2026, 4, 1)
LONDON = ZoneInfo("Europe/London")


def london(*parts):
    return dt.datetime(*parts, tzinfo=LONDON).astimezone(dt.UTC)


def test_every_kind_of_file_reads_the_same(tmp_path):
    rows = [row(), row(Accession_No="A2", Date_Requested="29/03/2026 09:15", Appointment_Date="", Attended="",
                       Exam_End="", Date_Verified="")]  # fmt: skip
    files = [
        read(write_csv(tmp_path, *rows), today=TODAY),
        read(write_csv(tmp_path, *rows, name="old.csv", encoding="cp1252"), today=TODAY),
        read(write_workbook(tmp_path, *rows), today=TODAY),
        read(write_parquet(tmp_path, *rows), today=TODAY),
    ]
    for file in files:
        assert file.rejects == ()
        assert file.frame.drop("source_row").equals(files[0].frame.drop("source_row"))
    assert files[0].frame["source_row"].to_list() == [4, 5]
    assert files[3].frame["source_row"].to_list() == [2, 3]
    first = files[0].frame.row(1, named=True)
    assert first["requested"] == london(2026, 3, 29, 9, 15)
    assert first["requested"].utctimetuple().tm_hour == 8  # summer time began that morning
    assert first["born_on"] == dt.date(1950, 4, 3)


BAD = {
    "a year of two digits": ({"Date_Requested": "02/02/26"}, "Date Requested", "the year in four digits"),
    "no such day": ({"Date_Requested": "30/02/2026"}, "Date Requested", "a date such as"),
    "no such hour": ({"Date_Requested": "29/03/2026 01:30"}, "Date Requested", "a time that existed"),
    "no date": ({"Date_Requested": ""}, "Date Requested", "the date requested"),
    "no patient": ({"Hospital_Number": ""}, "Hospital Number", "an identifier"),
    "no accession": ({"Accession_No": "--"}, "Accession No", "an accession number"),
    "no exam": ({"Exam_Code": " ; "}, "Exam Code", "the code of an exam"),
    "finished before it began": ({"Exam_End": "10/02/2026 10:00"}, "Exam End", "after the patient arrived"),
    "came before it was asked for": ({"Attended": "30/01/2026 10:50"}, "Attended", "no more than a day before"),
    "in the future": ({"Date_Verified": "02/04/2026 10:00"}, "Date Verified", "no later than 1 April 2026"),
    "long ago": ({"Date_Requested": "02/02/1926"}, "Date Requested", "since 1 January 2000"),
    "booked for another century": ({"Appointment_Date": "10/02/2126 11:00"}, "Appointment Date", "within 3 years"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_faulty_row_is_a_sentence_and_the_good_ones_stay(tmp_path, case):
    changes, column, expected = BAD[case]
    path = write_csv(tmp_path, row(Accession_No="A1"), row(**changes), row(Accession_No="A3"))
    file = read(path, today=TODAY)
    assert file.frame["accession"].to_list() == ["A1", "A3"]
    fault = next(reject for reject in file.rejects if reject.column == column)
    assert (fault.file, fault.row) == ("extract.csv", 5)
    assert expected in fault.expected


def test_identifiers_are_not_repeated(tmp_path):
    file = read(write_csv(tmp_path, row(Hospital_Number="***"), row()), today=TODAY)
    assert [reject.value for reject in file.rejects] == ["(not shown)"]


def test_the_hour_that_came_twice_is_the_first(tmp_path):
    file = read(write_csv(tmp_path, row(Date_Requested="26/10/2025 01:30")), today=TODAY)
    assert file.frame["requested"][0] == dt.datetime(2025, 10, 26, 0, 30, tzinfo=dt.UTC)
    assert "came twice when the clocks went back, taken as the first: 1." in file.notices[0]


def test_a_planned_exam_may_be_due_years_ahead_and_one_beyond_belief_loses_its_date(tmp_path):
    header = (*HEADER, "Due Date")
    rows = [row(Accession_No="A1", Due_Date="01/11/2031"), row(Accession_No="A2", Due_Date="01/11/2099")]
    file = read(write_csv(tmp_path, *rows, header=header), today=TODAY)
    assert file.rejects == ()
    assert file.frame["due"].to_list() == [dt.date(2031, 11, 1), None]
    assert file.notices == (
        "extract.csv: due dates more than 10 years ahead, left out while their rows stay: 1.",
    )  # fmt: skip


def test_the_accessions_of_rejected_rows_are_in_doubt(tmp_path):
    file = read(write_csv(tmp_path, row(), row(Accession_No="A2", Date_Requested="02/02/26")), today=TODAY)
    assert file.in_doubt == {"A2"}


def test_date_and_time_in_two_columns(tmp_path):
    header = (*HEADER, "Request Time")
    rows = [row(Accession_No="A1", Date_Requested="02/02/2026", Request_Time="14:05"),
            row(Accession_No="A2", Date_Requested="02/02/2026 00:00:00", Request_Time="14:05:30"),
            row(Accession_No="A3", Date_Requested="02/02/2026", Request_Time="0.5"),
            row(Accession_No="A4", Date_Requested="02/02/2026", Request_Time="")]  # fmt: skip
    file = read(write_csv(tmp_path, *rows, header=header), today=TODAY)
    times = [moment.strftime("%H:%M:%S") for moment in file.frame["requested"]]
    assert times == ["14:05:00", "14:05:30", "12:00:00", "00:00:00"]


def test_several_exams_of_one_accession(tmp_path):
    rows = [row(Exam_Code="MRHEAD; MRSPINE", Exam_Description="Head; Spine"),
            row(Accession_No="A2", Exam_Code="CTHEAD|CTCHEST,CTABDO", Exam_Description="CT, three regions"),
            row(Accession_No="A3", Exam_Code="MRHEAD"), row(Accession_No="A3", Exam_Code="MRNECK")]  # fmt: skip
    frame = read(write_csv(tmp_path, *rows), today=TODAY).frame
    assert frame["exam"].to_list() == ["MRHEAD", "MRSPINE", "CTHEAD", "CTCHEST", "CTABDO", "MRHEAD", "MRNECK"]
    assert frame["exam_name"].to_list()[:3] == ["Head", "Spine", "CT, three regions"]


def test_repeats_and_blank_rows_are_passed_over(tmp_path):
    file = read(write_csv(tmp_path, row(), dict.fromkeys(HEADER, ""), row()), today=TODAY)
    assert (file.rows, file.frame.height) == (2, 1)
    assert file.notices == ("extract.csv: rows that repeat another in every column, taken once: 1.",)


def test_a_date_alone_counts_for_its_whole_day(tmp_path):
    file = read(write_csv(tmp_path, row(Attended="10/02/2026 10:50", Exam_End="10/02/2026")), today=TODAY)
    assert file.rejects == ()


def test_the_rejected_rows_can_be_corrected_and_read(tmp_path):
    path = write_csv(tmp_path, row(), row(Accession_No="A2", Date_Requested="02/02/26"))
    file = read(path, today=TODAY)
    target = rejects_path(path)
    write_rejects([file], target)
    written = pl.read_csv(target)
    assert written.columns == [*HEADER, "reason"]
    target.write_text(target.read_text(encoding="utf-8-sig").replace("02/02/26,", "02/02/2026,"), encoding="utf-8")
    again = read(target, today=TODAY)
    assert again.frame["accession"].to_list() == ["A2"]


def test_a_file_of_other_headers_is_read_by_its_mapping(tmp_path):
    header = ("KEY1", "KEY2", "WHAT", "WHEN")
    rows = [{"KEY1": "H1", "KEY2": "A1", "WHAT": "MRHEAD", "WHEN": "02/13/2026"}]
    path = write_csv(tmp_path, *rows, header=header)
    with pytest.raises(ActivityFormatError, match="is not an extract of a radiology system; expected a header row"):
        read(path, today=TODAY)
    columns = {"patient": "KEY1", "accession": "KEY2", "exam": "WHAT", "requested": "WHEN"}
    file = read(path, columns=columns, day_first=False, today=TODAY)
    assert file.frame["requested"].to_list() == [dt.datetime(2026, 2, 13, tzinfo=dt.UTC)]
    with pytest.raises(ActivityFormatError, match='the column "WHEM", which is requested, is missing; the nearest'):
        read(path, columns=columns | {"requested": "WHEM"}, today=TODAY)
    with pytest.raises(ActivityFormatError, match="no column is known to be exam code, requested"):
        read(path, columns={"patient": "KEY1", "accession": "KEY2"}, today=TODAY)
    with pytest.raises(ActivityFormatError, match='there is no column "colour" of ours'):
        read(path, columns=columns | {"colour": "KEY1"}, today=TODAY)


def test_headers_are_guessed_by_name_and_by_likeness():
    guessed = guess_columns(["NHS Number", "Acession Number", "Exam Description", "Order Date", "Nothing"])
    assert guessed == {
        "patient": "NHS Number", "accession": "Acession Number", "exam": "Exam Description", "requested": "Order Date",
    }  # fmt: skip


def test_the_header_alone(tmp_path):
    assert header_of(write_csv(tmp_path, row())) == HEADER


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("empty.csv", b"", "the file is empty"),
        ("words.txt", b"hello", "expected a .csv, .xlsx, .xls or .parquet file, found .txt"),
        ("broken.parquet", b"PAR1 no table", "not a readable Parquet file"),
        ("other.csv", b"ward,beds\nA1,28\n", "not an extract of a radiology system"),
        ("head.csv", ",".join(HEADER).encode(), "no row below the header; expected one row for each exam"),
    ],
)
def test_a_file_that_is_no_extract_is_refused(tmp_path, name, content, expected):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ActivityFormatError, match=expected):
        read(path, today=TODAY)


def test_a_hundred_thousand_rows_are_read(tmp_path):
    file = read(write_csv(tmp_path, *sample(100_000)), today=TODAY)
    assert file.frame.height == 100_000
    assert file.rejects == ()
