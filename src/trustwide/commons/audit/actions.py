"""Record an event, and prove that none was changed since."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC
from typing import Any, Protocol

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone

from trustwide.commons.audit.exceptions import AnonymousWriteError
from trustwide.commons.audit.models import AuditEvent, ChainHead

NUL = "\x00"
START = "0" * 64


class Actor(Protocol):
    """Whoever acts: a signed-in person, or a named job such as the demo builder."""

    @property
    def audit_id(self) -> str: ...
    @property
    def audit_name(self) -> str: ...


class SystemActor:
    """A named job that acts without a person, for example an import from the command line."""

    def __init__(self, name: str) -> None:
        self.audit_id = f"system:{name}"
        self.audit_name = name


def record(
    action: str,
    *,
    by: Actor | None,
    target: Any = None,
    site_code: str = "",
    reason: str = "",
    details: dict[str, Any] | None = None,
) -> AuditEvent:
    """Append one event to the chain, in the caller's transaction. Raises AnonymousWriteError without an actor."""
    if by is None or not getattr(by, "audit_id", ""):
        raise AnonymousWriteError(f"'{action}' was not recorded: an action needs the person or job that does it.")
    with transaction.atomic():
        head, _ = ChainHead.objects.select_for_update().get_or_create(pk=1)
        event = AuditEvent(
            sequence=head.sequence + 1,
            at=timezone.now(),
            actor_id=by.audit_id,
            actor_name=by.audit_name[:200],
            action=action,
            target_type=target._meta.label_lower if target is not None else "",
            target_id=str(target.pk) if target is not None else "",
            site_code=site_code,
            reason=reason.replace(NUL, ""),
            details=_as_stored(details or {}),
            previous_hash=head.hash,
        )
        event.hash = seal(event)
        event.save()
        head.sequence, head.hash = event.sequence, event.hash
        head.save()
    return event


def seal(event: AuditEvent) -> str:
    """SHA-256 over every field of the event and the hash of the one before it; the same on every database."""
    fields = [
        event.sequence,
        event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        event.actor_id,
        event.actor_name,
        event.action,
        event.target_type,
        event.target_id,
        event.site_code,
        event.reason,
        _plain_numbers(event.details),
        event.previous_hash,
    ]
    return hashlib.sha256(json.dumps(fields, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def first_broken_link() -> int | None:
    """Sequence number of the first event that does not fit the chain, or None when all is intact."""
    previous, expected = START, 1
    for event in AuditEvent.objects.order_by("sequence").iterator():
        if event.sequence != expected or event.previous_hash != previous or event.hash != seal(event):
            return expected
        previous, expected = event.hash, expected + 1
    head = ChainHead.objects.filter(pk=1).first()
    end = (head.sequence, head.hash) if head is not None else (0, START)
    return expected if end != (expected - 1, previous) else None


def _as_stored(details: dict[str, Any]) -> dict[str, Any]:
    """Dates and decimals as text and keys as strings, as they come back from a JSON column."""
    text = json.dumps(details, cls=DjangoJSONEncoder, allow_nan=False).replace("\\u0000", "")
    stored: dict[str, Any] = json.loads(text)
    return stored


def _plain_numbers(value: Any) -> Any:
    # PostgreSQL gives 1e20 back as a whole number, so whole floats and integers must seal alike
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _plain_numbers(part) for key, part in value.items()}
    return [_plain_numbers(part) for part in value] if isinstance(value, list) else value
