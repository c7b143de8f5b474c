"""Puts the hours, rates and list of now together as a service that can be run, with a note for the source of each."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Avg
from django.utils import timezone

from trustwide.commons.organisations.models import Partnership, Site
from trustwide.services.imaging.booking.models import TravelTime
from trustwide.services.imaging.capacity.actions import Content
from trustwide.services.imaging.capacity.description import checked
from trustwide.services.imaging.capacity.live import hours, rates, waiting
from trustwide.services.imaging.capacity.live.rates import BOOKED, WALK_IN, Past, Rates
from trustwide.services.imaging.capacity.live.scope import WEEKS, NothingLiveError, Scope, names_of
from trustwide.services.imaging.requests.models import PRIORITY_DAYS, ExamType, Modality, Priority

RUN_WEEKS = 52
PATIENCE_HOURS = 24  # an inpatient who could not be fitted in leaves the queue; to be confirmed
USUAL_SLOT = 30  # minutes, where neither appointments nor the catalogue say
WILLING = {"30": 0.7, "60": 0.4}  # shares who accept a journey; an assumption until answers to offers are counted
_RANK = {priority: place for place, priority in enumerate((*WALK_IN, *BOOKED), start=1)}


@dataclass(frozen=True)
class _Parts:
    scope: Scope
    names: Mapping[int, str]
    moved: Mapping[int, int]
    past: Past
    rates: Mapping[str, Rates]
    list: waiting.Waiting


def from_live(
    partnership: Partnership, modality: str, *, sites: Sequence[Site] | None = None, today: datetime.date | None = None
) -> Content:
    """A service of a partnership's sites (or of some of them) and one modality as it stands today.

    Raises NothingLiveError where there is no scanner with hours or no request, ServiceError, one sentence a problem,
    where what is recorded cannot be run.
    """
    ours = Site.objects.filter(partner__partnership=partnership) if sites is None else sites
    scope = Scope(tuple(ours), modality, today or timezone.localdate())
    live = hours.live_scanners(scope)
    if not live.scanners:
        raise NothingLiveError(
            f"No scanner for {_name(modality)} has hours from today on at {partnership}; add session templates, or "
            "bring in activity of the last weeks."
        )
    parts = _parts(scope, live)
    described, notes = _described(partnership, parts, live)
    rows = parts.list.csv({site: parts.names[home] for site, home in parts.moved.items()}, parts.rates)
    content = Content(described, notes=notes, rows=rows)
    return _as_it_can_be_run(content)


def _parts(scope: Scope, live: hours.LiveScanners) -> _Parts:
    past, listed = rates.read_past(scope), waiting.waiting_now(scope)
    of_catalogue = ExamType.objects.filter(
        partnership__in={site.partner.partnership_id for site in scope.sites}, modality=scope.modality, in_use=True
    ).aggregate(usual=Avg("minutes"))["usual"]  # fmt: skip
    kinds = [*past.arrivals["priority"].unique().to_list(), *(priority for _, priority in listed.kinds)]
    found = {
        kind.value: rates.rates_of(past, kind.value, of_catalogue or USUAL_SLOT)
        for kind in (*WALK_IN, *BOOKED)
        if kind in kinds
    }
    if not found:
        raise NothingLiveError(
            f"Nobody was asked for {_name(scope.modality)} in the last {WEEKS} weeks and nobody waits, so there is "
            "no demand to run."
        )
    return _Parts(scope, names_of(scope.sites), _homes(scope, live), past, found, listed)


def _homes(scope: Scope, live: hours.LiveScanners) -> dict[int, int]:
    """Where requests of each site are served: there, or, without a static scanner, at the nearest site with one."""
    open_to_all = {one.site_id for one in live.scanners if not all(each.priorities for each in one.hours)}
    having = open_to_all or {one.site_id for one in live.scanners}
    minutes = {(one.origin_id, one.destination_id): one.minutes for one in TravelTime.objects.filter(
        origin__in=scope.sites, destination__in=having)}  # fmt: skip
    far = 10_000
    return {
        site.pk: site.pk
        if site.pk in having
        else min(sorted(having), key=lambda other: minutes.get((site.pk, other), far))
        for site in scope.sites
    }


def _described(
    partnership: Partnership, parts: _Parts, live: hours.LiveScanners
) -> tuple[dict[str, Any], dict[str, str]]:
    scope, notes = parts.scope, list(live.notes)
    changeovers = rates.changeovers(parts.past)
    scanners = hours.as_scanners(live.scanners, changeovers, list(parts.rates), scope, notes)
    used = {one["site"] for one in scanners} | {parts.names[home] for home in parts.moved.values()}
    described = {
        "service": f"{partnership.name}, {_name(scope.modality)}, from {scope.today:%-d %B %Y}",
        "start": scope.today.isoformat(), "stop": {"weeks": RUN_WEEKS},
        "target": {"who": "scanned", "statistic": "mean", "weeks": 2},
        "sites": [
            {"id": parts.names[site.pk], "name": site.name} for site in scope.sites if parts.names[site.pk] in used
        ],
        **_travel(parts, used), "scanners": scanners, "closed_on": "england_bank_holidays",
        "demand": [_stream(parts, one, scanners) for one in parts.rates.values()],
    }  # fmt: skip
    if not any(one["access"] == "booked" for one in described["demand"]):
        described.pop("travel", None)
    return described, _notes(parts, notes, changeovers)


def _travel(parts: _Parts, used: set[str]) -> dict[str, Any]:
    minutes: dict[str, int] = {}
    for one in TravelTime.objects.filter(origin__in=parts.scope.sites, destination__in=parts.scope.sites):
        here, there = parts.names[one.origin_id], parts.names[one.destination_id]
        if {here, there} <= used and here != there and f"{there}-{here}" not in minutes:
            minutes[f"{here}-{there}"] = one.minutes
    return {"travel": {"minutes": minutes, "willing": WILLING}} if minutes else {}


def _stream(parts: _Parts, one: Rates, scanners: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    mean, sd = one.minutes
    poisson: dict[str, Any] = {"per_week": round(one.per_week, 3)}
    if sum(one.weekdays):
        poisson["weekdays"] = list(one.weekdays)
    common = {
        "id": one.priority, "priority": _RANK[Priority(one.priority)], "site_mix": _mix(parts, one),
        "modality": parts.scope.modality, "arrivals": {"poisson": poisson},
        "slot": min(one.slot, _longest(scanners)), "duration": {"lognormal": {"mean": mean, "sd": sd}},
    }  # fmt: skip
    if one.priority in WALK_IN:
        return common | {"access": "walk_in", "patience_hours": PATIENCE_HOURS}
    due = PRIORITY_DAYS[Priority(one.priority)]
    booked = common | {"access": "booked", "notice_days": one.notice_days, "within_days": due}
    vetting_mean, vetting_sd = one.vetting
    if vetting_mean > 0 and vetting_sd > 0:
        booked["vetting_days"] = {"lognormal": {"mean": vetting_mean, "sd": vetting_sd}}
    booked["did_not_attend"] = {"probability": min(one.missed.value, 0.99), "rebook": {"times": 1}}
    if one.cancelled.value:
        booked["patient_cancels"] = {"probability": min(one.cancelled.value, 0.99), "notice_days": one.cancel_days}
    return booked


def _mix(parts: _Parts, one: Rates) -> dict[str, float]:
    """Shares of the sites, whole only together; a site where somebody waits is named even if nobody asks there now."""
    counts: dict[str, int] = {}
    for site, priority in parts.list.kinds:
        if priority == one.priority:
            counts.setdefault(parts.names[parts.moved[site]], 0)
    for site, count in one.by_site.items():
        name = parts.names[parts.moved[site]]
        counts[name] = counts.get(name, 0) + count
    total = sum(counts.values())
    shares = {name: round(counts[name] / total if total else 1 / len(counts), 4) for name in sorted(counts)}
    largest = max(shares, key=lambda name: shares[name])
    return shares | {largest: round(1 - sum(share for name, share in shares.items() if name != largest), 4)}


def _longest(scanners: Sequence[Mapping[str, Any]]) -> int:
    """The shortest of the longest sessions of the sites, in minutes: a slot must fit everywhere."""
    by_site: dict[str, int] = {}
    for one in scanners:
        for session in one["sessions"]:
            (a, b), (c, d) = (map(int, session[end].split(":")) for end in ("opens", "closes"))
            by_site[one["site"]] = max(by_site.get(one["site"], 0), 60 * (c - a) + d - b)
    return min(by_site.values())


def _notes(parts: _Parts, about_hours: Sequence[str], changeovers: Mapping[int, float]) -> dict[str, str]:
    scope = parts.scope
    moved = [site.short_name for site in scope.sites if parts.moved[site.pk] != site.pk]
    elsewhere = (
        f" Requests of {', '.join(moved)}, without a scanner open to all, count at the nearest site." if moved else ""
    )
    measured = f"Changeover: the median of the last {WEEKS} weeks on {len(changeovers)} scanners"
    return {
        "about": f"Described on {scope.today:%-d %B %Y} from requests, sessions and events of that day.",
        "sites": f"Sites with a scanner; journeys as recorded. Who accepts them is an assumption.{elsewhere}",
        "scanners": f"{measured}; {hours.CHANGEOVER} minutes on others. Overrun of {hours.OVERRUN} minutes is an "
        "assumption. Breakdowns are not recorded, so the run has none.",
        "sessions": " ".join(dict.fromkeys(about_hours)),
        "demand": _about_demand(parts),
        "closures": "Bank holidays of England; planned maintenance is not recorded as days a year.",
        "list": f"The waiting list at the start of {scope.today:%-d %B %Y}, {len(parts.list.rows):,} requests, waits "
        f"by the patient's own clock. {' '.join(parts.list.notes)}".strip(),
    }


def _about_demand(parts: _Parts) -> str:
    weeks = parts.past.weeks
    short = "" if weeks >= WEEKS else f" They are of {weeks:.1f} weeks, since the first request was recorded."
    said = [
        f"Requests a week, weekdays and sites: {parts.scope.since:%-d %B} to {parts.scope.today:%-d %B %Y}, without "
        f"those rejected or withdrawn; growth is not assumed.{short} Slot: median minutes booked."
    ]
    for one in parts.rates.values():
        name = Priority(one.priority).label
        scans = (
            f"minutes in the room from {one.measured.cases:,} scans{_pooled(one.measured.own)}"
            if one.measured.cases
            else f"minutes of the catalogue, spread {rates.SPREAD:g} of the mean by assumption"
        )
        more = (
            f"; {_missed(one)}; vetting from {one.vetting_cases:,} requests"
            if one.priority in BOOKED
            else f"; leaves after {PATIENCE_HOURS} hours by assumption"
        )
        said.append(f"{name}: {one.arrived:,} requests; {scans}{more}.")
    return " ".join(said)


def _missed(one: Rates) -> str:
    if not one.missed.cases:
        return "no appointment is over yet, so nobody misses one"
    return f"missed {one.missed.value:.1%} of {one.missed.cases:,} appointments{_pooled(one.missed.own)}"


def _pooled(own: bool) -> str:
    return "" if own else " of all kinds"


def _as_it_can_be_run(content: Content) -> Content:
    """The content, checked; a real overload is run as it is, which the note says."""
    from trustwide.analysis.capacity import ServiceError

    try:
        checked(content.described, content.rows or None)
    except ServiceError as error:
        if not all("allow_overload" in problem for problem in error.problems):
            raise
        overloaded = {**content.described, "allow_overload": True}
        checked(overloaded, content.rows or None)
        about = f"{(content.notes or {})['about']} It asks for far more than its scanners can do."
        return Content(overloaded, notes={**(content.notes or {}), "about": about}, rows=content.rows)
    return content


def _name(modality: str) -> str:
    return str(Modality(modality).label)
