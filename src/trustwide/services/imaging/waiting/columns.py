"""The columns of the waiting list, for the page and for its files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from trustwide.commons.nhsuk.formats import clock, day, weeks
from trustwide.services.imaging.diagnostic_tests import BY_CODE
from trustwide.services.imaging.waiting.list_figures import WaitingRow

Kind = Literal["text", "days", "date", "time"]


@dataclass(frozen=True)
class Column:
    """One column: its key in the address, its title, how to read it from a row, and by what it can be sorted."""

    key: str
    title: str
    kind: Kind
    read: Callable[[WaitingRow], Any]
    sort: str = ""

    @property
    def numeric(self) -> bool:
        """Whether it holds figures, which line up on the right."""
        return self.kind == "days"

    def words(self, row: WaitingRow) -> str:
        """As the page shows it: a wait in weeks and days, a date in words."""
        value = self.read(row)
        if value is None or value == "":
            return "–"
        if self.kind == "days":
            return weeks(value / 7)
        if self.kind == "text":
            return str(value)
        return clock(value) if self.kind == "time" else day(value)


def _test(row: WaitingRow) -> str:
    known = BY_CODE.get(row.request.test)
    return known.short_name if known else row.request.exam.get_modality_display()


def _state(row: WaitingRow) -> str:
    return row.request.get_state_display().capitalize()


def _next(row: WaitingRow) -> str:
    return row.request.next_step.words if row.request.next_step else ""


FIXED = (
    Column("patient", "Patient", "text", lambda row: str(row.request.patient)),
    Column("exam", "Exam", "text", lambda row: row.request.exam.name, "exam"),
)
CHOSEN = (
    Column("site", "Site", "text", lambda row: row.request.site.short_name, "site"),
    Column("test", "Test", "text", _test),
    Column("priority", "Priority", "text", lambda row: row.request.get_priority_display()),
    Column("asked", "Asked for", "date", lambda row: row.request.requested_at, "asked"),
    Column("dm01", "DM01 wait", "days", lambda row: row.dm01, "dm01"),
    Column("own", "Patient's own wait", "days", lambda row: row.own, "own"),
    Column("resets", "Clock set anew", "text", lambda row: row.resets),
    Column("breach", "Six weeks on", "date", lambda row: row.request.breach_on, "breach"),
    Column("target", "Priority asks by", "date", lambda row: row.request.target_on, "target"),
    Column("date", "Appointment", "time", lambda row: row.request.appointment_at, "date"),
    Column("next", "Next step", "text", _next, "next"),
    Column("state", "State", "text", _state),
    Column("needs", "Needs", "text", lambda row: row.needs),
    Column("owner", "Assigned to", "text", lambda row: str(row.request.assigned_to or "")),
    Column("comment", "Newest comment", "text", lambda row: row.standing.comment),
)
KEYS = tuple(column.key for column in CHOSEN)
USUAL = ("site", "priority", "dm01", "own", "resets", "breach", "target", "date", "next")


def chosen(keys: tuple[str, ...]) -> tuple[Column, ...]:
    """The columns of these keys, in their usual order; the usual ones for none."""
    return tuple(column for column in CHOSEN if column.key in (keys or USUAL))
