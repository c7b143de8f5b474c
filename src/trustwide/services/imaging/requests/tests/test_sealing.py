"""What happened is sealed, many events at once; a change past the database's own guard is found."""

import datetime as dt

import pytest
from django.db import connection

from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.services.imaging.requests import sealing
from trustwide.services.imaging.requests.guards import PATHWAY
from trustwide.services.imaging.requests.models import PathwayEvent
from trustwide.services.imaging.requests.pathway import Event

from .asked_stage import asked_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def settled(monkeypatch):
    """Events of this moment are old enough to be sealed."""
    monkeypatch.setattr(sealing, "SETTLED_AFTER", -dt.timedelta(minutes=1))


def tamper(event, change):
    """Change a row as somebody would who took the guard away first, and put it back after."""
    PATHWAY.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute(change, [event.pk])
    PATHWAY.install(connection)


def test_events_of_the_last_minute_wait(stage):
    asked_for(stage)
    assert sealing.seal_events(by=STAGE) == 0
    assert sealing.first_broken_seal() is None


def test_each_event_is_sealed_once(stage, settled):
    asked_for(stage)
    assert sealing.seal_events(by=STAGE) == 2
    assert sealing.seal_events(by=STAGE) == 0
    asked_for(stage, "CHEAD", Event.ACCEPT)
    assert sealing.seal_events(by=STAGE) == 3
    assert sealing.first_broken_seal() is None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE imaging_pathwayevent SET actor_name = 'somebody else' WHERE id = %s",
        "UPDATE imaging_pathwayevent SET reason = 'another' WHERE id = %s",
        "DELETE FROM imaging_pathwayevent WHERE id = %s",
    ],
)
def test_a_row_changed_past_the_guard_breaks_its_seal(stage, settled, change):
    asked_for(stage)
    sealing.seal_events(by=STAGE)
    asked_for(stage)
    sealing.seal_events(by=STAGE)
    changed = PathwayEvent.objects.order_by("pk")[3]
    tamper(changed, change)
    assert sealing.first_broken_seal() == PathwayEvent.objects.order_by("pk")[2].pk


def test_sealing_goes_on_in_runs(stage, settled, monkeypatch):
    monkeypatch.setattr(sealing, "AT_ONCE", 2)
    asked_for(stage, "MKNEE", Event.ACCEPT)
    assert [sealing.seal_events(by=STAGE) for _ in range(3)] == [2, 1, 0]
    assert sealing.first_broken_seal() is None
