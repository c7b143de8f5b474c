"""The bottleneck of each hour, by a stated rule, and in words.

Rule. In each hour of the working day and after it, the step for which most patients wait on average (over time and
replications) is looked at. If more than half of what it is short of is kept by patients who are done there and wait
for a later step, that later step is looked at in its place, and so on: the queue is there, its cause is further on.
What a step is short of is that of the things it holds of which the largest share is taken in the hour. The step is
the hour's bottleneck if on average at least one patient waits for it, or for the step that led to it.
The sentence names the step that is the bottleneck for the longest time on end; of equals the one with more waiting.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from trustwide.analysis.capacity.flow.measures import BIN, Figures
from trustwide.analysis.capacity.flow.model import Department
from trustwide.analysis.capacity.flow.tables import opening_parts
from trustwide.analysis.capacity.model import Reals

FEWEST_WAITING = 1.0
_HOUR = int(60 / BIN)


class Hour(NamedTuple):
    """The bottleneck of one hour of the day: number of the step, mean number waiting where the queue stands."""

    hour: int
    step: int
    waiting: float


class Bottleneck(NamedTuple):
    """The longest time on end with one bottleneck: from one hour to another."""

    step: int
    opens: int
    closes: int
    waiting: float


def hours_of(department: Department, figures: Sequence[Figures]) -> list[Hour]:
    """The bottleneck of every hour that has one."""
    queues = _by_hour(np.mean([one.queues for one in figures], axis=0))
    kept = _by_hour(np.mean([one.kept for one in figures], axis=0))
    taken = _by_hour(np.mean([one.taken for one in figures], axis=0))
    found = []
    for hour in range(queues.shape[0]):
        first = int(queues[hour].argmax())
        if queues[hour, first] >= FEWEST_WAITING:
            step = _cause(department, first, kept[hour], taken[hour], hour)
            found.append(Hour(hour, step, float(queues[hour, first])))
    return found


def _by_hour(bins: Reals) -> Reals:
    """Means over the bins of each hour; the last hour may be short."""
    starts = np.arange(0, bins.shape[0], _HOUR)
    length = np.diff(np.append(starts, bins.shape[0]))
    return np.asarray(np.add.reduceat(bins, starts, axis=0) / length.reshape(-1, *[1] * (bins.ndim - 1)))


def _cause(department: Department, step: int, kept: Reals, taken: Reals, hour: int) -> int:
    """The step on whose account the queue for `step` is there."""
    seen = {step}
    while True:
        short = _short_of(department, step, taken, hour)
        if short is None or 2 * kept[short].sum() <= taken[short]:
            return step
        step = int(kept[short].argmax())
        if step in seen:
            return step
        seen.add(step)


def _short_of(department: Department, step: int, taken: Reals, hour: int) -> int | None:
    """The resource that the step holds of which the largest share is taken."""
    names = [resource.id for resource in department.fields.resources]
    held = [names.index(name) for name in department.fields.steps[step].holds]
    return max(held, key=lambda one: taken[one] / _there(department, one, hour), default=None)


def _there(department: Department, resource: int, hour: int) -> float:
    """How many of a resource there are in an hour, at least a trifle."""
    total = sum(
        count * max(0.0, min(closes, 60.0 * (hour + 1)) - max(opens, 60.0 * hour)) / 60.0
        for opens, closes, count in opening_parts(department.fields.resources[resource], 1)
    )
    return max(total, 1e-9)


def longest_of(hours: Sequence[Hour]) -> Bottleneck | None:
    """The longest run of hours on end with the same bottleneck."""
    best: Bottleneck | None = None
    for number, first in enumerate(hours):
        run = [first]
        for hour in hours[number + 1 :]:
            if hour.step != first.step or hour.hour != run[-1].hour + 1:
                break
            run.append(hour)
        waiting = sum(hour.waiting for hour in run) / len(run)
        if best is None or (len(run), waiting) > (best.closes - best.opens, best.waiting):
            best = Bottleneck(first.step, first.hour, run[-1].hour + 1, waiting)
    return best


def sentence(department: Department, hours: Sequence[Hour]) -> str:
    """`Cannulation is the bottleneck from 10:00 to 14:00.`"""
    found = longest_of(hours)
    if found is None:
        return "No step is a bottleneck: in no hour does one patient on average wait for any step."
    step = department.fields.steps[found.step].id
    return f"{step} is the bottleneck from {clock(60 * found.opens)} to {clock(60 * found.closes)}."


def clock(minutes: float) -> str:
    """Minutes after midnight as HH:MM; after the last midnight the hours go on counting from 00."""
    whole = int(minutes)
    shown = whole % 1440 if whole > 1440 else whole
    return f"{shown // 60:02d}:{shown % 60:02d}"
