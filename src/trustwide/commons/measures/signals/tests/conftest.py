"""Two measures that only these tests know, one of tests and one of wards, with their charts and signals."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.utils import timezone

from trustwide.commons.measures import definition as registry
from trustwide.commons.measures.actions import refresh
from trustwide.commons.measures.definition import LogicalTable
from trustwide.commons.measures.models import ChartSummary
from trustwide.commons.measures.signals.models import Signal
from trustwide.commons.measures.tests.conftest import SHARE, month

FALLS = replace(SHARE, code="falls", title="Falls a month", unit="falls", target=None, table="ward_days", aim="quality")
LATE = replace(SHARE, aim="access")
NEWEST = dt.date(2025, 9, 1)
CALM = (20, 22, 19, 21, 20, 18, 22, 21, 19, 20, 21, 20)


@pytest.fixture
def stage(cast, monkeypatch):
    """The cast, with the measures registered and nothing measured yet."""
    monkeypatch.setattr(registry, "_definitions", {})
    monkeypatch.setattr(registry, "_tables", {})
    registry.register(LATE, FALLS)
    registry.register_table(LogicalTable("visits", {}, lambda sites: None, {"MRI": "MRI", "CT": "CT"}))
    wards = {"W1": "Ward 1", "W2": "Ward 2"}
    registry.register_table(LogicalTable("ward_days", {}, lambda sites: None, wards, of_places=True))
    return cast


@pytest.fixture
def rows(cast, monkeypatch):
    """The share measure over rows that a test fills: (site, number of the month, late of 100)."""
    import polars as pl

    given: list[tuple[int, int, int]] = []

    def read(site_ids):
        kept = [(site, "MRI", month(number), late, 100) for site, number, late in given]
        schema = {"site_id": pl.Int64, "breakdown": pl.String, "period": pl.Date, "late": pl.Int64, "visits": pl.Int64}
        return pl.DataFrame(kept, schema=schema, orient="row").to_arrow()

    columns = {"site_id": "int64", "breakdown": "string", "period": "date", "late": "int64", "visits": "int64"}
    monkeypatch.setattr(registry, "_definitions", {})
    monkeypatch.setattr(registry, "_tables", {})
    registry.register(replace(SHARE, quantity="mean"))
    registry.register_table(registry.LogicalTable("visits", columns, read))

    def put(site, *late, start=0):
        given[:] = [row for row in given if row[0] != site.pk]
        given.extend((site.pk, start + place, value) for place, value in enumerate(late))
        refresh("visits")

    put.rows = given
    return put


def a_chart(site, measure="share_late", breakdown="MRI", **more):
    """A chart that is judged."""
    usual = {"period": NEWEST, "value": 0.2, "points": 24, "kind": "xmr", "variation_icon": "common_cause"}
    return ChartSummary.objects.create(
        measure=measure, site=site, breakdown=breakdown, sentence="Usual.", **usual | more
    )


def a_signal(site, measure="share_late", breakdown="MRI", **more):
    """A judged chart with an open concern on it, seen this month."""
    icon = {"variation_icon": f"{more.get('verdict', 'concern')}_{more.get('direction', 'high')}"}
    series = {"measure": measure, "site": site, "breakdown": breakdown}
    ChartSummary.objects.filter(**series).delete()
    a_chart(site, measure, breakdown, **icon)
    usual = {
        "kind": "shift", "direction": "high", "verdict": "concern", "since": month(14), "opened": NEWEST,
        "latest": NEWEST, "opened_at": timezone.now(), "points": 7, "step": 0.104, "sigmas": 4.5, "people": 1234,
        "rank": 20.0, "sentence": "Higher than usual since March 2025: seven months above 20.2%. Concern.",
    }  # fmt: skip
    return Signal.objects.create(**series, **usual | more)
