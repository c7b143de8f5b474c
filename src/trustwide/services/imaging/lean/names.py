"""Names, columns and limits of the lean measures; light to load."""

from __future__ import annotations

from collections.abc import Mapping

from trustwide.services.imaging.requests.models import Modality

EXAMS, REQUESTS, APPOINTMENTS, DAYS = "imaging_exams", "imaging_requests", "imaging_appointments", "imaging_days"
MODALITIES: Mapping[str, str] = {code: str(label) for code, label in Modality.choices}
REPORT_DAYS = 28  # national maximum from scan to verified report, in force since 9 August 2023 (NHS England)
SHORT_NOTICE_HOURS = 48  # too late to fill the time in the ordinary way; to be confirmed by each group
_KEYS = {"site_id": "int64", "breakdown": "string", "period": "date"}
_EXAM = {
    "scanner": "int64", "exam": "string", "hour": "int64", "door_to_door": "float64", "scan_minutes": "float64",
    "first_time": "int64", "report_hours": "float64", "report_due": "int64", "report_in_time": "int64",
    "wait_days": "float64", "lead_days": "float64", "right_through": "int64",
}  # fmt: skip
COLUMNS: Mapping[str, Mapping[str, str]] = {
    EXAMS: _KEYS | _EXAM,
    REQUESTS: _KEYS | _EXAM,
    APPOINTMENTS: _KEYS
    | {"scanner": "int64", "exam": "string", "hour": "int64", "outcome": "string", "short_notice": "int64"},
    DAYS: _KEYS
    | {"scanner": "int64", "open_minutes": "float64", "booked_minutes": "float64", "in_room_minutes": "float64",
       "changeover_minutes": "float64", "changeovers": "int64", "requests": "int64"},
}  # fmt: skip
DOOR_TO_DOOR, CHANGEOVER, UTILISATION = "imaging_door_to_door", "imaging_changeover", "imaging_scanner_use"
FIRST_TIME, REPORT_HOURS, REPORT_IN_TIME = "imaging_first_time_right", "imaging_report_hours", "imaging_report_in_time"
WAIT_DAYS, MISSED, SHORT_NOTICE = "imaging_wait_days", "imaging_missed", "imaging_short_notice"
FILLED, TAKT, RIGHT_THROUGH, VALUE_ADDING = (
    "imaging_slots_filled", "imaging_takt", "imaging_right_through", "imaging_value_adding",
)  # fmt: skip
