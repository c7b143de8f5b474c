"""The rows behind a figure, as people read them: no name of a patient, only the number of the request."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from trustwide.commons.measures.definition import MeasureDefinition, measure
from trustwide.commons.nhsuk.formats import day
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.booking.models import Appointment, Scanner
from trustwide.services.imaging.lean import figures, names
from trustwide.services.imaging.lean.figures import Asked
from trustwide.services.imaging.lean.names import APPOINTMENTS, DAYS, EXAMS, REQUESTS
from trustwide.services.imaging.requests.models import ExamType
from trustwide.services.imaging.waiting.clocks import LONDON


@dataclass(frozen=True)
class Column:
    """One column: its heading, whether it holds numbers, and how a value is written."""

    title: str
    numeric: bool
    write: Callable[[Any, Known], str]


@dataclass(frozen=True)
class Known:
    """Names for ids and codes."""

    sites: Mapping[int, str]
    scanners: Mapping[int, str]
    exams: Mapping[str, str]


def _number(places: int) -> Callable[[Any, Known], str]:
    return lambda value, known: "" if value is None else f"{value:,.{places}f}"


def _yes(value: Any, known: Known) -> str:
    return "" if value is None else "yes" if value else "no"


def _when(value: datetime.datetime | None, known: Known) -> str:
    return "" if value is None else f"{value.astimezone(LONDON):%-d %b %Y, %H:%M}"


def _outcome(value: str, known: Known) -> str:
    return str(Appointment.State(value).label)


_REQUEST = Column("Request", False, lambda value, known: str(value))
_EXAM = Column("Exam", False, lambda value, known: known.exams.get(value, value))
_SCANNER = Column("Scanner", False, lambda value, known: known.scanners.get(value, "" if value is None else "unknown"))
_SITE = Column("List of", False, lambda value, known: known.sites.get(value, ""))
_OF_EXAMS = {
    "request": _REQUEST, "exam": _EXAM, "list_site_id": _SITE, "scanned_at": Column("Scanned", False, _when),
    "scanner": _SCANNER, "wait_days": Column("Wait, days", True, _number(0)),
    "door_to_door": Column("Inside, min", True, _number(0)),
    "scan_minutes": Column("Scan, min", True, _number(0)),
    "report_hours": Column("To report, hours", True, _number(1)),
    "lead_days": Column("All, days", True, _number(1)),
    "first_time": Column("First visit", False, _yes), "right_through": Column("Never sent back", False, _yes),
}  # fmt: skip
COLUMNS: Mapping[str, Mapping[str, Column]] = {
    EXAMS: _OF_EXAMS,
    REQUESTS: _OF_EXAMS,
    APPOINTMENTS: {
        "request": _REQUEST, "exam": _EXAM, "starts_at": Column("Appointment", False, _when), "scanner": _SCANNER,
        "minutes": Column("Minutes", True, _number(0)), "outcome": Column("What became of it", False, _outcome),
        "notice_hours": Column("Notice, hours", True, _number(0)),
    },
    DAYS: {
        "day": Column("Day", False, lambda value, known: day(value)), "scanner": _SCANNER,
        "site_id": Column("Site", False, lambda value, known: known.sites.get(value, "")),
        "open_minutes": Column("Open, minutes", True, _number(0)),
        "booked_minutes": Column("Booked, minutes", True, _number(0)),
        "in_room_minutes": Column("Patient in the room, minutes", True, _number(0)),
        "changeovers": Column("Changeovers", True, _number(0)),
        "changeover_minutes": Column("Changeover, minutes", True, _number(0)),
        "requests": Column("Requests", True, _number(0)),
    },
}  # fmt: skip
# what the rows of a measure are ordered by, the most telling first, and whether the largest comes first
_ORDER = {
    names.WAIT_DAYS: ("wait_days", True), names.DOOR_TO_DOOR: ("door_to_door", True),
    names.CHANGEOVER: ("changeover_minutes", True), names.UTILISATION: ("in_room_minutes", False),
    names.FILLED: ("booked_minutes", False), names.TAKT: ("day", True), names.FIRST_TIME: ("first_time", False),
    names.RIGHT_THROUGH: ("right_through", False), names.MISSED: ("outcome", True),
    names.SHORT_NOTICE: ("notice_hours", False), names.REPORT_HOURS: ("report_hours", True),
    names.REPORT_IN_TIME: ("report_in_time", False), names.VALUE_ADDING: ("lead_days", True),
}  # fmt: skip
# which rows are counted, where it is not those with a figure to order by
_COUNTED = {
    names.SHORT_NOTICE: pl.col("short_notice").is_not_null(), names.REPORT_IN_TIME: pl.col("report_due") == 1,
    names.MISSED: pl.col("outcome").is_in(["missed", "done"]), names.UTILISATION: pl.col("scanner").is_not_null(),
    names.FILLED: pl.col("scanner").is_not_null(), names.CHANGEOVER: pl.col("changeovers") > 0,
    names.VALUE_ADDING: pl.col("lead_days").is_not_null() & pl.col("scan_minutes").is_not_null(),
}  # fmt: skip
# measures of days, and what of a day says how many people they are of
_SUMMED = {names.UTILISATION: "stays", names.CHANGEOVER: "changeovers", names.TAKT: "requests"}


def rows_behind(definition: MeasureDefinition, asked: Asked) -> pl.DataFrame:
    """The rows a measure is counted from, the most telling first. At most four queries."""
    column, largest_first = _ORDER[definition.code]
    rows = figures.read_one(definition.table, asked).filter(_counted(definition.code))
    return rows.sort(column, descending=largest_first, nulls_last=True, maintain_order=True)


def people(code: str, rows: figures.Rows) -> dict[int, int]:
    """How many exams, visits or requests a measure is of, by site id, and over all sites under 0."""
    table = measure(code).table
    if code in _SUMMED:
        counted = rows[DAYS].group_by("site_id").agg(pl.col(_SUMMED[code]).sum())
    else:
        # of booked minutes, appointments are counted
        kept = rows[APPOINTMENTS] if code == names.FILLED else rows[table].filter(_counted(code))
        counted = kept.group_by("site_id").len()
    found = {int(site): int(count) for site, count in counted.iter_rows()}
    return found | {0: sum(found.values())}


def _counted(code: str) -> pl.Expr:
    return _COUNTED.get(code, pl.col(_ORDER[code][0]).is_not_null())


def as_texts(table: str, rows: pl.DataFrame) -> list[list[str]]:
    """Rows of a logical table with names for ids, a cell a column of COLUMNS. At most three queries."""
    columns, known = COLUMNS[table], _known(rows)
    return [
        [column.write(row[name], known) for name, column in columns.items()] for row in rows.iter_rows(named=True)
    ]  # fmt: skip


def _known(rows: pl.DataFrame) -> Known:
    sites = {*_ids(rows, "list_site_id"), *_ids(rows, "site_id")}
    exams = ExamType.objects.filter(code__in=_ids(rows, "exam")).values_list("code", "name")
    scanners = Scanner.objects.filter(pk__in=_ids(rows, "scanner")).values_list("pk", "name")
    return Known(
        dict(Site.objects.filter(pk__in=sites).values_list("pk", "short_name")), dict(scanners), dict(exams)
    )  # fmt: skip


def _ids(rows: pl.DataFrame, column: str) -> Sequence[Any]:
    return rows[column].drop_nulls().unique().to_list() if column in rows.columns else []
