"""Which signals the report lists, which it cuts, and what it says of months before signals were kept."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from trustwide.commons.measures.models import Observation, Signal
from trustwide.commons.measures.performance.model import Told
from trustwide.commons.measures.performance.tests.report_stage import NEWEST
from trustwide.commons.measures.performance.tests.test_report import report_of
from trustwide.commons.measures.performance.told import kept
from trustwide.commons.measures.performance.words import NOT_KEPT, STILL_RAN, more_signals
from trustwide.commons.measures.tests.conftest import month


def told(number, verdict):
    return Told(number, "Late", "North", verdict, "Higher.", 1.0, "")


def test_no_concern_is_ever_cut():
    found = [told(number, "concern" if number % 2 else "improvement") for number in range(10)]
    assert [each.signal_id for each in kept(found, 4)] == [0, 1, 2, 3, 5, 7, 9]
    assert kept(found[:3], 4) == tuple(found[:3])
    assert (more_signals(0), more_signals(1)) == ("", "and 1 more signal that shows no concern")
    assert more_signals(1200) == "and 1,200 more signals that show no concern"


def test_of_sums_that_are_drawn_the_report_says_that_they_are_not_counted(stage):
    part = report_of(stage.chief).aims[0]
    sums = [cell for cell in part.pictures if not cell.place_code]
    assert not sums
    assert part.pictures_say == ""
    Observation.objects.filter(measure="waiting", period__gte=month(14)).update(numerator=9_000, value=9_000)
    part = report_of(stage.chief).aims[0]
    assert len([cell for cell in part.pictures if not cell.place_code]) == 1
    assert part.count("concern") == len(part.pictures) - 1
    assert part.pictures_say == "One of these adds up all sites; the counts are of charts of single sites."


@pytest.mark.parametrize(
    ("first", "was_kept"), [((2026, 2, 28), True), ((2026, 3, 1), False)], ids=["two months late", "later"]
)
def test_of_months_before_signals_were_kept_nothing_is_claimed(stage, first, was_kept):
    Signal.objects.update(opened_at=timezone.make_aware(dt.datetime(*first, 12)), opened=month(20))
    answer = report_of(stage.chief).answer
    assert answer.endswith(f" {NOT_KEPT} {STILL_RAN}") is not was_kept
    assert answer.endswith("No signals are new and none closed.") is was_kept


def test_where_none_of_them_is_listed_it_says_no_more(stage):
    Signal.objects.update(opened_at=timezone.make_aware(dt.datetime(2026, 6, 1)), opened=NEWEST)
    assert report_of(stage.chief, when=month(20)).answer.endswith(NOT_KEPT)
    Signal.objects.all().delete()
    assert report_of(stage.chief).answer.endswith("No signals are new and none closed."), "there never was one"
