"""Writes an extract's requests with their events and appointments, some thousand at a time."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

import polars as pl
from django.utils import timezone

from trustwide.commons.audit.actions import Actor
from trustwide.commons.organisations.models import Partnership
from trustwide.commons.patients.identity import keeps_identifiers, key_of
from trustwide.commons.patients.models import Patient
from trustwide.services.imaging.activity.appointments import HOLD_TIME, Diary, Span, held_appointments, tell_outcome
from trustwide.services.imaging.activity.codes import Meanings, State
from trustwide.services.imaging.activity.event_rows import write_events
from trustwide.services.imaging.activity.history import Fact, History, Told, Visit, facts_of
from trustwide.services.imaging.activity.mapping import Mapped
from trustwide.services.imaging.activity.matching import (
    REPLACED,
    SUPERSEDED,
    TAKEN_OVER,
    Changes,
    Held,
    asked_on,
    due_of,
    events_of,
    let_go,
    take_over,
    write_down,
)
from trustwide.services.imaging.activity.rules import check_can_import
from trustwide.services.imaging.booking.models import Appointment
from trustwide.services.imaging.requests.actions import new_request, set_derived
from trustwide.services.imaging.requests.derived import Derived, derive
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.waiting.clocks import LONDON, Happening

AT_ONCE = 5000
DERIVED = [*Derived.__dataclass_fields__]
_KEY = ("accession", "exam_id", "apart")
_VISIT = ("appointment", "booked", "arrived", "started", "finished", "cancelled")
_ONCE = ("requested", "received", "vetted", "reported", "verified")
_ENDED = ["state", "ended_at", "ended_reason", "first_time"]
Row = dict[str, Any]
Key = tuple[str, int, int]
Pairs = list[tuple["Incoming", ImagingRequest]]
Grown = list[tuple[ImagingRequest, History, int]]


@dataclass
class Incoming:
    """One request as the extract has it. key: accession, exam, and the site where patients share the accession."""

    key: Key
    row: Row
    told: Told
    facts: list[Fact]


class Store:
    """Everything that is stored of one extract, and what became of it: counts of requests and of new appointments."""

    def __init__(
        self,
        mapped: Mapped,
        people: dict[str, int],
        partnership: Partnership,
        system: str,
        by: Actor,
        *,
        in_doubt: frozenset[str] = frozenset(),
    ) -> None:
        meanings = mapped.meanings
        self.people, self.partnership, self.system, self.by = people, partnership, system, by
        self.now = timezone.now()
        self.exams = {exam.pk: exam for exam in meanings.exams.values()}
        self.sites = {site.pk: site for site in meanings.sites.values()}
        self.rows = _with_ids(mapped.frame, meanings, partnership)
        self.in_doubt = {_kept(text, partnership) for text in in_doubt | mapped.in_doubt}
        self.may_take_from: set[int] = set()
        self.added = self.changed = self.unchanged = self.appointments = 0

    def run(self, progress: Callable[[str], None]) -> None:
        """Store it all."""
        self.diary = Diary(_spans(self.rows), self.by)
        exams = self.rows.filter(pl.col("apart") == 0).group_by("accession").agg(pl.col("exam_id").unique())
        self.exams_of: dict[str, list[int]] = dict(exams.iter_rows())
        incoming, done = self._requests(), 0
        while some := list(islice(incoming, AT_ONCE)):
            self._store(some)
            done += len(some)
            progress(f"{done:,} requests read")
        self.diary.save()

    def _requests(self) -> Iterator[Incoming]:
        """One for each accession and exam; its rows are its visits."""
        for key, rows in groupby(self.rows.iter_rows(named=True), key=lambda row: tuple(row[name] for name in _KEY)):
            several = list(rows)
            told = _told(several)
            yield Incoming(key, several[-1], told, facts_of(told, self.now))

    def _store(self, some: list[Incoming]) -> None:
        held = Held([each.key[0] for each in some], self.system, self.sites)
        let_go([old for each in some for old in held.come_back(*each.key[:2])], self.by)
        pairs = [(each, self._find(each, held)) for each in some]
        known = [(each, request) for each, request in pairs if request is not None]
        replaced = self._replaced(some, held)
        events = events_of([*(request for _, request in known), *replaced])
        new = [(each, *self._new(each)) for each, request in pairs if request is None]
        taken, grown = self._go_on(known, events)
        grown += self._withdrawn(replaced, events)
        write_down(taken, self.by)
        ImagingRequest.objects.bulk_create([request for _, request, _ in new], batch_size=AT_ONCE)
        touched = {request.pk: request for request, _, _ in grown}
        touched |= {request.pk: request for _, request in known if request.pk in taken}
        ImagingRequest.objects.bulk_update(touched.values(), [*DERIVED, *TAKEN_OVER], batch_size=500)
        write_events([(request, history, 0) for _, request, history in new], self.by)
        write_events(grown, self.by)
        told = self._appointments([(each, request) for each, request, _ in new], known, replaced)
        changed = ({*touched} | told) & {request.pk for _, request in known}
        self.added += len(new)
        self.changed += len(changed) + len(replaced)
        self.unchanged += len(known) - len(changed)

    def _find(self, each: Incoming, held: Held) -> ImagingRequest | None:
        """The stored request, which may be on the list of another site: its accession says which it is."""
        accession, exam, apart = each.key
        site, patient = each.row["site_id"], self.people[each.row["patient"]]
        found = held.find(accession, exam, site, patient, anywhere=not apart)
        if found is not None and found.site_id != site:
            self._check_may_take_from([found.site_id])
        return found

    def _check_may_take_from(self, sites: Iterable[int]) -> None:
        """Raise NotAllowedError for a person who may not at the sites on whose lists requests were."""
        if asked := set(sites) - self.may_take_from:
            check_can_import(self.by, self.partnership, [self.sites[site] for site in asked])
            self.may_take_from |= asked

    def _replaced(self, some: list[Incoming], held: Held) -> list[ImagingRequest]:
        """Requests whose accession has another exam now, where the file says all of the accession."""
        found: dict[int, ImagingRequest] = {}
        for each in some:
            accession, _, apart = each.key
            if apart or accession in self.in_doubt:
                continue
            exams = self.exams_of[accession]
            modalities = {self.exams[exam].modality for exam in exams}
            old = held.replaced(accession, exams, modalities, self.people[each.row["patient"]])
            found |= {request.pk: request for request in old}
        self._check_may_take_from(old.site_id for old in found.values())
        return list(found.values())

    def _go_on(self, known: Pairs, events: dict[int, list[Happening]]) -> tuple[dict[int, Changes], Grown]:
        """What the extract changes of known requests, by their ids, and the histories that have new events."""
        taken: dict[int, Changes] = {}
        grown: Grown = []
        for each, request in known:
            before = events[request.pk]
            history = History.so_far(before)
            history.go_on(each.facts)
            priority = each.row["priority"]
            visits = [visit.appointment for visit in each.told.visits]
            due_on = due_of(each.row["due"], priority, visits, request.due_on)
            if changes := take_over(request, self.sites[each.row["site_id"]], priority, due_on):
                taken[request.pk] = changes
            if len(history.events) > len(before):
                grown.append((request, history, len(before)))
            if changes or len(history.events) > len(before):
                set_derived(request, derive(asked_on(request), request.due_on, history.events))
        return taken, grown

    def _withdrawn(self, replaced: list[ImagingRequest], events: dict[int, list[Happening]]) -> Grown:
        grown: Grown = []
        for request in replaced:
            before = events[request.pk]
            history = History.so_far(before)
            history.withdraw(self.now, SUPERSEDED, REPLACED)
            set_derived(request, derive(asked_on(request), request.due_on, history.events))
            grown.append((request, history, len(before)))
        return grown

    def _new(self, each: Incoming) -> tuple[ImagingRequest, History]:
        history = History()
        history.go_on(each.facts)
        accession, exam, _ = each.key
        row = each.row
        due_on = due_of(row["due"], row["priority"], [visit.appointment for visit in each.told.visits], None)
        request = new_request(
            Patient(pk=self.people[row["patient"]]), self.exams[exam], self.sites[row["site_id"]], row["priority"],
            history.events, due_on=due_on, accession=accession, system=self.system,
            source=(row["source"] or "")[:40],
        )  # fmt: skip
        return request, history

    def _appointments(self, new: Pairs, known: Pairs, replaced: list[ImagingRequest]) -> set[int]:
        """Add appointments that are missing and tell what became of others; ids of requests whose did change."""
        old = [*(request.pk for _, request in known), *(request.pk for request in replaced)]
        held = held_appointments(old) if old else {}
        added: list[Appointment] = []
        ended = [one for request in replaced for one in self._moved(request, held.get(request.pk, {}), ())]
        for each, request in [*new, *known]:
            theirs, visits = held.get(request.pk, {}), each.told.visits
            for visit in visits:
                in_force = visit.appointment == request.appointment_at and request.stopped_on is None
                appointment = theirs.get(visit.appointment) if visit.appointment else None
                moved_at = _moved_at(visits, visit.starts_at)
                if appointment is None:
                    minutes = self.exams[each.key[1]].minutes
                    if made := self.diary.put(request, visit, minutes, in_force=in_force, moved_at=moved_at):
                        added.append(made)
                elif appointment.state == State.BOOKED and self._ends(
                    appointment, visit, in_force=in_force, moved_at=moved_at
                ):
                    ended.append(appointment)
            ended += self._moved(request, theirs, visits)
        Appointment.objects.bulk_update(ended, _ENDED, batch_size=500)
        Appointment.objects.bulk_create(added, batch_size=AT_ONCE)
        self.appointments += len(added)
        return {one.request_id for one in [*added, *ended]}

    def _moved(
        self, request: ImagingRequest, theirs: dict[datetime.datetime, Appointment], visits: Sequence[Visit]
    ) -> list[Appointment]:
        """Appointments that the request no longer has, and that became nothing else."""
        gone = []
        for appointment in theirs.values():
            if appointment.state == State.BOOKED and appointment.starts_at != request.appointment_at:
                starts = appointment.starts_at
                moved = Visit(starts, None, None, None, None, None, "")
                if self._ends(appointment, moved, in_force=False, moved_at=_moved_at(visits, starts)):
                    gone.append(appointment)
        return gone

    def _ends(
        self, appointment: Appointment, visit: Visit, *, in_force: bool, moved_at: datetime.datetime | None
    ) -> bool:
        tell_outcome(appointment, visit, in_force=in_force, moved_at=moved_at)
        if appointment.state == State.BOOKED:
            return False
        if appointment.state not in HOLD_TIME:
            self.diary.release(appointment)
        return True


def _moved_at(visits: Sequence[Visit], starts: datetime.datetime | None) -> datetime.datetime | None:
    """When a date was moved, if it was: when the next one was agreed; None where nobody wrote that down."""
    later = (visit for visit in visits if visit.starts_at and starts and visit.starts_at > starts)
    following = next(later, None)
    return following.booked if following else None


def _kept(accession: str, partnership: Partnership) -> str:
    return accession[:64] if keeps_identifiers() else key_of(accession, partnership.slug)


def _with_ids(frame: pl.DataFrame, meanings: Meanings, partnership: Partnership) -> pl.DataFrame:
    """Rows with ids of ours and the accession as it is kept, in the order of requests and their visits."""
    exams = {code: exam.pk for code, exam in meanings.exams.items()}
    sites = {code: site.pk for code, site in meanings.sites.items()}
    scanners = {code: scanner.pk for code, scanner in meanings.scanners.items()}
    minutes = {exam.pk: exam.minutes for exam in meanings.exams.values()}
    once = frame["accession"].unique().to_list()
    kept = [_kept(text, partnership) for text in once]
    # two sites may use one number for two patients; then the site says whose it is
    shared = (pl.col("patient").n_unique().over("accession") > 1) & (pl.col("site_id").n_unique().over("accession") > 1)
    ids = pl.col("exam").replace_strict(exams, return_dtype=pl.Int64, default=None)
    return (
        frame.with_columns(
            ids.alias("exam_id"),
            ids.replace_strict(minutes, return_dtype=pl.Int64, default=None).alias("minutes"),
            pl.col("site").replace_strict(sites, return_dtype=pl.Int64, default=None).alias("site_id"),
            pl.col("scanner").replace_strict(scanners, return_dtype=pl.Int64, default=None).alias("scanner_id"),
            pl.col("accession").replace_strict(once, kept, return_dtype=pl.String),
        )
        .with_columns(pl.when(shared).then(pl.col("site_id")).otherwise(0).alias("apart"))
        .sort(*_KEY, "appointment", "source_row", nulls_last=True)
    )


def _spans(rows: pl.DataFrame) -> list[Span]:
    """From when to when each scanner has visits on each day, of visits put together as `_told` does."""
    starts = pl.coalesce("appointment", "arrived", "started", "finished").alias("starts")
    last = [pl.col(name).drop_nulls().last() for name in ("scanner_id", "appointment", "minutes")]
    visits = rows.with_columns(starts).group_by(*_KEY, "starts", maintain_order=True).agg(last)
    visits = visits.filter(pl.col("scanner_id").is_not_null() & pl.col("appointment").is_not_null())
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
