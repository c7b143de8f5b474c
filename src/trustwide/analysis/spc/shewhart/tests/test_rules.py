"""Each rule by itself, on series small enough to work out by hand, and the published examples of a textbook."""

import math

import numpy as np
import pytest

from trustwide.analysis.spc import SpcError
from trustwide.analysis.spc.shewhart import CHARTS, ShewhartSettings, shewhart_chart, shewhart_charts
from trustwide.analysis.spc.shewhart.reference import run_counts

# Montgomery, Introduction to Statistical Quality Control (7th edition), tables 7.1, 7.7 and 7.10
CANS = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6]
BOARDS = [21, 24, 16, 12, 15, 5, 28, 20, 31, 25, 20, 24, 16, 19, 10, 17, 13, 22, 18, 39, 30, 24, 16, 19, 17, 15]
SHIPMENTS = [2, 3, 8, 1, 1, 4, 1, 4, 5, 1, 8, 2, 4, 3, 4, 1, 8, 3, 7, 4]


def charted(chart, numerator, denominator=None, **given):
    return shewhart_chart(numerator, denominator, ShewhartSettings(chart, **given))


def first(made, name):
    return getattr(made, name)[0]


def test_the_textbooks_p_chart():
    made = charted("p", CANS, [50] * 30)
    assert [round(first(made, name), 4) for name in ("cl", "ucl", "lcl")] == [0.2313, 0.4102, 0.0524]
    assert np.flatnonzero(made.sigma_signal).tolist() == [14, 22]


def test_the_textbooks_p_chart_without_its_two_special_samples():
    made = charted("p", CANS, [50] * 30, exclude=[15, 23])
    assert [round(first(made, name), 4) for name in ("cl", "ucl", "lcl")] == [0.2150, 0.3893, 0.0407]
    # the excluded ones are still compared with the limits, and sample 21 now lies outside too
    assert np.flatnonzero(made.sigma_signal).tolist() == [14, 20, 22]
    assert first(made, "n_useful") == 28


def test_the_textbooks_c_chart():
    made = charted("c", BOARDS)
    assert [round(first(made, name), 2) for name in ("cl", "ucl", "lcl")] == [19.85, 33.21, 6.48]
    assert np.flatnonzero(made.sigma_signal).tolist() == [5, 19]
    made = charted("c", BOARDS, exclude=[6, 20])
    assert [round(first(made, name), 2) for name in ("cl", "ucl", "lcl")] == [19.67, 32.97, 6.36]


def test_the_textbooks_u_chart():
    made = charted("u", SHIPMENTS, [50] * 20)
    assert [round(first(made, name), 4) for name in ("cl", "ucl", "lcl")] == [0.0740, 0.1894, 0.0]
    assert not made.sigma_signal.any()


def test_a_run_chart_has_a_median_and_no_limits():
    made = charted("run", [5, 1, None, 9, 2])
    assert first(made, "cl") == 3.5
    assert np.isnan([made.lcl, made.ucl, made.sigma]).all()
    assert not made.sigma_signal.any()


def test_an_i_chart_screens_its_ranges_once():
    # ranges 1, 1, 1, 1, 20, 20, 1, 1: mean 5.75, so 20 > 3.267 * 5.75 goes and the rest stay
    values = [10, 11, 10, 11, 10, 30, 10, 11, 10]
    made = charted("i", values)
    assert first(made, "sigma") == pytest.approx(1 / 1.128)
    assert first(made, "cl") == pytest.approx(np.mean(values))


def test_a_missing_point_takes_two_ranges_and_an_excluded_one_is_bridged():
    assert first(charted("i", [1, 2, None, 9, 10, 12]), "sigma") == pytest.approx(4 / 3 / 1.128)
    # ranges 1, then 2 to 4 across the excluded 90, then 1 and 2
    made = charted("i", [1, 2, 90, 4, 5, 7], exclude=3)
    assert first(made, "sigma") == pytest.approx(6 / 4 / 1.128)
    assert made.sigma_signal.tolist() == [False, False, True, False, False, False]
    assert first(made, "n_useful") == 5


def test_laneys_scores_are_bridged_and_broken_in_the_same_way():
    above, below = [5, 9, 40, 7, 12, None, 6, 8], [50, 60, 50, 70, 80, 50, 40, 0]
    made = charted("pp", above, below, exclude=3)
    p = (5 + 9 + 7 + 12 + 6) / (50 + 60 + 70 + 80 + 40)
    z = [(a / n - p) / math.sqrt(p * (1 - p) / n) for a, n in zip(above[:5], below[:5], strict=True)]
    ranges = [abs(z[1] - z[0]), abs(z[3] - z[1]), abs(z[4] - z[3])]
    sigma = np.mean(ranges) / 1.128 * math.sqrt(p * (1 - p) / 50)
    assert first(made, "sigma") == pytest.approx(sigma)
    assert np.isnan(made.y[[5, 7]]).all()
    assert np.isnan(made.ucl[[5, 7]]).all()
    assert not np.isnan(made.cl).any()


def test_a_p_chart_is_clipped_where_it_must_be_and_sigma_is_not():
    made = charted("p", [9, 10, 10], [10, 10, 10])
    assert (made.ucl == 1).all()
    np.testing.assert_allclose(made.scaled_centre + 3 * made.sigma, 29 / 30 + 3 * math.sqrt(29 / 30 / 30 / 10))
    made = charted("p", [1, 0, 0], [10, 10, 10])
    assert (made.lcl == 0).all()


def test_a_t_chart_says_high_is_rare_and_clips_at_zero():
    times = [3, 5, 4, 6, 3, 5, 900]
    made = charted("t", times, freeze=6)
    assert made.sigma_signal.tolist() == [False] * 6 + [True]
    x = np.array(times) ** (1 / 3.6)
    np.testing.assert_allclose(made.scaled, x)
    np.testing.assert_allclose(made.cl, x[:6].mean() ** 3.6)
    np.testing.assert_allclose(made.ucl, (made.scaled_centre + 3 * made.sigma) ** 3.6)
    assert (charted("t", [1, 900, 1, 900]).lcl == 0).all()


def test_a_t_chart_of_one_value_has_no_runs_though_its_centre_is_rounded():
    made = charted("t", [5.0] * 20)
    assert first(made, "n_useful") == 0
    assert np.isnan(made.ucl).all()
    assert (made.lcl == 0).all()  # as the package has it


def test_a_g_chart_takes_limits_from_the_mean_and_runs_from_the_median():
    made = charted("g", [0, 1, 2, 3, 44])
    assert first(made, "cl") == 2
    assert first(made, "scaled_centre") == 10
    assert first(made, "ucl") == 10 + 3 * math.sqrt(110)
    assert first(made, "lcl") == 0
    assert made.sigma_signal.tolist() == [False] * 4 + [True]
    assert [first(made, name) for name in ("n_useful", "longest_run", "n_crossings")] == [4, 2, 1]


def test_freeze_takes_the_lines_from_the_first_points_and_the_runs_from_all():
    values = [1, 3, 1, 3, 9, 9, 9]
    made = charted("i", values, freeze=4)
    assert first(made, "cl") == 2
    assert first(made, "sigma") == pytest.approx(2 / 1.128)
    assert first(made, "n_useful") == 7
    assert made.baseline.tolist() == [True] * 4 + [False] * 3


def test_parts_have_lines_and_runs_of_their_own_and_win_over_freeze():
    values = [1, 3, 1, 3, 11, 13, 11, 13, 11]
    made = charted("i", values, part=4, freeze=2)
    alone = [charted("i", values[:4]), charted("i", values[4:])]
    for name in ("cl", "lcl", "ucl", "n_useful", "longest_run", "n_crossings"):
        np.testing.assert_array_equal(getattr(made, name), np.concatenate([getattr(each, name) for each in alone]))
    assert made.part.tolist() == [1] * 4 + [2] * 5
    assert made.baseline.all()


def test_a_runs_signal_marks_its_part_only():
    made = charted("run", [1, 2] * 6 + [1] * 9 + [2] * 9 + [1.5], part=12)
    assert made.runs_signal.tolist() == [False] * 12 + [True] * 19
    assert (made.longest_run[12:] == 9).all()


def test_points_on_the_centre_line_neither_break_nor_add():
    assert run_counts([1, 0, 1, 1, -1, 0, -1, 1]) == (6, 3, 6, 2, 1)
    assert run_counts([0, 0]) == (0, 0, 0, 0, 0)
    assert run_counts([1]) == (1, 1, 3, 0, 0)


@pytest.mark.parametrize("chart", CHARTS)
def test_an_empty_and_an_all_missing_series_have_nothing_and_signal_nothing(chart):
    assert len(shewhart_charts([], [], [0, 0], ShewhartSettings(chart))[0]) == 0
    made = charted(chart, [None] * 12, [None] * 12)
    assert np.isnan([made.y, made.cl, made.ucl]).all()
    assert not (made.sigma_signal | made.runs_signal).any()


def test_denominators_make_ratios_of_values_but_never_of_counts():
    above, below = [2, 4, 9, 3], [1, None, 3, 0]
    np.testing.assert_array_equal(charted("i", above, below).y, [2, math.nan, 3, math.nan])
    np.testing.assert_array_equal(charted("c", above, below).y, [2, math.nan, 9, 3])
    np.testing.assert_array_equal(charted("i", above, [math.nan] * 4).y, above)
    assert np.isnan(charted("u", above, [math.nan] * 4).y).all()


def test_more_events_than_cases_leave_a_p_chart_without_limits():
    made = charted("p", [12, 15], [10, 10])
    assert first(made, "cl") == 1.35
    assert np.isnan([made.ucl, made.lcl]).all()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"chart": "xmr"}, "The chart is 'xmr'; expected one of run, i, p, pp, u, up, c, t, g."),
        ({"part": 0}, "part is 0; expected the number of a point, a whole number of 1 or more."),
        ({"part": [3, 2.5]}, "part is 2.5; expected the number of a point"),
        ({"part": "12"}, "part is '12'; expected"),
        ({"exclude": True}, "exclude is True; expected"),
        ({"freeze": -1}, "freeze is -1; expected"),
    ],
)
def test_wrong_settings_are_refused_with_a_sentence(given, sentence):
    with pytest.raises(SpcError) as refused:
        ShewhartSettings(**{"chart": "i", **given})
    assert sentence in str(refused.value)


def test_numbers_of_points_are_kept_in_order_and_once():
    own = ShewhartSettings("i", part=[9, 4, np.int64(9)], freeze=np.int64(3), exclude=7)
    assert (own.part, own.freeze, own.exclude) == ((4, 9), 3, (7,))
    assert ShewhartSettings("i") == ShewhartSettings("i", part=[], exclude=())


RUN, T = ShewhartSettings("run"), ShewhartSettings("t")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (([1, 2], [1], [0, 2], RUN), "There are 2 numerators and 1 denominators; expected two lists of one length."),
        ((["x"], None, [0, 1], RUN), "A numerator is not a number"),
        (([[1]], None, [0, 1], RUN), "The numerators have 2 dimensions; expected a plain list."),
        (([1, math.inf], None, [0, 2], RUN), "A numerator is inf at point 2; expected a number no larger than 1e300"),
        (([1e200, 1], [1e-200, 1], [0, 2], RUN), "A ratio is inf at point 1; expected"),
        (([1, 2], None, [0, 1], RUN), "The offsets must rise from 0 to the number of points, 2."),
        (([1, 2], None, [0, 1, 2], [RUN]), "There are 1 settings for 2 series; expected one for all or one for each."),
        (([1, 2], None, [0, 1, 2], [RUN, ShewhartSettings("up")]), "There are no denominators; expected them for"),
        (
            ([0, 2, 5, 0], None, [0, 2, 4], [RUN, T]),
            "A time between events is 0.0 at point 2 in series 2; expected more than 0 on a T chart",
        ),
    ],
)
def test_bad_data_are_refused_with_a_sentence(arguments, sentence):
    with pytest.raises(SpcError) as refused:
        shewhart_charts(*arguments)
    assert sentence in str(refused.value)


def test_the_arrays_cannot_be_written_to():
    made = charted("c", BOARDS)
    with pytest.raises(ValueError, match="read-only"):
        made.cl[0] = 0


def test_numbers_beyond_the_series_have_no_effect():
    far = 10**30
    assert charted("i", [1, 2, 4], part=far, exclude=[far], freeze=far).included.all()
    np.testing.assert_array_equal(charted("i", [1, 2, 4], freeze=far).ucl, charted("i", [1, 2, 4]).ucl)
