"""The list as it stands, the capacity it lacks, and the closed-form figures beside it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from trustwide.analysis.capacity import closed_form
from trustwide.analysis.capacity.forecast import Range
from trustwide.analysis.capacity.model import Service
from trustwide.analysis.capacity.planner.bounds import expected_requests
from trustwide.analysis.capacity.planner.question import Question
from trustwide.analysis.capacity.planner.standing import Standing
from trustwide.analysis.capacity.planner.trial import until
from trustwide.analysis.capacity.tables import world_of


@dataclass(frozen=True)
class Gap:
    """Extra tests a week over doing nothing: `hold` keeps the list as it is; `reach`, hold included, brings it by the
    date to what a mean wait of the target leaves (Little's law); `clearance` is that one-off part, in tests."""

    hold: Range
    reach: Range
    clearance: Range


def requests_a_week(service: Service, question: Question) -> float:
    """Requests expected of all booked streams, a week, on average until the date."""
    world = world_of(until(service, question.weeks))
    return sum(expected_requests(number, world, 0, 7 * question.weeks) for number in question.targets) / question.weeks


def gap_of(service: Service, question: Question, nothing: Standing) -> Gap:
    """From the list at the date if nothing is done."""
    world = world_of(until(service, question.weeks))
    at_target = sum(
        expected_requests(number, world, 7 * question.weeks - 7, 7 * question.weeks) * target.weeks
        for number, target in question.targets.items()
    )
    grown = nothing.values("waiting") - len(service.waiting_list)
    clearance = np.full(grown.size, len(service.waiting_list) - at_target)
    return Gap(Range.of(grown / question.weeks), Range.of((grown + clearance) / question.weeks), Range.of(clearance))


def now_dict(service: Service) -> dict[str, Any]:
    """Measured on the day the service starts."""
    start = service.fields.start
    ages = np.array([(start - row.requested_on).days for row in service.waiting_list], dtype=float)
    over = int((ages >= 42).sum())
    return {
        "date": str(start),
        "list": ages.size,
        "waiting_median_weeks": round(float(np.median(ages)) / 7, 2) if ages.size else None,
        "over_6_weeks": over,
        "over_6_weeks_share": round(over / ages.size, 4) if ages.size else 0.0,
        "with_appointment": sum(row.appointment_on is not None for row in service.waiting_list),
        "streams": dict(sorted(Counter(row.stream for row in service.waiting_list).items())),
        "sites": dict(sorted(Counter(row.site for row in service.waiting_list).items())),
    }


def closed_form_dict(service: Service, question: Question, gap: Gap) -> dict[str, Any]:
    """The figures NHS analysts know (Fong et al. 2022), with why the simulation differs."""
    demand, weeks = requests_a_week(service, question), question.weeks
    target = next(iter(question.targets.values())).weeks
    waiting = float(len(service.waiting_list))
    capacity = demand - gap.hold.median
    wanted, by_little = closed_form.target_list(demand, target), closed_form.target_list(demand, target, factor=1.0)
    return {
        "demand": round(demand, 2),
        "capacity": round(capacity, 2),
        "load": round(closed_form.load(demand, capacity), 4) if capacity > 0 else None,
        "target_mean_wait": round(closed_form.target_mean_wait(target), 3),
        "target_list": round(wanted, 1),
        "relief_capacity": round(closed_form.relief_capacity(demand, waiting, wanted, weeks), 1),
        "target_capacity": round(closed_form.target_capacity(demand, target), 1),
        "pressure": round(closed_form.pressure(waiting / demand, target), 2),
        "mean_target_list": round(by_little, 1),
        "mean_target_relief_capacity": round(closed_form.relief_capacity(demand, waiting, by_little, weeks), 1),
        "why_different": (
            "The closed forms take the target as a limit that 98.2 % keep (mean wait = target / 4), one queue and "
            "rates that never change; the mean_target figures use the mean itself (Little's law). The simulation "
            "starts from the real list, books urgent requests first at each site, loses slots to missed appointments, "
            "breakdowns and closed days, and lets demand grow; its target must hold in every stream at every site."
        ),
    }
