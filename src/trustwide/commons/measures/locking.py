"""One writer of observations, charts and signals at a time."""

from __future__ import annotations

from django.db import connection

MEASURES = 7_311_604_552  # a number of our own among the advisory locks of the database


def hold_measures() -> None:
    """Wait until nobody else writes measures, and keep others waiting to the end of the caller's transaction.

    Two refreshes at once would write the older figures over the newer, and a digest between two commits could miss a
    signal. SQLite lets one transaction write at a time anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MEASURES])
