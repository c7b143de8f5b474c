"""Where a set of levers stands in the search: its replications so far and what they decide."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from trustwide.analysis.capacity.forecast import Range
from trustwide.analysis.capacity.model import Reals
from trustwide.analysis.capacity.planner.bounds import Room
from trustwide.analysis.capacity.planner.outcome import Outcome
from trustwide.analysis.capacity.planner.question import Question
from trustwide.analysis.capacity.planner.sets import LeverSet

LOST_MORE = 0.01  # a plan that loses this much more of the walk-ins than doing nothing does not meet the target
DOUBT = 1e-6  # a set is dropped when one as sure as was asked for would do so badly less often than this


@dataclass
class Standing:
    """One set: the room its sessions have and its outcomes, replication by replication."""

    levers: LeverSet
    room: Room | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    usual_loss: Sequence[float] = ()  # share of walk-ins lost by doing nothing, replication by replication

    @property
    def replications(self) -> int:
        return len(self.outcomes)

    @property
    def ruled_out(self) -> bool:
        """Whether more work than its sessions can hold makes simulating it needless."""
        return self.room is not None and not self.room.suffices

    @property
    def met(self) -> list[bool]:
        """Replications in which the target was met without more walk-ins lost."""
        return [
            one.met and one.lost_share <= usual + LOST_MORE
            for one, usual in zip(self.outcomes, self.usual_loss, strict=False)
        ]

    @property
    def successes(self) -> int:
        return sum(self.met)

    @property
    def probability(self) -> float:
        return self.successes / self.replications if self.replications else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the probability (Wilson 1927)."""
        trials, z = self.replications, 1.959964
        if not trials:
            return 0.0, 1.0
        middle = self.probability + z * z / (2 * trials)
        reach = z * math.sqrt(self.probability * (1 - self.probability) / trials + z * z / (4 * trials * trials))
        return max(0.0, (middle - reach) / (1 + z * z / trials)), min(1.0, (middle + reach) / (1 + z * z / trials))

    @property
    def mean_wait(self) -> float:
        """Mean wait of those scanned in the last four weeks, in weeks; infinite where nobody was."""
        waits = self.values("scanned_mean_weeks")
        return float(np.nanmean(waits)) if np.isfinite(waits).any() else math.inf

    def range_of(self, name: str) -> Range:
        """Median and 80 % interval of a figure of the outcomes."""
        return Range.of(self.values(name))

    def values(self, name: str) -> Reals:
        return np.array([getattr(one, name) for one in self.outcomes], dtype=float)


def is_sure(standing: Standing, wanted: int) -> bool:
    """Whether it has met the target in as many replications as are wanted of all."""
    return standing.successes >= wanted


def is_out(standing: Standing, wanted: int, replications: int) -> bool:
    """Whether it cannot, or all but certainly will not, meet the target in `wanted` of `replications`.

    The second is a sequential test against the share wanted: the chance of so few successes by one that just has it
    (binomial tail) is below DOUBT.
    """
    if standing.ruled_out:
        return True
    failures = standing.replications - standing.successes
    if failures > replications - wanted:
        return True
    return binomial_tail(standing.successes, standing.replications, wanted / replications) < DOUBT


def binomial_tail(successes: int, trials: int, share: float) -> float:
    """P(X <= successes) for X binomial with so many trials of this share, summed exactly."""
    if trials == 0:
        return 1.0
    return math.fsum(
        math.comb(trials, number) * share**number * (1 - share) ** (trials - number) for number in range(successes + 1)
    )


def first_block(wanted: int, replications: int) -> int:
    """The fewest replications after which a set that met the target in none of them is out."""
    for trials in range(1, replications):
        if binomial_tail(0, trials, wanted / replications) < DOUBT:
            return trials
    return replications


def can_catch_up(one: Standing, leader: Standing, replications: int) -> bool:
    """Whether a set may still turn out as likely as the leader when both have had all replications."""
    if one is leader:
        return one.replications < replications
    if one.successes + replications - one.replications < leader.successes:
        return False
    return binomial_tail(one.successes, one.replications, leader.successes / replications) >= DOUBT


def ranked(standings: Iterable[Standing], question: Question) -> list[Standing]:
    """Those as likely as was asked for, cheapest first; then the others, likeliest first; ties by cost, lever ids and
    what is spent by the date."""

    def order(one: Standing) -> tuple[float, tuple[float, tuple[str, ...], float]]:
        enough = one.replications > 0 and one.successes >= question.confidence * one.replications - 1e-9
        return (-1.0 if enough else 1.0 - one.probability), one.levers.order(question.weeks)

    return sorted(standings, key=order)


def front(standings: Iterable[Standing]) -> list[Standing]:
    """Those to which no other is both cheaper and quicker (Pareto), cheapest first; only of those replicated."""
    found: list[Standing] = []
    shortest = math.inf
    for one in sorted(
        (one for one in standings if one.outcomes), key=lambda one: (one.levers.annual_equivalent, one.mean_wait)
    ):
        if one.mean_wait < shortest:
            found.append(one)
            shortest = one.mean_wait
    return found
