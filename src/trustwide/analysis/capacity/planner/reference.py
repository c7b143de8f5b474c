"""The meaning of a plan in plain Python: look at every patient, try every set in every replication, take the best."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from typing import Any

from trustwide.analysis.capacity.model import MINUTES_A_DAY, SEEN, Service
from trustwide.analysis.capacity.planner.question import CHECKS, WINDOW, Question
from trustwide.analysis.capacity.planner.sets import LeverSet
from trustwide.analysis.capacity.planner.standing import LOST_MORE
from trustwide.analysis.capacity.service_fields import Target


def target_met(journeys: Iterable[Any], service: Service, question: Question) -> bool:
    """Whether a replication met the target: every booked stream, every site, at the end of each of the last weeks."""
    patients = list(journeys)
    return all(
        _kept(
            [one for one in patients if one.stream == stream and one.site == site], target, 7 * (question.weeks - back)
        )
        for stream, target in question.targets.items()
        for site in range(len(service.fields.sites))
        for back in range(CHECKS)
    )


def _kept(patients: Sequence[Any], target: Target, end: int) -> bool:
    """At one stream and site, at the end of one week (days from the start)."""
    waiting = [end - _day(one.arrived) for one in patients if _day(one.arrived) < end <= _day(one.left)]
    scanned = [
        _day(one.left) - _day(one.arrived)
        for one in patients
        if one.outcome == SEEN and end - 7 * WINDOW <= _day(one.left) < end
    ]
    looked_at = scanned if target.who == "scanned" else waiting
    if not looked_at:
        return all(days <= 7 * target.weeks for days in waiting)
    return _statistic(target.statistic, looked_at) / (7 * target.weeks) <= 1.0


def _day(minute: float) -> float:
    return minute if math.isinf(minute) else minute // MINUTES_A_DAY


def _statistic(name: str, values: Sequence[float]) -> float:
    if name == "mean":
        return math.fsum(values) / len(values)
    if name == "median":
        return statistics.median(values)
    rank = 0.95 * (len(values) - 1)
    low, high = sorted(values)[int(rank)], sorted(values)[math.ceil(rank)]
    return low + (high - low) * (rank - int(rank))


def best_of_all(
    sets: Sequence[LeverSet], met: Sequence[Sequence[bool]], lost: Sequence[Sequence[float]], question: Question
) -> LeverSet:
    """The best of sets whose replications have all been tried: met and lost share of walk-ins, by set and replication.

    The cheapest of those that are sure enough; else the likeliest. Ties by cost, lever ids, money spent by the date.
    """
    usual = lost[next(index for index, one in enumerate(sets) if not one.levers)]
    rows = []
    for one, waits_met, losses in zip(sets, met, lost, strict=True):
        wins = sum(
            good and loss <= before + LOST_MORE for good, loss, before in zip(waits_met, losses, usual, strict=True)
        )
        probability = wins / question.replications
        rows.append((probability, one))
    sure = [one for probability, one in rows if probability >= question.confidence - 1e-9]
    if sure:
        return min(sure, key=lambda one: one.order(question.weeks))
    most = max(probability for probability, _ in rows)
    return min((one for probability, one in rows if probability == most), key=lambda one: one.order(question.weeks))
