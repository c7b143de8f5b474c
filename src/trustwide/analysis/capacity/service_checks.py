"""What the fields of a service must hold together; each problem is one sentence that starts with its path."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterable, Iterator

from trustwide.analysis.capacity.service_checks_demand import demand_problems
from trustwide.analysis.capacity.service_checks_run import run_problems
from trustwide.analysis.capacity.service_fields import Breakdowns, Scanner, ServiceFields, Session, Staff, TimeLaw
from trustwide.analysis.capacity.service_words import days_of, mean_minutes_of, minute_of, one_of, per_day, sites_of

_FIRST_START, _LAST_START = dt.date(1990, 1, 1), dt.date(2099, 12, 31)
_FOR_EVER = 1_000_000  # weeks
_MOST_DEVICES = 10_000
_MOST_DEVICE_DAYS = 20_000_000


def problems_of(fields: ServiceFields) -> list[str]:
    """All problems found; ids first, and the run last: they cannot be judged while names or fields are wrong."""
    return list(_name_problems(fields)) or list(_field_problems(fields)) or list(run_problems(fields))


def _field_problems(fields: ServiceFields) -> Iterator[str]:
    yield from _run_problems(fields)
    for number, scanner in enumerate(fields.scanners):
        yield from _scanner_problems(number, scanner)
    for number, entry in enumerate(fields.staff):
        yield from _week_problems(f"staff[{number}]", entry)
    yield from demand_problems(fields)
    yield from _booking_problems(fields)
    yield from _travel_problems(fields)


def _name_problems(fields: ServiceFields) -> Iterator[str]:
    sites = [site.id for site in fields.sites]
    streams = [stream.id for stream in fields.demand]
    yield from _repeats("sites", sites)
    yield from _repeats("scanners", [scanner.id for scanner in fields.scanners])
    yield from _repeats("demand", streams)
    for number, scanner in enumerate(fields.scanners):
        yield from _unknown(f"scanners[{number}].site", [scanner.site], sites)
        yield from _unknown(f"scanners[{number}].suits", scanner.suits or [], streams)
    for number, stream in enumerate(fields.demand):
        yield from one_of(f"demand[{number}]", stream, ("site", "site_mix"))
        yield from _unknown(f"demand[{number}].site_mix", sites_of(stream), sites)
    roles = [entry.role for entry in fields.staff]
    for number, scanner in enumerate(fields.scanners):
        if scanner.crew and not roles:
            yield f"scanners[{number}].crew: needs staff, which says how many hours a week each role has"
        else:
            yield from _unknown(f"scanners[{number}].crew", scanner.crew, roles)
    for number, entry in enumerate(fields.staff):
        yield from _unknown(f"staff[{number}].sites", entry.sites or [], sites)
    if fields.booking:
        yield from _unknown("booking.hold", fields.booking.hold, streams)


def _repeats(path: str, names: list[str]) -> Iterator[str]:
    for number, name in enumerate(names):
        if name in names[:number]:
            yield f"{path}[{number}].id: must be used once, got {name!r} again"
        elif zlib.crc32(name.encode()) in {zlib.crc32(other.encode()) for other in names[:number]}:
            yield f"{path}[{number}].id: would draw the same random numbers as another id; choose another than {name!r}"


def _unknown(path: str, names: Iterable[str], known: list[str]) -> Iterator[str]:
    for name in names:
        if name not in known:
            yield f"{path}: must be one of {', '.join(known[:12])}, got {name!r}"


def _run_problems(fields: ServiceFields) -> Iterator[str]:
    if not _FIRST_START <= fields.start <= _LAST_START:
        yield f"start: must be from {_FIRST_START} to {_LAST_START}, got {fields.start}"
    yield from one_of("stop", fields.stop, ("patients", "days", "weeks"))
    if fields.warm_up.days is not None and fields.warm_up.weeks is not None:
        yield "warm_up: must have only one of days, weeks"
    days = fields.stop.days or 7 * (fields.stop.weeks or 0)
    if days and (fields.warm_up.days or 0) + 7 * (fields.warm_up.weeks or 0) >= days:
        yield f"warm_up: must be shorter than the run of {days} days"
    if fields.queue.order not in (["priority", "arrival"], ["arrival"]):
        yield f"queue.order: must be [priority, arrival] or [arrival], got {fields.queue.order}"
    elif fields.queue.order == ["arrival"] and any(stream.access == "booked" for stream in fields.demand):
        yield "queue.order: must be [priority, arrival] where streams are booked: holds are kept by priority"
    if fields.stop.patients is not None and not any(per_day(stream) for stream in fields.demand):
        yield "stop.patients: needs a stream with arrivals, or the run never ends"
    devices = sum(scanner.count for scanner in fields.scanners)
    if devices > _MOST_DEVICES or devices * max(days, 1) > _MOST_DEVICE_DAYS:
        most = f"{_MOST_DEVICES:,} and {_MOST_DEVICE_DAYS:,} scanner days a run"
        yield f"scanners: must be at most {most}, got {devices:,}"
    if fields.maintenance and not any(not scanner.mobile for scanner in fields.scanners):
        yield "maintenance: needs a scanner that is not mobile"
    if fields.repair_crews is not None and fields.stop.patients is not None:
        yield "repair_crews: needs stop.days or stop.weeks: repairs are worked out for the whole run before it starts"
    if fields.repair_crews is not None and not any(scanner.breakdowns for scanner in fields.scanners):
        yield "repair_crews: needs a scanner with breakdowns"


def _scanner_problems(number: int, scanner: Scanner) -> Iterator[str]:
    path = f"scanners[{number}]"
    yield from _week_problems(path, scanner)
    if scanner.breakdowns:
        yield from _breakdown_problems(f"{path}.breakdowns", scanner.breakdowns)
    if isinstance(scanner.sessions, str):
        return
    for index, session in enumerate(scanner.sessions):
        yield from _week_problems(f"{path}.sessions[{index}]", session)
        if minute_of(session.closes) <= minute_of(session.opens):
            yield f"{path}.sessions[{index}].closes: must be later than opens {session.opens}, got {session.closes!r}"
        for other in range(index):
            if _overlap(session, scanner.sessions[other]):
                yield f"{path}.sessions[{index}]: must not overlap sessions[{other}] on the same day"


def _week_problems(path: str, part: Scanner | Session | Staff) -> Iterator[str]:
    if part.until_week is not None and part.until_week <= part.from_week:
        yield f"{path}.until_week: must be > from_week {part.from_week}, got {part.until_week}"


def _overlap(one: Session, other: Session) -> bool:
    same_day = bool(days_of(one) & days_of(other))
    same_weeks = max(one.from_week, other.from_week) < min(one.until_week or _FOR_EVER, other.until_week or _FOR_EVER)
    return (
        same_day
        and same_weeks
        and minute_of(one.opens) < minute_of(other.closes)
        and minute_of(other.opens) < minute_of(one.closes)
    )


def _breakdown_problems(path: str, breakdowns: Breakdowns) -> Iterator[str]:
    for name in ("up", "down"):
        law: TimeLaw = getattr(breakdowns, name)
        yield from one_of(f"{path}.{name}", law, ("exponential", "lognormal", "fixed"))
        if law.exponential:
            yield from one_of(
                f"{path}.{name}.exponential", law.exponential, ("mean_days", "mean_hours", "mean_minutes")
            )
        if law.lognormal:
            yield from one_of(f"{path}.{name}.lognormal", law.lognormal, ("mean_days", "mean_hours", "mean_minutes"))
            yield from one_of(f"{path}.{name}.lognormal", law.lognormal, ("sd_days", "sd_hours", "sd_minutes"))
        if law.fixed:
            yield from one_of(f"{path}.{name}.fixed", law.fixed, ("days", "hours", "minutes"))
    if mean_minutes_of(breakdowns.up) + mean_minutes_of(breakdowns.down) < 1:
        yield f"{path}: must take at least a minute, up and down together"


def _booking_problems(fields: ServiceFields) -> Iterator[str]:
    booked = any(stream.access == "booked" for stream in fields.demand)
    if not booked:
        for name in ("booking", "waiting_list", "travel"):
            if getattr(fields, name) is not None:
                yield f"{name}: is for booked streams, and this service has none; remove it"
        return
    if fields.stop.patients is not None:
        yield "stop.patients: is for services without booked streams, whose list has no last patient; say days or weeks"
    for number, scanner in enumerate(fields.scanners):
        if scanner.sessions == "always":
            yield f"scanners[{number}].sessions: must be a list of sessions, because streams are booked into them"
    if fields.booking and sum(fields.booking.hold.values()) > 1 + 1e-9:
        yield f"booking.hold: must add up to at most 1, got {sum(fields.booking.hold.values()):g}"
    if fields.booking and fields.booking.pool_from_week and not fields.booking.pool_lists:
        yield "booking.pool_from_week: needs pool_lists: true"
    if fields.booking and fields.booking.pool_lists and len(fields.sites) > 1 and fields.travel is None:
        yield "travel: is needed by booking.pool_lists, to say who accepts another site"


def _travel_problems(fields: ServiceFields) -> Iterator[str]:
    if fields.travel is None:
        return
    sites = [site.id for site in fields.sites]
    pairs = {f"{one}-{other}": {one, other} for one in sites for other in sites if one != other}
    found: list[set[str]] = []
    for key in fields.travel.minutes:
        if key not in pairs:
            yield f"travel.minutes: must be two sites such as {sites[0]}-{sites[-1]}, got {key!r}"
        elif pairs[key] in found:
            yield f"travel.minutes: must give each journey once, got {key!r} again"
        else:
            found.append(pairs[key])
    shares = [share for _, share in sorted(fields.travel.willing.items())]
    if shares != sorted(shares, reverse=True):
        yield "travel.willing: must not rise with the minutes"
