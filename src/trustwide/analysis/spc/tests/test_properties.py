"""What must hold for any series, and how often a process in control is called special."""

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from trustwide.analysis.spc import Settings, chart, charts, sentence, vega_lite

FLAGS = ("outside_limits", "close_to_limits", "flag_trend", "flag_two_in_three", "flag_shift")
whole = st.lists(st.integers(min_value=0, max_value=50), min_size=1, max_size=40)


def daily(values, **given_settings):
    first = dt.date(2025, 1, 1)
    return chart([first + dt.timedelta(days=i) for i in range(len(values))], values, Settings(**given_settings))


def flags_of(made):
    return np.array([getattr(made, name) for name in FLAGS])


@given(whole, st.integers(min_value=-20, max_value=20))
@settings(deadline=None)
def test_scaling_by_a_power_of_two_scales_the_lines_exactly(values, power):
    factor = 2.0**power
    plain, scaled = daily(values), daily([value * factor for value in values])
    np.testing.assert_array_equal(flags_of(plain), flags_of(scaled))
    for name in ("mean", "lpl", "upl"):
        np.testing.assert_array_equal(getattr(scaled, name), getattr(plain, name) * factor)


@given(whole, st.integers(min_value=-1000, max_value=1000))
@settings(deadline=None)
def test_adding_a_constant_moves_the_lines_and_changes_no_flag(values, constant):
    plain, moved = daily(values), daily([value + constant for value in values])
    np.testing.assert_allclose(moved.upl, plain.upl + constant, rtol=1e-9, atol=1e-9)
    near = plain.mean + np.outer([-1, -2 / 3, 2 / 3, 1], plain.upl - plain.mean)
    # a point on a line may fall to either side of it when the line's last digit moves
    assume(not (np.abs(near - plain.value) < 1e-9).any())
    np.testing.assert_array_equal(flags_of(plain), flags_of(moved))


@given(whole)
@settings(deadline=None)
def test_a_mirrored_series_has_mirrored_lines_and_the_same_flags(values):
    plain, mirrored = daily(values), daily([-value for value in values])
    np.testing.assert_array_equal(flags_of(plain), flags_of(mirrored))
    np.testing.assert_array_equal(mirrored.lpl, -plain.upl)


@given(whole, st.sampled_from(["increase", "decrease", "neutral"]))
@settings(deadline=None)
def test_direction_and_target_colour_but_never_flag(values, direction):
    plain, judged = daily(values), daily(values, improvement_direction=direction, target=20)
    np.testing.assert_array_equal(flags_of(plain), flags_of(judged))
    usual = plain.special_cause_type == "Common Cause"
    np.testing.assert_array_equal(judged.point_type == "common_cause", usual)


@given(st.lists(st.integers(min_value=0, max_value=50), min_size=2, max_size=40), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_the_rows_does_not_matter(values, random):
    days = [dt.date(2025, 1, 1) + dt.timedelta(days=i) for i in range(len(values))]
    pairs = list(zip(days, values, strict=True))
    random.shuffle(pairs)
    shuffled = chart([day for day, _ in pairs], [value for _, value in pairs])
    np.testing.assert_array_equal(flags_of(daily(values)), flags_of(shuffled))


@given(whole, whole)
@settings(deadline=None)
def test_segments_are_charts_of_their_own(before, after):
    rebase = dt.date(2025, 1, 1) + dt.timedelta(days=len(before))
    joined = daily(before + after, rebase_dates=[rebase])
    np.testing.assert_array_equal(flags_of(joined)[:, len(before) :], flags_of(daily(after)))
    np.testing.assert_array_equal(flags_of(joined)[:, : len(before)], flags_of(daily(before)))


anything = st.one_of(st.none(), st.just(math.nan), st.integers(-5, 5), st.floats(min_value=-1e300, max_value=1e300))


@given(
    st.dictionaries(st.dates(), anything, max_size=40),
    st.sampled_from(["increase", "decrease", "neutral"]),
    st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
    st.lists(st.dates(), max_size=3),
    st.one_of(st.none(), st.integers(min_value=12, max_value=30)),
    st.booleans(),
)
@settings(deadline=None, max_examples=300)
def test_nothing_finite_makes_a_chart_a_sentence_or_a_picture_fail(points, direction, target, rebase, fixed, screen):
    dates = list(points)
    made = chart(dates, list(points.values()), Settings(direction, target, [*rebase, *dates[3:4]], fixed, screen))
    said = sentence(made, title="A title", unit="people")
    assert "nan" not in said
    assert vega_lite(made, "A title")["description"]


def share_special_at_the_newest_point(values):
    series, points = values.shape
    dates = np.tile(np.arange(points), series).astype("datetime64[D]")
    made = charts(dates, values.ravel(), np.arange(series + 1) * points)
    flagged = (made.cause > 0).reshape(series, points)
    return flagged[:, -1].mean(), flagged.any(axis=1).mean()


@pytest.mark.parametrize(
    ("draw", "newest", "anywhere"),
    [
        (lambda rng, size: rng.normal(size=size), 0.018, 0.19),
        (lambda rng, size: rng.poisson(3, size).astype(float), 0.027, 0.28),
        (lambda rng, size: rng.poisson(0.2, size).astype(float), 0.56, 0.89),
    ],
    ids=["normal", "Poisson mean 3", "Poisson mean 0.2"],
)
def test_false_alarms_of_a_process_in_control_at_24_points(draw, newest, anywhere):
    series = 20_000
    found = share_special_at_the_newest_point(draw(np.random.default_rng(20260303), (series, 24)))
    for share, known, rounding in zip(
        found, (newest, anywhere), (0.0005 if newest < 0.1 else 0.005, 0.005), strict=True
    ):
        standard_error = math.sqrt(known * (1 - known) / series)
        assert abs(share - known) < rounding + 3 * standard_error
