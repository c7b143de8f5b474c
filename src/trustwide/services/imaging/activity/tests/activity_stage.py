"""A catalogue, a scanner and extracts as a radiology system writes them; every patient is invented."""

from __future__ import annotations

import datetime as dt

import polars as pl

from trustwide.services.imaging.booking.models import Scanner
from trustwide.services.imaging.requests.models import ExamType

UTC = dt.UTC
TIMES = (
    "requested", "received", "vetted", "booked", "appointment", "arrived", "started", "finished", "reported",
    "verified", "cancelled",
)  # fmt: skip
TEXTS = ("patient", "accession", "site", "modality", "exam", "exam_name", "priority", "source", "outcome", "scanner")
SCHEMA = (
    dict.fromkeys(TEXTS, pl.String)
    | dict.fromkeys(TIMES, pl.Datetime("us", "UTC"))
    | {"due": pl.Date, "born_on": pl.Date, "age": pl.Int64, "sex": pl.String, "source_row": pl.Int64}
)


def catalogue(cast):
    """Two exams of the group and a scanner at North."""
    kinds = (("MRHEAD", "MRI head", "MR", "MRI", 30), ("CTCHEST", "CT chest", "CT", "CT", 20))
    exams = [
        ExamType.objects.create(
            partnership=cast.group, code=code, name=name, modality=modality, test=test, minutes=minutes
        )
        for code, name, modality, test, minutes in kinds
    ]
    scanner = Scanner.objects.create(site=cast.north, code="MR1", name="MR one", modality="MR")
    return exams, scanner


def at(text):
    """A moment in UTC, from text such as 2026-02-03 09:30."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=UTC)


def frame(*rows):
    """Rows as the reader of extracts gives them; times are text in UTC."""
    usual = {
        "patient": "100", "accession": "A1", "site": "N1", "exam": "MRHEAD", "priority": "routine", "sex": "U",
        "requested": "2026-02-02 09:00",
    }  # fmt: skip
    made = []
    for number, changes in enumerate(rows, start=2):
        row = dict.fromkeys(SCHEMA) | usual | {"source_row": number} | changes
        made.append({name: at(value) if name in TIMES and value else value for name, value in row.items()})
    return pl.DataFrame(made, schema=SCHEMA)
