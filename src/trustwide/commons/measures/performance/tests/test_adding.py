"""Figures that are added up: the plain definition, and what the definitions of measures say of themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trustwide.commons.measures.performance import adding, reference
from trustwide.commons.measures.performance.adding import Panel
from trustwide.commons.measures.performance.tests.report_stage import DAILY, FALLS, LATE, WAITING, register
from trustwide.commons.measures.tests.conftest import month

FIGURE = st.one_of(st.none(), st.integers(0, 500))
WAYS = {LATE: ("added", "added"), WAITING: ("added", "added"), DAILY: ("added", "of the period")}


def a_panel(definition, rows, below):
    above = np.array([[np.nan if each is None else each for each in row] for row in rows], dtype=float)
    under = np.where(np.isnan(above), np.nan, below) if definition.denominator else np.full(above.shape, np.nan)
    periods = np.array([month(place) for place in range(above.shape[1])], dtype="datetime64[D]")
    keys = tuple((place, "MRI") for place in range(len(rows)))
    return Panel(definition, keys, periods, above, under)


@st.composite
def panels(draw):
    definition = draw(st.sampled_from(list(WAYS)))
    series, periods = draw(st.integers(1, 4)), draw(st.integers(1, 9))
    rows = draw(st.lists(st.lists(FIGURE, min_size=periods, max_size=periods), min_size=series, max_size=series))
    below = draw(st.lists(st.integers(500, 900), min_size=periods, max_size=periods))
    return a_panel(definition, rows, np.array(below, dtype=float))


@settings(max_examples=150, deadline=None)
@given(panels())
def test_adding_is_what_its_definition_says(panel):
    with pytest.MonkeyPatch.context() as patch:
        register(patch)
        adding.ways.cache_clear()
        found = adding.added(panel)
    slowly = np.array(reference.added(panel, *WAYS[panel.definition])).T
    np.testing.assert_array_equal(np.array(found), slowly)


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
