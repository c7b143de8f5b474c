"""Writes to requests: every one appends an event and brings the request's columns up to date with all of its events.

Events are themselves the record of who did what, sealed into the audit chain by `sealing`; nothing else is audited
here, so that two hundred bookings a second do not queue for one chain.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import can, check_can
from trustwide.commons.audit.actions import Actor
from trustwide.commons.audit.exceptions import AnonymousWriteError
from trustwide.commons.organisations.models import Site
from trustwide.commons.patients.identity import keeps_identifiers
from trustwide.commons.patients.models import Patient
from trustwide.services.imaging.requests.derived import Derived, derive
from trustwide.services.imaging.requests.models import (
    PRIORITY_DAYS,
    ExamType,
    ImagingRequest,
    PathwayEvent,
    Priority,
)
from trustwide.services.imaging.requests.pathway import Event, PathwayError, check_can_happen
from trustwide.services.imaging.requests.rules import PERMISSION_FOR
from trustwide.services.imaging.waiting.clocks import LONDON, Happening

NUL = "\x00"


@transaction.atomic
def receive_request(
    patient: Patient,
    exam: ExamType,
    site: Site,
    priority: str,
    *,
    by: Actor,
    requested_at: datetime.datetime,
    due_on: datetime.date | None = None,
    at: datetime.datetime | None = None,
    **facts: Any,
) -> ImagingRequest:
    """Put a request on the list of a site, asked for at `requested_at` (aware) and received at `at` (now).

    `facts` are source, referrer, question, accession, series. Raises PathwayError for one asked for in the future.
    """  # fmt: skip
    if isinstance(by, User):
        check_can(by, "make_bookings", site)
    now = timezone.now()
    if requested_at > now:
        raise PathwayError("The request is dated in the future; give the day on which it was made.")
    if priority == Priority.PLANNED and due_on is None:
        raise PathwayError("A planned exam needs the day it is due; give it.")
    events = [Happening(Event.REQUEST, requested_at, {}), Happening(Event.RECEIVE, max(at or now, requested_at), {})]
    request = new_request(patient, exam, site, priority, events, due_on=due_on, **facts)
    request.save()
    PathwayEvent.objects.bulk_create(event_rows(request, events, by=by))
    return request


def new_request(
    patient: Patient,
    exam: ExamType,
    site: Site,
    priority: str,
    events: list[Happening],
    *,
    due_on: datetime.date | None = None,
    **facts: Any,
) -> ImagingRequest:
    """A request as its events leave it, not yet saved; the first event is the request itself."""  # fmt: skip
    asked_on = events[0].day
    if not keeps_identifiers():
        facts.pop("question", None)  # free text may name anybody
    request = ImagingRequest(
        patient=patient, exam=exam, site=site, test=exam.test, priority=priority, due_on=due_on,
        requested_at=events[0].at, target_on=target_on(priority, asked_on, due_on), **facts,
    )  # fmt: skip
    set_derived(request, derive(asked_on, due_on, events))
    return request


def target_on(priority: str, asked_on: datetime.date, due_on: datetime.date | None) -> datetime.date:
    """The day by which the priority asks for the scan."""
    return (due_on or asked_on) + datetime.timedelta(days=PRIORITY_DAYS[Priority(priority)])


def event_rows(request: ImagingRequest, events: Iterable[Happening], *, by: Actor) -> list[PathwayEvent]:
    """Rows for the events of a new request, numbered from 1."""
    return [_row(request, number, event, "", by) for number, event in enumerate(events, start=1)]


@transaction.atomic
def happen(
    request: ImagingRequest,
    event: Event,
    *,
    by: Actor | None,
    at: datetime.datetime | None = None,
    reason: str = "",
    details: dict[str, Any] | None = None,
    place: Site | None = None,
) -> PathwayEvent:
    """Append an event to a request and derive its columns anew.

    place: the site where it happens, if that may be another than the one whose list the request is on; a person acts
    by their rights at either. Raises PathwayError where it cannot happen now, lies in the future, or somebody else
    acted first.
    """  # fmt: skip
    if by is None or not getattr(by, "audit_id", ""):
        raise AnonymousWriteError(f"'{event}' was not recorded: an action needs the person or job that does it.")
    if isinstance(by, User) and not (place and can(by, PERMISSION_FOR[event], place)):
        check_can(by, PERMISSION_FOR[event], request.site)
    rows = list(request.events.order_by("number"))
    _check_next(request, event, rows, reason)
    added = Happening(event, _when(rows, at), details or {})
    events = [*happenings(rows), added]
    set_derived(request, derive(_asked_on(request), request.due_on, events))
    row = _row(request, len(events), added, reason, by)
    try:
        row.save()
    except IntegrityError:
        # everything since this function began is undone as the error leaves it
        raise _acted_first() from None
    request.save(update_fields=list(Derived.__dataclass_fields__))
    return row


def happenings(rows: Iterable[PathwayEvent]) -> list[Happening]:
    """Events without their rows."""
    return [Happening(Event(row.kind), row.at, row.details) for row in rows]


def set_derived(request: ImagingRequest, derived: Derived) -> None:
    """Put what the events come to on the request."""
    for name, value in vars(derived).items():  # `asdict` would copy each value, which takes longer than to derive it
        setattr(request, name, value)


def _check_next(request: ImagingRequest, event: Event, rows: list[PathwayEvent], reason: str) -> None:
    if len(rows) != request.events_count:
        raise _acted_first()
    check_can_happen(event, request.stage, happened=(Event(row.kind) for row in rows), reason=reason)


def _acted_first() -> PathwayError:
    return PathwayError("Somebody else acted on this request a moment ago; look at it again and go on from there.")


def _when(rows: list[PathwayEvent], at: datetime.datetime | None) -> datetime.datetime:
    now = timezone.now()
    if at is not None and at > now:
        raise PathwayError("That time lies in the future; give the time at which it happened.")
    if at is not None and rows and at < rows[-1].at:
        raise PathwayError(
            f"That time is before the last thing recorded, at {rows[-1].at.astimezone(LONDON):%H:%M on %-d %B %Y}."
        )
    return at or (max(now, rows[-1].at) if rows else now)


def _asked_on(request: ImagingRequest) -> datetime.date:
    return request.requested_at.astimezone(LONDON).date()


def _row(request: ImagingRequest, number: int, event: Happening, reason: str, by: Actor) -> PathwayEvent:
    return PathwayEvent(
        request=request, number=number, kind=event.kind, at=event.at, actor_id=by.audit_id,
        actor_name=by.audit_name[:200], reason=reason.replace(NUL, "")[:300], details=event.details,
    )  # fmt: skip
