"""Days of the past: sessions, and requests with the events and appointments of a visit, times as on a clock."""

from __future__ import annotations

import datetime as dt

from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.commons.patients.actions import find_or_add_patient
from trustwide.services.imaging.booking.cells import CELL_MINUTES, TAKEN, all_free, fill
from trustwide.services.imaging.booking.models import Appointment, ScannerSession
from trustwide.services.imaging.requests.actions import event_rows, new_request
from trustwide.services.imaging.requests.models import PathwayEvent
from trustwide.services.imaging.requests.pathway import Event
from trustwide.services.imaging.waiting.clocks import LONDON, Happening

DAY = dt.date(2025, 6, 11)  # a Wednesday; the clocks did not change in the months around it
E, State = Event, Appointment.State
OUTCOMES = {
    E.END: State.DONE, E.MISS: State.MISSED, E.PATIENT_CANCEL: State.PATIENT_CANCELLED, E.ABANDON: State.ABANDONED,
    E.HOSPITAL_CANCEL: State.HOSPITAL_CANCELLED,
}  # fmt: skip


def at(clock: str, day: int = 0) -> dt.datetime:
    """A time such as 08:30, so many days after DAY."""
    return dt.datetime.combine(DAY + dt.timedelta(days=day), dt.time.fromisoformat(clock), LONDON)


def open_session(scanner, opens="08:00", closes="12:00", day=0, site=None):
    """A scanner's hours on a day of the past."""
    minutes = int((at(closes) - at(opens)).total_seconds()) // 60
    return ScannerSession.objects.create(
        scanner=scanner, site=site or scanner.site, opens_at=at(opens, day), closes_at=at(closes, day),
        cells=all_free(minutes),
    )  # fmt: skip


def add_history(stage, exam, events, *, site=None, priority="routine", implied=(), number=None):
    """A request with its events: (kind, time), in order."""
    patient = find_or_add_patient(stage.cast.group, f"L{number or events[0][1]}{exam}", by=STAGE)
    happened = [
        Happening(kind, when, ({"implied": True} if place in implied else {}) | extra)
        for place, (kind, when, extra) in enumerate((*one, {})[:3] for one in events)
    ]
    request = new_request(patient, stage.exams[exam], site or stage.cast.north, priority, happened)
    request.save()
    PathwayEvent.objects.bulk_create(event_rows(request, happened, by=STAGE))
    return request


def asked(when, accepted_after=dt.timedelta(hours=2)):
    """Events until a request is ready to be booked."""
    return [(E.REQUEST, when), *((kind, when + accepted_after) for kind in (
        E.RECEIVE, E.ACCEPT, E.PROTOCOL, E.SAFETY_PASS))]  # fmt: skip


def booked(starts, when):
    """The event of booking."""
    return (E.BOOK, when, {"starts_at": starts.isoformat()})


def add_visit(request, session, starts, minutes, state, ended=None):
    """An appointment that is over; its minutes are taken unless it was cancelled."""
    if state not in (State.PATIENT_CANCELLED, State.HOSPITAL_CANCELLED):
        first = int((starts - session.opens_at).total_seconds() // 60) // CELL_MINUTES
        session.cells = fill(session.cells, first, minutes // CELL_MINUTES, TAKEN)
        session.save()
    return Appointment.objects.create(
        request=request, session=session, starts_at=starts, minutes=minutes, state=state, booked_by="clerk",
        booked_at=starts - dt.timedelta(days=5), ended_at=ended or starts,
    )  # fmt: skip


def a_worked_day(stage):
    """North MR1 is open 08:00 to 12:00, 240 minutes. Everybody was asked for at 09:00.

    | | asked | booked for | arrived | in | start | end | out | left | verified |
    | A, knee | 20 days before | 08:00, 20 | 07:50 | 08:00 | 08:05 | 08:25 | 08:30 | 08:40 | 48 hours after |
    | B, knee, queried | 10 days | 08:40, 20 | 08:30 | 08:40 | 08:45 | 09:05 | 09:10 | 09:20 | 29 days after |
    | C, liver | 30 days | 09:20, 40 | 09:10 | 09:20 | 09:25 | abandoned 09:35 | | | |
    | C again | | 10:00, 40 | 09:55 | 10:00 | 10:10 | 10:50 | 10:55 | 11:05 | never |
    | D | 9 days | 11:00, 20 | did not come | | | | | | |
    | E | 8 days | 11:20, 20 | cancelled 24 hours before | | | | | | |
    | F | 7 days | 11:40, 20 | cancelled 72 hours before | | | | | | |
    """
    session = open_session(stage.scanners["MR1"])
    a = [*asked(at("09:00", -20)), booked(at("08:00"), at("12:00", -19)), *_seen("07:50 08:00 08:05 08:25 08:30 08:40")]
    a = add_history(stage, "MKNEE", [*a, (E.REPORT, at("08:25", 1)), (E.VERIFY, at("08:25", 2))])
    start = [(E.REQUEST, at("09:00", -10)), (E.RECEIVE, at("11:00", -10)), (E.QUERY, at("12:00", -10)),
             (E.ANSWER, at("13:00", -10)), (E.ACCEPT, at("14:00", -10)), (E.PROTOCOL, at("14:00", -10)),
             (E.SAFETY_PASS, at("14:00", -10)), booked(at("08:40"), at("12:00", -9))]  # fmt: skip
    b = start + _seen("08:30 08:40 08:45 09:05 09:10 09:20")
    b = add_history(stage, "MKNEE", [*b, (E.REPORT, at("09:05", 28)), (E.VERIFY, at("09:05", 29))])
    c = [*asked(at("09:00", -30)), booked(at("09:20"), at("12:00", -29))]
    c += [(E.ARRIVE, at("09:10")), (E.ENTER_ROOM, at("09:20")), (E.START, at("09:25")), (E.ABANDON, at("09:35"))]
    c = add_history(stage, "MLIVC", [*c, booked(at("10:00"), at("09:40")),
                                     *_seen("09:55 10:00 10:10 10:50 10:55 11:05")])  # fmt: skip
    d = [*asked(at("09:00", -9)), booked(at("11:00"), at("12:00", -8)), (E.MISS, at("11:30"))]
    e = [*asked(at("09:00", -8)), booked(at("11:20"), at("12:00", -7)), (E.PATIENT_CANCEL, at("11:20", -1))]
    f = [*asked(at("09:00", -7)), booked(at("11:40"), at("12:00", -6)), (E.PATIENT_CANCEL, at("11:40", -3))]
    add_visit(a, session, at("08:00"), 20, State.DONE)
    add_visit(b, session, at("08:40"), 20, State.DONE)
    add_visit(c, session, at("09:20"), 40, State.ABANDONED)
    add_visit(c, session, at("10:00"), 40, State.DONE)
    add_visit(add_history(stage, "MKNEE", d), session, at("11:00"), 20, State.MISSED)
    add_visit(add_history(stage, "MKNEE", e), session, at("11:20"), 20, State.PATIENT_CANCELLED, at("11:20", -1))
    add_visit(add_history(stage, "MKNEE", f), session, at("11:40"), 20, State.PATIENT_CANCELLED, at("11:40", -3))


def _seen(clocks):
    kinds = (E.ARRIVE, E.ENTER_ROOM, E.START, E.END, E.OUT_OF_ROOM, E.LEAVE)
    return [(kind, at(clock)) for kind, clock in zip(kinds, clocks.split(), strict=True)]
