"""Sets of levers: which may be taken together, when they start, what they cost and whom they need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from trustwide.analysis.capacity.costs import LeverCost, annual_equivalent, total_cost
from trustwide.analysis.capacity.exceptions import LeverError
from trustwide.analysis.capacity.model import Service
from trustwide.analysis.capacity.planner.lever_fields import Lever
from trustwide.analysis.capacity.planner.levers import acts_from, cost_of, with_levers
from trustwide.analysis.capacity.planner.question import CHECKS, Question

MOST_SETS = 50_000
_WEEKS_A_YEAR = 365.25 / 7


@dataclass(frozen=True)
class LeverSet:
    """Levers, in the order of their ids, each with the week it starts in."""

    levers: tuple[Lever, ...]
    starts: tuple[int, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(lever.id for lever in self.levers)

    @cached_property
    def cost(self) -> LeverCost:
        return total_cost(cost_of(lever) for lever in self.levers)

    @cached_property
    def annual_equivalent(self) -> float:
        """Pounds a year, with capital and one-off money as an annuity."""
        return annual_equivalent(self.cost)

    def spent_by(self, weeks: int) -> float:
        """Pounds paid out in so many weeks: a later start pays less by then."""
        return sum(
            lever.capital + lever.one_off + lever.cost_per_year * max(weeks - start, 0) / _WEEKS_A_YEAR
            for lever, start in zip(self.levers, self.starts, strict=True)
        )

    def order(self, weeks: int) -> tuple[float, tuple[str, ...], float]:
        """Cheapest first; ties by lever ids, then by what is spent by the date."""
        return self.annual_equivalent, self.ids, self.spent_by(weeks)

    def put_to(self, service: Service) -> Service:
        return with_levers(service, self.levers, self.starts)


@dataclass(frozen=True)
class Choice:
    """The admissible sets, cheapest first (nothing among them), and why levers or sets were left out."""

    sets: tuple[LeverSet, ...]
    refused: dict[str, str]
    notes: tuple[str, ...]


def admissible(service: Service, levers: Sequence[Lever], question: Question) -> Choice:
    """Every set that the rules, the money and the staff allow.

    Raises LeverError if a lever does not fit the service, or if there are more sets than can be looked through.
    """
    refused = {lever.id: reason for lever in levers if (reason := _refusal(lever, question))}
    able = sorted((lever for lever in levers if lever.id not in refused), key=lambda lever: lever.id)
    for lever in able:
        with_levers(service, [lever])
    clashes, notes = _clashes(service, able)
    _check_number(able)
    sets = [one for one in _sets(able, clashes, question) if _affordable(one, question)]
    if len(sets) > MOST_SETS:
        raise LeverError(f"these levers make {len(sets):,} sets, the most is {MOST_SETS:,}; leave some out")
    return Choice(tuple(sorted(sets, key=lambda one: one.order(question.weeks))), refused, tuple(notes))


def _refusal(lever: Lever, question: Question) -> str | None:
    weeks = [start for start in lever.start_weeks if _in_time(lever, start, question)]
    if weeks:
        return None
    first = acts_from(lever, min(lever.start_weeks))
    return (
        f"{lever.name} acts from week {first} and must act for {CHECKS} weeks to show; "
        f"{question.by} is {question.weeks} weeks from the start"
    )


def _in_time(lever: Lever, start: int, question: Question) -> bool:
    return acts_from(lever, start) + CHECKS <= question.weeks


def _clashes(service: Service, levers: Sequence[Lever]) -> tuple[set[frozenset[str]], list[str]]:
    """Pairs that exclude each other, and pairs that cannot both be put to the service, with a note of why."""
    clashes, notes = set(), []
    for one, other in combinations(levers, 2):
        pair = frozenset((one.id, other.id))
        if other.id in one.excludes or one.id in other.excludes:
            clashes.add(pair)
            continue
        try:
            with_levers(service, [one, other])
        except LeverError as error:
            clashes.add(pair)
            notes.append(f"{one.name} and {other.name} are not taken together: {error}")
    return clashes, notes


def _check_number(levers: Sequence[Lever]) -> None:
    """No need to count what excludes leave of so many."""
    number = 1
    for lever in levers:
        number *= 1 + len(lever.start_weeks)
        if number > 1_000 * MOST_SETS:
            raise LeverError(f"{len(levers)} levers with their start weeks make too many sets; leave some out")


def _sets(levers: Sequence[Lever], clashes: set[frozenset[str]], question: Question) -> Iterator[LeverSet]:
    """Lever by lever: without it, or with each of its start weeks where nothing taken already clashes."""
    taken: list[tuple[Lever, int]] = []

    def grow(index: int) -> Iterator[LeverSet]:
        if index == len(levers):
            yield LeverSet(tuple(lever for lever, _ in taken), tuple(start for _, start in taken))
            return
        yield from grow(index + 1)
        lever = levers[index]
        if any(frozenset((lever.id, other.id)) in clashes for other, _ in taken):
            return
        for start in lever.start_weeks:
            if _in_time(lever, start, question):
                taken.append((lever, start))
                yield from grow(index + 1)
                taken.pop()

    return grow(0)


def _affordable(one: LeverSet, question: Question) -> bool:
    if question.budget is not None and one.annual_equivalent > question.budget + 0.005:
        return False
    return all(
        sum(lever.needs_staff.get(role, 0.0) for lever in one.levers) <= number + 1e-9
        for role, number in question.staff.items()
    )
