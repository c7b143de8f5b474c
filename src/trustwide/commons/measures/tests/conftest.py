"""One measure that only these tests know, with two years of it at North and South."""

from __future__ import annotations

import datetime as dt

import pytest

from trustwide.commons.measures import definition as registry
from trustwide.commons.measures.actions import redraw
from trustwide.commons.measures.definition import LogicalTable, MeasureDefinition
from trustwide.commons.measures.models import Observation

SHARE = MeasureDefinition(
    code="share_late",
    title="Share of visits that began late",
    unit="%",
    improvement_direction="decrease",
    target=0.05,
    numerator=lambda table: table.late.sum(),
    denominator=lambda table: table.visits.sum(),
    owner="clinic",
    table="visits",
    quantity="share",
    counts="visits that began late",
    out_of="visits",
)
LATE = (20, 22, 19, 21, 20, 18, 22, 21, 19, 20, 21, 20, 30, 32, 29, 31, 30, 28, 32, 31, 29, 30, 31, 30)
STEP = dt.date(2025, 1, 1)  # where the share goes from a fifth to near a third


def month(number):
    return dt.date(2024 + number // 12, number % 12 + 1, 1)


@pytest.fixture
def share(cast, monkeypatch):
    """The cast, where North and South have the measure's chart."""
    monkeypatch.setattr(registry, "_definitions", {})
    monkeypatch.setattr(registry, "_tables", {})
    doubted = (dt.date(2024, 5, 1), "May 2024 looks odd.")
    registry.register(SHARE)
    registry.register_table(
        LogicalTable("visits", {}, lambda sites: None, {"MRI": "MRI", "CT": "CT"}, lambda site, breakdown: [doubted])
    )
    for site in (cast.north, cast.south):
        series = {"measure": "share_late", "site": site, "breakdown": "MRI", "denominator": 100}
        Observation.objects.bulk_create(
            Observation(**series, period=month(place), numerator=late, value=late / 100)
            for place, late in enumerate(LATE)
        )
        redraw("share_late", site, "MRI")
    return cast
