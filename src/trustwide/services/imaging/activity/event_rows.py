"""Writes many events at once by the database's own bulk path: a year of a group's exams is millions of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection
from django.utils import timezone

from trustwide.commons.audit.actions import Actor
from trustwide.services.imaging.activity.history import History
from trustwide.services.imaging.requests.models import ImagingRequest, PathwayEvent

COLUMNS = ("request_id", "number", "kind", "at", "recorded_at", "actor_id", "actor_name", "reason", "details")
Grown = tuple[ImagingRequest, History, int]


def write_events(histories: Iterable[Grown], by: Actor) -> None:
    """Append the events of each history from a place on, in the caller's transaction.

    Raises IntegrityError where somebody wrote an event of the same number first.
    """
    quote = connection.ops.quote_name
    table, names = quote(PathwayEvent._meta.db_table), ", ".join(quote(column) for column in COLUMNS)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in _rows(histories, by):
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(COLUMNS))
            many: Any = _rows(histories, by)  # an iterator does: Django passes it on
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", many)  # noqa: S608


def _rows(histories: Iterable[Grown], by: Actor) -> Iterator[tuple[Any, ...]]:
    adapt = connection.ops.adapt_datetimefield_value
    now, actor, name = adapt(timezone.now()), by.audit_id[:60], by.audit_name[:200]
    for request, history, start in histories:
        pairs = list(zip(history.events, history.reasons, strict=True))
        for number, (event, reason) in enumerate(pairs[start:], start=start + 1):
            details = json.dumps(event.details)
            yield request.pk, number, event.kind.value, adapt(event.at), now, actor, name, reason, details
