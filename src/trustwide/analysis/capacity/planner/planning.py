"""Plan a service: which set of levers meets the target, how surely, for what money, and what each is worth."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from trustwide.analysis.capacity.engines import Pool
from trustwide.analysis.capacity.engines import pool as open_pool
from trustwide.analysis.capacity.model import Service
from trustwide.analysis.capacity.planner.answer import PlanResult
from trustwide.analysis.capacity.planner.course import Course, Months
from trustwide.analysis.capacity.planner.lever_fields import Lever
from trustwide.analysis.capacity.planner.question import Question, ask
from trustwide.analysis.capacity.planner.search import Progress, Search
from trustwide.analysis.capacity.planner.sets import LeverSet, admissible
from trustwide.analysis.capacity.planner.standing import Standing
from trustwide.analysis.capacity.planner.trial import Path, Setting, Trial, follow, try_out
from trustwide.analysis.capacity.planner.worth import (
    COMPARED,
    SecondBest,
    Worth,
    demand_it_bears,
    nearest_cheaper,
    neighbours,
    second_best,
    worth_of,
)

FOLLOWED = 30  # replications in which the course of the list is followed
_PIECE = 8


def plan(
    service: Service,
    levers: Sequence[Lever],
    *,
    target_weeks: float | None = None,
    by: dt.date | None = None,
    confidence: float = 0.8,
    replications: int = 100,
    seed: int = 1,
    budget: float | None = None,
    staff: Mapping[str, float] | None = None,
    workers: int = 1,
    engine: str = "local",
    exhaustive: bool = False,
    progress: Progress | None = None,
) -> PlanResult:
    """Rank the sets of levers: the cheapest that meets the target with at least `confidence`, then the others.

    target_weeks, by: the service's own unless said; budget: pounds a year with capital as an annuity; staff:
    whole-time equivalents by role that there are to find. `exhaustive` tries every set in every replication; the winner
    is the same. `progress(done, of)` may raise to give up. The same arguments give the same answer on any engine with
    any number of workers. Raises LeverError, ServiceError or RunError.
    """
    question = ask(
        service, target_weeks=target_weeks, by=by, confidence=confidence, replications=replications, seed=seed,
        budget=budget, staff=staff,
    )  # fmt: skip
    choice = admissible(service, levers, question)
    setting = Setting(service, question)
    with open_pool(workers, engine) as workers_open:
        search = Search(setting, [Standing(one) for one in choice.sets], workers_open, progress)
        search.run_all() if exhaustive else search.run()
        worths = _worths(search, levers)
        ranking = search.ranking()
        seconds = _seconds(search, setting, workers_open)
        months = Months.until(service.fields.start, _last_day(service, question))
        sets = [search.nothing.levers, *([ranking[0].levers] if ranking[0] is not search.nothing else [])]
        courses = [_courses(one, setting, months, workers_open) for one in sets]
    return PlanResult(
        setting, tuple(levers), choice, tuple(ranking), tuple(worths), tuple(seconds), months, courses[0], courses[-1],
    )  # fmt: skip


def _last_day(service: Service, question: Question) -> dt.date:
    """At least the twelfth month, and the date asked about; whole months of the service's run, two years at most."""
    start = service.fields.start
    runs_to = (start + dt.timedelta(days=min(service.days or 0, 730))).replace(day=1) - dt.timedelta(days=1)
    return max(start + dt.timedelta(days=335), question.by, runs_to)


def _worths(search: Search, levers: Sequence[Lever]) -> list[Worth]:
    best = search.ranking()[0]
    pairs = neighbours(best, search.standings, levers)
    search.replicate((other, COMPARED) for _, other in pairs)
    return [worth_of(lever, best, other) for lever, other in pairs]


def _seconds(search: Search, setting: Setting, pool: Pool) -> list[SecondBest]:
    """The next in the ranking and the nearest cheaper set, with the demand at which they would do."""
    best, following = search.ranking()[0], second_best(search.ranking())
    found = [SecondBest("best", best, _bears(search, setting, pool, best))]
    if following:
        found.append(SecondBest("next", following, None))
    cheaper = nearest_cheaper(best, search.standings)
    if cheaper:
        search.replicate([(cheaper, COMPARED)])
        found.append(SecondBest("cheaper", cheaper, _bears(search, setting, pool, cheaper)))
    return found


def _bears(search: Search, setting: Setting, pool: Pool, one: Standing) -> float | None:
    usual = search.nothing.outcomes
    wanted = setting.question.confidence

    def meets(demand: float) -> bool:
        trials = _pieces(partial(Trial, one.levers, demand=demand), min(COMPARED, len(usual)))
        done = dict(pool.map(try_out, setting, trials))
        tried = Standing(one.levers, None, [], [outcome.lost_share for outcome in usual])
        for index in range(len(trials)):
            tried.outcomes += done[index]
        return tried.probability >= wanted - 1e-9

    return demand_it_bears(meets, one.probability >= wanted - 1e-9)


def _pieces(make: partial[Trial], count: int) -> list[Trial]:
    return [make(first=first, last=min(first + _PIECE, count)) for first in range(0, count, _PIECE)]


def _courses(levers: LeverSet, setting: Setting, months: Months, pool: Pool) -> list[Course]:
    count = min(FOLLOWED, setting.question.replications)
    paths = [
        Path(levers, first, min(first + _PIECE, count), months.weeks, months.ends) for first in range(0, count, _PIECE)
    ]
    return list(_in_order(pool.map(follow, setting, paths)))


def _in_order(answers: Iterable[tuple[int, list[Course]]]) -> Iterable[Course]:
    for _, courses in sorted(answers, key=lambda answer: answer[0]):
        yield from courses
