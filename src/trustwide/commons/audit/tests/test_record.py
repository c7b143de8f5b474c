"""The audit record: who did what, and proof that nobody changed it since."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from trustwide.commons.audit import guards
from trustwide.commons.audit.actions import SystemActor, first_broken_link, record
from trustwide.commons.audit.exceptions import AnonymousWriteError, AuditIsAppendOnlyError
from trustwide.commons.audit.models import AuditEvent, ChainHead

pytestmark = pytest.mark.django_db
CLERK = SystemActor("import")


@pytest.fixture
def three_events():
    return [record(f"did {n}", by=CLERK, reason="because", details={"n": n}) for n in range(3)]


def raw(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_it_works(three_events):
    assert [event.sequence for event in AuditEvent.objects.all()] == [1, 2, 3]
    assert first_broken_link() is None


@pytest.mark.parametrize("nobody", [None, SystemActor("").__class__.__new__(SystemActor), object()])
def test_refuses_a_write_by_nobody(nobody):
    with pytest.raises(AnonymousWriteError, match="needs the person or job"):
        record("did it", by=nobody)
    assert AuditEvent.objects.count() == 0


def test_models_refuse_change_and_removal(three_events):
    for attempt in (
        lambda: three_events[0].save(),
        lambda: three_events[0].delete(),
        lambda: AuditEvent.objects.update(reason="another"),
        lambda: AuditEvent.objects.all().delete(),
        lambda: AuditEvent.objects.bulk_update(three_events, ["reason"]),
    ):
        with pytest.raises(AuditIsAppendOnlyError):
            attempt()


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_auditevent SET reason = 'x' WHERE sequence = 2", "DELETE FROM audit_auditevent"]
)
def test_database_itself_refuses(three_events, statement):
    guards.AUDIT.install(connection)
    with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
        raw(statement)
    assert AuditEvent.objects.count() == 3


@pytest.mark.parametrize(
    ("tampering", "noticed_at"),
    [
        ("UPDATE audit_auditevent SET actor_name = 'somebody else' WHERE sequence = 2", 2),
        ("UPDATE audit_auditevent SET at = '2020-01-01 00:00:00+00:00' WHERE sequence = 1", 1),
        ("UPDATE audit_auditevent SET details = '{\"n\": 5}' WHERE sequence = 3", 3),
        ("DELETE FROM audit_auditevent WHERE sequence = 2", 2),
        ("DELETE FROM audit_auditevent WHERE sequence = 3", 3),
        ("DELETE FROM audit_auditevent", 1),
        ("DELETE FROM audit_chainhead", 4),
    ],
)
def test_tampering_past_the_guard_is_noticed(three_events, tampering, noticed_at):
    guards.AUDIT.remove(connection)
    raw(tampering)
    assert first_broken_link() == noticed_at


def test_resealing_one_event_breaks_the_next(three_events):
    from trustwide.commons.audit.actions import seal

    guards.AUDIT.remove(connection)
    event = AuditEvent.objects.get(sequence=2)
    event.reason = "a better one"
    raw("UPDATE audit_auditevent SET reason = %s, hash = %s WHERE sequence = 2", event.reason, seal(event))
    assert first_broken_link() == 3


@pytest.mark.parametrize(
    "details",
    [
        {"when": dt.date(2026, 3, 3), "at": dt.datetime(2026, 3, 3, 12, 0, 0, 123456, tzinfo=dt.UTC)},
        {"cost": Decimal("12.30"), "large": 1e20, "small": 1e-9, "whole": 2.0, 7: "number as key"},
        {"text": "naïve – “quoted” \x00 Ω", "nested": [{"b": 1, "a": (1, 2)}]},
    ],
)
def test_details_seal_the_same_after_a_round_trip(details):
    record("did it", by=CLERK, reason="nul \x00 is dropped", details=details)
    assert first_broken_link() is None


def test_rolls_back_with_the_action_it_records(three_events):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record("half done", by=CLERK)
        _ = 1 / 0
    assert first_broken_link() is None
    assert ChainHead.objects.get(pk=1).sequence == 3
