"""What measures bring to a service: one set that somebody switched on, or the best of all sets."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from trustwide.services.imaging.capacity import words
from trustwide.services.imaging.capacity.models import ServiceRun

if TYPE_CHECKING:
    from trustwide.analysis.capacity import Lever, Service
    from trustwide.analysis.capacity.planner.course import Months
    from trustwide.analysis.capacity.planner.sets import LeverSet
    from trustwide.analysis.capacity.planner.standing import Standing
    from trustwide.analysis.capacity.planner.trial import Setting
    from trustwide.services.imaging.runs import Progress

Figures = dict[str, Any]
PIECE = 5  # replications between two words about progress
FOLLOWED = 40  # replications in which the course of the list is followed, as a search does
A_YEAR, TWO_YEARS = datetime.timedelta(days=335), 730  # at least twelve months ahead, at most two years


def searched(service: Service, run: ServiceRun, progress: Progress | None) -> Figures:
    """The best set of the measures, all others ranked, and what each measure is worth."""
    from trustwide.analysis import capacity

    asked = asked_of(run)
    return capacity.plan(
        service, titled(run), replications=run.replications, seed=run.seed, progress=progress, **asked
    ).to_dict()  # fmt: skip


def tried(service: Service, run: ServiceRun, progress: Progress | None) -> Figures:
    """One set of measures beside doing nothing, in the same replications (common random numbers)."""
    from trustwide.analysis.capacity.planner.answer import plan_dict
    from trustwide.analysis.capacity.planner.question import ask
    from trustwide.analysis.capacity.planner.sets import LeverSet
    from trustwide.analysis.capacity.planner.trial import Setting

    question = ask(service, replications=run.replications, seed=run.seed, **asked_of(run))
    levers = switched_on(titled(run), run.chosen)
    trial = _Trial(Setting(service, question), _months(service, question.by), progress)
    sets = LeverSet((), ()), LeverSet(levers, tuple(lever.start_weeks[0] for lever in levers))
    nothing, chosen = (trial.standing(one) for one in sets)
    chosen.usual_loss = nothing.usual_loss = [outcome.lost_share for outcome in nothing.outcomes]
    start = service.fields.start
    return {
        "target": _target(run, service, question.by), "levers": run.of.lever_list,
        "plan": plan_dict(chosen, question, start), "nothing_plan": plan_dict(nothing, question, start),
        "do_nothing": trial.course(sets[0]), "best": trial.course(sets[1]),
    }  # fmt: skip


def titled(run: ServiceRun) -> tuple[Lever, ...]:
    """The measures of a run, each with a title for the sentences about it."""
    from trustwide.analysis import capacity

    return capacity.load_levers([{**lever, "title": words.lever_title(lever)} for lever in run.of.lever_list])


def asked_of(run: ServiceRun) -> dict[str, Any]:
    """The question of a run as the planner takes it."""
    asked = run.question
    return {
        "target_weeks": asked["target_weeks"], "by": datetime.date.fromisoformat(asked["by"]),
        "confidence": asked["confidence"], "budget": asked.get("budget"), "staff": asked.get("staff") or None,
    }  # fmt: skip


def switched_on(levers: Sequence[Lever], chosen: Sequence[str]) -> tuple[Lever, ...]:
    """The chosen levers in the order of their ids. Raises LeverError where two of them exclude each other."""
    from trustwide.analysis.capacity import LeverError

    taken = tuple(sorted((lever for lever in levers if lever.id in chosen), key=lambda lever: lever.id))
    for lever in taken:
        for other in taken:
            if other.id in lever.excludes:
                raise LeverError(f"{lever.name} and {other.name} cannot be taken together. Switch one of them off.")
    return taken


class _Trial:
    """Replicates sets of levers, and says how far it is. All see the same patients."""

    def __init__(self, setting: Setting, months: Months, progress: Progress | None) -> None:
        self.setting, self.months, self.progress = setting, months, progress
        self.followed = min(FOLLOWED, setting.question.replications)
        self.done, self.total = 0, 2 * (setting.question.replications + self.followed)

    def standing(self, levers: LeverSet) -> Standing:
        """Every replication of a set until the date asked about."""
        from trustwide.analysis.capacity.planner.standing import Standing
        from trustwide.analysis.capacity.planner.trial import Trial, try_out

        standing = Standing(levers)
        for first, last in self._pieces(self.setting.question.replications):
            standing.outcomes += try_out(self.setting, Trial(levers, first, last))
            self._tell(last - first)
        return standing

    def course(self, levers: LeverSet) -> Figures:
        """The course of the list with a set, by week and by month."""
        from trustwide.analysis.capacity.planner.course import course_dict
        from trustwide.analysis.capacity.planner.trial import Path, follow

        months, courses = self.months, []
        for first, last in self._pieces(self.followed):
            courses += follow(self.setting, Path(levers, first, last, months.weeks, months.ends))
            self._tell(last - first)
        return course_dict(courses, months, self.setting.service.fields.start)

    def _pieces(self, count: int) -> list[tuple[int, int]]:
        return [(first, min(first + PIECE, count)) for first in range(0, count, PIECE)]

    def _tell(self, more: int) -> None:
        self.done += more
        if self.progress is not None:
            self.progress(self.done, self.total)


def _months(service: Service, by: datetime.date) -> Months:
    from trustwide.analysis.capacity.planner.course import Months

    start = service.fields.start
    ends = start + datetime.timedelta(days=min(service.days or 0, TWO_YEARS))
    runs_to = ends.replace(day=1) - datetime.timedelta(days=1)  # whole months, as a search has them
    return Months.until(start, max(start + A_YEAR, by, runs_to))


def _target(run: ServiceRun, service: Service, by: datetime.date) -> Figures:
    from trustwide.analysis.capacity.service_fields import Target

    wanted = service.fields.target or Target()
    return {
        "who": wanted.who, "statistic": wanted.statistic, "weeks": run.question["target_weeks"], "by": by.isoformat(),
        "confidence": run.question["confidence"],
    }  # fmt: skip
