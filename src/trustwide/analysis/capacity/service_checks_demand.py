"""What each stream of demand must hold together with the scanners that serve it."""

from __future__ import annotations

from collections.abc import Iterator

from trustwide.analysis.capacity.service_fields import Law, Poisson, Scanner, ServiceFields, Stream, UpTo
from trustwide.analysis.capacity.service_words import minute_of, one_of, serves, sites_of

_ONLY_BOOKED = ("within_days", "notice_days", "vetting_days", "patient_cancels", "target")
_RATES = ("per_minute", "per_hour", "per_day", "per_week")


def demand_problems(fields: ServiceFields) -> Iterator[str]:
    """Problems of every stream."""
    any_booked = any(stream.access == "booked" for stream in fields.demand)
    for number, stream in enumerate(fields.demand):
        path = f"demand[{number}]"
        yield from _law_problems(f"{path}.duration", stream.duration)
        if stream.vetting_days:
            yield from _law_problems(f"{path}.vetting_days", stream.vetting_days)
        if not isinstance(stream.arrivals, str):
            yield from _rate_problems(f"{path}.arrivals.poisson", stream.arrivals.poisson)
        yield from _site_problems(path, stream, fields)
        if stream.access == "booked":
            yield from _booked_problems(path, stream, fields)
        else:
            yield from _walk_in_problems(path, stream, fields, any_booked)


def _law_problems(path: str, law: Law) -> Iterator[str]:
    yield from one_of(path, law, ("exponential", "lognormal", "fixed"))


def _rate_problems(path: str, poisson: Poisson) -> Iterator[str]:
    yield from one_of(path, poisson, _RATES)
    if poisson.weekdays is not None and sum(poisson.weekdays) <= 0:
        yield f"{path}.weekdays: must have a weight above 0"


def _site_problems(path: str, stream: Stream, fields: ServiceFields) -> Iterator[str]:
    shares = sites_of(stream)
    if abs(sum(shares.values()) - 1) > 1e-6:
        yield f"{path}.site_mix: must add up to 1, got {sum(shares.values()):g}"
    for site, share in shares.items():
        if share > 0 and not _scanners(stream, fields, site):
            yield f"{path}: has no scanner at site {site} of modality {stream.modality} that suits {stream.id}"


def _scanners(stream: Stream, fields: ServiceFields, site: str) -> list[Scanner]:
    return [scanner for scanner in fields.scanners if scanner.site == site and serves(scanner, stream)]


def _booked_problems(path: str, stream: Stream, fields: ServiceFields) -> Iterator[str]:
    if stream.patience_hours is not None:
        yield f"{path}.patience_hours: is for walk-in streams"
    missed = stream.did_not_attend
    if missed and missed.slot_lost is not None:
        yield f"{path}.did_not_attend.slot_lost: is for walk-in streams; a booked slot not attended stays empty"
    if missed and missed.rebook.after_days is not None:
        yield f"{path}.did_not_attend.rebook.after_days: is for walk-in streams; a booked one is bookable the next day"
    if stream.slot is None:
        yield f"{path}.slot: is missing; minutes a booked patient is given, changeover included"
        return
    for site in sites_of(stream):
        longest = max((_longest_session(scanner) for scanner in _scanners(stream, fields, site)), default=0)
        if 0 < longest < stream.slot:
            yield f"{path}.slot: must fit a session at {site}, at most {longest}, got {stream.slot}"


def _longest_session(scanner: Scanner) -> int:
    if isinstance(scanner.sessions, str):
        return 1440
    return max(minute_of(session.closes) - minute_of(session.opens) for session in scanner.sessions)


def _walk_in_problems(path: str, stream: Stream, fields: ServiceFields, any_booked: bool) -> Iterator[str]:
    for name in _ONLY_BOOKED:
        if getattr(stream, name) is not None:
            yield f"{path}.{name}: is for booked streams"
    missed = stream.did_not_attend
    if missed and any_booked:
        yield f"{path}.did_not_attend: is not built yet for walk-in streams that share scanners with booked ones"
    elif missed and missed.rebook.times > 0 and missed.rebook.after_days is None:
        yield f"{path}.did_not_attend.rebook.after_days: is missing; days after which a walk-in patient comes back"
    if stream.slot is None:
        yield from _slot_problems(path, stream, fields, any_booked)


def _slot_problems(path: str, stream: Stream, fields: ServiceFields, any_booked: bool) -> Iterator[str]:
    if any_booked:
        yield f"{path}.slot: is missing; minutes a walk-in needs between booked patients, changeover included"
        return
    for number, scanner in enumerate(fields.scanners):
        limited = isinstance(scanner.overrun, UpTo) and scanner.sessions != "always"
        if limited and scanner.site in sites_of(stream) and serves(scanner, stream):
            yield (
                f"{path}.slot: is missing; scanners[{number}].overrun limits how late a scan may end, so say the "
                "minutes a patient needs, or overrun: finish"
            )
