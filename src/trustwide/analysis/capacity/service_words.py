"""Small readings of service fields that several parts share: a clock, a week's days, a choice of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trustwide.analysis.capacity.service_fields import Fields, Scanner, Session, Stream

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def minute_of(clock: str) -> int:
    """Minutes after midnight of "HH:MM"; 24:00 is 1440."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def days_of(session: Session) -> frozenset[int]:
    """Weekdays of a session, Monday 0."""
    if session.days == "daily":
        return frozenset(range(7))
    if session.days == "weekdays":
        return frozenset(range(5))
    return frozenset(WEEKDAYS.index(day) for day in session.days)


def sites_of(stream: Stream) -> dict[str, float]:
    """Share of a stream's requests at each site."""
    if stream.site_mix is not None:
        return stream.site_mix
    return {} if stream.site is None else {stream.site: 1.0}


def serves(scanner: Scanner, stream: Stream) -> bool:
    """Whether a scanner can scan a stream's patients, wherever they are."""
    return scanner.modality == stream.modality and (scanner.suits is None or stream.id in scanner.suits)


def one_of(path: str, part: Fields, names: Sequence[str]) -> Iterator[str]:
    """A problem unless exactly one of the fields is given."""
    given = [name for name in names if getattr(part, name) is not None]
    if len(given) != 1:
        yield f"{path}: must have exactly one of {', '.join(names)}, got {', '.join(given) or 'none'}"


def minutes_of(part: Fields | None, prefix: str = "") -> float:
    """A length of time whose unit is in the name of its field, such as `mean_days`; 0 if there is none."""
    units = (("days", 1440.0), ("hours", 60.0), ("minutes", 1.0))
    given = ((getattr(part, prefix + unit, None), length) for unit, length in units)
    return next((value * length for value, length in given if value is not None), 0.0)


def per_day(stream: Stream) -> float:
    """Arrivals a day, before growth and weekday weights."""
    if isinstance(stream.arrivals, str):
        return 0.0
    poisson = stream.arrivals.poisson
    rates = ((poisson.per_minute, 1440.0), (poisson.per_hour, 24.0), (poisson.per_day, 1.0), (poisson.per_week, 1 / 7))
    return next((rate * times for rate, times in rates if rate is not None), 0.0)
