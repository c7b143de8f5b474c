"""Whether the rows of an extract can be true: what must be there is, nothing lies ahead, nothing happens backwards."""

from __future__ import annotations

import datetime

import polars as pl

from trustwide.exchange.activity.columns import TIMES
from trustwide.exchange.tables.rejects import Faults
from trustwide.exchange.tables.sheets import LONDON

AHEAD_YEARS = 3  # appointments lie no further ahead; to be confirmed
DUE_YEARS = 10  # planned exams, such as surveillance, are due no further ahead; to be confirmed
EARLIEST = datetime.date(2000, 1, 1)
AHEAD = ("appointment",)  # the only times that may lie ahead
NOT_SHOWN = "(not shown)"
DAY = datetime.timedelta(days=1)
# later, earlier, how much too early it may be, what is expected. Requests are sometimes written down afterwards.
ORDER = (
    ("finished", "started", datetime.timedelta(0), "a time after the exam started"),
    ("finished", "arrived", datetime.timedelta(0), "a time after the patient arrived"),
    ("verified", "reported", datetime.timedelta(0), "a time after the report was written"),
    ("reported", "finished", datetime.timedelta(0), "a time after the exam was finished"),
    ("arrived", "requested", DAY, "a time no more than a day before the request"),
    ("started", "requested", DAY, "a time no more than a day before the request"),
    ("finished", "requested", DAY, "a time no more than a day before the request"),
    ("received", "requested", DAY, "a time no more than a day before the request"),
    ("appointment", "requested", DAY, "a time no more than a day before the request"),
    ("booked", "requested", DAY, "a time no more than a day before the request"),
)


def check_present(frame: pl.DataFrame, faults: Faults) -> None:
    """Rows without an identifier, an accession, an exam or a date requested. Identifiers are not repeated."""
    usable = pl.col("patient").str.to_lowercase().str.contains("[0-9a-z]").fill_null(False)
    hidden = frame.filter(~usable).with_columns(
        pl.when(pl.col("patient").is_not_null()).then(pl.lit(NOT_SHOWN)).alias("found")
    )
    faults.add(hidden, "patient", found="found", expected="an identifier with letters or digits")
    usable = pl.col("accession").str.to_lowercase().str.contains("[0-9a-z]").fill_null(False)
    faults.add(
        frame.filter(~usable), "accession", found="accession", expected="an accession number with letters or digits"
    )
    exam = pl.col("exam").str.replace_all(r"[;,|\s]", "").fill_null("")
    faults.add(frame.filter(exam == ""), "exam", found="exam", expected="the code of an exam")
    faults.add(
        frame.filter(pl.col("requested").is_null()), "requested", found="requested", expected="the date requested"
    )


def without_far_dues(frame: pl.DataFrame, today: datetime.date, file: str, notices: list[str]) -> pl.DataFrame:
    """`frame` without due dates that cannot be meant, which a notice says; their rows stay."""
    far = pl.col("due") > today + DUE_YEARS * 365 * DAY
    if many := frame.filter(far).height:
        notices.append(
            f"{file}: due dates more than {DUE_YEARS} years ahead, left out while their rows stay: {many:,}."
        )
    return frame.with_columns(pl.when(far).then(None).otherwise(pl.col("due")).alias("due"))


def check_days(frame: pl.DataFrame, faults: Faults, today: datetime.date) -> None:
    """Days before radiology systems kept any, and days that had not come when the file was read."""
    last = f"a day no later than {today.day} {today:%B %Y}, when the file was read"
    furthest = today + AHEAD_YEARS * 365 * DAY
    for name in (*TIMES, "due"):
        written = _shown(frame, name)
        day = pl.col(name) if name == "due" else pl.col(name).dt.convert_time_zone(LONDON).dt.date()
        faults.add(written.filter(day < EARLIEST), name, found="shown", expected="a day since 1 January 2000")
        if name == "due":
            continue
        if name in AHEAD:
            wanted = f"a day within {AHEAD_YEARS} years"
            faults.add(written.filter(day > furthest), name, found="shown", expected=wanted)
        else:
            faults.add(written.filter(day > today), name, found="shown", expected=last)


def check_order(frame: pl.DataFrame, faults: Faults) -> None:
    """Steps in the wrong order. A time that stands at midnight is a date alone, and counts for the whole day."""
    for later, earlier, slack, expected in ORDER:
        before = pl.col(later) < pl.col(earlier) - slack
        days_alone = _is_date(later) | _is_date(earlier)
        same_day = _local(later).dt.date() == _local(earlier).dt.date()
        bad = _shown(frame, later).filter((before & ~(days_alone & same_day)).fill_null(False))
        faults.add(bad, later, found="shown", expected=expected)


def _local(name: str) -> pl.Expr:
    return pl.col(name).dt.convert_time_zone(LONDON)


def _is_date(name: str) -> pl.Expr:
    return _local(name).dt.time() == datetime.time()


def _shown(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    day = pl.col(name) if name == "due" else _local(name)
    return frame.with_columns(day.dt.strftime("%d/%m/%Y" if name == "due" else "%d/%m/%Y %H:%M").alias("shown"))
