"""What a description adds up to: scanners, hours a week, and how much of them the demand would take."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trustwide.analysis.capacity import Service
    from trustwide.analysis.capacity.service_fields import Law, Scanner, Session, Stream

HOURS_A_WEEK = 168.0
DAYS_A_YEAR = 364  # whole weeks, so that no weekday counts once more than another


def facts_of(service: Service) -> dict[str, Any]:
    """The few figures that lists of services show; `load` is the share of all open time that the demand would take."""
    fields = service.fields
    return {
        "scanners": sum(one.count for one in fields.scanners if not one.mobile),
        "vans": sum(one.count for one in fields.scanners if one.mobile),
        "hours": hours_a_week(service),
        "load": load(service),
        "requests": sum(weekly_requests(stream) for stream in fields.demand),
        "waiting": len(service.waiting_list),
        "sites": [site.name or site.id for site in fields.sites],
        "weeks": (service.days or 0) // 7,
        "start": fields.start.isoformat(),
    }


def hours_a_week(service: Service) -> float:
    """Hours all scanners together are open in a usual week at the start."""
    return sum(one.count * scanner_hours(one) for one in service.fields.scanners)


def scanner_hours(scanner: Scanner) -> float:
    """Hours one of these scanners is open in a usual week at the start."""
    if isinstance(scanner.sessions, str):
        return HOURS_A_WEEK
    return sum(session_hours(session) for session in scanner.sessions)


def session_hours(session: Session) -> float:
    """Hours a session gives in a week, on average over the weeks in which it is not held."""
    from trustwide.analysis.capacity.service_words import days_of, minute_of

    length = (minute_of(session.closes) - minute_of(session.opens)) / 60
    return length * len(days_of(session)) / session.every_weeks


def weekly_requests(stream: Stream) -> float:
    """Requests a week at the start."""
    from trustwide.analysis.capacity.service_words import per_day

    return 7 * per_day(stream)


def minutes_each(stream: Stream) -> float:
    """Minutes of a scanner's time one request takes on average: its slot, and again when somebody does not attend."""
    length = float(stream.slot) if stream.slot is not None else mean_of(stream.duration)
    missed = stream.did_not_attend
    if missed is None or stream.access != "booked":
        return length
    return length * sum(missed.probability**time for time in range(missed.rebook.times + 1))


def load(service: Service) -> float | None:
    """Demand in scanner minutes as a share of the minutes open in the first year; None where nothing is ever open."""
    minutes = open_minutes(service, DAYS_A_YEAR)
    if not minutes:
        return None
    wanted = sum(weekly_requests(stream) * minutes_each(stream) for stream in service.fields.demand)
    return wanted * DAYS_A_YEAR / 7 / minutes


def open_minutes(service: Service, days: int) -> float:
    """Minutes all scanners are open: without closed and maintenance days, and as far as there is staff."""
    from trustwide.analysis.capacity.calendars import calendar_of

    return float(sum(_length(windows) for windows in calendar_of(service, days).windows))


def mean_of(law: Law | None) -> float:
    """The mean of a distribution in its own unit; 0 for none."""
    if law is None:
        return 0.0
    shaped = law.exponential or law.lognormal
    return float(shaped.mean) if shaped is not None else float(law.fixed or 0.0)


def share_used(service: Service, streams: dict[str, Any]) -> float | None:
    """Share of the open time given to patients in a run, the slots of those who did not attend included.

    `streams`: the figures of the run by stream. None where the run has no open time or no fixed end.
    """
    if service.days is None:
        return None
    minutes = open_minutes(service, service.days)
    given = sum(_minutes_given(stream, streams[stream.id]) for stream in service.fields.demand)
    return given / minutes if minutes else None


def _minutes_given(stream: Stream, figures: dict[str, Any]) -> float:
    length = float(stream.slot) if stream.slot is not None else mean_of(stream.duration)
    attended, missed = figures["seen"]["mean"] or 0.0, figures["did_not_attend"]["mean"] or 0.0
    return length * (attended + (missed if stream.access == "booked" else 0.0))


def _length(windows: Iterable[tuple[int, int]]) -> int:
    return sum(closes - opens for opens, closes in windows)
