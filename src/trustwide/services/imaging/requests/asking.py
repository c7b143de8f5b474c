"""Requests made on a page: one exam, or a series of planned ones; and what was asked for already."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import check_can
from trustwide.commons.audit.actions import Actor
from trustwide.commons.organisations.models import Partnership, Site
from trustwide.commons.patients.actions import find_or_add_patient, record_need, surviving
from trustwide.commons.patients.identity import keeps_identifiers, key_of
from trustwide.commons.patients.models import Patient
from trustwide.services.imaging.requests.actions import receive_request
from trustwide.services.imaging.requests.models import ExamType, ImagingRequest, Priority
from trustwide.services.imaging.requests.pathway import PathwayError

MOST_TIMES, MOST_WEEKS = 20, 104
LATELY = datetime.timedelta(days=30)


@dataclass(frozen=True)
class Rhythm:
    """How often a planned exam comes again: every so many weeks, so many times in all."""

    every_weeks: int
    times: int

    def days(self, first: datetime.date) -> list[datetime.date]:
        """The days on which the exams are due."""
        return [first + datetime.timedelta(weeks=self.every_weeks * number) for number in range(self.times)]


def check_rhythm(rhythm: Rhythm) -> None:
    """Raise PathwayError unless a series can be made of it."""
    if not (1 <= rhythm.every_weeks <= MOST_WEEKS and 2 <= rhythm.times <= MOST_TIMES):
        raise PathwayError(f"A series has 2 to {MOST_TIMES} exams, 1 to {MOST_WEEKS} weeks apart.")


@transaction.atomic
def make_series(
    patient: Patient,
    exam: ExamType,
    site: Site,
    rhythm: Rhythm,
    *,
    by: Actor,
    requested_at: datetime.datetime,
    due_on: datetime.date,
    **facts: Any,
) -> list[ImagingRequest]:
    """Planned requests of one series, the first due on `due_on`; all of them or none."""  # fmt: skip
    check_rhythm(rhythm)
    name = uuid.uuid4().hex
    return [
        receive_request(
            patient, exam, site, Priority.PLANNED, by=by, requested_at=requested_at, due_on=day, series=name, **facts
        )
        for day in rhythm.days(due_on)
    ]


def same_asked(patient: Patient, exam: ExamType, today: datetime.date) -> QuerySet[ImagingRequest]:
    """Requests of the same patient for the same exam that still wait, or were scanned in the last 30 days."""
    lately = Q(stop_reason="scanned", stopped_on__gte=today - LATELY)
    found = ImagingRequest.objects.filter(Q(stopped_on=None) | lately, patient=patient, exam=exam)
    return found.select_related("site", "exam").order_by("requested_at", "pk")


def find_patient(partnership: Partnership, identifier: str) -> Patient | None:
    """The person of that identifier, if somebody asked for an exam of them before."""
    found = Patient.objects.filter(partnership=partnership, key=key_of(identifier, partnership.slug)).first()
    return surviving(found) if found else None


@transaction.atomic
def ask_for(
    site: Site,
    identifier: str,
    exam: ExamType,
    priority: str,
    *,
    by: User,
    requested_at: datetime.datetime,
    due_on: datetime.date | None = None,
    rhythm: Rhythm | None = None,
    person: dict[str, Any],
    needs: Collection[str] = (),
    **facts: Any,
) -> list[ImagingRequest]:
    """Receive a request, or a series, with its patient, added if unknown, and what the patient needs."""  # fmt: skip
    check_can(by, "make_bookings", site)
    synthetic_only = not keeps_identifiers()
    patient = find_or_add_patient(site.partner.partnership, identifier, by=by, synthetic_only=synthetic_only, **person)
    for code in needs:
        record_need(patient, code, by=by)
    if rhythm is not None and due_on is not None:
        return make_series(patient, exam, site, rhythm, by=by, requested_at=requested_at, due_on=due_on, **facts)
    one = receive_request(patient, exam, site, priority, by=by, requested_at=requested_at, due_on=due_on, **facts)
    return [one]
