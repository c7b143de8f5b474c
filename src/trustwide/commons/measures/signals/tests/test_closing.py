"""Why a signal closed: each way there is, by what was done, over real charts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trustwide.commons.measures import definition as registry
from trustwide.commons.measures.actions import ghost_period, rebase_chart, refresh, withdraw_mark
from trustwide.commons.measures.definition import measure
from trustwide.commons.measures.signals.closing import closed_words
from trustwide.commons.measures.signals.models import Signal
from trustwide.commons.measures.signals.tests.conftest import CALM
from trustwide.commons.measures.tests.conftest import SHARE, month

pytestmark = pytest.mark.django_db

STEP = (30, 32, 29, 31, 30, 32, 31)
FEW = (2, 1, 2, 3, 1, 2, 2, 1, 3, 2, 1, 2)


def why(**which):
    """Reason, mark and words of the one closed signal."""
    signal = Signal.objects.exclude(closed=None).get(**which)
    return signal.closing, signal.mark_date, closed_words(signal, measure(signal.measure))


def mark(cast, action, number):
    return action("share_late", cast.north, "MRI", month(number), reason="for the test", by=cast.people["planner"])


@pytest.fixture
def define(monkeypatch):
    """The measure of `rows` defined otherwise."""

    def anew(**changed):
        monkeypatch.setattr(registry, "_definitions", {})
        registry.register(replace(SHARE, **{"quantity": "mean"} | changed))

    return anew


def test_a_signal_that_runs_has_no_reason(cast, rows):
    rows(cast.north, *CALM, 60)
    signal = Signal.objects.get()
    assert (signal.closed, signal.closing, signal.mark_date) == (None, "", None)


def test_a_newer_usual_figure_ends_it(cast, rows):
    rows(cast.north, *CALM, 60)
    rows(cast.north, *CALM, 60, 20)
    assert why() == ("ended", None, "Ended: back within its usual variation in February 2025")


def test_another_pattern_takes_its_place(cast, rows):
    rows(cast.north, *CALM * 3, 60, start=-24)
    rows(cast.north, *CALM * 3, 60, 1, start=-24)
    assert why() == ("replaced", None, "Ended: another change took its place in February 2025")
    assert Signal.objects.open().get().direction == "low"


def test_limits_recalculated_by_a_person_close_what_they_explain(cast, rows):
    rows(cast.north, *CALM, *STEP)
    mark(cast, rebase_chart, 12)
    assert why() == ("rebased", month(12), "Closed: the limits were recalculated from January 2025 on")


def test_a_period_left_out_closes_its_signal(cast, rows):
    rows(cast.north, *CALM, 60)
    mark(cast, ghost_period, 12)
    assert why() == ("ghosted", month(12), "Closed: January 2025 was left out of the limits")


def test_a_mark_taken_back_closes_what_only_it_showed(cast, rows):
    rows(cast.north, *CALM, *(late + 10 for late in CALM))
    made = mark(cast, rebase_chart, 12)
    rows(cast.north, *CALM, *(late + 10 for late in CALM), 20)
    assert Signal.objects.open().get().direction == "low"
    withdraw_mark(made, reason="Nothing changed", by=cast.people["planner"])
    told = "Closed: a mark on the chart at January 2025 was taken back"
    assert why(direction="low") == ("withdrawn", month(12), told)


def test_a_mark_that_leaves_the_pattern_standing_closes_nothing_later(cast, rows):
    rows(cast.north, *CALM, *CALM, 60)
    mark(cast, ghost_period, 3)
    assert Signal.objects.get().closed is None
    rows(cast.north, *CALM, *CALM, 60, 20)
    assert why()[:2] == ("ended", None)


def test_an_error_that_is_corrected_as_a_newer_figure_comes_has_not_ended(cast, rows):
    rows(cast.north, *CALM, 60)
    rows(cast.north, *CALM, 20, 21)
    assert why()[0] == "corrected"


def test_an_error_that_is_corrected_has_no_change_in_its_place(cast, rows):
    rows(cast.north, *CALM * 3, 60, start=-24)
    rows(cast.north, *CALM * 3, 20, 1, start=-24)
    assert why(direction="high")[0] == "corrected"
    assert Signal.objects.open().get().direction == "low"


def test_a_change_of_earlier_figures_that_leaves_the_pattern_standing_closes_nothing(cast, rows):
    rows(cast.north, *CALM, 60)
    rows(cast.north, 21, *CALM[1:], 58, 20)
    assert why()[0] == "ended"


def test_changed_figures_without_a_newer_one_are_no_end(cast, rows):
    rows(cast.north, *CALM, 60)
    rows(cast.north, *CALM, 20)
    assert why() == ("corrected", None, "Closed: earlier figures were changed")


def test_a_newest_figure_that_is_taken_back_is_no_end(cast, rows):
    rows(cast.north, *CALM, *CALM, 60)
    rows(cast.north, *CALM, *CALM)
    assert why()[0] == "corrected"


def test_figures_too_few_to_judge_are_no_end(cast, rows):
    rows(cast.north, *CALM, 60)
    rows(cast.north, 20, 22)
    assert why() == ("unjudged", None, "Closed: the chart can no longer be judged")


def test_a_series_that_is_gone(cast, rows):
    rows(cast.north, *CALM, 60)
    rows.rows.clear()
    refresh("visits")
    assert why() == ("emptied", None, "Closed: the chart has no figures any more")


def test_figures_that_mean_something_else(cast, rows, define):
    rows(cast.north, *CALM, 60)
    define(numerator=lambda table: table.late.sum() / 2)
    refresh("visits")
    assert why() == ("redefined", None, "Closed: the definition of the measure changed")


def test_the_same_figures_judged_by_other_rules(cast, rows, define):
    rows(cast.north, *FEW, *FEW, 5)
    assert Signal.objects.get().closed is None
    define(quantity="share")
    refresh("visits")
    assert why()[0] == "redefined"


def test_other_rules_are_the_reason_even_where_a_newer_figure_came_with_them(cast, rows, define):
    rows(cast.north, *FEW, *FEW, 5)
    define(quantity="share")
    rows(cast.north, *FEW, *FEW, 5, 2)
    assert why()[0] == "redefined"


@pytest.mark.parametrize("action", [rebase_chart, ghost_period])
def test_a_mark_is_not_the_reason_for_what_a_new_definition_did(cast, rows, define, action):
    rows(cast.north, *FEW, *FEW, 5)
    define(quantity="share")
    mark(cast, action, 8)
    assert why() == ("redefined", None, "Closed: the definition of the measure changed")


def test_a_mark_is_the_reason_for_what_it_did_where_a_new_definition_did_nothing(cast, rows, define):
    rows(cast.north, *CALM, 60)
    define(target=0.1)
    mark(cast, ghost_period, 12)
    assert why()[:2] == ("ghosted", month(12))


def test_taking_a_mark_back_is_not_the_reason_for_what_a_new_definition_did(cast, rows, define):
    rows(cast.north, *FEW, *FEW, 5)
    made = mark(cast, ghost_period, 8)
    assert Signal.objects.get().closed is None
    define(quantity="share")
    withdraw_mark(made, reason="It counts", by=cast.people["planner"])
    assert why()[0] == "redefined"


def test_a_newer_usual_figure_is_an_end_even_where_the_target_changed_with_it(cast, rows, define):
    rows(cast.north, *CALM, 60)
    define(target=0.1)
    rows(cast.north, *CALM, 60, 20)
    assert why()[0] == "ended"


def test_of_signals_from_before_reasons_were_kept_only_that_they_closed_is_said(cast, rows):
    rows(cast.north, *CALM, 60)
    Signal.objects.update(closed=month(12))
    assert why() == ("", None, "Closed in January 2025")


@pytest.mark.parametrize(
    ("cadence", "period", "within"),
    [
        ("day", "1 February 2025", "on 1 February 2025"),
        ("week", "the week of 1 February 2025", "in the week of 1 February 2025"),
        ("month", "February 2025", "in February 2025"),
    ],
)
def test_what_closed_it_is_named_by_its_day_or_week_or_month(rows, monkeypatch, cadence, period, within):
    monkeypatch.setitem(registry._tables, "visits", replace(registry.logical_table("visits"), cadence=cadence))

    def said(closing, mark_date=None):
        signal = Signal(measure="share_late", closed=month(13), closing=closing, mark_date=mark_date)
        return closed_words(signal, measure("share_late"))

    assert said("ghosted", month(13)) == f"Closed: {period} was left out of the limits"
    assert said("ended") == f"Ended: back within its usual variation {within}"
    assert said("replaced") == f"Ended: another change took its place {within}"
    assert said("") == f"Closed {within}"
