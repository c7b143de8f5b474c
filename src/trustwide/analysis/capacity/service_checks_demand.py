"""What each stream of demand must hold together with the scanners that serve it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from trustwide.analysis.capacity.service_fields import Arrivals, Law, Scanner, ServiceFields, Stream, UpTo
from trustwide.analysis.capacity.service_words import minute_of, one_of, serves, sites_of, willing_share

_ONLY_BOOKED = ("within_days", "notice_days", "vetting_days", "patient_cancels", "short_slot", "target")
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
            yield from _arrival_problems(f"{path}.arrivals", stream.arrivals, fields.start)
        yield from _site_problems(path, stream, fields)
        if stream.access == "booked":
            yield from _booked_problems(path, stream, fields)
        else:
            yield from _walk_in_problems(path, stream, fields, any_booked)


def _law_problems(path: str, law: Law) -> Iterator[str]:
    yield from one_of(path, law, ("exponential", "lognormal", "fixed"))


def _arrival_problems(path: str, arrivals: Arrivals, start: dt.date) -> Iterator[str]:
    yield from one_of(path, arrivals, ("poisson", "listed"))
    if arrivals.poisson:
        yield from one_of(f"{path}.poisson", arrivals.poisson, _RATES)
        for name in ("weekdays", "months"):
            weights = getattr(arrivals.poisson, name)
            if weights is not None and sum(weights) <= 0:
                yield f"{path}.poisson.{name}: must have a weight above 0"
    for number, moment in enumerate(arrivals.listed or []):
        if moment.date() < start:
            yield f"{path}.listed[{number}]: must not be before the start {start}, got {moment}"


def _site_problems(path: str, stream: Stream, fields: ServiceFields) -> Iterator[str]:
    shares = sites_of(stream)
    if abs(sum(shares.values()) - 1) > 1e-6:
        yield f"{path}.site_mix: must add up to 1, got {sum(shares.values()):g}"
    for site, share in shares.items():
        if share > 0 and not _scanners(stream, fields, site):
            yield from _elsewhere_problems(path, stream, fields, site)


def _elsewhere_problems(path: str, stream: Stream, fields: ServiceFields, site: str) -> Iterator[str]:
    """A site without a scanner is one from which everybody can be booked at another."""
    others = [one.id for one in fields.sites if one.id != site and _scanners(stream, fields, one.id)]
    willing = max((willing_share(fields, site, other) for other in others), default=0.0)
    here = f"{path}: has no scanner at site {site} of modality {stream.modality} that suits {stream.id}"
    if stream.access == "walk_in" or willing == 0:
        yield here
    elif willing < 1:
        yield f"{here}, and {1 - willing:.0%} of its patients accept no other site; see travel.willing"


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
    if stream.short_slot and stream.short_slot.minutes >= stream.slot:
        yield f"{path}.short_slot.minutes: must be < slot {stream.slot}, got {stream.short_slot.minutes}"
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
        yield (
            f"{path}.did_not_attend: is not for walk-in streams that share scanners with booked ones: they come from "
            "the wards and are called when there is a gap; lower their arrivals instead"
        )
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
