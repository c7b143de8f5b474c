"""Writes an extract's requests with their events and appointments, some thousand at a time."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

import polars as pl
from django.db.models import Q
from django.utils import timezone

from trustwide.commons.audit.actions import Actor
from trustwide.commons.organisations.models import Partnership
from trustwide.commons.patients.identity import keeps_identifiers, key_of
from trustwide.commons.patients.models import Patient
from trustwide.services.imaging.activity.appointments import HOLD_TIME, Diary, Span, held_appointments, tell_outcome
from trustwide.services.imaging.activity.codes import Meanings, State
from trustwide.services.imaging.activity.event_rows import write_events
from trustwide.services.imaging.activity.history import Fact, History, Told, Visit, facts_of
from trustwide.services.imaging.booking.models import Appointment
from trustwide.services.imaging.requests.actions import new_request, set_derived
from trustwide.services.imaging.requests.derived import Derived, derive
from trustwide.services.imaging.requests.models import ImagingRequest, PathwayEvent, Priority
from trustwide.services.imaging.requests.pathway import Event
from trustwide.services.imaging.waiting.clocks import LONDON, Happening

AT_ONCE = 5000
DERIVED = [*Derived.__dataclass_fields__]
_KEY = ("site_id", "accession", "exam_id")
_VISIT = ("appointment", "booked", "arrived", "started", "finished", "cancelled")
_ONCE = ("requested", "received", "vetted", "reported", "verified")
_ENDED = ["state", "ended_at", "ended_reason", "first_time"]
Row = dict[str, Any]
Key = tuple[int, str, int]


@dataclass
class Incoming:
    """One request as the extract has it."""

    key: Key
    row: Row
    told: Told
    facts: list[Fact]


class Store:
    """Everything that is stored of one extract, and what became of it: counts of requests and of new appointments."""

    def __init__(
        self,
        frame: pl.DataFrame,
        meanings: Meanings,
        people: dict[str, int],
        partnership: Partnership,
        system: str,
        by: Actor,
    ) -> None:
        self.meanings, self.people, self.system, self.by = meanings, people, system, by
        self.now = timezone.now()
        self.exams = {exam.pk: exam for exam in meanings.exams.values()}
        self.sites = {site.pk: site for site in meanings.sites.values()}
        self.rows = _with_ids(frame, meanings, partnership)
        self.added = self.changed = self.unchanged = self.appointments = 0

    def run(self, progress: Callable[[str], None]) -> None:
        """Store it all."""
        self.diary = Diary(_spans(self.rows), self.by)
        incoming, done = self._requests(), 0
        while some := list(islice(incoming, AT_ONCE)):
            self._store(some)
            done += len(some)
            progress(f"{done:,} requests read")
        self.diary.save()

    def _requests(self) -> Iterator[Incoming]:
        """One for each site, accession and exam; its rows are its visits."""
        for key, rows in groupby(self.rows.iter_rows(named=True), key=lambda row: tuple(row[name] for name in _KEY)):
            several = list(rows)
            told = _told(several)
            yield Incoming(key, several[-1], told, facts_of(told, self.now))

    def _store(self, some: list[Incoming]) -> None:
        held = self._held(some)
        new: list[tuple[Incoming, ImagingRequest, History]] = []
        grown: list[tuple[Incoming, ImagingRequest, History, int]] = []
        known: list[tuple[Incoming, ImagingRequest]] = []
        for each in some:
            if each.key not in held:
                request, history = self._new(each)
                new.append((each, request, history))
                continue
            request, events = held[each.key]
            history = History.so_far(events)
            history.go_on(each.facts)
            known.append((each, request))
            if len(history.events) > len(events):
                set_derived(request, derive(_asked_on(request), request.due_on, history.events))
                grown.append((each, request, history, len(events)))
        ImagingRequest.objects.bulk_create([request for _, request, _ in new], batch_size=AT_ONCE)
        ImagingRequest.objects.bulk_update([request for _, request, _, _ in grown], DERIVED, batch_size=500)
        write_events([(request, history, 0) for _, request, history in new], self.by)
        write_events([(request, history, start) for _, request, history, start in grown], self.by)
        told = self._appointments([(each, request) for each, request, _ in new], known)
        changed = {request.pk for _, request, _, _ in grown} | told
        self.added += len(new)
        self.changed += len(changed)
        self.unchanged += len(known) - len(changed)

    def _held(self, some: list[Incoming]) -> dict[Key, tuple[ImagingRequest, list[Happening]]]:
        """Those of `some` that are stored, with their events in order."""
        wanted = {each.key for each in some}
        accessions = sorted({each.key[1] for each in some})
        sites = sorted({each.key[0] for each in some})
        found = ImagingRequest.objects.filter(~Q(accession=""), system=self.system, site__in=sites)
        stored = {
            request.pk: request
            for request in found.filter(accession__in=accessions)
            if (request.site_id, request.accession, request.exam_id) in wanted
        }
        events: dict[int, list[Happening]] = {pk: [] for pk in stored}
        rows = PathwayEvent.objects.filter(request__in=list(stored)).order_by("request", "number")
        for pk, kind, at, details in rows.values_list("request", "kind", "at", "details"):
            events[pk].append(Happening(Event(kind), at, details))
        return {(r.site_id, r.accession, r.exam_id): (r, events[pk]) for pk, r in stored.items()}

    def _new(self, each: Incoming) -> tuple[ImagingRequest, History]:
        history = History()
        history.go_on(each.facts)
        site, accession, exam = each.key
        row = each.row
        request = new_request(
            Patient(pk=self.people[row["patient"]]), self.exams[exam], self.sites[site], row["priority"],
            history.events, due_on=_due_on(each), accession=accession, system=self.system,
            source=(row["source"] or "")[:40],
        )  # fmt: skip
        return request, history

    def _appointments(
        self, new: list[tuple[Incoming, ImagingRequest]], known: list[tuple[Incoming, ImagingRequest]]
    ) -> set[int]:
        """Add appointments that are missing and tell what became of others; ids of known requests that changed."""
        held = held_appointments(request.pk for _, request in known) if known else {}
        added, ended, changed = [], [], set[int]()
        for each, request in [*new, *known]:
            theirs = held.get(request.pk, {})
            for visit in each.told.visits:
                in_force = visit.appointment == request.appointment_at and request.stopped_on is None
                appointment = theirs.get(visit.appointment) if visit.appointment else None
                if appointment is None:
                    minutes = self.exams[each.key[2]].minutes
                    if made := self.diary.put(request, visit, minutes, in_force=in_force):
                        added.append(made)
                elif appointment.state == State.BOOKED and self._ends(appointment, visit, in_force=in_force):
                    ended.append(appointment)
            for appointment in theirs.values():
                if appointment.state == State.BOOKED and appointment.starts_at != request.appointment_at:
                    moved = Visit(appointment.starts_at, None, None, None, None, None, "")
                    if self._ends(appointment, moved, in_force=False):
                        ended.append(appointment)
        changed |= {one.request_id for one in [*added, *ended]} & {request.pk for _, request in known}
        Appointment.objects.bulk_update(ended, _ENDED, batch_size=500)
        Appointment.objects.bulk_create(added, batch_size=AT_ONCE)
        self.appointments += len(added)
        return changed

    def _ends(self, appointment: Appointment, visit: Visit, *, in_force: bool) -> bool:
        tell_outcome(appointment, visit, in_force=in_force)
        if appointment.state == State.BOOKED:
            return False
        if appointment.state not in HOLD_TIME:
            self.diary.release(appointment)
        return True


def _asked_on(request: ImagingRequest) -> datetime.date:
    return request.requested_at.astimezone(LONDON).date()


def _due_on(each: Incoming) -> datetime.date | None:
    """When a planned exam is due: as the extract says, else the day it is booked for; no other exam has such a day."""
    if each.row["priority"] != Priority.PLANNED:
        return None
    if each.row["due"]:
        due: datetime.date = each.row["due"]
        return due
    dates = [visit.appointment for visit in each.told.visits if visit.appointment]
    return dates[0].astimezone(LONDON).date() if dates else None


def _with_ids(frame: pl.DataFrame, meanings: Meanings, partnership: Partnership) -> pl.DataFrame:
    """Rows with ids of ours and the accession as it is kept, in the order of requests and their visits."""
    exams = {code: exam.pk for code, exam in meanings.exams.items()}
    sites = {code: site.pk for code, site in meanings.sites.items()}
    scanners = {code: scanner.pk for code, scanner in meanings.scanners.items()}
    minutes = {exam.pk: exam.minutes for exam in meanings.exams.values()}
    once = frame["accession"].unique().to_list()
    kept = [text[:64] if keeps_identifiers() else key_of(text, partnership.slug) for text in once]
    ids = pl.col("exam").replace_strict(exams, return_dtype=pl.Int64, default=None)
    return frame.with_columns(
        ids.alias("exam_id"),
        ids.replace_strict(minutes, return_dtype=pl.Int64, default=None).alias("minutes"),
        pl.col("site").replace_strict(sites, return_dtype=pl.Int64, default=None).alias("site_id"),
        pl.col("scanner").replace_strict(scanners, return_dtype=pl.Int64, default=None).alias("scanner_id"),
        pl.col("accession").replace_strict(once, kept, return_dtype=pl.String),
    ).sort(*_KEY, "appointment", "source_row", nulls_last=True)


def _spans(rows: pl.DataFrame) -> list[Span]:
    """From when to when each scanner has visits on each day."""
    visits = rows.filter(pl.col("scanner_id").is_not_null() & pl.col("appointment").is_not_null())
    days = visits.group_by("scanner_id", pl.col("appointment").dt.convert_time_zone(LONDON.key).dt.date().alias("day"))
    ends = pl.col("appointment") + pl.duration(minutes=pl.col("minutes"))
    spans = days.agg(pl.col("appointment").min().alias("first"), ends.max().alias("last"))
    return [Span(*row) for row in spans.select("scanner_id", "day", "first", "last").iter_rows()]


def _told(rows: list[Row]) -> Told:
    """What the rows of one request say together. Rows of one appointment are one visit; the last word counts."""
    visits: dict[datetime.datetime | None, Row] = {}
    for row in rows:
        starts = next((row[name] for name in ("appointment", "arrived", "started", "finished") if row[name]), None)
        before = visits.setdefault(starts, row)
        visits[starts] = {name: before[name] if value is None else value for name, value in row.items()}
    known = {name: [row[name] for row in rows if row[name] is not None] for name in _ONCE}
    dated = sorted(((starts, row) for starts, row in visits.items() if starts), key=lambda one: one[0])
    undated = [row for starts, row in visits.items() if starts is None]
    return Told(
        requested=min(known["requested"]),
        received=min(known["received"], default=None),
        vetted=min(known["vetted"], default=None),
        reported=max(known["reported"], default=None),
        verified=max(known["verified"], default=None),
        visits=tuple(_visit(row) for row in [*(row for _, row in dated), *undated]),
    )


def _visit(row: Row) -> Visit:
    return Visit(**{name: row[name] for name in _VISIT}, outcome=row["outcome"] or "", scanner=row["scanner_id"])
