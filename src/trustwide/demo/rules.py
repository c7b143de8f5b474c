"""When the demo may be built in a database."""

from __future__ import annotations

from trustwide.commons.accounts.models import User
from trustwide.commons.audit.models import AuditEvent
from trustwide.commons.organisations.models import Partnership
from trustwide.demo import figures
from trustwide.demo.exceptions import NotADemoDatabaseError
from trustwide.demo.group import PARTNERSHIP_SLUG

CURE = (
    "The demo keeps to a database of its own: set TRUSTWIDE_HOME to an empty folder and start it again, for example "
    "TRUSTWIDE_HOME=.demo trustwide demo."
)


def check_can_build() -> None:
    """Raise NotADemoDatabaseError unless the database is empty or holds the demo's own group."""
    others = Partnership.objects.filter(comparison=False).exclude(slug=PARTNERSHIP_SLUG).first()
    if others is not None:
        raise NotADemoDatabaseError(
            f"The database holds the partnership {others.name}, which is not the demo's. {CURE}"
        )
    if figures.found() is None and (AuditEvent.objects.exists() or User.objects.exists()):
        raise NotADemoDatabaseError(f"The database holds data that the demo did not make. {CURE}")


def can_build() -> bool:
    """Whether the demo may be built in this database, or built anew."""
    try:
        check_can_build()
    except NotADemoDatabaseError:
        return False
    return True
