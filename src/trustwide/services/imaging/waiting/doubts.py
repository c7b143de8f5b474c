"""Which entries may be wrong? Six questions asked of everything that waits, each with the rows it finds.

Nothing is changed here. An entry that somebody vouched for is left out until `ASKED_AGAIN` has passed.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from trustwide.commons.accounts.models import User
from trustwide.commons.nhsuk.formats import clock, weeks
from trustwide.commons.nhsuk.formats import day as day_words
from trustwide.commons.patients.identity import keeps_identifiers
from trustwide.commons.patients.models import Patient
from trustwide.services.imaging.booking.models import Appointment
from trustwide.services.imaging.requests.models import ImagingRequest, PathwayEvent, Priority, RequestQuerySet
from trustwide.services.imaging.requests.pathway import Event, State
from trustwide.services.imaging.waiting.clocks import midnight
from trustwide.services.imaging.waiting.models import ListNote
from trustwide.services.imaging.waiting.notes import VALIDATED
from trustwide.services.imaging.waiting.scope import waiting_for

CLOSE = datetime.timedelta(days=30)  # two requests for one test within it may be one
LONG = datetime.timedelta(weeks=26)
ASKED_AGAIN = datetime.timedelta(weeks=12)  # to be confirmed by each group
CONTACT = (Event.OFFER, Event.DECLINE, Event.BOOK, Event.REMIND, Event.CONFIRM, Event.PATIENT_CANCEL, Event.REBOOK)
DUPLICATES, RECORDS, NO_CONTACT, NO_OUTCOME, NO_DUE, NO_DATE = (
    "duplicates", "records", "no_contact", "no_outcome", "no_due", "no_date",
)  # fmt: skip


@dataclass(frozen=True)
class Doubt:
    """A question that is asked of entries: its title, and the words by which an entry is vouched for."""

    key: str
    title: str
    words: str


DOUBTS = {
    doubt.key: doubt
    for doubt in (
        Doubt(DUPLICATES, "Asked for twice", "not asked for twice"),
        Doubt(RECORDS, "Two records, one patient", "two different patients"),
        Doubt(NO_CONTACT, "Over 26 weeks without contact", "still waiting although nobody was in contact"),
        Doubt(NO_OUTCOME, "Appointment without outcome", "the appointment has no outcome yet"),
        Doubt(NO_DUE, "Planned without a day", "planned without a day"),
        Doubt(NO_DATE, "Six weeks and no date", "has no date although six weeks have passed"),
    )
}


@dataclass(frozen=True)
class Entry:
    """A request that may be wrong, and why. other: the one it may repeat. appointment: id of the one in force, or 0."""

    request: ImagingRequest
    why: str
    other: ImagingRequest | None = None
    appointment: int = 0


@dataclass(frozen=True)
class Records:
    """Two records that may be one patient: `gone` would be merged into `into`, the older one.

    seen: ids of those that have a request at a site of the person; of others nothing may be shown.
    """

    gone: Patient
    into: Patient
    why: str
    seen: frozenset[int]

    @property
    def both_seen(self) -> bool:
        """Whether the person may see both, and so settle it."""
        return {self.gone.pk, self.into.pk} <= self.seen


def counts(user: User, day: datetime.date, pairs: Sequence[tuple[int, int]]) -> dict[str, int]:
    """How many entries each question finds; `pairs` are the `duplicates`."""
    found = {key: ask(user, day).count() for key, ask in _ASKED.items()}
    return {DUPLICATES: len(pairs), RECORDS: records(user).count()} | found


def entries(user: User, key: str, day: datetime.date) -> RequestQuerySet:
    """What one of the questions about single requests finds, the longest wait first."""
    return _ASKED[key](user, day).light().order_by("experienced_from", "pk")


def single_entries(key: str, requests: Sequence[ImagingRequest], day: datetime.date) -> list[Entry]:
    """Rows of one of the questions about single requests; one query where an appointment is asked about."""
    held: dict[int, int] = {}
    if key == NO_OUTCOME:
        in_force = Appointment.objects.in_force().filter(request__in=[one.pk for one in requests])
        held = dict(in_force.values_list("request", "pk"))
    return [Entry(one, why_doubted(key, one, day), appointment=held.get(one.pk, 0)) for one in requests]


def duplicates(user: User, *, patient_id: int | None = None) -> list[tuple[int, int]]:
    """(request, earlier request) of one patient for one exam or one test, both waiting, within thirty days.

    Planned exams count by the day they are due, so that two of one series are no duplicates. patient_id: of one only.
    """
    mine = waiting_for(user).order_by()
    mine = mine if patient_id is None else mine.filter(patient=patient_id)
    twice = list(mine.values("patient").annotate(n=Count("pk")).filter(n__gt=1).values_list("patient", flat=True))
    by_patient: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for begin in range(0, len(twice), 500):
        theirs = mine.filter(patient__in=twice[begin : begin + 500]).order_by("experienced_from", "pk")
        for patient, *facts in theirs.values_list("patient", "pk", "exam", "test", "experienced_from"):
            by_patient[patient].append(tuple(facts))
    pairs = [pair for requests in by_patient.values() for pair in _pairs(requests)]
    fine = _vouched(DUPLICATES, [later for later, _ in pairs])
    return sorted(pair for pair in pairs if pair[0] not in fine)


def duplicate_entries(pairs: Sequence[tuple[int, int]]) -> list[Entry]:
    """Rows of duplicates, with both requests."""
    ids = {pk for pair in pairs for pk in pair}
    found = ImagingRequest.objects.light().in_bulk(list(ids))
    return [
        Entry(found[later], f"{found[first].exam}, asked for on {day_words(found[first].requested_at)}", found[first])
        for later, first in pairs
        if later in found and first in found
    ]


def records(user: User) -> QuerySet[Patient]:
    """Patients who wait and look like another record: the same name and day of birth, or the same mobile number."""
    visible = Patient.objects.for_user(user).in_use()
    if not keeps_identifiers():
        return visible.none()
    groups = _alike_in(visible, "name", "born_on") + _alike_in(visible, "mobile")
    everybody = {pk for group in groups for pk in group}
    mine = waiting_for(user).exclude(_vouches(RECORDS)).filter(patient__in=everybody)
    rows = set(mine.order_by().values_list("patient", flat=True))
    waits = set(
        ImagingRequest.objects.waiting().filter(patient__in=everybody).order_by().values_list("patient", flat=True)
    )
    # of two that both wait, the younger record is the row
    found = {
        pk for group in groups for pk in rows & set(group) if any(o < pk or (o != pk and o not in waits) for o in group)
    }
    return visible.filter(pk__in=found).distinct().order_by("name", "pk")


def _alike_in(patients: QuerySet[Patient], *fields: str) -> list[list[int]]:
    """Records with equal values of some fields, in one pass over the table: groups of two or more."""
    known = patients.exclude(**{fields[0]: ""}).exclude(**{f"{fields[-1]}__isnull": True})
    keys = ("partnership", *fields)
    repeated = known.order_by().values(*keys).annotate(n=Count("pk", distinct=True)).filter(n__gt=1)
    groups: dict[tuple[Any, ...], set[int]] = {tuple(one[key] for key in keys): set() for one in repeated}
    named = known.filter(**{f"{fields[0]}__in": {key[1] for key in groups}}) if groups else known.none()
    for pk, *values in named.order_by().values_list("pk", *keys):
        if tuple(values) in groups:
            groups[tuple(values)].add(pk)
    return [sorted(group) for group in groups.values()]


def record_pairs(user: User, patients: Sequence[Patient]) -> list[Records]:
    """Each of these patients with the record it looks like, if there are several then one the person may see."""
    alike = Q(pk__in=[])
    for one in patients:
        alike |= Q(partnership=one.partnership_id, name=one.name, born_on=one.born_on) if one.name else Q()
        alike |= Q(partnership=one.partnership_id, mobile=one.mobile) if one.mobile else Q()
    others = list(Patient.objects.in_use().filter(alike).order_by("pk"))
    known = ImagingRequest.objects.for_user(user).filter(patient__in=[*others, *patients])
    seen = frozenset(known.order_by().values_list("patient", flat=True))
    others.sort(key=lambda other: other.pk not in seen)
    pairs = []
    for one in patients:
        for other in others:
            if other.pk != one.pk and (why := _alike(one, other)):
                gone, into = (one, other) if other.pk < one.pk else (other, one)
                pairs.append(Records(gone, into, why, seen))
                break
    return pairs


def pair_of(user: User, gone_id: int, into_id: int) -> Records | None:
    """The two records if they are still doubted as one patient."""
    asked = records(user).filter(pk__in=[gone_id, into_id])
    pairs = record_pairs(user, list(asked))
    return next((pair for pair in pairs if (pair.gone.pk, pair.into.pk) == (gone_id, into_id)), None)


def why_doubted(key: str, request: ImagingRequest, day: datetime.date) -> str:
    """Why one question found a request."""
    waited = weeks((day - request.experienced_from).days / 7)
    return {
        NO_CONTACT: f"Waiting for {waited}; nobody was in contact for 26 weeks",
        NO_OUTCOME: f"Appointment on {clock(request.appointment_at)}; nobody wrote what became of it",
        NO_DUE: "Planned, but for no day, so its clock cannot start when it is due",
        NO_DATE: f"Waiting for {waited}, six weeks since {day_words(request.breach_on)}, and no date",
    }[key]


def _pairs(requests: Sequence[tuple[Any, ...]]) -> list[tuple[int, int]]:
    """Each request that repeats an earlier one of the same patient, with the first that it repeats."""
    found = []
    for place, (pk, exam, test, day) in enumerate(requests):
        for first, its_exam, its_test, its_day in requests[:place]:
            if day - its_day <= CLOSE and (exam == its_exam or (test and test == its_test)):
                found.append((pk, first))
                break
    return found


def _alike(one: Patient, other: Patient) -> str:
    if one.partnership_id != other.partnership_id:
        return ""
    if one.name and one.born_on and (one.name, one.born_on) == (other.name, other.born_on):
        return "The same name and day of birth"
    return "The same mobile number" if one.mobile and one.mobile == other.mobile else ""


def _vouches(key: str) -> Exists:
    comment = f"{VALIDATED}{DOUBTS[key].words}"
    since = timezone.now() - ASKED_AGAIN
    return Exists(ListNote.objects.filter(request=OuterRef("pk"), comment=comment, made_at__gte=since))


def _vouched(key: str, ids: Sequence[int]) -> set[int]:
    comment, since = f"{VALIDATED}{DOUBTS[key].words}", timezone.now() - ASKED_AGAIN
    notes = ListNote.objects.filter(comment=comment, made_at__gte=since)
    return {pk for pk in notes.values_list("request", flat=True) if pk in set(ids)} if ids else set()


def _doubted(user: User, key: str) -> RequestQuerySet:
    return waiting_for(user).exclude(_vouches(key))


def _no_contact(user: User, day: datetime.date) -> RequestQuerySet:
    since = timezone.now() - LONG
    spoken = PathwayEvent.objects.filter(request=OuterRef("pk"), kind__in=CONTACT, at__gte=since)
    return _doubted(user, NO_CONTACT).active(day).filter(experienced_from__lte=day - LONG).exclude(Exists(spoken))


def _no_outcome(user: User, day: datetime.date) -> RequestQuerySet:
    return _doubted(user, NO_OUTCOME).filter(state=State.BOOKED, appointment_at__lt=midnight(day))


def _no_due(user: User, day: datetime.date) -> RequestQuerySet:
    return _doubted(user, NO_DUE).filter(priority=Priority.PLANNED, due_on=None)


def _no_date(user: User, day: datetime.date) -> RequestQuerySet:
    return _doubted(user, NO_DATE).active(day).filter(breach_on__lte=day, appointment_at=None)


_ASKED: dict[str, Callable[[User, datetime.date], RequestQuerySet]] = {
    NO_CONTACT: _no_contact, NO_OUTCOME: _no_outcome, NO_DUE: _no_due, NO_DATE: _no_date,
}  # fmt: skip
