"""What must hold for any series."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from trustwide.analysis.spc.shewhart import CHARTS, ShewhartSettings, engine, shewhart_chart, shewhart_charts
from trustwide.analysis.spc.shewhart.model import POINT_FIELDS
from trustwide.analysis.spc.shewhart.tests.test_agreement import arrays_of, random_batch

JUDGED = ("sigma_signal", "runs_signal", "n_useful", "longest_run", "n_crossings")
LINES = ("cl", "lcl", "ucl", "sigma")
counts = st.lists(st.integers(min_value=0, max_value=50), min_size=1, max_size=40)
charts = st.sampled_from(CHARTS)
pairs = st.lists(st.tuples(st.integers(0, 30), st.integers(30, 90)), min_size=1, max_size=40)


def charted(chart, values, below=None, **given_settings):
    return shewhart_chart(values, below, ShewhartSettings(chart, **given_settings))


def assert_same(a, b, names):
    for name in names:
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)


@given(counts, st.sampled_from(["run", "i"]), st.integers(min_value=-20, max_value=20))
@settings(deadline=None)
def test_scaling_by_a_power_of_two_scales_the_lines_exactly(values, chart, power):
    factor = 2.0**power
    plain, scaled = charted(chart, values), charted(chart, [value * factor for value in values])
    assert_same(plain, scaled, JUDGED)
    for name in LINES:
        np.testing.assert_array_equal(getattr(scaled, name), getattr(plain, name) * factor)


@given(counts, st.sampled_from(["run", "i"]), st.integers(min_value=-1000, max_value=1000))
@settings(deadline=None)
def test_adding_a_constant_moves_the_lines_and_changes_no_flag(values, chart, constant):
    plain, moved = charted(chart, values), charted(chart, [value + constant for value in values])
    np.testing.assert_allclose(moved.ucl, plain.ucl + constant, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(moved.cl, plain.cl + constant, rtol=1e-9, atol=1e-9)
    # a point on a line may fall to either side of it when the line's last digit moves
    assume(not (np.abs(np.array([plain.cl, plain.lcl, plain.ucl]) - plain.y) < 1e-9).any())
    assert_same(plain, moved, JUDGED)


@given(counts)
@settings(deadline=None)
def test_a_mirrored_series_has_mirrored_lines_and_the_same_flags(values):
    plain, mirrored = charted("i", values), charted("i", [-value for value in values])
    assert_same(plain, mirrored, JUDGED)
    np.testing.assert_array_equal(mirrored.lcl, -plain.ucl)


@given(counts.filter(lambda values: len(values) > 2), st.integers(min_value=1, max_value=8))
@settings(deadline=None)
def test_times_in_another_unit_give_the_same_signals(values, factor):
    plain, other = charted("t", np.add(values, 1)), charted("t", np.add(values, 1) * 24.0 * factor)
    np.testing.assert_allclose(other.ucl, plain.ucl * 24 * factor, rtol=1e-9)
    np.testing.assert_allclose(other.cl, plain.cl * 24 * factor, rtol=1e-9)
    assume(not np.isclose(plain.cl, plain.y, rtol=1e-9).any())
    assert_same(plain, other, ("runs_signal", "n_useful", "longest_run", "n_crossings"))


@given(pairs, st.sampled_from(["u", "up"]), st.integers(min_value=-8, max_value=8))
@settings(deadline=None)
def test_a_rate_in_another_unit_gives_the_same_signals(points, chart, power):
    above, below = np.array(points, dtype=float).T
    plain, other = charted(chart, above, below), charted(chart, above, below * 4.0**power)
    assert_same(plain, other, JUDGED)
    for name in LINES:
        np.testing.assert_array_equal(getattr(other, name) * 4.0**power, getattr(plain, name))


@given(pairs)
@settings(deadline=None)
def test_a_primed_chart_is_the_plain_one_widened_by_one_factor(points):
    above, below = np.array(points, dtype=float).T
    for plain, prime in (("p", "pp"), ("u", "up")):
        narrow, wide = charted(plain, above, below), charted(prime, above, below)
        assert_same(narrow, wide, ("y", "cl"))
        factors = wide.sigma[narrow.sigma > 0] / narrow.sigma[narrow.sigma > 0]
        np.testing.assert_allclose(factors, factors[:1].repeat(len(factors)), rtol=1e-12)


@given(counts, charts, st.lists(st.integers(min_value=1, max_value=39), max_size=3))
@settings(deadline=None)
def test_each_part_is_what_it_would_be_alone(values, chart, part):
    above, below = np.array(values) + 1.0, np.full(len(values), 60.0)
    made = charted(chart, above, below, part=part)
    ends = [0, *sorted({each for each in part if each < len(values)}), len(values)]
    for start, end in pairwise(ends):
        alone = charted(chart, above[start:end], below[start:end])
        for name in set(POINT_FIELDS) - {"part"}:
            np.testing.assert_array_equal(getattr(made, name)[start:end], getattr(alone, name), err_msg=name)


@given(counts, charts, st.integers(min_value=1, max_value=40), st.integers(min_value=1, max_value=99))
@settings(deadline=None)
def test_what_an_excluded_point_is_changes_no_line(values, chart, place, other):
    above, below = np.array(values) + 1.0, np.full(len(values), 200.0)
    changed = above.copy()
    changed[place - 1 : place] = other
    made = [charted(chart, each, below, exclude=place) for each in (above, changed)]
    assert_same(*made, ("cl", "lcl", "ucl", "sigma", "runs_signal", "n_useful", "longest_run"))


@pytest.mark.parametrize("compiled_from", [0, 10**9])
def test_the_order_of_series_in_a_batch_changes_nothing(compiled_from, monkeypatch):
    monkeypatch.setattr(engine, "COMPILED_FROM_POINTS", compiled_from)
    batch = random_batch(seed=3, series=200)
    order = np.random.default_rng(4).permutation(len(batch))
    plain = shewhart_charts(*arrays_of(batch))
    shuffled = shewhart_charts(*arrays_of([batch[i] for i in order]))
    for place, i in enumerate(order.tolist()):
        assert_same(plain[i], shuffled[place], POINT_FIELDS)


@given(counts, charts)
@settings(deadline=None)
def test_no_limit_leaves_the_scale(values, chart):
    made = charted(chart, np.array(values) + 1.0, np.full(len(values), 60.0))
    if chart not in ("run", "i"):
        assert (np.nan_to_num(made.lcl) >= 0).all()
    if chart in ("p", "pp"):
        assert (np.nan_to_num(made.ucl) <= 1).all()
    assert not (made.lcl > made.ucl).any()
