"""The lean measures, registered over the tables that `tables` reads."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from trustwide.commons.measures.definition import LogicalTable, MeasureDefinition, register, register_table
from trustwide.services.imaging.lean.names import (
    APPOINTMENTS,
    CHANGEOVER,
    COLUMNS,
    DAYS,
    DOOR_TO_DOOR,
    EXAMS,
    FILLED,
    FIRST_TIME,
    MISSED,
    MODALITIES,
    REPORT_DAYS,
    REPORT_HOURS,
    REPORT_IN_TIME,
    REQUESTS,
    RIGHT_THROUGH,
    SHORT_NOTICE,
    SHORT_NOTICE_HOURS,
    TAKT,
    UTILISATION,
    VALUE_ADDING,
    WAIT_DAYS,
)

if TYPE_CHECKING:
    import pyarrow as pa

_REPORTS_IN_TIME = 1.0  # the maximum is for every exam


def _rows(name: str, site_ids: Collection[int] | None) -> pa.Table:
    from trustwide.services.imaging.lean.tables import arrow

    return arrow(name, site_ids)


def _page(site_code: str, modality: str) -> str:
    return f"{reverse('imaging:lean')}?site={site_code}&modality={modality}"


for _name, _columns in COLUMNS.items():
    register_table(
        LogicalTable(name=_name, columns=_columns, rows=partial(_rows, _name), breakdowns=MODALITIES, page=_page)
    )


def _sum(name: str) -> Any:
    return lambda table: table[name].sum()


def _some(name: str) -> Any:
    """The sum, and nothing where it is zero: requests are older than the first session, and no time has no takt."""
    return lambda table: table[name].sum().nullif(0)


def _known(name: str) -> Any:
    return lambda table: table[name].count()


def _is(name: str, *values: str) -> Any:
    return lambda table: table[name].isin(values).sum()


def _only_with(*names: str) -> Any:
    """Rows in which all of these are known."""
    return lambda table: table.filter(*(table[name].notnull() for name in names))


register(
    MeasureDefinition(
        code=DOOR_TO_DOOR, title="Door to door: from arriving to leaving", unit="minutes",
        improvement_direction="decrease", target=None, numerator=_sum("door_to_door"),
        denominator=_known("door_to_door"), quantity="mean", counts_people="denominator",
        aim="experience", owner="imaging", table=EXAMS,
        counts="minutes from arriving to leaving", out_of="exams with both times",
    ),
    MeasureDefinition(
        code=CHANGEOVER, title="Changeover: one patient out to the next one in", unit="minutes",
        improvement_direction="decrease", target=None, numerator=_sum("changeover_minutes"),
        denominator=_sum("changeovers"), quantity="mean", aim="efficiency", owner="imaging", table=DAYS,
        counts="minutes from a patient out of the room to the next in, on one scanner in one session",
        out_of="such changes of patient",
    ),
    MeasureDefinition(
        code=UTILISATION, title="Share of open scanner time with a patient in the room", unit="%",
        improvement_direction="increase", target=None, numerator=_sum("in_room_minutes"),
        denominator=_sum("open_minutes"), quantity="mean", aim="efficiency", owner="imaging", table=DAYS,
        counts="minutes with a patient in the room",
        out_of="minutes of sessions that were open; sessions closed for maintenance are left out",
    ),
    MeasureDefinition(
        code=FIRST_TIME, title="First time right: scanned at the first visit", unit="%",
        improvement_direction="increase", target=None, numerator=_sum("first_time"), denominator=_known("first_time"),
        quantity="share", aim="quality", owner="imaging", table=EXAMS,
        counts="exams done at the first visit, with nothing abandoned", out_of="exams done",
    ),
    MeasureDefinition(
        code=REPORT_HOURS, title="From scan to verified report", unit="hours", improvement_direction="decrease",
        target=None, numerator=_sum("report_hours"), denominator=_known("report_hours"),
        quantity="mean", counts_people="denominator", aim="access", owner="imaging",
        table=EXAMS, counts="hours from the end of the scan to the verified report",
        out_of="exams scanned in the month whose report is verified",
    ),
    MeasureDefinition(
        code=REPORT_IN_TIME, title=f"Reports verified within {REPORT_DAYS} days", unit="%",
        improvement_direction="increase", target=_REPORTS_IN_TIME, numerator=_sum("report_in_time"),
        denominator=_sum("report_due"), quantity="share", aim="access", owner="imaging", table=EXAMS,
        counts=f"exams scanned in the month whose report was verified within {REPORT_DAYS} days",
        out_of=f"exams scanned in the month that are verified or were scanned over {REPORT_DAYS} days ago",
    ),
    MeasureDefinition(
        code=WAIT_DAYS, title="From request to scan", unit="days", improvement_direction="decrease", target=None,
        numerator=_sum("wait_days"), denominator=_known("wait_days"),
        quantity="mean", counts_people="denominator", aim="access", owner="imaging", table=REQUESTS,
        counts="days from request (planned exams: from when they were due) to scan", out_of="requests scanned",
    ),
    MeasureDefinition(
        code=MISSED, title="Appointments missed", unit="%", improvement_direction="decrease", target=None,
        numerator=_is("outcome", "missed"), denominator=_is("outcome", "missed", "done"),
        quantity="share", aim="efficiency", owner="imaging",
        table=APPOINTMENTS, counts="appointments to which the patient did not come",
        out_of="appointments missed or done",
    ),
    MeasureDefinition(
        code=SHORT_NOTICE, title=f"Appointments cancelled less than {SHORT_NOTICE_HOURS} hours before", unit="%",
        improvement_direction="decrease", target=None, numerator=_sum("short_notice"),
        denominator=_known("short_notice"), quantity="share", aim="efficiency", owner="imaging",
        table=APPOINTMENTS,
        counts=f"appointments that patient or hospital cancelled less than {SHORT_NOTICE_HOURS} hours before",
        out_of="appointments that are over, without those cancelled at a time that nobody recorded",
    ),
    MeasureDefinition(
        code=FILLED, title="Share of open scanner time that was booked", unit="%", improvement_direction="increase",
        target=None, numerator=_sum("booked_minutes"), denominator=_sum("open_minutes"),
        quantity="mean", aim="efficiency", owner="imaging",
        table=DAYS, counts="minutes booked, those of patients who did not come included",
        out_of="minutes of sessions that were open",
    ),
    MeasureDefinition(
        code=TAKT, title="Takt: open scanner minutes for each request", unit="minutes", improvement_direction="neutral",
        target=None, numerator=_some("open_minutes"), denominator=_sum("requests"),
        quantity="mean", aim="efficiency", owner="imaging",
        table=DAYS, counts="minutes of sessions that were open", out_of="requests made",
        leaves_out="months without an open session",
    ),
    MeasureDefinition(
        code=RIGHT_THROUGH, title="Requests that went through without being sent back", unit="%",
        improvement_direction="increase", target=None, numerator=_sum("right_through"),
        denominator=_known("right_through"), quantity="share", aim="quality", owner="imaging", table=REQUESTS,
        counts="requests scanned that were not queried, changed, held, moved, missed or abandoned",
        out_of="requests scanned",
    ),
    MeasureDefinition(
        code=VALUE_ADDING, title="Minutes of scanning for each day from request to report", unit="minutes a day",
        improvement_direction="increase", target=None, numerator=_sum("scan_minutes"), denominator=_sum("lead_days"),
        quantity="mean", aim="quality", owner="imaging", table=REQUESTS, rows=_only_with("scan_minutes", "lead_days"),
        counts="minutes of scanning, the part of the pathway that adds value",
        out_of="days from request to verified report",
    ),
)  # fmt: skip
