"""Small numbers: nobody can work them out from a report, nor from two of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trustwide.analysis import disclosure
from trustwide.commons.accounts.actions import add_member
from trustwide.commons.accounts.tests.cast import STAGE, person
from trustwide.commons.measures.models import Observation
from trustwide.commons.measures.performance import small_numbers
from trustwide.commons.measures.performance.figures import measure_lines, performance_report
from trustwide.commons.measures.performance.scope import scope_of
from trustwide.commons.measures.performance.small_numbers import hidden
from trustwide.commons.measures.performance.tests.report_stage import FALLS, LATE, NEWEST
from trustwide.commons.measures.tests.conftest import month

COUNT = st.integers(0, 60)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(COUNT, min_size=1, max_size=3), min_size=1, max_size=3))
def test_what_stays_shown_gives_no_small_count_away(sizes):
    """Against the auditor of the science: whoever adds and subtracts learns nothing that is small."""
    counts = np.array([each for group in sizes for each in group], dtype=float)[:, None]
    ends = np.cumsum([0, *map(len, sizes)])
    groups = [list(range(start, end)) for start, end in pairwise(ends)]
    flags = hidden(FALLS, groups, counts, np.full(counts.shape, np.nan))[:, 0]
    sites, partners, total = flags[: len(counts)], flags[len(counts) : -1], flags[-1]
    table = disclosure.grouped(sizes, [sum(each) for each in sizes], sum(map(sum, sizes)))
    in_order = [
        flag for group, own in zip(groups, partners, strict=True) for flag in (*sites[group], own)
    ]  # as the table has them: each group's sites, then its own sum
    assert disclosure.audit(table, np.array([*in_order, total]), disclosure.Rule()).safe
    assert all(flags[place] for place in range(len(counts)) if 0 < counts[place, 0] < 5)


def test_nothing_is_hidden_where_nothing_is_small():
    counts = np.array([[12.0], [0.0], [40.0]])
    assert not hidden(FALLS, [[0, 1], [2]], counts, np.full(counts.shape, np.nan)).any()


def test_a_share_that_leaves_few_is_hidden_too():
    above, below = np.array([[98.0], [40.0], [50.0]]), np.array([[100.0], [90.0], [120.0]])
    assert hidden(LATE, [[0], [1], [2]], above, below)[0, 0]


@pytest.mark.parametrize(("names", "small"), [("numerator", 0), ("denominator", 1), ("", 1)])
def test_few_people_behind_a_mean_are_found_where_its_definition_says(names, small):
    mean = replace(LATE, code="mean", unit="days", quantity="mean", counts_people=names)
    above, below = np.array([[3.0], [90.0], [80.0]]), np.array([[40.0], [2.0], [50.0]])
    flags = hidden(mean, [[0, 1], [2]], above, below)[:3, 0]
    assert flags[small]
    assert small_numbers.has_small(mean, above, below)[:, 0].tolist() == [place == small for place in range(3)]


def test_figures_that_contradict_themselves_are_all_hidden():
    above, below = np.array([[12.0], [3.0]]), np.array([[10.0], [90.0]])
    assert hidden(LATE, [[0], [1]], above, below).all()


def test_the_threshold_is_that_of_the_science():
    assert disclosure.Rule().threshold == small_numbers.THRESHOLD


def the_falls(viewer, kind, code):
    report = performance_report(viewer, scope_of(viewer, kind, code), month(17))
    return {cell.place: cell for aim in report.aims for cell in aim.cells() if cell.definition.code == "falls"}


def board_member(stage):
    someone = person("Board Reader")
    add_member(someone, "board_member", stage.group, by=STAGE, reason="for the test")
    return someone


def test_whoever_may_not_see_the_rows_cannot_work_the_small_number_out(stage):
    falls = the_falls(board_member(stage), "partnership", "group")
    assert falls["North"].figure == "Suppressed"
    assert falls["North"].value is falls["North"].numerator is None
    others = [cell for place, cell in falls.items() if place != "North"]
    assert [cell.suppressed for cell in others].count(True) >= 1, "one more is hidden, or North is the difference"
    for cell in falls.values():
        if cell.suppressed:
            assert cell.chart is None
            assert all(row.mean is None for row in cell.rows)
            assert not any(character.isdigit() for character in cell.sentence.replace("2024", "").replace("2025", ""))


def test_whoever_may_see_the_rows_sees_every_figure(stage):
    falls = the_falls(stage.chief, "partnership", "group")
    assert falls["North"].value == 3
    assert not any(cell.suppressed for cell in falls.values())


def test_the_pack_of_a_partner_hides_what_the_pack_of_the_group_hides(stage):
    reader = board_member(stage)
    group = the_falls(reader, "partnership", "group")
    for code, places in (("T1", ("North", "Middle")), ("T2", ("South",))):
        own = the_falls(reader, "partner", code)
        for place in places:
            assert own[place].suppressed == group[place].suppressed
            assert [row.suppressed for row in own[place].rows] == [row.suppressed for row in group[place].rows]
    assert the_falls(reader, "site", "N1")["North"].suppressed


def test_somebody_with_the_rows_of_one_site_cannot_work_out_another(stage):
    Observation.objects.filter(measure="falls", site=stage.south, period=month(17)).update(numerator=2, value=2)
    reader = board_member(stage)
    add_member(reader, "booking_clerk", stage.north, by=STAGE, reason="for the test")
    falls = the_falls(reader, "partnership", "group")
    assert falls["North"].value == 3
    assert falls["South"].suppressed
    assert falls["Middle"].suppressed or falls["Group"].suppressed


def test_published_figures_are_never_hidden(stage):
    Observation.objects.filter(measure="waiting", site=stage.south).update(numerator=2, value=2)
    reader = board_member(stage)
    report = performance_report(reader, scope_of(reader, "partnership", "group"), NEWEST)
    waiting = [cell for aim in report.aims for cell in aim.cells() if cell.definition.code == "waiting"]
    assert [cell.suppressed for cell in waiting] == [False] * 4
    assert waiting[2].value == 2 * 2


@pytest.mark.parametrize(("who", "shown"), [("ward_nurse", False), ("radiographer", True)])
def test_parts_of_a_sum_are_for_those_who_may_see_the_rows(stage, who, shown):
    viewer = stage.people[who]
    scope = scope_of(viewer, "site", "N1")
    late = measure_lines(viewer, scope, NEWEST, "share_late")
    assert [line.name for line in late] == ["CT", "MRI"]
    assert all((line.cells[0].value is not None) == shown for line in late)
    assert all(line.cells[0].variation for line in late)
    published = measure_lines(viewer, scope, NEWEST, "waiting")
    assert all(line.cells[0].value is not None for line in published)
