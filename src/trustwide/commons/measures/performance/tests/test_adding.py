"""Figures that are added up: the plain definition, and what the definitions of measures say of themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trustwide.commons.measures.performance import adding, reference
from trustwide.commons.measures.performance.adding import Panel
from trustwide.commons.measures.performance.left_out import LeftOut
from trustwide.commons.measures.performance.tests.report_stage import DAILY, FALLS, LATE, WAITING, register
from trustwide.commons.measures.tests.conftest import month

FIGURE = st.one_of(st.none(), st.integers(0, 500))
WAYS = {LATE: ("added", "added"), WAITING: ("added", "added"), DAILY: ("added", "of the period")}


def a_panel(definition, rows, below, left_out=()):
    """`left_out` names figures by series and period."""
    above = np.array([[np.nan if each is None else each for each in row] for row in rows], dtype=float)
    under = np.where(np.isnan(above), np.nan, below) if definition.denominator else np.full(above.shape, np.nan)
    periods = np.array([month(place) for place in range(above.shape[1])], dtype="datetime64[D]")
    keys = tuple((place, "MRI") for place in range(len(rows)))
    marks = tuple(LeftOut(series, str(series), "MRI", month(place), "Wrong") for series, place in left_out)
    return Panel(definition, keys, periods, above, under, marks)


@st.composite
def panels(draw):
    definition = draw(st.sampled_from(list(WAYS)))
    series, periods = draw(st.integers(1, 4)), draw(st.integers(1, 9))
    rows = draw(st.lists(st.lists(FIGURE, min_size=periods, max_size=periods), min_size=series, max_size=series))
    below = draw(st.lists(st.integers(500, 900), min_size=periods, max_size=periods))
    there = [(number, place) for number, row in enumerate(rows) for place, each in enumerate(row) if each is not None]
    left_out = draw(st.sets(st.sampled_from(there))) if there else set()
    return a_panel(definition, rows, np.array(below, dtype=float), sorted(left_out))


@settings(max_examples=150, deadline=None)
@given(panels())
def test_adding_is_what_its_definition_says(panel):
    with pytest.MonkeyPatch.context() as patch:
        register(patch)
        adding.ways.cache_clear()
        found, outweighed = adding.added(panel), adding.outweighed(panel)
    slowly = np.array(reference.added(panel, *WAYS[panel.definition])).T
    np.testing.assert_array_equal(np.array(found), slowly)
    assert outweighed.tolist() == reference.outweighed(panel, WAYS[panel.definition][1])


def test_how_figures_come_together_is_read_from_the_definition(monkeypatch):
    register(monkeypatch)
    adding.ways.cache_clear()
    assert {each.code: adding.ways(each) for each in (*WAYS, FALLS)} == {
        "share_late": ("added", "added"), "waiting": ("added", "added"), "daily": ("added", "of the period"),
        "falls": ("added", "added"),
    }  # fmt: skip


def test_a_small_part_that_is_missing_does_not_silence_the_whole(monkeypatch):
    register(monkeypatch)
    adding.ways.cache_clear()
    large = [1000, 1000, 1000, 1000]
    assert adding.added(a_panel(WAITING, [large, [5, None, 5, 5]], 0))[0].tolist() == [1005, 1000, 1005, 1005]
    found = adding.added(a_panel(WAITING, [large, [500, None, 500, None]], 0))[0]
    assert np.isnan(found).tolist() == [False, True, False, True]


def test_a_series_that_ended_long_ago_is_no_longer_missed(monkeypatch):
    register(monkeypatch)
    adding.ways.cache_clear()
    ended = [500, *[None] * (adding.GRACE + 1)]
    found = adding.added(a_panel(WAITING, [[1000] * len(ended), ended], 0))[0]
    assert np.isnan(found).tolist() == [False, *[True] * adding.GRACE, False]


@pytest.mark.parametrize(
    ("definition", "part", "below", "outweighed"),
    [
        (WAITING, [10, 10, 10, 10], 0, False),  # a hundredth is not more than a hundredth
        (WAITING, [11, 11, 11, 11], 0, True),
        (WAITING, [11, 11, 1, 11], 0, True),  # wrongly near nothing: its usual figure is missing
        (WAITING, [1, 1, 11, 1], 0, True),  # wrongly large
        (
            LATE,
            [0, 0, 0, 0],
            [[5000] * 4, [60] * 4],
            True,
        ),  # a share that nothing is counted in weighs by its denominator
        (LATE, [1, 1, 1, 1], [[5000] * 4, [40] * 4], False),
        (DAILY, [1, 1, 1, 1], 20, False),  # what belongs to the period is no part's own
    ],
)
def test_more_than_a_hundredth_left_out_is_too_much_for_the_whole(monkeypatch, definition, part, below, outweighed):
    register(monkeypatch)
    adding.ways.cache_clear()
    panel = a_panel(definition, [[990] * 4, part], np.array(below, dtype=float), [(1, 2)])
    assert adding.outweighed(panel).tolist() == [False, False, outweighed, False]


def test_of_one_series_whatever_is_left_out_is_left_out(monkeypatch):
    register(monkeypatch)
    assert adding.outweighed(a_panel(WAITING, [[0, 5, 0]], 0, [(0, 0)])).tolist() == [True, False, False]
