"""What the pages say about requests: states, steps, delays and what an event was about."""

from __future__ import annotations

import datetime
from typing import Any

from trustwide.commons.nhsuk.formats import clock, day
from trustwide.services.imaging.requests.pathway import Event, State
from trustwide.services.imaging.requests.questions import ANSWERS, BY_CODE

ROLES = {"booking_clerk": "Booking", "radiographer": "Radiographers", "radiologist": "Radiologists"}
STATES = {
    State.NEW: "Not yet asked for",
    State.REQUESTED: "Asked for, not yet received",
    State.RECEIVED: "Received, to be vetted",
    State.QUERIED: "Sent back to the referrer with a question",
    State.ACCEPTED: "Accepted, to be given a protocol",
    State.PROTOCOLLED: "Has its protocol; the safety questions come next",
    State.SAFETY_HELD: "On hold for a safety question",
    State.READY: "Ready for a date",
    State.BOOKED: "Booked",
    State.MISSED: "The patient did not come",
    State.ARRIVED: "The patient has arrived",
    State.IN_ROOM: "The patient is in the room",
    State.SCANNING: "Being scanned",
    State.SCANNED: "Scanned, to be reported",
    State.REPORTED: "Reported, to be verified",
    State.VERIFIED: "Verified; the referrer has not acknowledged it yet",
    State.ACKNOWLEDGED: "Done: the referrer has acknowledged the report",
    State.REJECTED: "Rejected",
    State.WITHDRAWN: "Taken off the list",
}
# what is to be done in a state, as the work lists group it
TO_DO = {
    State.REQUESTED: "Receive",
    State.RECEIVED: "Vet",
    State.QUERIED: "Get an answer",
    State.ACCEPTED: "Protocol",
    State.PROTOCOLLED: "Safety",
    State.SAFETY_HELD: "Settle safety",
    State.READY: "Offer a date",
    State.BOOKED: "Say what became of it",
    State.MISSED: "Decide after a missed one",
    State.ARRIVED: "Call in",
    State.IN_ROOM: "Start",
    State.SCANNING: "End",
    State.SCANNED: "Report",
    State.REPORTED: "Verify",
    State.VERIFIED: "Acknowledge",
}
BUTTONS = {
    Event.RECEIVE: "Receive",
    Event.ACCEPT: "Accept",
    Event.CHANGE: "Change the exam",
    Event.QUERY: "Ask the referrer",
    Event.ANSWER: "Record the answer",
    Event.REJECT: "Reject",
    Event.PROTOCOL: "Choose the protocol",
    Event.SAFETY_PASS: "Ask the safety questions",
    Event.SAFETY_HOLD: "Put on hold for safety",
    Event.REBOOK: "Book again",
    Event.REPORT: "Report",
    Event.VERIFY: "Verify the report",
    Event.ACKNOWLEDGE: "The referrer has acknowledged",
    Event.WITHDRAW: "Take off the list",
}
HAPPENED = {
    Event.REQUEST: "Asked for",
    Event.RECEIVE: "Received",
    Event.ACCEPT: "Accepted",
    Event.CHANGE: "Exam changed",
    Event.QUERY: "Referrer asked",
    Event.ANSWER: "Referrer answered",
    Event.REJECT: "Rejected",
    Event.PROTOCOL: "Protocol chosen",
    Event.SAFETY_PASS: "Safety questions settled",
    Event.SAFETY_HOLD: "Held for safety",
    Event.OFFER: "Time offered",
    Event.DECLINE: "Offer declined",
    Event.BOOK: "Booked",
    Event.REMIND: "Reminded",
    Event.CONFIRM: "Confirmed by the patient",
    Event.PATIENT_CANCEL: "Cancelled by the patient",
    Event.HOSPITAL_CANCEL: "Cancelled by the hospital",
    Event.MISS: "Did not come",
    Event.REBOOK: "To be booked again",
    Event.ARRIVE: "Arrived",
    Event.ENTER_ROOM: "Into the room",
    Event.START: "Scan started",
    Event.END: "Scan ended",
    Event.ABANDON: "Scan could not be completed",
    Event.OUT_OF_ROOM: "Out of the room",
    Event.LEAVE: "Left",
    Event.REPORT: "Reported",
    Event.VERIFY: "Report verified",
    Event.ACKNOWLEDGE: "Acknowledged by the referrer",
    Event.WITHDRAW: "Taken off the list",
}
_ANSWER = dict(ANSWERS)


def at_time(moment: datetime.datetime) -> str:
    """3 March 2026 at 10:20am"""
    return clock(moment).replace(", ", " at ")


def span(gap: datetime.timedelta) -> str:
    """A time between two things in its largest unit: 3 days, 5 hours, 20 minutes."""
    seconds = max(0, int(gap.total_seconds()))
    for unit, noun in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= unit:
            number = seconds // unit
            return f"{number} {noun}{'' if number == 1 else 's'}"
    return "less than a minute"


def delay(due: datetime.datetime | None, now: datetime.datetime) -> str:
    """How late a step is, or how long there is still time: 3 days late, due in 5 hours."""
    if due is None:
        return ""
    return f"{span(now - due)} late" if due < now else f"due in {span(due - now)}"


def days(number: int) -> str:
    """1 day, 2 days"""
    return f"{number:,} day{'' if number == 1 else 's'}"


def about(event: Event, details: dict[str, Any]) -> list[str]:
    """What else is known of an event, a sentence each."""
    said = [sentence(details) for kind, sentence in _ABOUT if kind is event]
    return [line for line in said if line] + _answers(details)


def _booked(details: dict[str, Any]) -> str:
    starts = details.get("starts_at")
    where = f" on {details['scanner']}" if details.get("scanner") else ""
    return f"For {at_time(datetime.datetime.fromisoformat(starts))}{where}." if starts else ""


def _accepted(details: dict[str, Any]) -> str:
    who = details.get("practitioner")
    note = f" {details['note']}" if details.get("note") else ""
    return f"Justified by {who}.{note}" if who else note.strip()


def _declined(details: dict[str, Any]) -> str:
    offered = details.get("offered_on")
    if not offered:
        return ""
    kind = "A reasonable offer" if details.get("reasonable") else "An offer at short notice"
    return f"{kind} for {day(datetime.date.fromisoformat(offered))}."


def _of_day(details: dict[str, Any]) -> str:
    on = details.get("appointment_on")
    return f"The appointment of {day(datetime.date.fromisoformat(on))}." if on else ""


def _changed(details: dict[str, Any]) -> str:
    if not details.get("to"):
        return ""
    who = f" Justified by {details['practitioner']}." if details.get("practitioner") else ""
    return f"{details['from']} became {details['to']}.{who}"


def _decided(details: dict[str, Any]) -> str:
    return f"{details['decided_by']} decided that it may go on." if details.get("decided_by") else ""


_ABOUT = (
    (Event.BOOK, _booked),
    (Event.OFFER, _booked),
    (Event.ACCEPT, _accepted),
    (Event.DECLINE, _declined),
    (Event.PATIENT_CANCEL, _of_day),
    (Event.MISS, _of_day),
    (Event.CHANGE, _changed),
    (Event.PROTOCOL, lambda details: str(details.get("protocol", ""))),
    (Event.SAFETY_PASS, _decided),
)


def _answers(details: dict[str, Any]) -> list[str]:
    given = details.get("answers") or {}
    return [
        f"{BY_CODE[code].words} {_ANSWER.get(answer, answer) or 'not given'}"
        for code, answer in given.items()
        if code in BY_CODE
    ]
