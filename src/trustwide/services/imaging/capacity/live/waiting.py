"""Today's waiting list as a run takes it: order numbers for requests, nothing about a person."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from trustwide.services.imaging.capacity.live.rates import WALK_IN
from trustwide.services.imaging.capacity.live.scope import Scope
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.waiting.clocks import LONDON

HEAD = "request_id,site,stream,requested_on,appointment_on"


@dataclass(frozen=True)
class Waiting:
    """Those who wait: site id, priority, since when, and their appointment; and what was left out, in sentences."""

    rows: tuple[tuple[int, str, datetime.date, datetime.date | None], ...]
    notes: tuple[str, ...]

    @property
    def kinds(self) -> set[tuple[int, str]]:
        """Sites and priorities that have somebody waiting."""
        return {(site, priority) for site, priority, *_ in self.rows}

    def csv(self, sites: Mapping[int, str], streams: Collection[str]) -> str:
        """The list as a file, the longest wait first, numbered from 1."""
        kept = sorted((row for row in self.rows if row[1] in streams), key=lambda row: row[2])
        lines = [
            f"{number},{sites[site]},{priority},{since},{appointment or ''}"
            for number, (site, priority, since, appointment) in enumerate(kept, start=1)
        ]
        return "\n".join([HEAD, *lines]) + "\n" if lines else ""


def waiting_now(scope: Scope) -> Waiting:
    """The list as it stands at the beginning of the scope's day. One query."""
    found = (
        ImagingRequest.objects.waiting()
        .filter(site__in=scope.sites, exam__modality=scope.modality)
        .order_by("experienced_from", "pk")
        .values_list("site_id", "priority", "experienced_from", "appointment_at")
    )
    rows, today, ahead, urgent, past = [], 0, 0, 0, 0
    for site, priority, since, appointment_at in found:
        appointment = appointment_at.astimezone(LONDON).date() if appointment_at else None
        if priority in WALK_IN:
            urgent += 1
        elif since > scope.today:
            ahead += 1
        elif since == scope.today:
            today += 1
        else:
            if appointment is not None and appointment < scope.today:
                past, appointment = past + 1, None
            rows.append((site, priority, since, appointment))
    counted = (
        (today, "asked for today, so left out: the run draws today's requests itself"),
        (ahead, "planned and not due yet, so left out"),
        (urgent, "emergencies and inpatients, who wait for hours and not on this list, so left out"),
        (past, "with an appointment that is past and nobody said what became of it: taken as without one"),
    )
    return Waiting(tuple(rows), tuple(f"{number:,} {what}." for number, what in counted if number))
