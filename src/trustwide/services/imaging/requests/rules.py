"""Who may do what to a request, and which steps a page may offer; each rule once, with two doors."""

from __future__ import annotations

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import can
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.requests.pathway import Event, events_in

E = Event
_VET = (E.ACCEPT, E.CHANGE, E.QUERY, E.REJECT, E.PROTOCOL, E.SAFETY_PASS, E.SAFETY_HOLD)
_BOOK = (
    E.REQUEST, E.RECEIVE, E.ANSWER, E.OFFER, E.DECLINE, E.BOOK, E.REMIND, E.CONFIRM, E.PATIENT_CANCEL,
    E.HOSPITAL_CANCEL, E.REBOOK, E.ACKNOWLEDGE, E.WITHDRAW,
)  # fmt: skip
_DAY = (E.MISS, E.ARRIVE, E.ENTER_ROOM, E.START, E.END, E.ABANDON, E.OUT_OF_ROOM, E.LEAVE)
_REPORT = (E.REPORT, E.VERIFY)

PERMISSION_FOR: dict[Event, str] = {
    **dict.fromkeys(_VET, "vet_requests"),
    **dict.fromkeys(_BOOK, "make_bookings"),
    **dict.fromkeys(_DAY, "run_the_day"),
    **dict.fromkeys(_REPORT, "report_exams"),
}


def steps_for(user: User, request: ImagingRequest) -> tuple[Event, ...]:
    """What this person may do to the request as it stands."""
    return tuple(event for event in events_in(request.stage) if can(user, PERMISSION_FOR[event], request.site))
