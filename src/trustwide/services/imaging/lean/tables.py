"""The logical tables that the lean measures are computed from, made of what `reading` reads.

Periods are months, by the hospital's calendar: of the scan, of the appointment's time, or of the day.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import polars as pl

from trustwide.services.imaging.lean import reading
from trustwide.services.imaging.lean.names import (
    APPOINTMENTS,
    COLUMNS,
    DAYS,
    EXAMS,
    REPORT_DAYS,
    REQUESTS,
    SHORT_NOTICE_HOURS,
)
from trustwide.services.imaging.lean.reading import Span, State
from trustwide.services.imaging.waiting.clocks import LONDON

if TYPE_CHECKING:
    import pyarrow as pa

_COUNTED = (
    "open_minutes",
    "booked_minutes",
    "in_room_minutes",
    "changeover_minutes",
    "changeovers",
    "stays",
    "requests",
)
_SENT_BACK = list(reading.SENT_BACK)


def exams(span: Span) -> pl.DataFrame:
    """Exams with their times in minutes, hours and days; at the site where they were scanned."""
    read = measured(reading.read_exams(span))
    return _only(read.with_columns(pl.col("scan_site_id").alias("site_id")), span)


def requests(span: Span) -> pl.DataFrame:
    """The same exams at the site on whose list they were."""
    read = measured(reading.read_exams(span))
    return _only(read.with_columns(pl.col("list_site_id").alias("site_id")), span)


def measured(read: pl.DataFrame) -> pl.DataFrame:
    """Exams as `reading.read_exams` gives them, with what is measured of each. An unknown time gives an empty figure.

    first_time: scanned at the first visit, nothing abandoned. report_due: verified, or its four weeks are over.
    right_through: never sent back, moved, missed or abandoned on the way.
    """
    from django.utils import timezone

    scanned = local("scanned_at")
    verified = minutes("scanned_at", "verified_at") / 60
    age = (pl.lit(timezone.now()) - pl.col("scanned_at")).dt.total_minutes() / 60
    in_time = verified <= REPORT_DAYS * 24
    return read.with_columns(
        pl.col("modality").alias("breakdown"),
        scanned.dt.date().dt.month_start().alias("period"),
        local("arrived_at").dt.hour().cast(pl.Int64).alias("hour"),
        minutes("arrived_at", "left_at").alias("door_to_door"),
        minutes("started_at", "ended_at").alias("scan_minutes"),
        ((pl.col("abandons") == 0) & (pl.col("arrivals") <= 1)).cast(pl.Int64).alias("first_time"),
        verified.alias("report_hours"),
        (verified.is_not_null() | (age > REPORT_DAYS * 24)).cast(pl.Int64).alias("report_due"),
        in_time.fill_null(False).cast(pl.Int64).alias("report_in_time"),
        # a planned exam may be scanned before it is due: nobody waited
        (scanned.dt.date() - pl.col("from_on")).dt.total_days().clip(lower_bound=0).cast(pl.Float64).alias("wait_days"),
        (minutes("requested_at", "verified_at") / 1440).alias("lead_days"),
        (pl.sum_horizontal(_SENT_BACK) == 0).cast(pl.Int64).alias("right_through"),
    )


def appointments(span: Span) -> pl.DataFrame:
    """Appointments that are over, with what became of them. short_notice: empty where the time of ending is unknown."""
    read = reading.read_appointments(span)
    cancelled = pl.col("outcome").is_in([State.PATIENT_CANCELLED.value, State.HOSPITAL_CANCELLED.value])
    late = (pl.col("notice_hours") < SHORT_NOTICE_HOURS).fill_null(False).cast(pl.Int64)
    return read.with_columns(
        pl.col("scan_site_id").alias("site_id"),
        pl.col("modality").alias("breakdown"),
        local("starts_at").dt.date().dt.month_start().alias("period"),
        local("starts_at").dt.hour().cast(pl.Int64).alias("hour"),
        pl.when(cancelled & pl.col("cancelled_at").is_null()).then(None).otherwise(late).alias("short_notice"),
    )


def days(span: Span) -> pl.DataFrame:
    """What each scanner did in each session, and the requests of each list by day (there `scanner` is empty)."""
    return days_of(span, changeovers(reading.read_stays(span)))


def days_of(span: Span, stays: pl.DataFrame) -> pl.DataFrame:
    """The same with stays, and their changeovers, that are read already."""
    used = stays.group_by("session").agg(
        (pl.col("used_until") - pl.col("in_room")).dt.total_seconds().sum().truediv(60).alias("in_room_minutes"),
        pl.col("changeover").sum().alias("changeover_minutes"),
        pl.col("changeover").count().cast(pl.Int64).alias("changeovers"),
        pl.len().cast(pl.Int64).alias("stays"),
    )
    worked = reading.read_sessions(span).join(used, on="session", how="left")
    worked = worked.with_columns(local("opens_at").dt.date().alias("day")).drop("opens_at")
    both = pl.concat([worked, reading.read_demand(span)], how="diagonal_relaxed")
    return both.with_columns(
        pl.col("scan_site_id").alias("site_id"),
        pl.col("modality").alias("breakdown"),
        pl.col("day").dt.month_start().alias("period"),
        pl.col(_COUNTED).fill_null(0),
    )


def changeovers(stays: pl.DataFrame) -> pl.DataFrame:
    """Stays with the minutes from the patient before out of the room to this one in it; empty for a session's first.

    Times that overlap, because one was written down late, count as none between.
    """
    before = pl.col("out_room").shift(1).over("session", order_by=["in_room", "request", "stay"])
    gap = ((pl.col("in_room") - before).dt.total_seconds() / 60).clip(lower_bound=0)
    return stays.with_columns(gap.alias("changeover"))


READERS = {EXAMS: exams, REQUESTS: requests, APPOINTMENTS: appointments, DAYS: days}


def arrow(name: str, site_ids: Collection[int] | None) -> pa.Table:
    """A logical table of some sites, or of all, as an arrow table with just its columns."""
    return as_arrow(name, READERS[name](Span.of(site_ids)))


def as_arrow(name: str, rows: pl.DataFrame) -> pa.Table:
    """Rows with just the columns of a logical table, each of its type."""
    types = {"int64": pl.Int64, "float64": pl.Float64, "string": pl.String, "date": pl.Date}
    return rows.select(pl.col(column).cast(types[kind]) for column, kind in COLUMNS[name].items()).to_arrow()


def minutes(start: str, end: str) -> pl.Expr:
    """Minutes from one moment to another; empty where one is unknown."""
    return (pl.col(end) - pl.col(start)).dt.total_seconds() / 60


def local(name: str) -> pl.Expr:
    """A moment by the hospital's clock."""
    return pl.col(name).dt.convert_time_zone(LONDON.key)


def _only(rows: pl.DataFrame, span: Span) -> pl.DataFrame:
    return rows if span.site_ids is None else rows.filter(pl.col("site_id").is_in(list(span.site_ids)))
