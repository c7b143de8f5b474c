"""What one replication says: waits, blocking, use, pace, and how the queues stood through the day."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from trustwide.analysis.capacity.flow.model import GONE, INSIDE, TURNED_AWAY, Department, Run
from trustwide.analysis.capacity.flow.spans import Spans
from trustwide.analysis.capacity.flow.tables import Plan, opening_parts
from trustwide.analysis.capacity.model import MINUTES_A_DAY, Reals

BIN = 15.0  # minutes: how finely queues are followed through the day

TYPE_FIGURES = ("came", "left", "turned_away", "unable_to_finish", "mean_minutes", "median_minutes", "p95_minutes")
STEP_FIGURES = ("visits", "mean_wait", "p95_wait", "waited_share", "blocked_minutes", "mean_queue", "longest_queue")
RESOURCE_FIGURES = ("utilisation", "in_use_minutes", "blocked_minutes", "waiting_minutes")
WHOLE_FIGURES = (
    "came",
    "left",
    "turned_away",
    "unable_to_finish",
    "mean_minutes",
    "median_minutes",
    "p95_minutes",
    "takt_minutes",
    "takt_needed",
    "overtime_minutes",
    "longest_queue",
)


class Figures(NamedTuple):
    """Figures of one replication; rows follow the department file, columns the names above. NaN is unknown.

    types: (types, 7), of `TYPE_FIGURES`; minutes are door to door, of those who left. steps: (steps, 7); waits are of
    visits that began, blocked minutes are a day's total of waiting for the step while keeping something of the one
    before. resources: (resources, 4): in use by a step, kept by patients who wait for the next, taken as places to
    wait, all in minutes a day; and first the share of the minutes they are there (in the department's hours if the file
    does not say) in which they are taken by any of these.
    whole: (11,). queues: (bins, steps), mean number waiting for a step in each `BIN` of the day. kept: (bins,
    resources, steps), mean number of a resource kept for a step that is not free. taken: (bins, resources).
    """

    types: Reals
    steps: Reals
    resources: Reals
    whole: Reals
    queues: Reals
    kept: Reals
    taken: Reals


def figures_of(department: Department, plan: Plan, run: Run) -> Figures:
    """The figures of one replication."""
    visits = Spans.of(plan, run)
    queues = _folded(department, [visits.waiting(step) for step in range(plan.steps)])
    kept = _kept(department, plan, visits)
    return Figures(
        types=np.array([_type_row(run, run.patients.type == number) for number in range(plan.types.size)]),
        steps=np.array([_step_row(department, plan, visits, step) for step in range(plan.steps)]),
        resources=_resource_rows(department, plan, visits),
        whole=_whole(department, plan, run, visits),
        queues=queues,
        kept=kept,
        taken=_taken(department, plan, visits),
    )


def minutes_within(begin: Reals, end: Reals, edges: Reals, weight: Reals | None = None) -> Reals:
    """(edges - 1,): how many minutes of all spans lie between each edge and the next."""
    weight = np.ones(begin.size) if weight is None else weight
    return np.diff(_minutes_since(begin, weight, edges) - _minutes_since(np.maximum(begin, end), weight, edges))


def _minutes_since(times: Reals, weight: Reals, edges: Reals) -> Reals:
    """(edges,): the sum over times of the minutes from them to the edge, of those before it."""
    order = np.argsort(times)
    counts = np.append(0.0, weight[order].cumsum())
    sums = np.append(0.0, (weight * times)[order].cumsum())
    before = np.searchsorted(times[order], edges, side="right")
    return np.asarray(counts[before] * edges - sums[before])


def bins_of(department: Department) -> int:
    """How many bins the day has, the hours run on included."""
    return math.ceil((MINUTES_A_DAY + department.fields.hours.run_on * 60.0) / BIN)


def _folded(department: Department, spans: list[tuple[Reals, Reals]], weights: list[Reals] | None = None) -> Reals:
    """(bins, spans): mean number of each list's spans that are under way in each bin of the day."""
    days, bins = department.fields.days, bins_of(department)
    a_day = int(MINUTES_A_DAY / BIN)
    edges = np.arange(0.0, (days - 1) * a_day + bins + 1.0) * BIN
    number = np.zeros((bins, len(spans)))
    for column, (begin, end) in enumerate(spans):
        whole = minutes_within(begin, end, edges, None if weights is None else weights[column]) / BIN
        number[a_day:, column] = whole[days * a_day :]
        number[:a_day, column] = whole[: days * a_day].reshape(days, a_day).mean(axis=0)
    return number


def _kept(department: Department, plan: Plan, spans: Spans) -> Reals:
    kept = np.zeros((bins_of(department), plan.holds.shape[1], plan.steps))
    for resource in range(plan.holds.shape[1]):
        begin, end, count, after = spans.keeping(department, plan, resource)
        if begin.size:
            mine = [after == step for step in range(plan.steps)]
            kept[:, resource] = _folded(
                department, [(begin[one], end[one]) for one in mine], [count[one] for one in mine]
            )
    return kept


def _taken(department: Department, plan: Plan, spans: Spans) -> Reals:
    lists, weights = [], []
    for resource in range(plan.holds.shape[1]):
        begin, end, count = spans.taking(department, plan, resource)
        lists.append((begin, end))
        weights.append(count)
    return _folded(department, lists, weights)


def _type_row(run: Run, mine: np.ndarray) -> list[float]:
    """A row of `TYPE_FIGURES` of the patients that are `mine`."""
    outcome = run.patients.outcome[mine]
    gone = mine & (run.patients.outcome == GONE)
    minutes = run.patients.left[gone] - run.patients.arrived[gone]
    counts = [float((outcome == one).sum()) for one in (GONE, TURNED_AWAY, INSIDE)]
    return [float(mine.sum()), *counts, *_spread(minutes)]


def _spread(minutes: Reals) -> list[float]:
    """Mean, median and 95th percentile."""
    if minutes.size == 0:
        return [math.nan, math.nan, math.nan]
    return [float(minutes.mean()), *np.percentile(minutes, [50, 95]).tolist()]


def _step_row(department: Department, plan: Plan, spans: Spans, step: int) -> list[float]:
    begin, end = spans.waiting(step)
    waits = (end - begin)[spans.started[spans.step == step]]
    blocked = spans.after == step
    mean, _, p95 = _spread(waits)
    return [
        float(waits.size),
        mean,
        p95,
        float((waits > 0).mean()) if waits.size else math.nan,
        float((spans.left - spans.ended)[blocked].sum()) / department.fields.days,
        float((end - begin).sum()) / plan.end,
        float(longest(begin, end)),
    ]


def longest(begin: Reals, end: Reals) -> int:
    """The most spans under way at once; those that last no time do not count."""
    real = end > begin
    times = np.concatenate([end[real], begin[real]])
    change = np.repeat([-1, 1], real.sum())
    order = np.lexsort((change, times))  # who leaves at a moment makes room for who comes then
    return int(change[order].cumsum().max(initial=0))


def _resource_rows(department: Department, plan: Plan, spans: Spans) -> Reals:
    rows = []
    days = department.fields.days
    for number, resource in enumerate(department.fields.resources):
        parts = list(opening_parts(resource, days)) if resource.times else _working_days(department, resource.count)
        there = sum((end - begin) * count for begin, end, count in parts)
        begin, end, count = spans.taking(department, plan, number)
        taken = sum(
            float(minutes_within(begin, end, np.array([opens, closes]), count)[0]) for opens, closes, _ in parts
        )
        held, kept = spans.holding(plan, number), spans.keeping(department, plan, number)
        seated, up, _ = spans.sitting(plan, number)
        minutes = [((held[1] - held[0]) * held[2]).sum(), ((kept[1] - kept[0]) * kept[2]).sum(), (up - seated).sum()]
        rows.append([taken / there, *(float(value) / days for value in minutes)])
    return np.array(rows)


def _working_days(department: Department, count: int) -> list[tuple[float, float, int]]:
    """What is always there counts as there in the department's hours."""
    starts = [day * MINUTES_A_DAY for day in range(department.fields.days)]
    return [(start + department.opens, start + department.closes, count) for start in starts]


def _whole(department: Department, plan: Plan, run: Run, spans: Spans) -> Reals:
    days = department.fields.days
    step = department.fields.steps.index(department.takt_step)
    mine = spans.step == step
    between, needed = _takt(department, spans.began[mine & spans.started], int((mine & ~spans.turned).sum()))
    day = (run.patients.arrived // MINUTES_A_DAY).astype(int)
    left = np.minimum(run.patients.left, plan.end) - day * MINUTES_A_DAY
    last = np.full(days + 2, department.closes)
    np.maximum.at(last, day, left)
    overtime = float((last - department.closes)[:days].mean())
    everybody = _type_row(run, np.ones(run.patients.size, dtype=bool))
    return np.array([*everybody, between, needed, overtime, longest(spans.joined, spans.began)])


def _takt(department: Department, starts: Reals, wanted: int) -> tuple[float, float]:
    """Mean minutes between starts within a day, and open minutes for each patient who needs the step."""
    starts = np.sort(starts)
    same_day = np.diff(starts // MINUTES_A_DAY) == 0
    gaps = np.diff(starts)[same_day]
    needed = (department.closes - department.opens) * department.fields.days / wanted if wanted else math.nan
    return (float(gaps.mean()) if gaps.size else math.nan), needed
