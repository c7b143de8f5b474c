"""One part in the race of `test_measure_race`, as a process of its own.

Usage: python measure_worker.py keeper, or refresh. The keeper fills the database, prints what one refresh leaves, takes
it away again, waits for a line and prints what is there then. The other prints `ready`, waits for a line, refreshes and
prints how many observations and charts it wrote.
"""

from __future__ import annotations

import datetime
import json
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trustwide.config.settings")

TABLE = "dm01_returns"
# numbers of rows and times of writing are of the run; everything else follows from the returns
OF_THE_RUN = ("id", "opened_at", "closed_at")


def keeper() -> None:
    """Before and after; each time one line of JSON: the rows of each table in order."""
    from django.core.management import call_command

    from trustwide.commons.audit.actions import SystemActor
    from trustwide.commons.measures.models import ChartSummary, Observation, QualityNote, QualityScore, Signal
    from trustwide.demo.returns import returns
    from trustwide.services.imaging.actions import import_returns

    kept = (Observation, ChartSummary, Signal, QualityNote, QualityScore)
    call_command("migrate", verbosity=0)
    import_returns(returns("small", datetime.date(2026, 10, 1)), by=SystemActor("tests"), source="the synthetic group")
    print(json.dumps({kind.__name__: rows_of(kind) for kind in kept}), flush=True)
    for kind in kept:
        kind.objects.all().delete()
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps({kind.__name__: rows_of(kind) for kind in kept}), flush=True)


def rows_of(kind: type) -> list[str]:
    """The rows of a table, whatever order they were written in."""
    names = [each.attname for each in kind._meta.fields if each.attname not in OF_THE_RUN]
    return sorted(repr(row) for row in kind.objects.order_by().values_list(*names))


def refresh() -> None:
    """As `trustwide nightly` and every import do it."""
    from trustwide.commons.measures import actions

    print("ready", flush=True)
    sys.stdin.readline()
    done = actions.refresh(TABLE)
    print(done.written, done.removed, done.charts)


if __name__ == "__main__":
    import django

    django.setup()
    {"keeper": keeper, "refresh": refresh}[sys.argv[1]]()
