"""Small readings of service fields that several parts share: a clock, a week's days, a choice of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trustwide.analysis.capacity.service_fields import (
    Fields,
    Law,
    Scanner,
    ServiceFields,
    Session,
    Staff,
    Stream,
    TimeLaw,
)

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


def within_weeks(part: Session | Scanner | Staff, day: int) -> bool:
    """Whether a day of the run lies in the weeks of a session, scanner or entry of staff."""
    return part.from_week * 7 <= day and (part.until_week is None or day < part.until_week * 7)


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


def mean_minutes_of(law: TimeLaw) -> float:
    """Mean of a length of time."""
    return minutes_of(law.fixed) if law.fixed else minutes_of(law.exponential or law.lognormal, "mean_")


def mean_of(law: Law) -> float:
    """Mean of a distribution, in its own unit."""
    shape = law.exponential or law.lognormal
    return shape.mean if shape else float(law.fixed or 0.0)


def willing_share(fields: ServiceFields, here: str, there: str) -> float:
    """Share of a site's patients who can be booked at another: those willing to travel that far, if lists are pooled.

    It is the share at the next number of minutes at or above the journey's; nobody travels further than the last.
    """
    if here == there:
        return 1.0
    travel = fields.travel
    if travel is None or fields.booking is None or not fields.booking.pool_lists:
        return 0.0
    minutes = travel.minutes.get(f"{here}-{there}", travel.minutes.get(f"{there}-{here}"))
    if minutes is None:
        return 0.0
    return min(((key, share) for key, share in travel.willing.items() if key >= minutes), default=(0, 0.0))[1]


def per_day(stream: Stream) -> float:
    """Arrivals drawn a day, before growth and weights."""
    poisson = None if isinstance(stream.arrivals, str) else stream.arrivals.poisson
    if poisson is None:
        return 0.0
    rates = ((poisson.per_minute, 1440.0), (poisson.per_hour, 24.0), (poisson.per_day, 1.0), (poisson.per_week, 1 / 7))
    return next((rate * times for rate, times in rates if rate is not None), 0.0)
