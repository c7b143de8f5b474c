"""What must hold for any series: moved, scaled and mirrored series are judged alike."""

import math

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from trustwide.analysis.spc.mdc.tests.tables import daily, day, letters

FLAGS = ("outside_limits", "close_to_limits", "flag_trend", "flag_two_in_three", "flag_shift")
MIRRORED = {".": ".", **dict(zip("ULRFPpSs", "LUFRpPsS", strict=True))}
directions = st.sampled_from(["increase", "decrease", "neutral"])
whole = st.lists(st.one_of(st.integers(0, 50), st.just(math.nan)), min_size=1, max_size=40)
a_shape = st.tuples(whole, st.integers(0, 39), st.integers(0, 39), st.sampled_from([6, 7]))


def chart_of(values, shape, direction="increase"):
    _, ghost, rebase, trend = shape
    return daily(values, direction, ghost_dates=[day(ghost)], rebase_dates=[day(rebase)], trend_points=trend)


def flags_of(made):
    return np.array([getattr(made, name) for name in FLAGS])


@given(a_shape, st.integers(-20, 20))
@settings(deadline=None, max_examples=60)
def test_scaling_by_a_power_of_two_scales_the_lines_exactly(shape, power):
    values, factor = shape[0], 2.0**power
    plain, scaled = chart_of(values, shape), chart_of([value * factor for value in values], shape)
    np.testing.assert_array_equal(flags_of(plain), flags_of(scaled))
    for name in ("mean", "lpl", "upl"):
        np.testing.assert_array_equal(getattr(scaled, name), getattr(plain, name) * factor)
    assert (plain.variation_icon, plain.kind) == (scaled.variation_icon, scaled.kind)


@given(a_shape, st.integers(-1000, 1000))
@settings(deadline=None, max_examples=60)
def test_adding_a_constant_moves_the_lines_and_changes_no_flag(shape, constant):
    values = shape[0]
    plain, moved = chart_of(values, shape), chart_of([value + constant for value in values], shape)
    np.testing.assert_allclose(moved.upl, plain.upl + constant, rtol=1e-9, atol=1e-9)
    near = plain.mean + np.outer([-1, -2 / 3, 0, 2 / 3, 1], plain.upl - plain.mean)
    # a point on a line may fall to either side of it when the line's last digit moves
    assume(not (np.abs(near - plain.value) < 1e-9).any())
    np.testing.assert_array_equal(flags_of(plain), flags_of(moved))


@given(a_shape, directions)
@settings(deadline=None, max_examples=60)
def test_a_mirrored_series_with_the_direction_turned_tells_the_mirrored_story(shape, direction):
    values = shape[0]
    turned = {"increase": "decrease", "decrease": "increase", "neutral": "neutral"}[direction]
    plain, mirrored = chart_of(values, shape, direction), chart_of([-value for value in values], shape, turned)
    np.testing.assert_array_equal(flags_of(plain), flags_of(mirrored))
    np.testing.assert_array_equal(mirrored.lpl, -plain.upl)
    if direction != "neutral":  # without a direction the high side comes first among rules of one rank
        swapped = [MIRRORED[each] for each in letters(plain.special_cause_type)]
        assert letters(mirrored.special_cause_type) == "".join(swapped)
        np.testing.assert_array_equal(plain.point_type, mirrored.point_type)


@given(a_shape)
@settings(deadline=None, max_examples=60)
def test_the_direction_never_flags_and_decides_which_of_two_causes_is_told(shape):
    up, down = (chart_of(shape[0], shape, direction) for direction in ("increase", "decrease"))
    np.testing.assert_array_equal(flags_of(up), flags_of(down))
    both = up.other_cause != "Common Cause"
    np.testing.assert_array_equal(both, down.other_cause != "Common Cause")
    np.testing.assert_array_equal(up.special_cause_type[both], down.other_cause[both])
    np.testing.assert_array_equal(up.special_cause_type[~both], down.special_cause_type[~both])
    assert set(up.point_type[both]) <= {"special_cause_improvement"}


enough = st.lists(st.integers(0, 50), min_size=13, max_size=40)


@given(enough, enough)
@settings(deadline=None, max_examples=60)
def test_segments_are_charts_of_their_own(before, after):
    joined = daily(before + after, rebase_dates=[day(len(before))])
    np.testing.assert_array_equal(flags_of(joined)[:, len(before) :], flags_of(daily(after)))
    np.testing.assert_array_equal(flags_of(joined)[:, : len(before)], flags_of(daily(before)))


@given(a_shape)
@settings(deadline=None, max_examples=60)
def test_a_ghost_changes_nothing_but_its_own_mark(shape):
    values, ghost, *_ = shape
    assume(ghost < len(values))
    shown, missing = chart_of(values, shape), chart_of([*values[:ghost], None, *values[ghost + 1 :]], shape)
    rest = np.arange(len(values)) != ghost
    np.testing.assert_array_equal(flags_of(shown)[:, rest], flags_of(missing)[:, rest])
    for name in ("mean", "lpl", "upl"):
        np.testing.assert_array_equal(getattr(shown, name), getattr(missing, name))
    assert shown.variation_icon == missing.variation_icon
    assert not flags_of(shown)[1:, ghost].any()
    outside = shown.value[ghost] > shown.upl[ghost] or shown.value[ghost] < shown.lpl[ghost]
    assert shown.outside_limits[ghost] == outside
