"""What one replication of a service comes to: waits by week, stream and site, and whether the target was met."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trustwide.analysis.capacity.model import LOST, MINUTES_A_DAY, SEEN, Integers, Reals, Service
from trustwide.analysis.capacity.planner.question import CHECKS, WINDOW, Question
from trustwide.analysis.capacity.service_fields import Target
from trustwide.analysis.capacity.tables import Records, records

NEVER = -1
_FAR_OFF = 1e12
_STATISTICS: dict[str, Callable[[Integers], float]] = {
    "mean": lambda waits: float(waits.mean()),
    "median": lambda waits: float(np.median(waits)),
    "p95": lambda waits: float(np.quantile(waits, 0.95)),
}


class Outcome(NamedTuple):
    """Of one replication by the date asked about.

    met: every booked stream at every site kept its target in each of the last four weeks. first_met: week (from 0) at
    whose end that was first so, and stayed so until the date; NEVER if not. scanned_mean_weeks: of all booked patients
    scanned in the last four weeks. worst: largest ratio of a statistic to its target in the last four weeks.
    lost_share: of the walk-ins that came. waiting: people on the list at the date; over_six_weeks: of them.
    """

    met: bool
    first_met: int
    scanned_mean_weeks: float
    worst: float
    lost_share: float
    waiting: int
    over_six_weeks: int


class Booked(NamedTuple):
    """The booked patients of a replication, (patients,): days from the start; left is far off for those waiting."""

    stream: Integers
    site: Integers
    arrived: Integers
    left: Integers
    seen: NDArray[np.bool_]


def booked_of(journeys: Records, targets: Mapping[int, Target]) -> Booked:
    """The patients of the streams that have a target."""
    has_target = np.zeros(max(int(journeys.stream.max(initial=0)), *targets) + 1, bool)
    has_target[list(targets)] = True
    rows = records(journeys[has_target[journeys.stream]])
    left = np.minimum(rows.left, _FAR_OFF)
    return Booked(
        rows.stream.astype(np.int64),
        rows.site.astype(np.int64),
        np.rint(rows.arrived / MINUTES_A_DAY).astype(np.int64),  # 00:00 of the request date
        (left / MINUTES_A_DAY).astype(np.int64),
        np.asarray(rows.outcome == SEEN),
    )


def outcome_of(journeys: Records, service: Service, question: Question) -> Outcome:
    """The outcome of a replication's journeys (records of `model.JOURNEY`)."""
    booked = booked_of(journeys, question.targets)
    ratios = target_ratios(booked, len(service.fields.sites), question)
    kept = np.asarray((ratios <= 1.0).all(axis=1))
    last = 7 * question.weeks
    recent = booked.seen & (booked.left >= last - 7 * WINDOW) & (booked.left < last)
    waits = (booked.left - booked.arrived)[recent]
    on_list = (booked.arrived < last) & (booked.left >= last)
    return Outcome(
        met=bool(kept[-CHECKS:].all()),
        first_met=_first_met(kept),
        scanned_mean_weeks=float(waits.mean()) / 7 if waits.size else float("nan"),
        worst=float(ratios[-CHECKS:].max()),
        lost_share=_lost_share(journeys, question.targets),
        waiting=int(on_list.sum()),
        over_six_weeks=int((on_list & (last - booked.arrived >= 42)).sum()),
    )


def target_ratios(booked: Booked, sites: int, question: Question) -> Reals:
    """Each target's statistic as a share of what it may be, (week ends from WINDOW - 1, streams with a target x sites).

    Scanned: over those scanned in the four weeks that end with a week; waiting: over those on the list at its end. A
    cell with nobody to look at is kept (0), unless somebody has waited there for longer than the target (infinite).
    """
    means = _scanned_means(booked, sites, question)
    columns = []
    for stream, target in question.targets.items():
        for site in range(sites):
            quick = means[:, stream, site] / (7 * target.weeks)
            if target.who == "scanned" and target.statistic == "mean" and np.isfinite(quick).all():
                columns.append(quick)
                continue
            here = (booked.stream == stream) & (booked.site == site)
            columns.append(_cell(Booked(*(values[here] for values in booked)), target, question.weeks))
    return np.stack(columns, axis=1)


def _scanned_means(booked: Booked, sites: int, question: Question) -> Reals:
    """Days waited by those scanned in the four weeks to a week's end, (week ends, streams, sites); NaN for nobody."""
    shape = (question.weeks, max(question.targets) + 1, sites)
    counted = booked.seen & (booked.left < 7 * question.weeks)
    cell = ((booked.left // 7 * shape[1] + booked.stream) * sites + booked.site)[counted]
    waits = (booked.left - booked.arrived)[counted]
    seen = np.bincount(cell, minlength=math.prod(shape)).reshape(shape)
    days = np.bincount(cell, waits, minlength=math.prod(shape)).reshape(shape)
    with np.errstate(invalid="ignore"):
        return np.asarray(_four_weeks(days) / _four_weeks(seen))


def _four_weeks(weekly: NDArray[Any]) -> NDArray[Any]:
    """Sums over WINDOW weeks running."""
    upto = np.concatenate([np.zeros((1, *weekly.shape[1:]), weekly.dtype), np.cumsum(weekly, axis=0)])
    return np.asarray(upto[WINDOW:] - upto[:-WINDOW])


def _cell(booked: Booked, target: Target, weeks: int) -> Reals:
    statistic = _STATISTICS[target.statistic]
    by_day = np.argsort(np.where(booked.seen, booked.left, 2**40), kind="stable")
    waits, days = (booked.left - booked.arrived)[by_day], booked.left[by_day][: booked.seen.sum()]
    ratios = np.zeros(weeks - WINDOW + 1)
    for index in range(ratios.size):
        end = 7 * (index + WINDOW)
        if target.who == "scanned":
            first, last = np.searchsorted(days, (end - 7 * WINDOW, end))
            looked_at = waits[first:last]
        else:
            looked_at = end - booked.arrived[_on_list(booked, end)]
        if looked_at.size:
            ratios[index] = statistic(looked_at) / (7 * target.weeks)
        elif (end - booked.arrived[_on_list(booked, end)] > 7 * target.weeks).any():
            ratios[index] = np.inf
    return ratios


def _on_list(booked: Booked, end: int) -> NDArray[np.bool_]:
    return np.asarray((booked.arrived < end) & (booked.left >= end))


def _first_met(kept: NDArray[np.bool_]) -> int:
    """The week at whose end the target had been kept for CHECKS weeks running, and was kept ever after."""
    if not kept[-CHECKS:].all():
        return NEVER
    broken = np.flatnonzero(~kept)
    since = int(broken[-1]) + 1 if broken.size else 0
    return since + CHECKS - 1 + WINDOW - 1


def _lost_share(journeys: Records, targets: Mapping[int, Target]) -> float:
    walk_in = np.ones(max(int(journeys.stream.max(initial=0)), *targets) + 1, bool)
    walk_in[list(targets)] = False
    outcomes = journeys.outcome[walk_in[journeys.stream]]
    return float((outcomes == LOST).mean()) if outcomes.size else 0.0
