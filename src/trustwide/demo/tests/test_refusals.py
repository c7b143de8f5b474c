"""The group is built whole or not at all, and only where nothing else is."""

from __future__ import annotations

import datetime

import pytest

from trustwide.commons.audit.actions import SystemActor, record
from trustwide.commons.audit.models import AuditEvent
from trustwide.commons.organisations.actions import create_partnership
from trustwide.commons.organisations.models import Partnership
from trustwide.demo import actions, figures
from trustwide.demo.exceptions import NotADemoDatabaseError
from trustwide.demo.rules import can_build, check_can_build

MONTH = datetime.date(2026, 10, 1)


def quiet(_: str) -> None:
    pass


def test_a_build_that_fails_leaves_nothing(db, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("the power went")

    monkeypatch.setattr(actions, "import_returns", fail)
    with pytest.raises(RuntimeError):
        actions.build(figures.wanted("small", MONTH), progress=quiet)
    assert not Partnership.objects.exists()
    assert not AuditEvent.objects.exists()
    assert can_build()


def test_it_is_not_built_beside_anything_else(db):
    create_partnership("own", "Our Own Partnership", by=SystemActor("tests"))
    with pytest.raises(NotADemoDatabaseError, match="Our Own Partnership, which is not the demo's"):
        actions.build(figures.wanted("small", MONTH), progress=quiet)
    assert not can_build()


def test_it_is_not_built_over_imported_returns(db):
    record("DM01 returns imported", by=SystemActor("import from the command line"))
    with pytest.raises(NotADemoDatabaseError, match="data that the demo did not make"):
        check_can_build()
