"""The plan: what doing nothing brings, how much is missing, and which measures bring the wait to the target.

Every combination of measures is tried in the same futures, those first that say most about the rest (`search.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from trustwide.analysis.capacity.costs import LeverCost, annual_equivalent, total_cost
from trustwide.analysis.capacity.forecast import Range
from trustwide.analysis.capacity.monthly.course import UsualCourse, expect
from trustwide.analysis.capacity.monthly.fit import (
    DELAY_DAYS,
    URGENT_CLASSES,
    WORKING_DAYS_A_WEEK,
    MonthlyFit,
    fit_streams,
)
from trustwide.analysis.capacity.monthly.history import HistoryError, MonthlyHistory
from trustwide.analysis.capacity.monthly.levers import Lever, lever_cost, refusal
from trustwide.analysis.capacity.monthly.lists import Ints, ListInputs, ListResults, simulate_lists
from trustwide.analysis.capacity.monthly.outcome import Waits, first_day_met, median_weeks
from trustwide.analysis.capacity.monthly.search import SCREENING, RankedPlan, Search
from trustwide.analysis.capacity.monthly.world import World, build_world

MOST_PLANS = 2048
HALVINGS = 10
SOONEST = 2  # months after the last known one; four checks of four weeks need seven weeks
REACHABLE = 0.9  # share of futures in which some number of tests must do, for that number to be given
WEEKS_A_YEAR = 365.25 / 7
# share of booked patients who do not attend: planning assumptions, to be confirmed with the service's own figures
DID_NOT_ATTEND = {"MRI": 0.065, "CT": 0.045, "NOUS": 0.07, "DEXA": 0.06}
DID_NOT_ATTEND_ELSEWHERE = 0.065

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Question:
    """What is asked: the mean wait of those scanned within `target_weeks` by the end of month `by`, with
    `confidence`; `replications` futures from `seed`."""

    target_weeks: float = 2.0
    by: np.datetime64 | None = None
    confidence: float = 0.8
    replications: int = 200
    seed: int = 1

    def __post_init__(self) -> None:
        if not 0 < self.target_weeks <= 52:
            raise HistoryError(f"target weeks: got {self.target_weeks}, expected more than 0 and at most 52.")
        if not 0 < self.confidence < 1:
            raise HistoryError(f"confidence: got {self.confidence}, expected a share between 0 and 1, such as 0.8.")
        if self.replications <= SCREENING:
            raise HistoryError(f"replications: got {self.replications}, expected more than {SCREENING}.")


@dataclass(frozen=True)
class MonthAhead:
    """One month end of a projection. list, over_6_weeks: people; the waits in weeks; six_week_share: of the list."""

    month: np.datetime64
    list: Range
    scanned_mean_weeks: Range
    waiting_median_weeks: Range
    over_6_weeks: Range
    six_week_share: Range


class Planner:
    """One provider's list, its futures, and what a set of levers does in them.

    `usual` is the course fitted to many lists up to the history's last month (`fit_usual_course`).

    Raises HistoryError when the months cannot carry a plan or the question cannot be answered from them.
    """

    def __init__(
        self, history: MonthlyHistory, usual: UsualCourse, levers: Sequence[Lever], question: Question | None = None
    ) -> None:
        question = question or Question()
        if not len(history.months):
            raise HistoryError(f"{history.provider_name} returned no {history.test} month to plan from.")
        last = history.months[-1]
        by = last + 6 if question.by is None else question.by.astype("datetime64[M]")
        if by <= last:
            raise HistoryError(f"by: got {by}, expected a month after the last known one, {last}.")
        if by < last + SOONEST:
            raise HistoryError(
                f"by: got {by}, expected {last + SOONEST} or later: the target must hold in each of four weeks, each "
                f"looking back over four, and one month after {last} is too short for that."
            )
        if by > last + 60:
            raise HistoryError(f"by: got {by}, expected a month within five years of the last known one, {last}.")
        self.question = replace(question, by=by)
        self.history = history
        self.fit: MonthlyFit = fit_streams(history)
        self.usual = usual
        ahead = max(12, int((by - last).astype(int)))
        self.course = expect(history, self.usual, ahead)
        self.world: World = build_world(
            history, self.fit, self.course, replications=question.replications, seed=question.seed
        )
        self.by_day = int(self.world.calendar.month_ends[int((by - last).astype(int)) - 1])
        weeks = (self.by_day + 1) // 7
        self.refused = {lever.id: reason for lever in levers if (reason := refusal(lever, weeks))}
        self.levers = tuple(levers)
        self._numbers = {lever.id: number for number, lever in enumerate(levers)}

    def lever(self, lever_id: str) -> Lever:
        """The lever of this id. Raises HistoryError with the ids there are."""
        if lever_id not in self._numbers:
            raise HistoryError(f"There is no lever '{lever_id}'; expected some of {', '.join(self._numbers)}.")
        return self.levers[self._numbers[lever_id]]

    def run(self, lever_ids: Sequence[str], *, days: int, replications: int | None = None) -> ListResults:
        """The lists under these levers for the first `days` days."""
        chosen = [self.lever(lever_id) for lever_id in lever_ids]
        return simulate_lists(self._with_levers(chosen, days, replications or self.world.replications))

    def project(self, lever_ids: Sequence[str] = ()) -> list[MonthAhead]:
        """Month by month for at least a year, (months ahead)."""
        results = self.run(lever_ids, days=len(self.world.calendar.dates))
        waits = Waits.of(results, self.world.clocks)
        rows = []
        for number, (month, end) in enumerate(
            zip(self.world.calendar.months, self.world.calendar.month_ends, strict=True)
        ):
            bands = results.bands[:, number]
            people, over = bands.sum(axis=1), bands[:, 6:].sum(axis=1)
            share = np.where(people > 0, over / np.maximum(people, 1), 0.0)
            rows.append(MonthAhead(
                month, Range.of(people.astype(float)), Range.of(waits.together[:, end]), Range.of(median_weeks(bands)),
                Range.of(over.astype(float)), Range.of(share),
            ))  # fmt: skip
        return rows

    def evaluate(self, lever_ids: Sequence[str], *, replications: int | None = None) -> RankedPlan:
        """Cost and success of one set of levers at the date."""
        futures = replications or self.world.replications
        results = self.run(lever_ids, days=self.by_day + 1, replications=futures)
        waits = Waits.of(results, self.world.clocks[:futures])
        met = waits.met(self.question.target_weeks)
        bands = results.bands[:, -1]
        share = bands[:, 6:].sum(axis=1) / np.maximum(bands.sum(axis=1), 1)
        day = first_day_met(met)
        cost = self.cost(lever_ids)
        return RankedPlan(
            levers=tuple(lever_ids),
            cost=cost,
            annual_equivalent=annual_equivalent(cost),
            probability_target_met=float(met[:, -1].mean()),
            scanned_mean_weeks=Range.of(waits.together[:, -1]),
            six_week_share=Range.of(share),
            tests_per_week=Range.of(results.seen[:, -28:].sum(axis=(1, 2)) / 4),
            target_met_on=None if day is None else self.world.calendar.dates[day],
            replications=futures,
        )

    def cost(self, lever_ids: Sequence[str]) -> LeverCost:
        """What the levers cost together."""
        waiting = float(self.history.waiting_list[-1])
        return total_cost(lever_cost(self.lever(lever_id), self.fit.tests, waiting) for lever_id in lever_ids)

    def rank(self, progress: Progress | None = None, *, exhaustive: bool = False) -> list[RankedPlan]:
        """The sets of levers worth knowing, best first: the cheapest that meets the target with the confidence asked
        for, then the others by probability; ties by lever ids. The set with no lever and each lever alone are always
        there. `exhaustive` tries every admissible set in every future; without it the winner is the same.
        """
        sets = self.admissible_sets()
        if exhaustive:
            return sorted((self.evaluate(lever_ids) for lever_ids in sets), key=self.order)
        search = Search(self)
        for number, lever_ids in enumerate(sorted(sets, key=lambda ids: (-len(ids), self.price(ids)))):
            search.look_at(lever_ids)
            if progress is not None:
                progress(number + 1, len(sets))
        return sorted(search.settle(), key=self.order)

    @property
    def confidence(self) -> float:
        """Probability a plan must reach."""
        return self.question.confidence

    @property
    def other_tests_per_week(self) -> float:
        """Planned and unscheduled tests a week over the last year: they share the scanners and the reporters."""
        monthly = self.history.planned_tests[-12:] + self.history.unscheduled_tests[-12:]
        return float(monthly.mean()) * 12 / WEEKS_A_YEAR

    def price(self, lever_ids: Sequence[str]) -> float:
        """Cost a year of the levers together, pounds."""
        return annual_equivalent(self.cost(lever_ids))

    def admissible_sets(self) -> list[tuple[str, ...]]:
        """Every combination of the levers that can act by the date, without pairs that exclude each other."""
        usable = [lever for lever in self.levers if lever.id not in self.refused]
        sets = [
            tuple(lever.id for lever in chosen)
            for size in range(len(usable) + 1)
            for chosen in combinations(usable, size)
            if not any(other.id in lever.excludes for lever in chosen for other in chosen)
        ]
        if len(sets) > MOST_PLANS:
            raise HistoryError(
                f"{len(usable)} levers make {len(sets):,} combinations, more than {MOST_PLANS:,}; leave some out."
            )
        return sets

    def order(self, plan: RankedPlan) -> tuple[int, float, float, tuple[str, ...]]:
        """Sort key of a plan: those that meet the target by cost, then the others by probability."""
        if plan.probability_target_met >= self.question.confidence:
            return 0, plan.annual_equivalent, -plan.probability_target_met, plan.levers
        return 1, -plan.probability_target_met, plan.annual_equivalent, plan.levers

    def reach(self) -> Range:
        """Extra tests a week over today's, from tomorrow to the date, that meet the target.

        The smallest number is found for each future by halving; NaN where hardly any number does, because even those
        tested after the shortest notice have waited too long. What the service usually adds of itself when the list
        presses is part of the figure, because somebody has to do those tests too.
        """
        days, futures = self.by_day + 1, self.world.replications
        inputs = self._with_levers([], days, futures)
        open_share = inputs.tests > 0
        weeks = days / 7
        low, high = np.zeros(futures), np.full(futures, 2.0 * float(self.history.waiting_list[-1]) / weeks + 1.0)
        already = self._met(simulate_lists(inputs))
        most = self._met(
            simulate_lists(replace(inputs, tests=inputs.tests + high[:, None] / WORKING_DAYS_A_WEEK * open_share))
        )
        if most.mean() < REACHABLE:
            return Range(float("nan"), float("nan"), float("nan"))
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            extra = middle[:, None] / WORKING_DAYS_A_WEEK * open_share
            met = self._met(simulate_lists(replace(inputs, tests=inputs.tests + extra)))
            low, high = np.where(met, low, middle), np.where(met, middle, high)
        usual = inputs.tests.sum(axis=1) / weeks - self.fit.tests
        return Range.of(np.where(most | already, np.where(already, 0.0, high) + usual, np.nan))

    def scanned_mean_now(self) -> Range:
        """Mean experienced wait in weeks of those scanned at present, by Little's law: the return does not give it."""
        gross = max(self.fit.gross_additions, 1e-9) * self.world.levels
        return Range.of(float(self.history.waiting_list[-1]) / gross * self.world.clocks)

    def clearance(self) -> Range:
        """People on the list above the number at which the mean wait is the target (Little's law), as tests."""
        gross = self.fit.additions / (1 - self.fit.leaving_share) * self.world.levels
        wanted = self.question.target_weeks * gross / self.world.clocks
        return Range.of(np.maximum(float(self.history.waiting_list[-1]) - wanted, 0.0))

    def _met(self, results: ListResults) -> NDArray[np.bool_]:
        return Waits.of(results, self.world.clocks).met(self.question.target_weeks)[:, -1]

    def _with_levers(self, levers: Sequence[Lever], days: int, futures: int) -> ListInputs:
        base = self.world.first_days(days)
        tests = base.tests[:futures].copy()
        open_days = self.world.calendar.open_share[:days] > 0
        today = self.fit.tests / WORKING_DAYS_A_WEEK
        removed_on, kept, delays, pooled_from = -1, np.ones(futures), base.delays, -1
        for lever in levers:
            share = lever.size * self.world.delivery(lever.id, lever.low, lever.high)[:futures]
            start = 7 * lever.lead_weeks
            acting = open_days & (np.arange(days) >= start)
            if lever.kind in ("extra_tests", "temporary_tests"):
                if lever.weeks:
                    acting &= np.arange(days) < start + 7 * lever.weeks
                tests += share[:, None] * today * acting
            elif lever.kind in ("faster", "fewer_missed"):
                gain = share if lever.kind == "faster" else share * self._missed_to_done()
                tests += gain[:, None] * base.tests[:futures] * acting
            elif lever.kind == "validate":
                removed_on = start if removed_on < 0 else min(removed_on, start)
                kept *= 1 - np.minimum(share, 1.0)
            else:
                delays, pooled_from = _pooled(base.delays, lever.size * (lever.low + lever.high) / 2), start
        return replace(
            base, cohorts=base.cohorts[:futures], leavers=base.leavers[:futures], tests=tests,
            removed_on=removed_on, removed_share=1 - kept, pooled_delays=delays, pooled_from=pooled_from,
        )  # fmt: skip

    def _missed_to_done(self) -> float:
        missed = DID_NOT_ATTEND.get(self.history.test, DID_NOT_ATTEND_ELSEWHERE)
        return missed / (1 - missed)

    def digest(self) -> str:
        """SHA-256 over the futures and the list they start from: equal digests mean equal worlds."""
        sha = hashlib.sha256()
        for array in (self.history.bands, self.world.inputs.cohorts, self.world.inputs.tests, self.world.clocks):
            sha.update(np.ascontiguousarray(array).tobytes())
        return sha.hexdigest()


def _pooled(delays: Ints, share: float) -> Ints:
    """Routine delays drawn together by `share` around their mean; urgent ones as they are."""
    routine = delays[URGENT_CLASSES:].astype(np.float64)
    drawn = np.round(routine + share * (routine.mean() - routine)).astype(np.int32)
    return np.concatenate([DELAY_DAYS[:URGENT_CLASSES], drawn])
