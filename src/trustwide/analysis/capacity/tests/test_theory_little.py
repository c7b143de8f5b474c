"""Little's law on every run, to the last patient: time on the list by two measures that share nothing.

The rules in plain Python count who is on their list as time goes on; the compiled kernel reports waits.
"""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trustwide.analysis.capacity.exceptions import RunError
from trustwide.analysis.capacity.fast import Runner
from trustwide.analysis.capacity.model import SEEN, WAITING
from trustwide.analysis.capacity.reference import WalkIns, reference_world
from trustwide.analysis.capacity.reference_booked import Booked
from trustwide.analysis.capacity.service import load_service

from .random_services import booked_services, walk_in_services

SEEDS = st.integers(0, 2**64 - 1)
SOME = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
_MEAN = 2


class CountedWalkIns(WalkIns):
    """Adds up the patients present over time, those who are to come back included."""

    now = 0.0
    area = 0.0

    def _events(self):
        events = list(super()._events())
        until = min(min(events)[0], self.world.end)
        if until < math.inf:
            self.area += sum(self._present(patient, until) for patient in [*self.waiting, *self.returning])
            self.now = until
        return iter(events)

    def _present(self, patient, until):
        """Who waits leaves when patience runs out, whether or not anybody has noticed."""
        if patient in self.returning:
            return until - self.now
        patience = float(self.world.streams[patient.stream].patience)
        return max(min(until, patient.joined + patience) - self.now, 0.0)


class CountedBooked(Booked):
    """Writes down how many requests of each stream are on the list at the end of each day."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.list = []

    def _take_requests(self, day):
        super()._take_requests(day)
        waiting = [patient.stream for patient in self.patients if patient.outcome == WAITING]
        self.list.append(np.bincount(waiting, minlength=self.streams.size))


@SOME
@given(mapping=walk_in_services(), seed=SEEDS)
def test_walk_ins(mapping, seed):
    mapping.pop("warm_up", None)
    service = load_service(mapping)
    runner = Runner(service)
    try:
        journeys, world = runner.journeys(seed, 0)
    except RunError as error:
        assert "calendar" in str(error)
        return
    counted = CountedWalkIns(reference_world(service, seed, 0))
    counted.run()
    streams = runner.replicate(seed, 0).streams
    seen = journeys.outcome == SEEN
    time_of_others = (np.minimum(journeys.left, world.end) - journeys.arrived)[~seen].sum()
    time_of_those_seen = np.nansum(streams[:, 1] * streams[:, _MEAN])
    assert streams[:, 0].sum() == len(journeys)
    assert time_of_those_seen + time_of_others == pytest.approx(counted.area, rel=1e-9, abs=1e-6)


@SOME
@given(case=booked_services(), seed=SEEDS)
def test_booked(case, seed, tmp_path):
    """The list at the end of each day, added up, is the days waited from the start of the run."""
    mapping, waiting_list = case
    (tmp_path / "list.csv").write_text(waiting_list)
    service = load_service(mapping, folder=tmp_path)
    runner = Runner(service)
    journeys, world = runner.journeys(seed, 0)
    figures = runner.replicate(seed, 0)
    counted = CountedBooked(service, seed, 0)
    counted.run()
    on_list = np.array(counted.list)
    for number in np.flatnonzero(world.streams.booked):
        mine = journeys[journeys.stream == number]
        came, seen = mine.arrived // 1440, mine.outcome == SEEN
        others = (np.minimum(mine.left, world.end)[~seen] // 1440 - np.maximum(came[~seen], 0)).sum()
        waited = np.nan_to_num(figures.streams[number, _MEAN]) * figures.streams[number, 1]
        before_the_start = np.minimum(came[seen], 0).sum()
        assert waited + before_the_start + others == pytest.approx(on_list[:, number].sum())
        assert figures.weeks[:, number, 0].tolist() == on_list[6::7, number].tolist()
