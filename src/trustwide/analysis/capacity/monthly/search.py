"""Look for the best set of levers without trying every set in every future.

Two bounds rule sets out. A set dearer than one that meets the target in enough futures cannot be the best. And a set
without a single success in the screening futures is taken to have no subset with one: fewer tests hardly ever shorten a
mean wait in the same future (the one-list lever, which only changes the order, is left out of this argument). So the
winner is the same as that of trying everything whenever a set reaches the confidence; where none does, a likelier one
may be missed among the unlikely. `exhaustive` tries them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from trustwide.analysis.capacity.costs import LeverCost
from trustwide.analysis.capacity.forecast import Range
from trustwide.analysis.capacity.monthly.levers import Lever

SCREENING = 40  # futures that every set meets first
SHOWN = 10  # sets that people will read, and so are tried in every future


@dataclass(frozen=True)
class RankedPlan:
    """One set of levers: its cost, the probability that the target is met, the waits by the date, and
    the tests a week from the list in the last four weeks before it."""

    levers: tuple[str, ...]
    cost: LeverCost
    annual_equivalent: float
    probability_target_met: float
    scanned_mean_weeks: Range
    six_week_share: Range
    tests_per_week: Range
    target_met_on: np.datetime64 | None
    replications: int


class Evaluator(Protocol):
    """What the search asks of a planner."""

    def evaluate(self, lever_ids: Sequence[str], *, replications: int | None = None) -> RankedPlan: ...
    def lever(self, lever_id: str) -> Lever: ...
    def price(self, lever_ids: Sequence[str]) -> float: ...
    def order(self, plan: RankedPlan) -> tuple[int, float, float, tuple[str, ...]]: ...
    @property
    def confidence(self) -> float: ...


class Search:
    """Sets looked at so far, larger before smaller and cheaper before dearer."""

    def __init__(self, planner: Evaluator) -> None:
        self.planner = planner
        self.plans: dict[tuple[str, ...], RankedPlan] = {}
        self.hopeless: list[frozenset[str]] = []
        self.cheapest = float("inf")
        # three standard errors of a share near the confidence in the screening futures
        self.margin = 3 * float(np.sqrt(planner.confidence * (1 - planner.confidence) / SCREENING))

    def look_at(self, lever_ids: tuple[str, ...]) -> None:
        """Screen a set unless a bound rules it out; try it in every future when it could be the best."""
        if len(lever_ids) <= 1:
            self._keep(self.planner.evaluate(lever_ids))
            return
        if self.planner.price(lever_ids) > self.cheapest or self._has_hopeless_superset(lever_ids):
            return
        plan = self.planner.evaluate(lever_ids, replications=SCREENING)
        if plan.probability_target_met == 0:
            self.hopeless.append(frozenset(lever_ids))
        if plan.probability_target_met >= self.planner.confidence - self.margin:
            plan = self.planner.evaluate(lever_ids)
        self._keep(plan)

    def settle(self) -> list[RankedPlan]:
        """Every set looked at; all that will stand among the first have been tried in every future."""
        while True:
            first = sorted(self.plans.values(), key=self.planner.order)[:SHOWN]
            screened = [plan for plan in first if plan.replications == SCREENING]
            if not screened:
                return list(self.plans.values())
            for plan in screened:
                self._keep(self.planner.evaluate(plan.levers))

    def _keep(self, plan: RankedPlan) -> None:
        self.plans[plan.levers] = plan
        if plan.probability_target_met >= self.planner.confidence and plan.replications > SCREENING:
            self.cheapest = min(self.cheapest, plan.annual_equivalent)

    def _has_hopeless_superset(self, lever_ids: tuple[str, ...]) -> bool:
        mine = frozenset(lever_ids)
        ordering = self._ordering(mine)
        return any(mine < other and self._ordering(other) == ordering for other in self.hopeless)

    def _ordering(self, lever_ids: frozenset[str]) -> frozenset[str]:
        return frozenset(key for key in lever_ids if self.planner.lever(key).kind == "one_list")
