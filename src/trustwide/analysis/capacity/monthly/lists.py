"""The waiting list of one test, day by day, in cohorts: the fast path of the booked model for public monthly data.

Nobody is followed alone. A cohort holds everyone of one delay class who was requested on one day; because the
people in it are alike, counting them gives the same figures as following each (`reference.py` follows each cohort in
plain Python).

The order of service. Every class has a delay, the days it waits when the service runs as it did in the months it was
fitted to. A request's key is its day plus its delay. Each day's tests go first to urgent requests whose key has come,
then to routine requests in the order of their keys, whether or not the key has come, as long as the notice has
passed; what is left goes to urgent requests that are not due yet. Fewer tests than usual push all routine waits out
together; more tests pull them in, down to the notice. Those of a cohort who leave without a test (not needed, seen
elsewhere, clock started again) leave as its turn comes, in step with those who are tested.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Reals = NDArray[np.float64]

URGENT_NOTICE_DAYS = 1
ROUTINE_NOTICE_DAYS = 7
FAR = 1 << 30  # a day that never comes
# numba's plainest threading layer aborts the whole process when two threads enter parallel kernels at once
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class ListInputs:
    """What one run of the lists needs. R replications, D days, K classes, A ages in days, M report days.

    cohorts, leavers: people by class and day of request who will be tested, and who will leave without a test,
    (R, K, A + D); column A + d is day d, the columns before it are those on the list at the start, oldest first.
    delays: days a class waits in the fitted months, (K,). pooled_delays: the same from day `pooled_from` (-1: never).
    urgent: how many of the classes, the first ones, are urgent; the others are routine.
    tests: tests done from the list each day, not rounded, (R, D).
    removed_on, removed_share: day of a one-off validation (-1: none) and the share it removes, (R,).
    report_days: days at whose end the bands are wanted, rising, (M,).
    """

    cohorts: Ints
    leavers: Ints
    delays: Ints
    pooled_delays: Ints
    pooled_from: int
    urgent: int
    tests: Reals
    removed_on: int
    removed_share: Reals
    report_days: Ints


@dataclass(frozen=True)
class ListResults:
    """seen, waited: people tested and the sum of the days they had waited, by day and stream (urgent, routine),
    (R, D, 2). waiting: people on the list at the end of each day by stream,
    (R, D, 2). bands: by whole weeks waited, (R, M, 14).
    unused: tests there was nobody to give to, (R,)."""

    seen: Ints
    waited: Reals
    waiting: Ints
    bands: Ints
    unused: Reals


def empty_results(inputs: ListInputs) -> ListResults:
    """Results of the right shapes, all zero."""
    replications, days = inputs.tests.shape
    return ListResults(
        np.zeros((replications, days, 2), np.int32), np.zeros((replications, days, 2)),
        np.zeros((replications, days, 2), np.int32),
        np.zeros((replications, len(inputs.report_days), 14), np.int32), np.zeros(replications),
    )  # fmt: skip


def simulate_lists(inputs: ListInputs) -> ListResults:
    """Run every replication; the result does not depend on the number of threads."""
    results = empty_results(inputs)
    with _ONE_AT_A_TIME:
        _run(
            inputs.cohorts.copy(), inputs.leavers.copy(), inputs.delays, inputs.pooled_delays, inputs.pooled_from,
            inputs.urgent, inputs.tests, inputs.removed_on, inputs.removed_share, inputs.report_days,
            results.seen, results.waited, results.waiting, results.bands, results.unused,
        )  # fmt: skip
    return results


@njit(cache=True, parallel=True)
def _run(
    cohorts: Any, leavers: Any, delays: Any, pooled_delays: Any, pooled_from: int, urgent: int, tests: Any,
    removed_on: int, removed_share: Any, report_days: Any,
    seen: Any, waited: Any, waiting: Any, bands: Any, unused: Any,
) -> None:  # fmt: skip
    for r in prange(cohorts.shape[0]):
        _replication(
            cohorts[r], leavers[r], delays, pooled_delays, pooled_from, urgent, tests[r], removed_on,
            removed_share[r], report_days, seen[r], waited[r], waiting[r], bands[r], unused[r : r + 1],
        )  # fmt: skip


@njit(cache=True)
def _replication(
    cohort: Any, leaving: Any, delays: Any, pooled_delays: Any, pooled_from: int, urgent: int, tests: Any,
    removed_on: int, removed_share: float, report_days: Any,
    seen: Any, waited: Any, waiting: Any, bands: Any, unused: Any,
) -> None:  # fmt: skip
    classes, days = cohort.shape[0], len(tests)
    ages = cohort.shape[1] - days
    total = np.zeros(2, np.int64)
    for k in range(classes):
        total[int(k >= urgent)] += cohort[k, :ages].sum() + leaving[k, :ages].sum()
    heads = np.zeros(classes, np.int64)
    given, owed, next_report = 0, 0.0, 0
    order = delays
    left = np.zeros(2, np.int64)
    for day in range(days):
        for k in range(classes):
            total[int(k >= urgent)] += cohort[k, ages + day] + leaving[k, ages + day]
        if day == removed_on:
            _validate(cohort, urgent, ages + day, removed_share, total)
            _validate(leaving, urgent, ages + day, removed_share, total)
        if day == pooled_from:
            order = pooled_delays
        for k in range(classes):
            _move_head(cohort, leaving, heads, k, ages + day)
        owed += tests[day]
        room = int(np.floor(owed + 1e-9)) - given
        given += room
        left[:] = 0
        room = _serve(
            cohort, leaving, heads, delays, 0, urgent, URGENT_NOTICE_DAYS, day, ages, day, room, 0, seen, waited, left
        )
        room = _serve(
            cohort, leaving, heads, order, urgent, classes, ROUTINE_NOTICE_DAYS, FAR, ages, day, room, 1, seen, waited,
            left,
        )  # fmt: skip
        room = _serve(
            cohort, leaving, heads, delays, 0, urgent, URGENT_NOTICE_DAYS, FAR, ages, day, room, 0, seen, waited, left
        )
        unused[0] += room
        for stream in range(2):
            total[stream] -= seen[day, stream] + left[stream]
            waiting[day, stream] = total[stream]
        if next_report < len(report_days) and report_days[next_report] == day:
            _count_bands(cohort, leaving, ages + day, bands[next_report])
            next_report += 1


@njit(cache=True)
def _validate(cohort: Any, urgent: int, today: int, share: float, total: Any) -> None:
    """Remove `share` of everyone waiting, spread evenly over the cohorts, also from the totals by stream."""
    owed, removed = 0.0, 0
    for k in range(cohort.shape[0]):
        for c in range(today + 1):
            owed += cohort[k, c] * share
            now = min(int(owed + 1e-9) - removed, cohort[k, c])
            cohort[k, c] -= now
            removed += now
            total[int(k >= urgent)] -= now


@njit(cache=True)
def _serve(
    cohort: Any, leaving: Any, heads: Any, delays: Any, first: int, last: int, notice: int, due_by: int, ages: int,
    day: int, room: int, stream: int, seen: Any, waited: Any, left: Any,
) -> int:  # fmt: skip
    """Give tests to classes `first` to `last` - 1 in key order, no key past `due_by`; returns the room left.

    `heads` holds each class's oldest column with anybody in it, so the next key is the least of a few.
    """
    while room > 0:
        chosen, chosen_key = -1, due_by + 1
        for k in range(last - 1, first - 1, -1):  # of equal keys the longest delay asked first
            requested = heads[k] - ages
            key = requested + delays[k]
            if requested <= day - min(notice, delays[k]) and key < chosen_key:
                chosen, chosen_key = k, key
        if chosen < 0:
            break
        c = heads[chosen]
        now = _take(cohort, leaving, chosen, c, room, left[stream : stream + 1])
        seen[day, stream] += now
        waited[day, stream] += now * (day + ages - c)
        room -= now
        _move_head(cohort, leaving, heads, chosen, ages + day)
    return room


@njit(cache=True)
def _move_head(cohort: Any, leaving: Any, heads: Any, k: int, today: int) -> None:
    """Move a class's head past columns with nobody in them, but never past tomorrow's."""
    while heads[k] <= today and cohort[k, heads[k]] + leaving[k, heads[k]] == 0:
        heads[k] += 1


@njit(cache=True)
def _take(cohort: Any, leaving: Any, k: int, c: int, room: int, left: Any) -> Any:
    """Test as many of a cohort as there is room for, and let its leavers go in step; returns how many were tested."""
    here = cohort[k, c]
    now = min(room, here)
    gone = leaving[k, c] if now == here else leaving[k, c] * now // here
    cohort[k, c] -= now
    leaving[k, c] -= gone
    left[0] += gone
    return now


@njit(cache=True)
def _count_bands(cohort: Any, leaving: Any, today: int, bands: Any) -> None:
    for k in range(cohort.shape[0]):
        for c in range(today + 1):
            bands[min((today - c) // 7, 13)] += cohort[k, c] + leaving[k, c]
