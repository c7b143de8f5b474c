"""What each lever is worth beside the best set, and what would have to be true for another set to be the best."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trustwide.analysis.capacity.planner.lever_fields import Lever
from trustwide.analysis.capacity.planner.question import Question
from trustwide.analysis.capacity.planner.sets import LeverSet
from trustwide.analysis.capacity.planner.standing import Standing, front
from trustwide.analysis.capacity.student import t_of_95

COMPARED = 30  # replications in which a lever is tried with and without
_STEP = 0.01  # of demand
_FURTHEST = 0.25


@dataclass(frozen=True)
class Worth:
    """A lever beside the best set: the best set is one side, with or without it; the other side differs by it alone.

    weeks_saved: mean wait without less mean wait with, paired by replication, and its 95 % half-width.
    """

    lever: Lever
    in_best: bool
    probability_with: float
    probability_without: float
    weeks_saved: float
    half_width: float

    def to_dict(self) -> dict[str, Any]:
        return {
            "lever": self.lever.id,
            "in_best": self.in_best,
            "probability_with": round(self.probability_with, 4),
            "probability_without": round(self.probability_without, 4),
            "weeks_saved": {"mean": _finite(self.weeks_saved), "half_width": _finite(self.half_width)},
        }


def _finite(value: float) -> float | None:
    return round(value, 3) if math.isfinite(value) else None


@dataclass(frozen=True)
class SecondBest:
    """A set that might be the best if things were otherwise. role: best, next (in the ranking) or cheaper.

    bears: the most demand, as a share of what is expected, at which it meets the target; None if there is none.
    """

    role: str
    standing: Standing
    bears: float | None


def neighbours(best: Standing, standings: Sequence[Standing], levers: Sequence[Lever]) -> list[tuple[Lever, Standing]]:
    """For each lever the set that differs from the best by it alone; levers without an admissible one are left out."""
    by_ids = {one.levers.ids: one for one in reversed(standings)}
    found = []
    for lever in levers:
        ids = set(best.levers.ids) ^ {lever.id}
        other = by_ids.get(tuple(sorted(ids)))
        if other is not None:
            found.append((lever, other))
    return found


def worth_of(lever: Lever, best: Standing, other: Standing) -> Worth:
    """From the replications that both have had."""
    in_best = lever.id in best.levers.ids
    taken, left_out = (best, other) if in_best else (other, best)
    count = min(best.replications, other.replications)
    saved = left_out.values("scanned_mean_weeks")[:count] - taken.values("scanned_mean_weeks")[:count]
    deviation = float(saved.std(ddof=1)) if count > 1 else math.nan
    return Worth(
        lever, in_best, sum(taken.met[:count]) / count, sum(left_out.met[:count]) / count, float(saved.mean()),
        t_of_95(count - 1) * deviation / math.sqrt(count) if count > 1 else math.nan,
    )  # fmt: skip


def second_best(ranking: Sequence[Standing]) -> Standing | None:
    """The next in the ranking."""
    return ranking[1] if len(ranking) > 1 else None


def nearest_cheaper(best: Standing, standings: Sequence[Standing]) -> Standing | None:
    """The quickest of the sets that are cheaper than the best."""
    cheaper = [one for one in front(standings) if one.levers.annual_equivalent < best.levers.annual_equivalent]
    return cheaper[-1] if cheaper else None


def target_it_keeps(one: Standing, question: Question) -> float:
    """The target in weeks that the set would meet as surely as was asked (where all streams share one)."""
    weeks = next(iter(question.targets.values())).weeks
    ratios = np.sort(one.values("worst"))
    return float(ratios[min(math.ceil(question.confidence * ratios.size) - 1, ratios.size - 1)]) * weeks


def demand_it_bears(meets: Callable[[float], bool], now: bool) -> float | None:
    """The most demand, as a share of what is expected, at which a set still meets the target, to a hundredth.

    now: whether it does at 1.0. None where it does not within a quarter of that. Halving, as more demand never helps.
    """
    steps = round(_FURTHEST / _STEP)
    low, high = (0, steps) if now else (-steps, 0)
    if not now and not meets(1 + low * _STEP):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if meets(1 + middle * _STEP):
            low = middle
        else:
            high = middle
    return 1 + low * _STEP


def differing_levers(one: LeverSet, other: LeverSet) -> tuple[list[str], list[str]]:
    """Names of the levers that only the one, and only the other, has."""
    return (
        [lever.name for lever in one.levers if lever.id not in other.ids],
        [lever.name for lever in other.levers if lever.id not in one.ids],
    )
