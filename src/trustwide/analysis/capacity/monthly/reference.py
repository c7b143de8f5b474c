"""The rules of `lists.py` for one future, one cohort at a time in plain Python: slow, and the definition.

A cohort is everyone of one class who was requested on one day. Nothing is kept between days but the cohorts.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

from trustwide.analysis.capacity.monthly.lists import (
    ROUTINE_NOTICE_DAYS,
    URGENT_NOTICE_DAYS,
    ListInputs,
    ListResults,
    empty_results,
)


@dataclass
class Cohort:
    """People of one delay class requested on one day (negative: on the list at the start)."""

    number: int
    requested: int
    tested: int  # still to be tested
    leaving: int  # still to leave without a test

    def key(self, delays: list[int]) -> int:
        return self.requested + delays[self.number]

    @property
    def people(self) -> int:
        return self.tested + self.leaving


def simulate_lists(inputs: ListInputs) -> ListResults:
    """Every replication in turn; the same results as the fast path, to the last bit."""
    results = empty_results(inputs)
    for replication in range(len(inputs.tests)):
        _one_future(inputs, results, replication)
    return results


def _one_future(inputs: ListInputs, results: ListResults, r: int) -> None:
    cohorts = _all_cohorts(inputs, r)
    given, owed = 0, 0.0
    delays = inputs.delays.tolist()
    report_days = inputs.report_days.tolist()
    for day, tests in enumerate(inputs.tests[r].tolist()):
        here = [cohort for cohort in cohorts if cohort.requested <= day]
        if day == inputs.removed_on:
            _validate(here, float(inputs.removed_share[r]))
        pooled = 0 <= inputs.pooled_from <= day
        order = inputs.pooled_delays.tolist() if pooled else delays
        owed += tests
        room = floor(owed + 1e-9) - given
        given += room
        urgent = [cohort for cohort in here if cohort.number < inputs.urgent]
        routine = [cohort for cohort in here if cohort.number >= inputs.urgent]
        due = [cohort for cohort in urgent if cohort.key(delays) <= day]
        for stream, group, keys, notice in (
            (0, due, delays, URGENT_NOTICE_DAYS),
            (1, routine, order, ROUTINE_NOTICE_DAYS),
            (0, urgent, delays, URGENT_NOTICE_DAYS),
        ):
            room = _serve(group, keys, notice, day, room, results, r, stream)
        results.unused[r] += room
        results.waiting[r, day, 0] = sum(cohort.people for cohort in urgent)
        results.waiting[r, day, 1] = sum(cohort.people for cohort in routine)
        if day in report_days:
            for cohort in here:
                weeks = min((day - cohort.requested) // 7, 13)
                results.bands[r, report_days.index(day), weeks] += cohort.people


def _all_cohorts(inputs: ListInputs, r: int) -> list[Cohort]:
    ages = inputs.cohorts.shape[2] - inputs.tests.shape[1]
    return [
        Cohort(k, column - ages, int(inputs.cohorts[r, k, column]), int(inputs.leavers[r, k, column]))
        for k in range(inputs.cohorts.shape[1])
        for column in range(inputs.cohorts.shape[2])
    ]


def _validate(cohorts: list[Cohort], share: float) -> None:
    """Remove `share` of everyone: first of those to be tested, then of those to leave, each spread evenly."""
    for name in ("tested", "leaving"):
        owed, removed = 0.0, 0
        for cohort in cohorts:
            people = getattr(cohort, name)
            owed += people * share
            now = min(int(owed + 1e-9) - removed, people)
            setattr(cohort, name, people - now)
            removed += now


def _serve(
    cohorts: list[Cohort],
    delays: list[int],
    notice: int,
    day: int,
    room: int,
    results: ListResults,
    r: int,
    stream: int,
) -> int:
    """Give tests in key order, the longest delay first among equal keys; returns the room left."""
    for cohort in sorted(cohorts, key=lambda each: (each.key(delays), -each.number)):
        if room == 0:
            break
        if cohort.people == 0 or cohort.requested > day - min(notice, delays[cohort.number]):
            continue
        now = min(room, cohort.tested)
        cohort.leaving -= cohort.leaving if now == cohort.tested else cohort.leaving * now // cohort.tested
        cohort.tested -= now
        results.seen[r, day, stream] += now
        results.waited[r, day, stream] += now * (day - cohort.requested)
        room -= now
    return room
