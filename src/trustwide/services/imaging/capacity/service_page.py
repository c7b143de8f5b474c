"""What the page of a service shows: each part of the description as rows, with where its figures come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trustwide.services.imaging.capacity import words
from trustwide.services.imaging.capacity.calendar_page import CalendarPage, calendar_of
from trustwide.services.imaging.capacity.description import Described, checked
from trustwide.services.imaging.capacity.figures import scanner_hours, weekly_requests
from trustwide.services.imaging.capacity.models import CapacityService, ServiceRun, ServiceVersion
from trustwide.services.imaging.capacity.paths import read_path

if TYPE_CHECKING:
    from trustwide.analysis.capacity.service_fields import Scanner, Stream
    from trustwide.commons.accounts.models import User

Rows = list[dict[str, Any]]
UTILISATION, DOWN, OVERRUN = "utilisation", "down_minutes", "overrun_minutes"


@dataclass(frozen=True)
class ServicePage:
    """The newest version of a service. `used_of` is the run whose figures say how much of the time is used."""

    service: CapacityService
    version: ServiceVersion
    used_of: ServiceRun | None
    described: Described
    scanners: Rows
    vans: Rows
    streams: Rows
    sites: Rows
    calendar: CalendarPage

    @property
    def answer(self) -> str:
        """The first line."""
        return words.service(self.version.facts, self.used)

    @property
    def used(self) -> float | None:
        """Share of the open time that the newest run of this version used."""
        return self.used_of.given["nothing"]["used"] if self.used_of is not None else None

    @property
    def counts(self) -> Rows:
        """Who waits, by stream and site."""
        return list(self.version.waiting_list.counts) if self.version.waiting_list is not None else []


def service_page(user: User, service: CapacityService, version: ServiceVersion) -> ServicePage:
    """The page of a service as `user` may see it."""
    runs = ServiceRun.objects.for_user(user).originals()
    newest = runs.filter(of=version, kind=ServiceRun.Kind.NOTHING, status=ServiceRun.Status.DONE).first()
    described, fields = version.mapping, checked(version.mapping).fields
    figures = newest.given["nothing"]["scanners"] if newest is not None else {}
    names = {site.id: site.name or site.id for site in fields.sites}
    scanners = [
        _scanner(one, written, names, figures)
        for one, written in zip(fields.scanners, described["scanners"], strict=True)
    ]
    return ServicePage(
        service, version, newest, described, [row for row in scanners if not row["mobile"]],
        [row for row in scanners if row["mobile"]],
        [_stream(one, written) for one, written in zip(fields.demand, described["demand"], strict=True)],
        _sites(described), calendar_of(version),
    )  # fmt: skip


def _scanner(
    scanner: Scanner, written: Mapping[str, Any], sites: Mapping[str, str], figures: Mapping[str, Any]
) -> dict[str, Any]:
    seen = figures.get(scanner.id, {})
    return {
        "id": scanner.id, "site": sites[scanner.site], "modality": scanner.modality, "count": scanner.count,
        "mobile": scanner.mobile, "hours": scanner.count * scanner_hours(scanner),
        "sessions": words.sessions(written["sessions"]), "suits": scanner.suits or [],
        "changeover": scanner.changeover, "breakdowns": words.breakdowns(written),
        "overrun": "until the scan ends" if isinstance(scanner.overrun, str) else f"{scanner.overrun.up_to:g} minutes",
        "scanning": seen.get(UTILISATION, {}).get("mean"), "from_week": scanner.from_week,
    }  # fmt: skip


def _stream(stream: Stream, written: Mapping[str, Any]) -> dict[str, Any]:
    from trustwide.analysis.capacity.service_words import sites_of

    mix = sites_of(stream)
    return {
        "id": stream.id, "booked": stream.access == "booked", "priority": stream.priority,
        "requests": weekly_requests(stream), "slot": stream.slot,
        "growth": read_path(written, "arrivals.poisson.growth_per_year"),
        "duration": words.length(written.get("duration")),
        "vetting": words.length(written.get("vetting_days"), " days"),
        "missed": stream.did_not_attend.probability if stream.did_not_attend else None,
        "cancels": stream.patient_cancels.probability if stream.patient_cancels else None,
        "within": stream.within_days, "notice": stream.notice_days, "patience": stream.patience_hours,
        "mix": ", ".join(f"{site} {100 * share:g}%" for site, share in mix.items() if share),
    }  # fmt: skip


def _sites(described: Described) -> Rows:
    minutes = (described.get("travel") or {}).get("minutes", {})
    return [
        {"id": site["id"], "name": site.get("name") or site["id"],
         "journeys": ", ".join(f"{key.replace('-', ' to ')} {length:g} min" for key, length in minutes.items()
                               if site["id"] in key.split("-"))}
        for site in described["sites"]
    ]  # fmt: skip
