"""What is asked of a plan: the target, by when, how surely, with what money and staff."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from trustwide.analysis.capacity.exceptions import RunError
from trustwide.analysis.capacity.model import Service
from trustwide.analysis.capacity.service_fields import Stream, Target

CHECKS = 4  # the target must hold in each of the last four weeks ...
WINDOW = 4  # ... over the patients scanned in the four weeks that end with each
_USUAL_WEEKS = 52
_MOST_WEEKS = 520


@dataclass(frozen=True)
class Question:
    """The target and its conditions, settled for one service.

    targets: of each booked stream, by its number in the file. by: the date asked for; weeks: whole weeks from the
    start that end by then. budget: pounds a year, capital as an annuity. staff: whole-time equivalents by role.
    """

    targets: Mapping[int, Target]
    by: dt.date
    weeks: int
    confidence: float = 0.8
    replications: int = 100
    seed: int = 1
    budget: float | None = None
    staff: Mapping[str, float] = field(default_factory=dict)

    @property
    def successes_wanted(self) -> int:
        """Replications that must meet the target for a set to be sure enough; -0.5e-9 is against rounding up."""
        return int(-(-(self.confidence * self.replications - 5e-10) // 1))


def ask(
    service: Service,
    *,
    target_weeks: float | None = None,
    by: dt.date | None = None,
    confidence: float = 0.8,
    replications: int = 100,
    seed: int = 1,
    budget: float | None = None,
    staff: Mapping[str, float] | None = None,
) -> Question:
    """The question for a service; its own target, date and streams' targets stand where nothing else is said.

    Raises RunError where it cannot be answered.
    """
    if not service.booked_streams:
        raise RunError(f"{service.name}: demand: a plan needs at least one stream with access: booked")
    wanted = service.fields.target or Target()
    if target_weeks is not None:
        wanted = wanted.model_copy(update={"weeks": _within("target_weeks", target_weeks, 0.01, 520.0)})
    date = by or wanted.by or service.fields.start + dt.timedelta(weeks=min(_USUAL_WEEKS, _run_weeks(service)))
    return Question(
        targets={
            number: _own_target(stream, wanted)
            for number, stream in enumerate(service.fields.demand)
            if stream.access == "booked"
        },
        by=date,
        weeks=_weeks_to(date, service),
        confidence=_within("confidence", confidence, 0.01, 0.999),
        replications=int(_within("replications", replications, 5, 100_000)),
        seed=seed,
        budget=None if budget is None else _within("budget", budget, 0.0, 1e12),
        staff={role: _within(f"staff {role}", number, 0.0, 1e6) for role, number in (staff or {}).items()},
    )


def _own_target(stream: Stream, wanted: Target) -> Target:
    return stream.target or wanted


def _run_weeks(service: Service) -> int:
    return (service.days or 7 * _USUAL_WEEKS) // 7


def _weeks_to(date: dt.date, service: Service) -> int:
    """Whole weeks of the service that have ended before the morning after a date."""
    weeks = ((date - service.fields.start).days + 1) // 7
    least = CHECKS + WINDOW - 1
    if not least <= weeks <= _MOST_WEEKS:
        first = service.fields.start + dt.timedelta(days=7 * least - 1)
        raise RunError(
            f"by: must be from {first} (the target is looked at over {least} weeks) to {_MOST_WEEKS} weeks after the "
            f"start on {service.fields.start}, got {date}"
        )
    return weeks


def _within(name: str, value: float, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise RunError(f"{name}: must be from {least:g} to {most:g}, got {value!r}")
    return value
