"""Who may do what to a request, and which steps a page may offer; each rule once, with two doors."""

from __future__ import annotations

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import NotAllowedError, can
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.requests.models import ImagingRequest, Modality
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
WORKING = tuple(dict.fromkeys(PERMISSION_FOR.values()))
# ultrasound and MRI are outside the Ionising Radiation (Medical Exposure) Regulations 2017
IONISING = frozenset({Modality.CT, Modality.DX, Modality.RF, Modality.BD, Modality.NM})


def steps_for(user: User, request: ImagingRequest) -> tuple[Event, ...]:
    """What this person may do to the request as it stands."""
    possible = events_in(request.stage)
    asked = {PERMISSION_FOR[event] for event in possible}
    held = {permission for permission in asked if can(user, permission, request.site)}
    return tuple(event for event in possible if PERMISSION_FOR[event] in held)


def check_can_work_at(user: User, site: Site) -> None:
    """Raise NotAllowedError, with a sentence, unless this person does some step of the pathway at the site."""
    if not can_work_at(user, site):
        raise NotAllowedError(
            f"You may see the requests of {site} but not change anything about them. "
            "That takes a role in booking, vetting, scanning or reporting there; ask your administrator for it."
        )


def can_work_at(user: User, site: Site) -> bool:
    """Whether this person does some step of the pathway at the site."""
    return any(can(user, permission, site) for permission in WORKING)


def needs_justification(request: ImagingRequest) -> bool:
    """Whether a practitioner must justify the exposure: exams with ionising radiation."""
    return request.exam.modality in IONISING
