"""Which stored request a row of an extract is about, what else of it changed, and which requests an exam replaced."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Q

from trustwide.commons.audit.actions import Actor, record
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.requests.actions import target_on
from trustwide.services.imaging.requests.models import ImagingRequest, PathwayEvent, Priority
from trustwide.services.imaging.requests.pathway import Event, can_happen
from trustwide.services.imaging.waiting.clocks import LONDON, Happening

SUPERSEDED = "superseded"
REPLACED = "exam changed in the system"
TAKEN_OVER = ["site", "priority", "due_on", "target_on"]
Changes = dict[str, list[str]]


class Held:
    """The stored requests of some accessions of one system."""

    def __init__(self, accessions: Iterable[str], system: str, sites: Collection[int]) -> None:
        found = ImagingRequest.objects.filter(~Q(accession=""), system=system, site__in=sites)
        self.by_accession: dict[str, list[ImagingRequest]] = defaultdict(list)
        self.by_exam: dict[tuple[str, int], list[ImagingRequest]] = defaultdict(list)
        for request in found.filter(accession__in=sorted(set(accessions))).select_related("patient", "exam"):
            self.by_accession[request.accession].append(request)
            self.by_exam[request.accession, request.exam_id].append(request)

    def find(self, accession: str, exam: int, site: int, patient: int, *, anywhere: bool) -> ImagingRequest | None:
        """The request of this accession and exam: at the site, else, if `anywhere`, the patient's at another."""
        ours = [each for each in self.by_exam[accession, exam] if each.stop_reason != SUPERSEDED]
        here = next((each for each in ours if each.site_id == site), None)
        return here or next((each for each in ours if anywhere and is_of(each, patient)), None)

    def come_back(self, accession: str, exam: int) -> list[ImagingRequest]:
        """Withdrawn requests of an exam that was changed to another, and now is asked for after all."""
        return [each for each in self.by_exam[accession, exam] if each.stop_reason == SUPERSEDED]

    def replaced(
        self, accession: str, exams: Collection[int], modalities: Collection[str], patient: int
    ) -> list[ImagingRequest]:
        """The patient's waiting requests of an accession that has other exams now.

        Of one modality only: systems send a file for each, and one accession may stand in several.
        """
        return [
            each
            for each in self.by_accession[accession]
            if each.exam_id not in exams
            and each.exam.modality in modalities
            and is_of(each, patient)
            and each.stopped_on is None
            and can_happen(Event.WITHDRAW, each.stage)
        ]


def is_of(request: ImagingRequest, patient: int) -> bool:
    """Whether a request is this patient's, or of a record that was merged into theirs."""
    return patient in (request.patient_id, request.patient.merged_into_id)


def events_of(requests: Iterable[ImagingRequest]) -> dict[int, list[Happening]]:
    """Id of a request -> its events in order."""
    events: dict[int, list[Happening]] = {request.pk: [] for request in requests}
    rows = PathwayEvent.objects.filter(request__in=list(events)).order_by("request", "number")
    for pk, kind, at, details in rows.values_list("request", "kind", "at", "details"):
        events[pk].append(Happening(Event(kind), at, details))
    return events


def take_over(request: ImagingRequest, site: Site, priority: str, due_on: datetime.date | None) -> Changes:
    """Put another site, priority or due date on a request; what changed, each from and to."""
    new: dict[str, Any] = {"site_id": site.pk, "priority": str(priority), "due_on": due_on}
    changes = {
        name: [str(getattr(request, name) or ""), str(value or "")]
        for name, value in new.items()
        if getattr(request, name) != value
    }
    if not changes:
        return {}
    request.site, request.priority, request.due_on = site, str(priority), due_on
    request.target_on = target_on(request.priority, asked_on(request), due_on)
    return changes


def asked_on(request: ImagingRequest) -> datetime.date:
    """The day of the request, in London."""
    return request.requested_at.astimezone(LONDON).date()


def due_of(
    said: datetime.date | None, priority: str, visits: Iterable[datetime.datetime | None], before: datetime.date | None
) -> datetime.date | None:
    """When a planned exam is due: as the extract says, as it was, or the day booked first; no other has such a day."""
    if priority != Priority.PLANNED:
        return None
    booked = next((each.astimezone(LONDON).date() for each in visits if each), None)
    return said or before or booked


def write_down(changes: dict[int, Changes], by: Actor) -> None:
    """Keep in the audit what was taken over: no event of the pathway says it without a step back."""
    if changes:
        details = {"requests": [{"request": pk, **change} for pk, change in changes.items()]}
        record("took changes of requests over from a radiology system", by=by, details=details)


def let_go(requests: list[ImagingRequest], by: Actor) -> None:
    """Take the accession off withdrawn requests, so that another may have it."""
    if requests:
        pks = [request.pk for request in requests]
        ImagingRequest.objects.filter(pk__in=pks).update(accession="")
        record("took accessions off requests whose exam came back", by=by, details={"requests": pks})
