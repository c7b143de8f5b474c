"""Fixtures for every test, beside the code and in tests/."""

from __future__ import annotations

import os
from collections import Counter
from importlib import import_module

import pytest

# the browser driver runs an event loop in the thread that also queries the database
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

pytest_plugins = ["tests.fixtures.browser", "tests.fixtures.postgres"]


def pytest_configure() -> None:
    from django.conf import settings

    # passwords of tests need no protection, and a strong hash costs a third of a second each
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # static files are looked for when they are asked for, not listed anew for the first page of every test
    settings.WHITENOISE_AUTOREFRESH = True

    from django.db.models.signals import post_migrate

    post_migrate.connect(_bring_back_the_aims)


def pytest_collection_modifyitems(items) -> None:
    """Of tests with one name, pytest-xdist runs the first and passes over the others without a word."""
    twice = [name for name, times in Counter(item.nodeid for item in items).items() if times > 1]
    if twice:
        raise pytest.UsageError(f"Tests must have names of their own; parametrize these: {', '.join(twice)}")


def _bring_back_the_aims(sender, using, **_said) -> None:
    """A test that empties the tables takes the aims with it that a migration made; Django tells when that is done."""
    if sender.label != "measures":
        return
    from trustwide.commons.measures.models import StrategicAim

    made = import_module("trustwide.commons.measures.migrations.0004_aims_and_first_versions")
    for position, (code, title) in enumerate(made.AIMS, 1):
        StrategicAim.objects.using(using).get_or_create(code=code, defaults={"title": title, "position": position})


@pytest.fixture(autouse=True)
def _audit_guard_lets_the_flush_pass(request):
    """Tests that empty the tables afterwards must first take away the triggers that forbid it."""
    marker = request.node.get_closest_marker("django_db")
    flushes = bool(marker and marker.kwargs.get("transaction"))
    if not flushes and not {"transactional_db", "live_server"} & set(request.fixturenames):
        yield
        return
    request.getfixturevalue("transactional_db")
    from django.db import connection

    from trustwide.commons.audit.guards import AUDIT
    from trustwide.services.imaging.requests.guards import PATHWAY

    for guard in (AUDIT, PATHWAY):
        guard.install(connection)
    yield
    for guard in (AUDIT, PATHWAY):
        guard.remove(connection)


@pytest.fixture(autouse=True)
def _forget_rate_limits():
    from django.core.cache import cache

    yield
    cache.clear()


@pytest.fixture
def cast(db):
    """A partnership of two sites and one person a role; see trustwide.commons.accounts.tests.cast."""
    from trustwide.commons.accounts.tests.cast import build_cast

    return build_cast()
