"""The cast with two years of returns, and how they ask the API."""

from __future__ import annotations

import pytest

from trustwide.commons.accounts.actions import make_token
from trustwide.commons.measures.actions import annotate_chart, ghost_period, rebase_chart
from trustwide.services.imaging.tests.returns import month
from trustwide.services.imaging.tests.stage import STAGE, STEP, import_lists

LIST = "dm01_waiting_list"


@pytest.fixture(scope="module")
def stage(django_db_setup, django_db_blocker):
    """One cast for a whole module: most tests only read, and what one writes is undone after it."""
    from django.db import transaction

    from trustwide.commons.accounts.tests.cast import build_cast

    with django_db_blocker.unblock(), transaction.atomic():
        cast = build_cast()
        import_lists(cast)
        for site in (cast.north, cast.south):
            rebase_chart(LIST, site, "MRI", month(STEP), reason="a scanner closed", by=STAGE)
            annotate_chart(LIST, site, "MRI", month(3), text="a van came", by=STAGE)
            ghost_period(LIST, site, "MRI", month(5), reason="a flood", by=STAGE)
        yield cast
        transaction.set_rollback(True)


@pytest.fixture
def ask(client):
    """ask(person or key, path, **parameters): the answer to GET /api/v1/path with a token."""

    keys = {}

    def get(who, path, **parameters):
        if not isinstance(who, str) and who not in keys:
            keys[who] = make_token("tests", days=30, by=who)[1]
        key = keys.get(who, who)
        return client.get(f"/api/v1/{path}", parameters, headers={"Authorization": f"Bearer {key}"})

    return get
