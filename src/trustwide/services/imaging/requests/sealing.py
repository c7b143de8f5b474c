"""Seals what happened to requests into the audit chain, many events at once, so that none can be changed unnoticed."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterable
from datetime import UTC

from django.db import transaction
from django.utils import timezone

from trustwide.commons.audit.actions import Actor, record
from trustwide.commons.audit.models import AuditEvent
from trustwide.services.imaging.requests.models import PathwayEvent

SEALED = "sealed what happened to requests"
AT_ONCE = 10_000
SETTLED_AFTER = datetime.timedelta(minutes=1)


@transaction.atomic
def seal_events(*, by: Actor) -> int:
    """Seal up to ten thousand events that are not sealed yet; how many there were."""
    # ids are given before a transaction ends, so an event of the last minute may still have a younger neighbour
    settled = timezone.now() - SETTLED_AFTER
    fresh = PathwayEvent.objects.filter(pk__gt=_sealed_up_to(), recorded_at__lt=settled)
    events = list(fresh.order_by("pk")[:AT_ONCE])
    if events:
        details = {"first": events[0].pk, "last": events[-1].pk, "count": len(events), "sha256": digest(events)}
        record(SEALED, by=by, details=details)
    return len(events)


def first_broken_seal() -> int | None:
    """The first event of the first sealed run that is not as it was sealed; None when all is intact."""
    for seal in AuditEvent.objects.filter(action=SEALED).order_by("sequence").iterator():
        first, last = seal.details["first"], seal.details["last"]
        events = list(PathwayEvent.objects.filter(pk__gte=first, pk__lte=last).order_by("pk"))
        if len(events) != seal.details["count"] or digest(events) != seal.details["sha256"]:
            return int(first)
    return None


def digest(events: Iterable[PathwayEvent]) -> str:
    """SHA-256 over every field of events, the same on every database."""
    total = hashlib.sha256()
    for event in events:
        fields = [
            event.pk, event.request_id, event.number, event.kind, event.at.astimezone(UTC).isoformat(),
            event.recorded_at.astimezone(UTC).isoformat(), event.actor_id, event.actor_name, event.reason,
            event.details,
        ]  # fmt: skip
        total.update(json.dumps(fields, sort_keys=True, ensure_ascii=False).encode())
    return total.hexdigest()


def _sealed_up_to() -> int:
    newest = AuditEvent.objects.filter(action=SEALED).order_by("-sequence").first()
    return int(newest.details["last"]) if newest else 0
