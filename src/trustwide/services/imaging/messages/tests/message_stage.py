"""Patients who can be written to: the booking stage of a deployment that books live."""

from __future__ import annotations

import datetime as dt
import itertools

from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.services.imaging.booking.actions import book
from trustwide.services.imaging.booking.slots import find_slots, question_for

BORN = dt.date(1958, 3, 27)
_numbers = itertools.count(100_000)


def a_mobile() -> str:
    """A number of the range that Ofcom keeps for drama."""
    return f"+44770{next(_numbers):07d}"


def reachable(stage, exam="MKNEE", **facts):
    """A request ready to be booked, of somebody with a mobile."""
    known = {"mobile": a_mobile(), "born_on": BORN, "contact_by": "sms", "name": "Ada Example"} | facts
    return stage.request(exam, **known)


def booked(stage, exam="MKNEE", *, days=None, **facts):
    """An appointment at the first time so many days after the first session day, or the first of all."""
    request = reachable(stage, exam, **facts)
    day = stage.monday + dt.timedelta(days=days or 0)
    earliest = dt.datetime.combine(day, dt.time(), dt.UTC)
    slot = find_slots(question_for(request, earliest), limit=1)[0]
    return book(request, slot.session_id, slot.starts_at, by=STAGE)
