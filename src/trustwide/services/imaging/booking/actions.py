"""Writes to appointments: book, cancel, move, confirm. Each is one transaction, and its event says who did it.

Cells of a session change only where its version is still the one that was read, so that of two clerks who take the
same minutes one succeeds and the other gets a sentence, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import datetime
from functools import partial

from django.db import IntegrityError, transaction
from django.utils import timezone

from trustwide.commons.audit.actions import Actor
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.booking.cells import CELL_MINUTES, FREE, TAKEN, cells_in, fill
from trustwide.services.imaging.booking.exceptions import BookingError, SlotTakenError
from trustwide.services.imaging.booking.models import Appointment, ScannerSession
from trustwide.services.imaging.booking.rules import check_suits
from trustwide.services.imaging.booking.signals import appointment_ended, appointment_made
from trustwide.services.imaging.booking.slots import CELL, question_for, slot_is_free
from trustwide.services.imaging.requests.actions import happen
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.requests.pathway import Event, check_can_happen
from trustwide.services.imaging.requests.pathway import State as Stage
from trustwide.services.imaging.waiting.clocks import LONDON

TRIES = 20
State = Appointment.State
A_DAY = datetime.timedelta(days=1)


@transaction.atomic
def book(
    request: ImagingRequest,
    session_id: int,
    starts_at: datetime.datetime,
    *,
    by: Actor,
    minutes: int | None = None,
    overbook: bool = False,
    place: Site | None = None,
) -> Appointment:
    """Book a request into a session at `starts_at` (aware). Its length follows from exam and needs unless given.

    overbook: on top of somebody else, within the session's limit. place: a site at which `by` acts, besides the one
    whose list the request is on. Raises SlotTakenError where somebody was first,
    BookingError where the session does not suit, PathwayError where the request is not ready to be booked.
    """  # fmt: skip
    check_can_happen(Event.BOOK, request.stage)
    question = question_for(request)
    length = cells_in(minutes or question.minutes) * CELL_MINUTES
    session = session_of(session_id)
    check_suits(session, question, starts_at)
    _check_not_elsewhere(request, starts_at, length)
    if overbook:
        _take_on_top(session)
    else:
        _take(session, starts_at, length)
    appointment = Appointment(
        request=request, session=session, starts_at=starts_at, minutes=length, overbooked=overbook,
        adjustments=list(question.needs), booked_at=timezone.now(), booked_by=by.audit_name,
    )  # fmt: skip
    try:
        appointment.save()
    except IntegrityError:
        # everything since this function began is undone as the error leaves it
        raise SlotTakenError("Somebody else booked a moment ago; look again at what is free.") from None
    details = {
        "appointment": appointment.pk, "starts_at": starts_at.isoformat(), "minutes": length,
        "scanner": session.scanner.code, "site": session.site.code,
    }  # fmt: skip
    happen(request, Event.BOOK, by=by, details=details, place=place)
    _tell(appointment_made, appointment)
    return appointment


@transaction.atomic
def cancel(appointment: Appointment, *, by: Actor, by_patient: bool, reason: str) -> None:
    """End an appointment and put the request back on the list. Its minutes are free again.

    Raises BookingError after its time, unless the patient is here: whoever did not come has missed it.
    """
    if appointment.starts_at <= timezone.now() and appointment.request.stage is not Stage.ARRIVED:
        raise BookingError("The time of this appointment is over; say on the day's list what became of it.")
    event = Event.PATIENT_CANCEL if by_patient else Event.HOSPITAL_CANCEL
    end(appointment, State.PATIENT_CANCELLED if by_patient else State.HOSPITAL_CANCELLED, reason=reason, free=True)
    details = {"appointment": appointment.pk, "appointment_on": local_day(appointment).isoformat()}
    place = appointment.session.site
    happen(appointment.request, event, by=by, reason=reason, details=details, place=place)


@transaction.atomic
def move(
    appointment: Appointment,
    session_id: int,
    starts_at: datetime.datetime,
    *,
    by: Actor,
    by_patient: bool,
    reason: str,
    place: Site | None = None,
) -> Appointment:
    """Another time in place of this one, or nothing changes. Moved to where it is, it stays as it is."""
    if (appointment.session_id, appointment.starts_at) == (session_id, starts_at):
        return appointment
    cancel(appointment, by=by, by_patient=by_patient, reason=reason)
    return book(appointment.request, session_id, starts_at, by=by, place=place)


@transaction.atomic
def confirm(appointment: Appointment, *, by: Actor) -> None:
    """The patient says they will come; saying it twice changes nothing."""
    if appointment.confirmed_at is None:
        _check_in_force(appointment)
        appointment.confirmed_at = timezone.now()
        appointment.save(update_fields=["confirmed_at"])
        happen(appointment.request, Event.CONFIRM, by=by, details={"appointment": appointment.pk})


def end(appointment: Appointment, state: Appointment.State, *, reason: str = "", free: bool = False) -> None:
    """Take an appointment out of force, inside the caller's transaction; `free` gives its minutes back."""
    _check_in_force(appointment)
    now = timezone.now()
    ended = Appointment.objects.filter(pk=appointment.pk, state=State.BOOKED).update(
        state=state, ended_at=now, ended_reason=reason[:300]
    )
    if not ended:
        raise BookingError("Somebody else ended this appointment a moment ago; look at the request again.")
    appointment.state, appointment.ended_at, appointment.ended_reason = state, now, reason[:300]
    if free:
        _give_back(appointment)
    _tell(appointment_ended, appointment)


def local_day(appointment: Appointment) -> datetime.date:
    """The day of an appointment at the hospital."""
    return appointment.starts_at.astimezone(LONDON).date()


def _check_in_force(appointment: Appointment) -> None:
    if appointment.state != State.BOOKED:
        raise BookingError(f"This appointment is no longer in force: {appointment.get_state_display().lower()}.")


def _check_not_elsewhere(request: ImagingRequest, starts_at: datetime.datetime, minutes: int) -> None:
    """Nobody lies in two scanners at once."""
    ends_at = starts_at + datetime.timedelta(minutes=minutes)
    near = Appointment.objects.in_force().filter(
        request__patient=request.patient_id, starts_at__lt=ends_at, starts_at__gt=starts_at - A_DAY
    )
    held = next((one for one in near.order_by().only("starts_at", "minutes") if one.ends_at > starts_at), None)
    if held is not None:
        raise BookingError(
            f"This patient has another appointment at {held.starts_at.astimezone(LONDON):%H:%M that day}; "
            "choose a time before or after it."
        )


def session_of(session_id: int) -> ScannerSession:
    """The session of a key, with its scanner and site. Raises BookingError where there is none."""
    session = ScannerSession.objects.select_related("scanner", "site__partner").filter(pk=session_id).order_by().first()
    if session is None:
        raise BookingError("There is no such session any more; look again at what is free.")
    return session


def _take(session: ScannerSession, starts_at: datetime.datetime, minutes: int) -> None:
    for _ in range(TRIES):
        if not slot_is_free(session, starts_at, minutes):
            raise SlotTakenError(
                f"{starts_at.astimezone(LONDON):%H:%M on %-d %B} on {session.scanner} is no longer free for "
                f"{minutes} minutes; look again at what is free."
            )
        if _swap(session, _marked(session, starts_at, minutes, TAKEN)):
            return
        session.refresh_from_db(fields=["cells", "version", "closed_reason"])
        if session.closed_reason:
            raise BookingError(f"{session.scanner} was closed a moment ago: {session.closed_reason}.")
    raise SlotTakenError("Many people book into this session just now; try again.")


def _give_back(appointment: Appointment) -> None:
    session = ScannerSession.objects.get(pk=appointment.session_id)
    for _ in range(TRIES):
        if appointment.overbooked:
            changed = session.overbooked - 1
            if _swap(session, session.cells, overbooked=changed):
                return
        elif _swap(session, _marked(session, appointment.starts_at, appointment.minutes, FREE)):
            return
        session.refresh_from_db(fields=["cells", "version", "overbooked"])
    raise BookingError("Many people book into this session just now; try again.")


def _take_on_top(session: ScannerSession) -> None:
    for _ in range(TRIES):
        if session.overbooked >= session.overbook_limit:
            raise BookingError(
                f"{session.scanner} may be over-booked {session.overbook_limit} times in that session, "
                f"and is {session.overbooked} times already."
            )
        if _swap(session, session.cells, overbooked=session.overbooked + 1):
            return
        session.refresh_from_db(fields=["cells", "version", "overbooked"])
    raise SlotTakenError("Many people book into this session just now; try again.")


def _swap(session: ScannerSession, cells: str, *, overbooked: int | None = None) -> bool:
    """Change a session only if nobody did since it was read."""
    values = {"overbooked": session.overbooked if overbooked is None else overbooked}
    unchanged = ScannerSession.objects.filter(pk=session.pk, version=session.version, closed_reason="")
    if not unchanged.update(cells=cells, version=session.version + 1, **values):
        return False
    session.cells, session.version, session.overbooked = cells, session.version + 1, values["overbooked"]
    return True


def _marked(session: ScannerSession, starts_at: datetime.datetime, minutes: int, mark: str) -> str:
    return fill(session.cells, (starts_at - session.opens_at) // CELL, cells_in(minutes), mark)


def _tell(news: object, appointment: Appointment) -> None:
    transaction.on_commit(partial(news.send_robust, sender=Appointment, appointment=appointment))  # type: ignore[attr-defined]
