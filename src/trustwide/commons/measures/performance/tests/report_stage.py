"""Measures that only the tests of the report know, with two years of them at three sites of two partners."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from django.utils import timezone

from trustwide.commons.accounts.tests.cast import STAGE, Cast
from trustwide.commons.measures import definition as registry
from trustwide.commons.measures.actions import redraw
from trustwide.commons.measures.definition import LogicalTable, MeasureDefinition
from trustwide.commons.measures.models import Observation, Signal
from trustwide.commons.measures.tests.conftest import LATE as STEPPED
from trustwide.commons.measures.tests.conftest import SHARE, month
from trustwide.commons.organisations.actions import create_site

NEWEST = month(23)
LATE = replace(SHARE, aim="access")
WAITING = replace(
    SHARE, code="waiting", title="People waiting", unit="people", target=None, quantity="stock", denominator=None,
    table="dm01_returns", aim="access", numerator=lambda table: table.waiting.sum(), counts="people waiting", out_of="",
)  # fmt: skip
DAILY = replace(
    WAITING, code="daily", title="Tests a working day", unit="tests a day", quantity="mean", aim="efficiency",
    improvement_direction="increase", numerator=lambda table: table.tests.sum(),
    denominator=lambda table: table.days.max(),
)  # fmt: skip
FALLS = replace(
    WAITING, code="falls", title="Falls", unit="falls", quantity="count", table="wards", aim="quality",
    numerator=lambda table: table.falls.sum(), counts="falls",
)  # fmt: skip
ALL = (LATE, WAITING, DAILY, FALLS)
COLUMNS = {"visits": ("late", "visits"), "dm01_returns": ("waiting", "tests", "days"), "wards": ("falls",)}
STEADY = (300, 330, 270, 315, 285, 345, 255, 300, 330, 270, 315, 285)
# at North few fall in June; so few that it must not be told to everybody
FEW = {("N1", 17): 3}


def register(monkeypatch, *definitions: MeasureDefinition) -> None:
    """Only these measures, over tables without rows of their own."""
    monkeypatch.setattr(registry, "_definitions", {})
    monkeypatch.setattr(registry, "_tables", {})
    registry.register(*(definitions or ALL))
    parts = {"MRI": "MRI", "CT": "CT"}
    for name, columns in COLUMNS.items():
        types = {"site_id": "int64", "breakdown": "string", "period": "date", **dict.fromkeys(columns, "int64")}
        named = parts if name != "wards" else {}
        registry.register_table(LogicalTable(name, types, lambda sites: None, named, published=name == "dm01_returns"))


def put(definition: MeasureDefinition, site, figures, breakdown="MRI", *, out_of=None, first=0) -> None:
    """Figures of consecutive months; `out_of` is their denominator."""
    Observation.objects.bulk_create(
        Observation(
            measure=definition.code, site=site, breakdown=breakdown, period=month(first + place), numerator=figure,
            denominator=out_of, value=figure / out_of if out_of else figure,
        )
        for place, figure in enumerate(figures)
    )  # fmt: skip


def steady(level: float, months: int = 24) -> list[float]:
    return [round(level * STEADY[place % len(STEADY)] / 300) for place in range(months)]


def fill(cast: Cast) -> None:
    """North and Middle are of one partner, South of another. Shares of North step up in 2025; few fall at North."""
    cast.middle = create_site(cast.north.partner, "M1", "Middle Hospital", by=STAGE, short_name="Middle")
    for site, level in ((cast.north, 400), (cast.middle, 300), (cast.south, 200)):
        put(LATE, site, STEPPED if site == cast.north else steady(20), out_of=100)
        put(LATE, site, steady(30), "CT", out_of=150)
        put(WAITING, site, steady(level))
        put(WAITING, site, steady(level / 2), "CT")
        put(DAILY, site, steady(level * 2), out_of=20)
        falls = steady(level / 10)
        put(FALLS, site, [FEW.get((site.code, place), falls[place]) for place in range(24)], "")
    redraw(LATE.code, cast.north, "MRI")  # its signal
    Signal.objects.update(opened_at=timezone.make_aware(dt.datetime(2025, 2, 10)))


def build(cast: Cast, monkeypatch) -> Cast:
    """All of it."""
    register(monkeypatch)
    fill(cast)
    return cast
