"""What demo is in the database already."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import Q, QuerySet

from trustwide.commons.audit.actions import SystemActor
from trustwide.commons.audit.models import AuditEvent

DEMO = SystemActor("demo")
BUILT = "built the demo"
COMING_AND_GOING = ("signed in", "signed out", "failed to sign in")
IMPORTED = "DM01 returns imported"


@dataclass(frozen=True)
class DemoBuild:
    """A demo as it was built, or as it would be. version: a hash of the text of this package."""

    version: str
    size: str
    last_month: datetime.date

    def details(self) -> dict[str, Any]:
        """As the audit record keeps it."""
        return {"version": self.version, "size": self.size, "last_month": self.last_month.isoformat()}


def wanted(size: str, last_month: datetime.date) -> DemoBuild:
    """The demo that this program would build."""
    text = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        text.update(path.read_bytes())
    return DemoBuild(text.hexdigest()[:16], size, last_month)


def latest_complete_month(today: datetime.date) -> datetime.date:
    """First day of the last month that has ended: the newest month of a demo that stands alone."""
    return (today.replace(day=1) - datetime.timedelta(days=1)).replace(day=1)


def found() -> DemoBuild | None:
    """The demo that was built here, or None."""
    event = _built()
    if event is None:
        return None
    kept = event.details
    return DemoBuild(kept["version"], kept["size"], datetime.date.fromisoformat(kept["last_month"]))


def was_imported(source: str) -> bool:
    """Whether the demo brought in returns of this source before."""
    return AuditEvent.objects.filter(actor_id=DEMO.audit_id, action=IMPORTED, details__source=source).exists()


def public_data_imported() -> bool:
    """Whether real providers were brought in beside the group."""
    return _imports_of_public_data().exists()


def work_since_built() -> bool:
    """Whether anybody did more in the demo than sign in and look."""
    event = _built()
    if event is None:
        return False
    later = AuditEvent.objects.filter(sequence__gt=event.sequence)
    return later.exclude(Q(action__in=COMING_AND_GOING) | Q(actor_id=DEMO.audit_id)).exists()


def _built() -> AuditEvent | None:
    event: AuditEvent | None = AuditEvent.objects.filter(actor_id=DEMO.audit_id, action=BUILT).last()
    return event


def _imports_of_public_data() -> QuerySet[AuditEvent]:
    event = _built()
    after = event.sequence if event else 0
    imports: QuerySet[AuditEvent] = AuditEvent.objects.filter(action=IMPORTED, sequence__gt=after)
    return imports
