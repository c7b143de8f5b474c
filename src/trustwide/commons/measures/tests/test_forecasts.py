"""What is expected of each series in the year ahead is kept, and drawn faintly on its chart."""

from __future__ import annotations

import datetime as dt

import pytest

from trustwide.commons.measures.actions import refresh_forecasts
from trustwide.commons.measures.chart_pages import chart_page
from trustwide.commons.measures.models import Observation, SeriesForecast
from trustwide.commons.measures.tests.conftest import LATE, month

pytestmark = pytest.mark.django_db


def test_every_series_has_a_year_ahead_in_the_scale_of_its_value(share):
    assert refresh_forecasts("visits") == 2
    kept = SeriesForecast.objects.get(site=share.north)
    assert kept.first_period == month(len(LATE)) == dt.date(2026, 1, 1)
    assert len(kept.periods()) == 12
    assert kept.periods()[-1] == dt.date(2026, 12, 1)
    for low, median, high in zip(kept.low, kept.median, kept.high, strict=True):
        assert 0 <= low < median < high <= 1


def test_a_measure_without_months_to_learn_from_has_none(share):
    Observation.objects.filter(period__gte=month(2)).delete()
    assert refresh_forecasts("visits") == 0
    assert not SeriesForecast.objects.exists()


def test_what_can_no_longer_be_forecast_is_taken_away(share):
    refresh_forecasts("visits")
    Observation.objects.filter(site=share.south, period__gte=month(2)).delete()
    refresh_forecasts("visits")
    assert [each.site for each in SeriesForecast.objects.all()] == [share.north]


def test_the_chart_shows_only_months_to_come_in_its_unit(share):
    refresh_forecasts("visits")
    shown = chart_page("share_late", share.north, "MRI").forecast
    assert len(shown) == 12
    assert 20 < shown[0][2] < 40  # hundredths
    late = {"measure": "share_late", "site": share.north, "breakdown": "MRI", "denominator": 100}
    Observation.objects.create(**late, period=dt.date(2026, 1, 1), numerator=30, value=0.3)
    page = chart_page("share_late", share.north, "MRI")
    assert page.forecast[0][0] == dt.date(2026, 2, 1)
    assert sum(layer["mark"]["type"] == "area" for layer in page.picture()["layer"]) == 1
