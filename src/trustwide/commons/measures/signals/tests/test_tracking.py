"""One signal for each pattern: it opens, grows, turns and closes as the figures do."""

from __future__ import annotations

import pytest

from trustwide.commons.measures.actions import ghost_period, rebase_chart, refresh
from trustwide.commons.measures.models import Observation
from trustwide.commons.measures.signals.models import Signal
from trustwide.commons.measures.signals.tests.conftest import CALM
from trustwide.commons.measures.tests.conftest import month

pytestmark = pytest.mark.django_db


def test_a_usual_series_has_no_signal(cast, rows):
    rows(cast.north, *CALM, *CALM)
    assert not Signal.objects.exists()


def test_a_step_opens_one_signal_that_grows_and_closes(cast, rows):
    step = (30, 32, 29, 31, 30, 32, 31)
    rows(cast.north, *CALM, *step)
    signal = Signal.objects.get()
    assert (signal.verdict, signal.direction, signal.closed) == ("concern", "high", None)
    assert (signal.since, signal.opened, signal.latest, signal.points) == (month(12), month(12), month(18), 7)
    assert signal.step == pytest.approx(sum(step) / 700 - sum(CALM) / 1200)
    rows(cast.north, *CALM, *step, 30)
    grown = Signal.objects.get()
    assert (grown.pk, grown.opened, grown.latest, grown.points) == (signal.pk, month(12), month(19), 8)
    rows(cast.north, *CALM, *step, 30, 20)
    closed = Signal.objects.get()
    assert (closed.pk, closed.closed, closed.latest) == (signal.pk, month(20), month(19))


def test_a_history_loaded_at_once_tells_when_each_signal_could_first_have_been_seen(cast, rows):
    rows(cast.north, *CALM, 30, 32, 29, 31, 30, 32, 31, 30, 31)
    signal = Signal.objects.get()
    assert (signal.since, signal.opened, signal.latest) == (month(12), month(12), month(20))
    rows(cast.south, *CALM, *CALM)
    rows(cast.south, *CALM, *CALM, 30)
    assert Signal.objects.get(site=cast.south).opened == month(24)


def test_doing_it_again_changes_nothing(cast, rows):
    rows(cast.north, *CALM, 30, 32, 29, 31, 30, 32, 31)
    before = list(Signal.objects.values())
    refresh("visits")
    assert list(Signal.objects.values()) == before


def test_a_pattern_that_turns_is_another_signal(cast, rows):
    rows(cast.north, *CALM * 3, 60, start=-24)
    first = Signal.objects.get()
    assert first.kind == "outside"
    rows(cast.north, *CALM * 3, 60, 1, start=-24)
    old, new = Signal.objects.order_by("opened")
    assert (old.pk, old.closed, new.direction, new.since) == (first.pk, month(13), "low", month(13))
    assert new.verdict == "improvement"


def test_a_pattern_that_begins_after_the_old_one_ended_is_another_signal(cast, rows):
    rows(cast.north, *CALM, 60)
    rows(cast.north, *CALM, 60, 20, 62)
    assert [(each.since, each.closed is None) for each in Signal.objects.order_by("since")] == [
        (month(12), False), (month(14), True),
    ]  # fmt: skip


def test_recalculated_limits_close_what_they_explain(cast, rows):
    rows(cast.north, *CALM, 30, 32, 29, 31, 30, 32, 31)
    planner = cast.people["planner"]
    rebase_chart("share_late", cast.north, "MRI", month(12), reason="A new clinic opened", by=planner)
    assert Signal.objects.get().closed == month(18)


def test_a_period_left_out_closes_its_signal(cast, rows):
    rows(cast.north, *CALM, 60)
    ghost_period("share_late", cast.north, "MRI", month(12), reason="Counted twice", by=cast.people["planner"])
    assert Signal.objects.get().closed == month(12)
    assert Observation.objects.filter(period=month(12)).exists()


def test_a_series_that_is_gone_closes_its_signal(cast, rows):
    rows(cast.north, *CALM, 60)
    rows.rows.clear()
    refresh("visits")
    assert Signal.objects.get().closed is not None


def test_what_is_larger_touches_more_and_lasts_comes_first(cast, rows):
    rows(cast.north, *CALM, 60)
    rows(cast.south, *CALM, 30)
    assert [each.site for each in Signal.objects.all()] == [cast.north, cast.south]
