"""Extracts as radiology systems write them, with invented patients, in every kind of file."""

from __future__ import annotations

import csv
import datetime as dt
import random
from pathlib import Path

import polars as pl
import xlsxwriter

HEADER = (
    "Hospital Number", "Accession No", "Site", "Exam Code", "Exam Description", "Urgency", "Date Requested",
    "Appointment Date", "Attended", "Exam End", "Date Verified", "Status", "Room", "DOB", "Sex",
)  # fmt: skip
TITLES = (("Radiology activity extract",), ("Run on 3 March 2026 by the system manager",))
GOOD = {
    "Hospital Number": "H100", "Accession No": "A100", "Site": "N1", "Exam Code": "MRHEAD",
    "Exam Description": "MRI head", "Urgency": "routine", "Date Requested": "02/02/2026 09:00",
    "Appointment Date": "10/02/2026 11:00", "Attended": "10/02/2026 10:50", "Exam End": "10/02/2026 11:25",
    "Date Verified": "11/02/2026 08:00", "Status": "done", "Room": "N1/MR1", "DOB": "03/04/1950", "Sex": "F",
}  # fmt: skip
DATES = ("Date Requested", "Appointment Date", "Attended", "Exam End", "Date Verified")


def row(**changes):
    """One row of an extract; a change is named by its column with spaces as underscores."""
    return GOOD | {name.replace("_", " "): value for name, value in changes.items()}


def write_csv(folder: Path, *rows, name="extract.csv", encoding="utf-8", header=HEADER, titles=TITLES):
    path = folder / name
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerows(titles)
        writer.writerow(header)
        writer.writerows([each.get(column, "") for column in header] for each in rows)
    return path


def write_workbook(folder: Path, *rows, name="extract.xlsx"):
    """With dates as Excel keeps them."""
    path = folder / name
    with xlsxwriter.Workbook(str(path)) as book:
        sheet, style = book.add_worksheet("Extract"), book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        for number, title in enumerate(TITLES):
            sheet.write_row(number, 0, title)
        sheet.write_row(len(TITLES), 0, HEADER)
        for number, each in enumerate(rows, start=len(TITLES) + 1):
            for place, column in enumerate(HEADER):
                if column in DATES and each[column]:
                    sheet.write_datetime(number, place, dt.datetime.strptime(each[column], "%d/%m/%Y %H:%M"), style)
                else:
                    sheet.write(number, place, each[column])
    return path


def write_parquet(folder: Path, *rows, name="extract.parquet"):
    """With dates as Parquet keeps them."""
    path = folder / name
    dates = [pl.col(column).str.to_datetime("%d/%m/%Y %H:%M", strict=False) for column in DATES]
    pl.DataFrame([{column: each[column] or None for column in HEADER} for each in rows]).with_columns(
        dates
    ).write_parquet(path)
    return path


def sample(count, seed=1):
    """Rows of requests at every stage, some missed or cancelled."""
    rng = random.Random(seed)
    rows = []
    for number in range(count):
        asked = dt.datetime(2026, 1, 5, 9) + dt.timedelta(minutes=rng.randrange(60 * 24 * 25))
        slot = asked + dt.timedelta(days=rng.randrange(1, 20))
        came = rng.random() < 0.8
        status = "done" if came else rng.choice(["missed", "patient_cancelled", "hospital_cancelled"])
        text = {name: (moment.strftime("%d/%m/%Y %H:%M") if moment else "") for name, moment in (
            ("Date Requested", asked), ("Appointment Date", slot), ("Attended", slot if came else None),
            ("Exam End", slot + dt.timedelta(minutes=25) if came else None), ("Date Verified", None))}  # fmt: skip
        rows.append(
            GOOD
            | text
            | {"Hospital Number": f"H{number % (count // 2 + 1)}", "Accession No": f"A{number}", "Status": status}
        )
    return rows
