"""Scanners with the hours they usually work, from their session templates, or else from the sessions they had."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from trustwide.services.imaging.booking.models import Scanner, ScannerSession, SessionTemplate
from trustwide.services.imaging.capacity.live.scope import WEEKS, Scope, names_of
from trustwide.services.imaging.waiting.clocks import LONDON, midnight

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OVERRUN = 20  # minutes after closing by which the last slot must end, until somebody says otherwise
CHANGEOVER = 5  # minutes, where none was measured
_ROUND = 5
_APART = 120  # minutes between openings that make two sessions of a day
LOOKED_AHEAD = 288  # weeks in which two rhythms of up to twelve weeks meet if ever they do
_RARE = 3  # times in the weeks looked at, below which hours are taken for one-off


@dataclass(frozen=True)
class Hours:
    """A session of a weekday.

    first_on: a day on which it is held, which says which of every so many weeks it is; last_on: the last such day.
    """

    weekday: int
    opens: datetime.time
    closes: datetime.time
    every_weeks: int = 1
    first_on: datetime.date | None = None
    last_on: datetime.date | None = None
    priorities: tuple[str, ...] = ()


@dataclass
class LiveScanner:
    """A scanner at one site: a van that goes to two is two of these."""

    scanner: Scanner
    site_id: int
    hours: list[Hours] = field(default_factory=list)


@dataclass
class LiveScanners:
    """All of them, and what there is to say about where their hours come from."""

    scanners: list[LiveScanner]
    notes: list[str]


def live_scanners(scope: Scope) -> LiveScanners:
    """Scanners of the scope with hours on or after its day. Three queries."""
    scanners = list(
        Scanner.objects.filter(modality=scope.modality, in_use=True, site__in=scope.sites).select_related("site")
    )
    templates = SessionTemplate.objects.filter(scanner__in=scanners).exclude(until_on__lt=scope.today)
    notes: list[str] = []
    made = _from_templates(templates, scanners, scope, notes)
    bare = [one for one in scanners if one.pk not in {each.scanner.pk for each in made}]
    made += _from_sessions(bare, scope, notes)
    idle = [one.name for one in bare if one.pk not in {each.scanner.pk for each in made}]
    if idle:
        notes.append(f"Without hours, so left out: {', '.join(idle)}.")
    return LiveScanners(made, [*notes, *_closures(scanners, scope)])


def _from_templates(
    templates: Iterable[SessionTemplate], scanners: Sequence[Scanner], scope: Scope, notes: list[str]
) -> list[LiveScanner]:
    by_id = {one.pk: one for one in scanners}
    ours = {site.pk for site in scope.sites}
    found: dict[tuple[int, int], LiveScanner] = {}
    for one in templates:
        if one.site_id not in ours:
            notes.append(f"{by_id[one.scanner_id]} also works at a site that is left out.")
            continue
        last = one.until_on and one.until_on - datetime.timedelta(days=(one.until_on.weekday() - one.weekday) % 7)
        if last is not None and last < scope.today:
            continue
        live = found.setdefault((one.scanner_id, one.site_id), LiveScanner(by_id[one.scanner_id], one.site_id))
        first = one.from_on + datetime.timedelta(days=(one.weekday - one.from_on.weekday()) % 7)
        kept = tuple(one.priorities)
        _keep(live, Hours(one.weekday, one.opens, one.closes, one.every_weeks, first, last, kept), scope, notes)
    if found:
        notes.append(f"Hours of {_count(len(found), 'scanner')} are those of the session templates.")
    return list(found.values())


def _keep(live: LiveScanner, hours: Hours, scope: Scope, notes: list[str]) -> None:
    """Hours that overlap others in the same weeks are left out: the run would count the scanner twice."""
    day = DAYS[hours.weekday].capitalize()
    clash = next((one for one in live.hours if _at_once(one, hours, scope)), None)
    if clash is None:
        live.hours.append(hours)
    elif _meet(clash, hours, scope):
        notes.append(f"{live.scanner} has hours that overlap on {day}; the later ones are left out.")
    else:
        # a run begins every rhythm in its first week, so it would have both at once
        notes.append(f"{live.scanner} has other hours on {day} in weeks between; the run leaves the later ones out.")


def _at_once(one: Hours, other: Hours, scope: Scope) -> bool:
    """Whether a run could have both open at the same time."""
    if one.weekday != other.weekday or one.opens >= other.closes or other.opens >= one.closes:
        return False
    (begin, end), (other_begin, other_end) = _weeks(one, scope), _weeks(other, scope)
    latest = max(begin, other_begin)
    return all(latest < each for each in (end, other_end) if each is not None)


def _meet(one: Hours, other: Hours, scope: Scope) -> bool:
    """Whether there is a day on which both are really held."""
    last = scope.today + datetime.timedelta(weeks=LOOKED_AHEAD)
    return bool(_held(one, scope.today, last) & _held(other, scope.today, last))


def _held(hours: Hours, first: datetime.date, last: datetime.date) -> set[datetime.date]:
    begin, step = hours.first_on or first, datetime.timedelta(weeks=hours.every_weeks)
    end = min(last, hours.last_on or last)
    every = (begin + number * step for number in range(max(0, (end - begin) // step + 1)))
    return {day for day in every if day >= first}


def _from_sessions(scanners: Sequence[Scanner], scope: Scope, notes: list[str]) -> list[LiveScanner]:
    """Scanners without templates: the usual opening and closing of each weekday on which they worked of late."""
    held = ScannerSession.objects.filter(
        scope.span.dated("opens_at"), scanner__in=scanners, site__in=scope.sites, closed_reason=""
    ).values_list("scanner_id", "site_id", "opens_at", "closes_at")
    days: dict[tuple[int, int, int], list[tuple[datetime.datetime, datetime.datetime]]] = defaultdict(list)
    for scanner, site, opens, closes in held:
        local = opens.astimezone(LONDON)
        days[scanner, site, local.weekday()].append((local, closes.astimezone(LONDON)))
    by_id = {one.pk: one for one in scanners}
    found: dict[tuple[int, int], LiveScanner] = {}
    for (scanner, site, weekday), held_then in sorted(days.items()):
        for sessions in _apart(held_then):
            if len(sessions) < _RARE:
                continue
            every = max(1, round(WEEKS / len(sessions)))
            first, last = (_usual([one[place] for one in sessions]) for place in (0, 1))
            if first < last:
                live = found.setdefault((scanner, site), LiveScanner(by_id[scanner], site))
                hours = Hours(weekday, first, last, every, max(one[0] for one in sessions).date())
                _keep(live, hours, scope, notes)
    if found:
        notes.append(
            f"{_count(len(found), 'scanner')} without templates: the middle opening and closing time of each weekday, "
            f"from the sessions of the last {WEEKS} weeks."
        )
    return list(found.values())


def _apart(
    sessions: Sequence[tuple[datetime.datetime, datetime.datetime]],
) -> list[list[tuple[datetime.datetime, datetime.datetime]]]:
    """Sessions of a weekday that open at about the same hour: the morning's and the afternoon's stay two."""
    groups: list[list[tuple[datetime.datetime, datetime.datetime]]] = []
    before = 0
    for one in sorted(sessions, key=lambda session: session[0].time()):
        minute = one[0].hour * 60 + one[0].minute
        if not groups or minute - before > _APART:
            groups.append([])
        groups[-1].append(one)
        before = minute
    return groups


def _usual(moments: Sequence[datetime.datetime]) -> datetime.time:
    minute = _ROUND * round(median(one.hour * 60 + one.minute for one in moments) / _ROUND)
    return datetime.time(*divmod(min(minute, 23 * 60 + 55), 60))


def _closures(scanners: Sequence[Scanner], scope: Scope) -> list[str]:
    closed = ScannerSession.objects.filter(scanner__in=scanners, opens_at__gte=midnight(scope.today)).exclude(
        closed_reason=""
    ).count()  # fmt: skip
    return [f"{_count(closed, 'session')} ahead closed for once: the run takes them as open."] if closed else []


def as_scanners(
    live: Sequence[LiveScanner],
    changeovers: Mapping[int, float],
    streams: Collection[str],
    scope: Scope,
    notes: list[str],
) -> list[dict[str, Any]]:
    """Scanners as a service file has them. changeovers: measured minutes by scanner id."""  # fmt: skip
    sites = names_of(scope.sites)
    several = Counter(one.scanner.pk for one in live)
    return [
        {
            "id": _id(one, sites, several[one.scanner.pk] > 1), "site": sites[one.site_id], "modality": scope.modality,
            **({"mobile": True} if one.scanner.mobile else {}), **_suits(one, streams, notes),
            "sessions": _sessions(one, scope, notes), "overrun": {"up_to": OVERRUN},
            "changeover": changeovers.get(one.scanner.pk, CHANGEOVER),
        }
        for one in live
    ]  # fmt: skip


def _id(live: LiveScanner, sites: Mapping[int, str], several: bool) -> str:
    code = "".join(letter if letter.isalnum() else "-" for letter in live.scanner.code).strip("-").lower()
    own = sites.get(live.scanner.site_id, "")
    name = f"{own}-{code}" if own else code
    return f"{name}-at-{sites[live.site_id]}" if several else name


def _suits(live: LiveScanner, streams: Collection[str], notes: list[str]) -> dict[str, list[str]]:
    """Only these streams, where every session is for certain priorities."""
    kept = [set(one.priorities) for one in live.hours]
    if not any(kept):
        return {}
    only = sorted(set().union(*kept) & set(streams))
    if all(kept) and only:
        return {"suits": only}
    notes.append(f"Some sessions of {live.scanner} are kept for certain priorities; the run opens them to all.")
    return {}


def _sessions(live: LiveScanner, scope: Scope, notes: list[str]) -> list[dict[str, Any]]:
    """Weekdays with the same hours and weeks together."""
    groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for one in live.hours:
        groups[one.opens, one.closes, _every(one, scope, live, notes), *_weeks(one, scope)].append(one.weekday)
    return [
        {
            "days": [DAYS[day] for day in sorted(days)], **({"every_weeks": every} if every > 1 else {}),
            "opens": f"{opens:%H:%M}", "closes": f"{closes:%H:%M}", **({"from_week": begin} if begin else {}),
            **({"until_week": end} if end is not None else {}),
        }
        for (opens, closes, every, begin, end), days in groups.items()
    ]  # fmt: skip


def _every(hours: Hours, scope: Scope, live: LiveScanner, notes: list[str]) -> int:
    """Every so many weeks. A run begins such hours in its first week, whichever week they are in."""
    if hours.every_weeks > 1 and hours.first_on is not None:
        monday = scope.today - datetime.timedelta(days=scope.today.weekday())
        apart = (monday - (hours.first_on - datetime.timedelta(days=hours.weekday))).days // 7
        said = f"{live.scanner} works every {hours.every_weeks} weeks; the run begins with a week in which it does."
        if apart % hours.every_weeks and said not in notes:
            notes.append(said)
    return hours.every_weeks


def _weeks(hours: Hours, scope: Scope) -> tuple[int, int | None]:
    """From which week of the run and before which week; weeks begin on the weekday of its first day."""
    begin = 0
    if hours.first_on is not None and hours.first_on > scope.today:
        begin = (hours.first_on - scope.today).days // 7
    end = None if hours.last_on is None else (hours.last_on - scope.today).days // 7 + 1
    return begin, end


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
