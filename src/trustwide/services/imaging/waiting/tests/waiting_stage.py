"""Requests on the lists of two sites, asked for, booked and missed on given days."""

from __future__ import annotations

import datetime as dt
import itertools

from django.utils import timezone

from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.commons.patients.actions import find_or_add_patient
from trustwide.services.imaging.booking.models import Appointment
from trustwide.services.imaging.requests.actions import event_rows, new_request
from trustwide.services.imaging.requests.models import ImagingRequest, PathwayEvent
from trustwide.services.imaging.requests.pathway import Event
from trustwide.services.imaging.waiting.clocks import LONDON, Happening

_numbers = itertools.count(1)
READY = (Event.REQUEST, Event.RECEIVE, Event.ACCEPT, Event.PROTOCOL, Event.SAFETY_PASS)


def today():
    return timezone.localdate()


def noon(day):
    return dt.datetime.combine(day, dt.time(12), LONDON)


def patient(stage, **facts):
    """Somebody new."""
    return find_or_add_patient(stage.cast.group, f"W{next(_numbers)}", by=STAGE, **{"born_year": 1960} | facts)


def request(
    stage, days_ago=10, *, exam="MKNEE", site=None, priority="routine", who=None, due_on=None, more=(), at=None,
    steps=READY,
):  # fmt: skip
    """A request asked for so many days ago (or `at`), then taken through `steps` and `more` (kind, day, details)."""
    asked = at or noon(today() - dt.timedelta(days=days_ago))
    events = [Happening(kind, asked, {}) for kind in steps]
    events += [Happening(kind, noon(day), details) for kind, day, details in more]
    made = new_request(
        who or patient(stage), stage.exams[exam], site or stage.cast.north, priority, events, due_on=due_on
    )
    made.save()
    PathwayEvent.objects.bulk_create(event_rows(made, events, by=STAGE))
    return ImagingRequest.objects.select_related("exam", "patient", "site").get(pk=made.pk)


def booked(stage, days_ago, day, **more):
    """A request with an appointment on a day, past or to come; its row stands in the session `MR1` made for it."""
    starts = noon(day)
    details = {"starts_at": starts.astimezone(dt.UTC).isoformat()}
    made = request(stage, days_ago, more=[(Event.BOOK, today() - dt.timedelta(days=days_ago), details)], **more)
    session = a_session(stage, day)
    Appointment.objects.create(
        request=made, session=session, starts_at=starts + dt.timedelta(seconds=next(_numbers)), minutes=20,
        booked_at=noon(day - dt.timedelta(days=5)), booked_by="tests",
    )  # fmt: skip
    return made


def a_session(stage, day, *, scanner="MR1", hours=2, cells=None, closed="", opens=11):
    """A session of so many hours on a day, past ones too; found again if it is there."""
    starts = dt.datetime.combine(day, dt.time(opens), LONDON)
    session, _ = stage.scanners[scanner].sessions.get_or_create(
        opens_at=starts,
        defaults={
            "site": stage.scanners[scanner].site, "closes_at": starts + dt.timedelta(hours=hours),
            "cells": cells or "." * (hours * 12), "closed_reason": closed,
        },
    )  # fmt: skip
    return session
