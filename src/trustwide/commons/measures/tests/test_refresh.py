"""Observations and chart summaries follow the rows they are computed from."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from trustwide.analysis import spc
from trustwide.commons.measures import definition as registry
from trustwide.commons.measures import figures
from trustwide.commons.measures.actions import RefreshSummary, refresh
from trustwide.commons.measures.definition import LogicalTable, MeasureDefinition
from trustwide.commons.measures.exceptions import MeasureRegisteredTwiceError, UnknownMeasureError
from trustwide.commons.measures.models import ChartSummary, DefinitionVersion, Observation, QualityNote
from trustwide.commons.organisations.models import Partner, Partnership, Site

pytestmark = pytest.mark.django_db

LATE = MeasureDefinition(
    code="late_share",
    title="Share of visits that began late",
    unit="%",
    improvement_direction="decrease",
    target=0.05,
    numerator=lambda table: table.late.sum(),
    denominator=lambda table: table.visits.sum(),
    owner="clinic",
    table="visits",
    quantity="share",
)
VISITS = replace(
    LATE, code="visits", title="Visits", unit="visits", improvement_direction="increase", target=None,
    numerator=lambda table: table.visits.sum(), denominator=None, quantity="count",
)  # fmt: skip


@pytest.fixture
def sites():
    partnership = Partnership.objects.create(slug="two", name="Two")
    partner = Partner.objects.create(partnership=partnership, code="P1", name="Partner")
    return [Site.objects.create(partner=partner, code=code, name=code, short_name=code) for code in ("A", "B")]


@pytest.fixture
def visits(monkeypatch):
    """Rows of the logical table, and the two measures over it, known for this test only."""
    rows = []

    def read(site_ids):
        kept = [row for row in rows if site_ids is None or row[0] in site_ids]
        schema = {"site_id": pl.Int64, "breakdown": pl.String, "period": pl.Date, "late": pl.Int64, "visits": pl.Int64}
        return pl.DataFrame(kept, schema=schema, orient="row").to_arrow()

    columns = {"site_id": "int64", "breakdown": "string", "period": "date", "late": "int64", "visits": "int64"}
    monkeypatch.setattr(registry, "_definitions", {})
    monkeypatch.setattr(registry, "_tables", {})
    registry.register(LATE, VISITS)
    registry.register_table(LogicalTable("visits", columns, read))
    return rows


def months(first, count):
    return [dt.date(2024 + (first + n) // 12, (first + n) % 12 + 1, 1) for n in range(count)]


def values(code, site):
    return dict(Observation.objects.series(code, site, "MRI").values_list("period", "value"))


def drawn(code, site):
    definition = registry.measure(code)
    observed = list(Observation.objects.series(code, site, "MRI"))
    return figures.chart(definition, observed, figures.settings(definition))[0]


def test_rows_are_summed_by_series_and_period(sites, visits):
    january, february = months(0, 2)
    visits += [
        (sites[0].pk, "MRI", january, 1, 10),
        (sites[0].pk, "MRI", january, 2, 20),
        (sites[0].pk, "MRI", february, 0, 8),
    ]
    assert refresh("visits") == RefreshSummary(written=4, removed=0, charts=2)
    assert values("late_share", sites[0]) == {january: 0.1, february: 0.0}
    assert values("visits", sites[0]) == {january: 30.0, february: 8.0}
    share = Observation.objects.get(measure="late_share", period=january)
    assert (share.numerator, share.denominator) == (3.0, 30.0)


def test_nothing_is_written_the_second_time(sites, visits):
    visits += [(sites[0].pk, "MRI", month, 1, 10) for month in months(0, 14)]
    refresh("visits")
    before = list(Observation.objects.values_list()), list(ChartSummary.objects.values_list())
    assert refresh("visits") == RefreshSummary(0, 0, 0)
    assert (list(Observation.objects.values_list()), list(ChartSummary.objects.values_list())) == before


def test_only_the_named_series_is_recomputed(sites, visits):
    visits += [(site.pk, "MRI", month, 1, 10) for site in sites for month in months(0, 3)]
    refresh("visits")
    visits[:] = [(site, test, month, late, 20) for site, test, month, late, _ in visits]
    refresh("visits", {(sites[0].pk, "MRI")})
    assert set(values("visits", sites[0]).values()) == {20.0}
    assert set(values("visits", sites[1]).values()) == {10.0}


def test_a_share_of_nobody_is_no_observation(sites, visits):
    visits += [(sites[0].pk, "MRI", months(0, 1)[0], 0, 0)]
    refresh("visits")
    assert values("visits", sites[0]) == {months(0, 1)[0]: 0.0}
    assert values("late_share", sites[0]) == {}


def test_what_is_no_longer_there_is_removed_with_its_chart(sites, visits):
    visits += [(sites[0].pk, "MRI", month, 1, 10) for month in months(0, 2)]
    refresh("visits")
    del visits[1]
    assert refresh("visits").removed == 2
    assert list(values("visits", sites[0])) == months(0, 1)
    visits.clear()
    refresh("visits", {(sites[0].pk, "MRI")})
    assert not Observation.objects.exists()
    assert not ChartSummary.objects.exists()


def test_a_changed_definition_is_recomputed_for_every_series(sites, visits, monkeypatch):
    visits += [(site.pk, "MRI", month, 1, 10) for site in sites for month in months(0, 2)]
    refresh("visits")
    doubled = replace(VISITS, numerator=lambda table: table.visits.sum() * 2)
    assert doubled.version != VISITS.version
    monkeypatch.setitem(registry._definitions, "visits", doubled)
    refresh("visits", set())
    assert {*values("visits", sites[0]).values(), *values("visits", sites[1]).values()} == {20.0}


def test_the_summary_says_what_the_chart_says(sites, visits):
    counts = [50, 55, 48, 52, 51, 49, 53, 50, 54, 47, 80, 82, 85, 81, 84, 83, 86]
    visits += [(sites[0].pk, "MRI", month, 10, count) for month, count in zip(months(0, 17), counts, strict=True)]
    refresh("visits")
    chart = spc.chart(months(0, 17), counts, spc.Settings("increase", profile="mdc"))
    summary = ChartSummary.objects.get(measure="visits")
    assert summary.variation_icon == chart.variation_icon == "improvement_high"
    assert (summary.period, summary.value, summary.points) == (months(16, 1)[0], 86.0, 17)
    assert (summary.mean, summary.lpl, summary.upl) == pytest.approx((chart.mean[-1], chart.lpl[-1], chart.upl[-1]))
    assert summary.since == months(10, 1)[0] == spc.since(chart).start
    assert summary.change == 86 - 47
    assert summary.sentence == spc.sentence(chart, unit="visits")


def test_shares_are_told_in_hundredths_and_kept_as_shares(sites, visits):
    visits += [(sites[0].pk, "MRI", month, 20 + place % 3, 100) for place, month in enumerate(months(0, 20))]
    refresh("visits")
    summary = ChartSummary.objects.get(measure="late_share")
    assert summary.mean == pytest.approx(sum(20 + place % 3 for place in range(20)) / 2000)
    assert summary.assurance_icon == "fail"  # five in a hundred lies far below the limits
    chart = drawn("late_share", sites[0])
    assert chart.value[0] == pytest.approx(20.0)
    assert chart.upl[-1] == pytest.approx(summary.upl * 100)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([10] * 5, "Too little to judge: five values of the 13 that limits need."),
        ([0, 1] * 10, "Too little to judge: 0.5 events a period on average is too rare to judge: 14 are needed."),
        ([40] * 20, "Too constant to judge: most periods hold the same value."),
    ],
)
def test_a_series_with_too_little_in_it_is_not_judged(sites, visits, rows, sentence):
    visits += [(sites[0].pk, "MRI", month, 0, count) for month, count in zip(months(0, len(rows)), rows, strict=True)]
    refresh("visits")
    summary = ChartSummary.objects.get(measure="visits")
    assert (summary.variation_icon, summary.sentence, summary.since) == ("", sentence, None)


def test_a_missing_month_is_a_gap_in_the_chart(sites, visits):
    visits += [(sites[0].pk, "MRI", month, 1, 10 + place) for place, month in enumerate(months(0, 4)) if place != 2]
    refresh("visits")
    chart = drawn("visits", sites[0])
    assert chart.value[:2].tolist() == [10, 11]
    assert math.isnan(chart.value[2])
    assert chart.value[3] == 13


def test_gaps_are_filled_in_each_of_many_series():
    held = np.array(["2024-01", "2024-03", "2023-12", "2024-02", "2024-03"], dtype="datetime64[M]")
    filled, numbers, offsets = figures.with_gaps(held, np.arange(5.0), np.array([0, 2, 2, 5]))
    assert filled.astype(str).tolist() == ["2024-01", "2024-02", "2024-03", "2023-12", "2024-01", "2024-02", "2024-03"]
    assert np.array_equal(numbers, [0, np.nan, 1, 2, np.nan, 3, 4], equal_nan=True)
    assert offsets.tolist() == [0, 3, 3, 7]


def test_a_code_is_registered_once(visits):
    registry.register(LATE)  # the same one again is no fault
    with pytest.raises(MeasureRegisteredTwiceError, match='"late_share" is registered twice'):
        registry.register(replace(LATE, title="Another"))


def test_an_unknown_code_is_answered_with_those_there_are(visits):
    with pytest.raises(UnknownMeasureError, match='no measure "early_share"; expected one of late_share, visits'):
        registry.measure("early_share")


def test_a_definition_at_fault_is_told_and_stops_no_other(sites, visits, caplog):
    broken = replace(LATE, code="broken", numerator=lambda table: table.nobody.sum())
    registry.register(broken)
    visits += [(sites[0].pk, "MRI", month, 1, 10) for month in months(0, 3)]
    assert refresh("visits").charts == 2
    assert 'Measure "broken" over the table "visits" cannot be computed' in caplog.text
    assert not Observation.objects.filter(measure="broken").exists()


def test_figures_of_an_earlier_definition_stay(sites, visits, monkeypatch):
    visits += [(sites[0].pk, "MRI", month, 1, 10) for month in months(0, 3)]
    refresh("visits")
    doubled = replace(VISITS, numerator=lambda table: table.visits.sum() * 2, changes="Return visits count too.")
    monkeypatch.setitem(registry._definitions, "visits", doubled)
    refresh("visits")
    first, second = DefinitionVersion.objects.filter(measure="visits").order_by("number")
    assert (second.changes, first.number, second.number) == ("Return visits count too.", 1, 2)
    assert [each.value for each in first.observations.all()] == [10.0] * 3
    assert set(values("visits", sites[0]).values()) == {20.0}
    monkeypatch.setitem(registry._definitions, "visits", replace(doubled, target=30.0, changes=""))
    refresh("visits")
    third = DefinitionVersion.objects.filter(measure="visits").first()
    assert (third.number, third.changes) == (3, "Changed: target.")
    assert not second.observations.exists(), "the figures are the same, only the target is new"


def test_doubts_about_figures_follow_them(sites, visits):
    visits += [(sites[0].pk, "MRI", month, 1, 500 + place % 7) for place, month in enumerate(months(0, 20))]
    visits[12] = (sites[0].pk, "MRI", months(12, 1)[0], 0, 0)
    refresh("visits")
    assert QualityNote.objects.filter(measure="visits", kind="zero").count() == 1
    visits[12] = (sites[0].pk, "MRI", months(12, 1)[0], 1, 503)
    refresh("visits")
    assert not QualityNote.objects.filter(measure="visits").exists()
