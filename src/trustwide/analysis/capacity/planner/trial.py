"""What worker processes do for a plan: put a set of levers to the service and replicate it."""

from __future__ import annotations

from typing import NamedTuple

from trustwide.analysis.capacity.fast import Runner
from trustwide.analysis.capacity.model import Service
from trustwide.analysis.capacity.planner.bounds import Room, room_for
from trustwide.analysis.capacity.planner.course import Course, course_of
from trustwide.analysis.capacity.planner.outcome import Outcome, outcome_of
from trustwide.analysis.capacity.planner.question import Question
from trustwide.analysis.capacity.planner.sets import LeverSet
from trustwide.analysis.capacity.service_fields import Arrivals, Stop, Stream


class Setting:
    """What all trials of a plan share. A process keeps the services it has made of it: each set is tried many times."""

    def __init__(self, service: Service, question: Question) -> None:
        self.service = service
        self.question = question
        self._made: dict[tuple[tuple[str, ...], tuple[int, ...]], Service] = {}

    def __reduce__(self) -> tuple[type[Setting], tuple[Service, Question]]:
        """How it travels to a worker: without what was made of it."""
        return Setting, (self.service, self.question)

    def with_levers(self, levers: LeverSet) -> Service:
        """The service with a set of levers."""
        key = (levers.ids, levers.starts)
        if key not in self._made:
            self._made[key] = levers.put_to(self.service)
        return self._made[key]


class Trial(NamedTuple):
    """Replications `first` to `last` - 1 of the service with a set of levers; `demand` multiplies its booked demand."""

    levers: LeverSet
    first: int
    last: int
    demand: float = 1.0


class Path(NamedTuple):
    """Replications `first` to `last` - 1 followed for `weeks`; month_ends: days from the start on which months end."""

    levers: LeverSet
    first: int
    last: int
    weeks: int
    month_ends: tuple[int, ...]


def try_out(setting: Setting, trial: Trial) -> list[Outcome]:
    """The outcomes, in replication order. Replications run to the date; a longer run would begin the same way."""
    service = until(setting.with_levers(trial.levers), setting.question.weeks)
    if trial.demand != 1.0:
        service = with_demand(service, trial.demand)
    runner = Runner(service)
    return [
        outcome_of(runner.journeys(setting.question.seed, replication)[0], service, setting.question)
        for replication in range(trial.first, trial.last)
    ]


def until(service: Service, weeks: int) -> Service:
    """The same service, run for so many weeks."""
    return Service(service.fields.model_copy(update={"stop": Stop(weeks=weeks)}), service.waiting_list)


def with_demand(service: Service, factor: float) -> Service:
    """The same service with `factor` times the requests of its booked streams."""
    streams = [_scaled(stream, factor) if stream.access == "booked" else stream for stream in service.fields.demand]
    return Service(service.fields.model_copy(update={"demand": streams}), service.waiting_list)


def _scaled(stream: Stream, factor: float) -> Stream:
    poisson = None if isinstance(stream.arrivals, str) else stream.arrivals.poisson
    if poisson is None:
        return stream
    rates = {name: getattr(poisson, name) for name in ("per_minute", "per_hour", "per_day", "per_week")}
    scaled = {name: rate * factor for name, rate in rates.items() if rate is not None}
    return stream.model_copy(update={"arrivals": Arrivals(poisson=poisson.model_copy(update=scaled))})


def follow(setting: Setting, path: Path) -> list[Course]:
    """The courses of the list in replications of the service with a set of levers."""
    service = until(setting.with_levers(path.levers), path.weeks)
    runner = Runner(service)
    return [
        course_of(
            runner.journeys(setting.question.seed, number)[0], setting.question.targets, path.weeks, path.month_ends
        )
        for number in range(path.first, path.last)
    ]


def room_of(setting: Setting, levers: LeverSet) -> Room:
    """Whether the sessions of the service with these levers can hold the work."""
    return room_for(until(setting.with_levers(levers), setting.question.weeks), setting.question)
