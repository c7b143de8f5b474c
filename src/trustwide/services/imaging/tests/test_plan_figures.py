"""A list as it is now: the panel, the usual course, what measures do, and what is kept in memory."""

from __future__ import annotations

import numpy as np
import pytest

from trustwide.analysis.capacity.monthly import Panel, fit_usual_course
from trustwide.services.imaging import plan_figures
from trustwide.services.imaging.actions import COUNTS, import_returns
from trustwide.services.imaging.tests.plan_stage import LAST, asked, growing_list, import_growing_list
from trustwide.services.imaging.tests.returns import frame, one_return
from trustwide.services.imaging.tests.stage import STAGE, import_lists

pytestmark = pytest.mark.django_db


@pytest.fixture
def planner(cast):
    import_growing_list()
    key = plan_figures.list_key(cast.north, "MRI")
    return plan_figures.planner_for(key, asked().question, asked().levers)


def test_the_panel_holds_every_list_of_the_category_in_order(cast):
    import_lists(cast)
    import_growing_list("T2X", "ECHO")
    found = plan_figures.panel("MRI")
    sites = [("E9", "MRI"), ("N1", "CT"), ("N1", "MRI"), ("S1", "MRI")]
    from trustwide.commons.organisations.models import Site

    expected = Panel.from_histories(
        [plan_figures.history_of(Site.objects.get(code=code), test) for code, test in sites]
    )
    assert found.tests.tolist() == [test for _, test in sites]
    np.testing.assert_array_equal(found.months, expected.months)
    np.testing.assert_array_equal(found.waiting, expected.waiting)
    np.testing.assert_array_equal(found.over_six_weeks, expected.over_six_weeks)


def test_the_usual_course_knows_nothing_after_the_list_s_last_month(cast):
    import_growing_list("N1", months=12)
    import_growing_list("S1", months=24)
    inputs = plan_figures.inputs_of(plan_figures.list_key(cast.north, "MRI"))
    early = fit_usual_course(plan_figures.panel("MRI").up_to(np.datetime64("2024-12")))
    assert inputs.usual_course.to_dict() == early.to_dict()


@pytest.mark.parametrize("column", COUNTS)
def test_an_import_that_changes_any_column_changes_the_key(cast, column):
    row = one_return("N1", "MRI")
    import_returns(frame(row), by=STAGE, source="tests")
    before = plan_figures.list_key(cast.north, "MRI")
    import_returns(frame(row), by=STAGE, source="tests")
    assert plan_figures.list_key(cast.north, "MRI") == before
    import_returns(frame(row | {column: row[column] + 1}), by=STAGE, source="tests")
    assert plan_figures.list_key(cast.north, "MRI") != before


def test_people_moved_between_bands_are_seen_at_once(cast):
    row = one_return("N1", "MRI", waiting=100, over=10)
    import_returns(frame(row), by=STAGE, source="tests")
    plan_figures.inputs_of(plan_figures.list_key(cast.north, "MRI"))
    import_returns(frame(row | {"band_06": 4, "band_13": 6}), by=STAGE, source="tests")
    bands = plan_figures.inputs_of(plan_figures.list_key(cast.north, "MRI")).history.bands
    assert bands[0, [6, 13]].tolist() == [4, 6]


def test_equal_keys_share_one_planner(cast, planner, django_assert_num_queries):
    with django_assert_num_queries(1):
        key = plan_figures.list_key(cast.north, "MRI")
        assert plan_figures.planner_for(key, asked().question, asked().levers) is planner
    other = plan_figures.planner_for(key, asked(seed=2).question, asked().levers)
    assert other is not planner


def test_what_measures_do_here(planner):
    here = {each.lever.id: each for each in plan_figures.levers_here(planner)}
    tests = planner.fit.tests
    waiting = growing_list(23)
    sessions = here["extra-sessions"]
    assert sessions.tests_a_week == pytest.approx(0.08 * 0.9 * tests)
    assert sessions.cost_per_year == pytest.approx(0.08 * tests * 365.25 / 7 * 155)
    assert here["reminders"].tests_a_week == pytest.approx(0.45 * 0.85 * 0.065 / 0.935 * tests)
    assert (here["reminders"].once, here["new-scanner"].once) == (10_000, 1_900_000)
    assert here["validation"].does == f"{0.05 * 0.9 * waiting:,.0f} people off the list, once"
    assert here["validation"].once == pytest.approx(6 * waiting)
    assert here["one-list"].tests_a_week == 0
    assert here["insourcing"].refused == ""
    assert "takes 52 weeks to start" in here["new-scanner"].refused


def test_the_list_as_usual(cast, planner):
    given = plan_figures.as_usual(plan_figures.list_key(cast.north, "MRI"), asked().question)
    assert given["now"]["list"] == growing_list(23)
    assert given["as_at"] == str(LAST)
    assert given["do_nothing"] == {"months": plan_figures.outcome(planner, ())["months"]}
    # 25 people more a month; whatever the working days, hold is near that
    assert given["gap_per_week"]["hold"]["median"] == pytest.approx(25 * 12 / (365.25 / 7), abs=2)


def test_a_set_brings_what_the_planner_says(planner):
    brings = plan_figures.outcome(planner, ("insourcing",))
    assert brings["plan"]["probability_target_met"] == planner.evaluate(["insourcing"]).probability_target_met
    assert brings["months"][2]["list"]["median"] == round(planner.project(["insourcing"])[2].list.median)
