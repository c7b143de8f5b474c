"""One measure that only these tests know, with two years of it at North, South and Elsewhere, faults and all."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from trustwide.commons.measures import definition as registry
from trustwide.commons.measures.definition import LogicalTable, MeasureDefinition
from trustwide.commons.measures.quality.actions import check

SHARE = MeasureDefinition(
    code="share_late", title="Share of visits that began late", unit="%", improvement_direction="decrease",
    target=0.05, numerator=lambda table: table.late.sum(), denominator=lambda table: table.visits.sum(),
    owner="clinic", table="visits", quantity="share", counts="visits that began late", out_of="visits",
)  # fmt: skip
VISITS = [1000 + 37 * ((7 * place) % 11) for place in range(24)]
LATE = [visits // 4 + (place * place) % 7 for place, visits in enumerate(VISITS)]
COLUMNS = {"site_id": "int64", "breakdown": "string", "period": "date", "late": "int64", "visits": "int64"}


def month(number):
    return dt.date(2024 + number // 12, number % 12 + 1, 1)


def rows(site, late=LATE, visits=VISITS, breakdown="MRI", first=0):
    """Observations of one series as `check` takes them; None leaves a month out."""
    return [
        ("share_late", site.pk, breakdown, month(first + place), float(above), float(below), above / below)
        for place, (above, below) in enumerate(zip(late, visits, strict=True))
        if above is not None
    ]


def frame(*series):
    schema = {
        "measure": pl.String, "site_id": pl.Int64, "breakdown": pl.String, "period": pl.Date, "numerator": pl.Float64,
        "denominator": pl.Float64, "value": pl.Float64,
    }  # fmt: skip
    return pl.DataFrame([row for each in series for row in each], schema, orient="row")


def changed(place, value, figures=LATE):
    """The figures with another one at one place."""
    return [*figures[:place], value, *figures[place + 1 :]]


@pytest.fixture
def clinic(cast, monkeypatch):
    """The cast, where the measure is registered and nothing is checked yet."""
    monkeypatch.setattr(registry, "_definitions", {})
    monkeypatch.setattr(registry, "_tables", {})
    registry.register(SHARE)
    registry.register_table(
        LogicalTable("visits", COLUMNS, lambda sites: None, {"MRI": "MRI", "CT": "CT"},
                     page=lambda code, breakdown: f"/clinic/{code}/{breakdown}/", published=True)
    )  # fmt: skip
    return cast


@pytest.fixture
def doubted(clinic):
    """North: a zero in MRI and an impossible CT month. South: nothing. Elsewhere: a month late."""
    check(
        frame(
            rows(clinic.north, changed(20, 0)),
            rows(clinic.north, changed(22, 5000), breakdown="CT"),
            rows(clinic.south),
            rows(clinic.public, LATE[:23], VISITS[:23]),
        )
    )
    return clinic
