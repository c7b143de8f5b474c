"""Runs replications of one service with the compiled kernels, in one process and in the same memory."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from trustwide.analysis.capacity.ahead import NO_ROOM, ahead_for, draw_arrivals
from trustwide.analysis.capacity.book_tables import book_of, clear
from trustwide.analysis.capacity.booked import run_booked
from trustwide.analysis.capacity.demand_tables import gap_of
from trustwide.analysis.capacity.diary import Book
from trustwide.analysis.capacity.exceptions import RunError
from trustwide.analysis.capacity.model import JOURNEY, Figures, Service
from trustwide.analysis.capacity.recursion import DRAWN_AT_ONCE, run_recursion
from trustwide.analysis.capacity.summary import figures_of, scratch_for
from trustwide.analysis.capacity.tables import PATIENT, Records, World, records, world_of
from trustwide.analysis.capacity.walk_in import STUCK, floor_of, run_walk_in

_MOST_PATIENTS = 100_000_000


class Run(NamedTuple):
    """A replication that has run: its world, how many patients came, when it ended, given appointments that misfit."""

    world: World
    admitted: int
    end: float
    misfits: int


class Runner:
    """One service, ready to be replicated. `event_list` forces the general kernel where the recursion would do."""

    def __init__(self, service: Service, *, event_list: bool = False) -> None:
        self.service = service
        self.recursive = not event_list and recursion_suffices(service)
        self._world = world_of(service)
        self._book: Book | None = None
        self._drawn = np.empty((3, DRAWN_AT_ONCE))
        self._make_room(_expected_patients(service.name, self._world) + len(service.waiting_list))

    def replicate(self, seed: int, replication: int) -> Figures:
        """The figures of one replication. Raises RunError if its last patient cannot leave."""
        run = self._run(seed, replication)
        return figures_of(run.world, run.admitted, run.end, run.misfits, self._scratch, self._book)

    def journeys(self, seed: int, replication: int) -> tuple[Records, World]:
        """Every patient of one replication (records of `model.JOURNEY`), and the world they left behind."""
        run = self._run(seed, replication)
        return records(run.world.journeys[: run.admitted].copy()), run.world

    def _make_room(self, patients: int) -> None:
        self._patients = records(np.empty(patients, PATIENT))
        self._journeys = records(np.empty(patients, JOURNEY))
        self._scratch = scratch_for(patients, self._world.streams.size)
        if not self.recursive and not self.service.booked_streams:
            self._ahead = ahead_for(self._world.streams.size)
            self._floor = floor_of(self._world, patients)
        if self.service.booked_streams:
            self._empty_book = book_of(self.service, self._world, patients)
            self._book = self._empty_book._replace(pages=self._empty_book.pages.copy())

    def _run(self, seed: int, replication: int) -> Run:
        while True:
            world = self._world.for_run(seed, replication, self._patients, self._journeys)
            run = self._follow(world)
            if run.admitted == STUCK:
                raise RunError(
                    f"{self.service.name}: stop.patients: the last patient has not left when the calendar ends, "
                    f"{self.service.fields.stop.patients:,} patients on; open more sessions or say days or weeks"
                )
            if run.admitted != NO_ROOM:
                return run
            self._make_room(2 * self._journeys.size)

    def _follow(self, world: World) -> Run:
        if self._book is not None:
            clear(self._book, self._empty_book, world)
            admitted, misfits = run_booked(world, self._book)
            return Run(world, admitted, world.end, misfits)
        if self.recursive:
            return Run(world, *run_recursion(world, np.zeros(world.devices.size), self._drawn), 0)
        coming = draw_arrivals(world, self._ahead, self._floor.attendances)
        if coming == NO_ROOM:
            return Run(world, NO_ROOM, 0.0, 0)
        return Run(world, *run_walk_in(world, coming, self._floor), 0)


def recursion_suffices(service: Service) -> bool:
    """Whether one first-come queue, always open and never down, is all the service is."""
    fields = service.fields
    stream = fields.demand[0]
    return (
        len(fields.demand) == 1
        and len(fields.sites) == 1
        and stream.access == "walk_in"
        and gap_of(stream) > 0
        and stream.did_not_attend is None
        and stream.patience_hours is None
        and not fields.closed_on
        and fields.maintenance is None
        and all(
            scanner.sessions == "always"
            and scanner.breakdowns is None
            and scanner.from_week == 0
            and scanner.until_week is None
            and scanner.modality == stream.modality
            and scanner.suits is None
            for scanner in fields.scanners
        )
    )


def _expected_patients(name: str, world: World) -> int:
    """Room for one replication with some to spare; more is made if it is not enough."""
    if world.stop_after:
        return world.stop_after
    expected = sum(world.end / gap for gap in world.streams.gap if gap > 0) + float(world.expected[:, -1].sum())
    expected += float(np.isfinite(world.timetable).sum())
    if not expected <= _MOST_PATIENTS:
        raise RunError(f"{name}: demand: some {expected:,.0f} patients a run; the most is {_MOST_PATIENTS:,}")
    return int(expected + 6 * math.sqrt(expected)) + 64
