"""Each rule on a small table made by hand."""

import datetime as dt
import math

import numpy as np
import pytest

from trustwide.analysis.spc import Settings, SpcError, chart, charts, engine


@pytest.fixture(params=["reference", "fast"], autouse=True)
def engine_used(request, monkeypatch):
    monkeypatch.setattr(engine, "COMPILED_FROM_POINTS", 0 if request.param == "fast" else math.inf)


def daily(values, **settings):
    first = dt.date(2025, 1, 1)
    return chart([first + dt.timedelta(days=i) for i in range(len(values))], values, Settings(**settings))


def test_limits_by_hand():
    made = daily([10, 12, 11, 13, 9])  # moving ranges 2, 1, 2, 4: mean 2.25, none above 3.267 * 2.25
    assert made.mean[0] == 11
    assert made.upl[0] == pytest.approx(11 + 2.66 * 2.25, rel=1e-15)
    assert made.lpl[0] == pytest.approx(11 - 2.66 * 2.25, rel=1e-15)


def test_a_large_range_is_screened_once():
    values = [0, 1] * 9 + [5, 45]  # ranges: 17 of 1, then 4 and 40; a second screening would leave out the 4 too
    assert daily(values).upl[0] == pytest.approx(np.mean(values) + 2.66 * 21 / 18, rel=1e-12)
    unscreened = daily(values, screen_outliers=False)
    assert unscreened.upl[0] == pytest.approx(np.mean(values) + 2.66 * 61 / 19, rel=1e-12)


def test_a_missing_point_removes_both_its_ranges():
    made = daily([10, 12, None, 100, 102], screen_outliers=False)
    assert made.upl[0] - made.mean[0] == pytest.approx(2.66 * 2)


def test_the_baseline_is_the_first_points_of_every_segment():
    rebase = dt.date(2025, 1, 1) + dt.timedelta(days=14)
    values = [1, 2] * 6 + [50, 60] + [5, 7] * 6 + [90]
    made = daily(values, fix_after_n_points=12, rebase_dates=[rebase])
    assert (made.mean[0], made.mean[14]) == (1.5, 6)
    assert made.segment.tolist() == [0] * 14 + [1] * 13
    assert not made.short_segment.any()


def test_a_rebase_at_the_first_row_only_changes_the_number_and_an_unknown_date_nothing():
    values = [3, 1, 4, 1, 5, 9, 2, 6]
    plain, rebased = daily(values), daily(values, rebase_dates=["2025-01-01", "2031-01-01"])
    assert set(rebased.segment) == {1}
    assert (plain.upl == rebased.upl).all()


def test_a_segment_is_short_below_13_points():
    values = list(range(25))
    rebase = dt.date(2025, 1, 1) + dt.timedelta(days=12)
    assert daily(values, rebase_dates=[rebase]).short_segment.tolist() == [True] * 12 + [False] * 13


def test_a_trend_needs_six_strict_rises():
    rising = [5, 4, 5, 6, 7, 8, 9, 10, 9.5, 5, 7]
    assert np.flatnonzero(daily(rising).flag_trend).tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert not daily([1, 2, 3, 3, 4, 5, 6, 7]).flag_trend.any()


def test_the_point_before_a_tie_between_two_rising_trends_reads_as_decreasing():
    made = daily([1, 2, 3, 4, 5, 6, 7, 7, 8, 9, 10, 11, 12, 13], screen_outliers=False)
    joint = [made.special_cause_type[i] for i in (6, 7)]
    assert joint == ["7 Point Trend (Decreasing)", "7 Point Trend (Increasing)"]


def test_a_shift_is_seven_on_one_side_and_a_point_on_the_mean_breaks_it():
    assert daily([1] * 7 + [3] * 7).flag_shift.all()
    assert not daily([1, 1, 1, 2, 1, 1, 1, 3, 3, 3, 2, 3, 3, 3]).flag_shift.any()


def test_two_in_three_flags_only_the_close_points():
    # mean 0, mean range 2, so near limits at 3.55 and limits at 5.32
    values = [1, -1] * 12 + [1, 4.2, 2, 4.2] + [-1, -1] * 2
    made = daily(values)
    close = np.flatnonzero(made.close_to_limits).tolist()
    assert close == [25, 27]
    assert np.flatnonzero(made.flag_two_in_three).tolist() == close
    assert set(made.special_cause_type[close]) == {"2 in 3 Above CL"}


def test_a_window_with_a_missing_value_is_no_trend_and_no_shift():
    made = daily([1, 2, 3, 4, None, 5, 6, 7, 8])
    assert not made.flag_trend.any()
    assert not made.flag_shift.any()


@pytest.mark.parametrize("value", [7, 97.3, 0.1, -1e300, 1e-300])
def test_a_constant_series_has_no_limits_and_no_special_cause(value):
    made = daily([value] * 40, improvement_direction="increase", target=value)
    assert made.mean[0] == value
    assert np.isnan(made.upl).all()
    assert set(made.point_type) == {"common_cause"}
    assert (made.variation_icon, made.assurance_icon) == ("common_cause", "inconsistent")


@pytest.mark.parametrize("values", [[], [4], [4, None], [None], [None, None, None], [1, 2], [1, 2, None]])
def test_few_points_are_charted(values):
    made = daily(values, improvement_direction="decrease")
    assert len(made) == len(values)
    assert made.variation_icon == "common_cause"


@pytest.mark.parametrize(
    ("direction", "target", "icon"),
    [
        ("increase", 100, "fail"),
        ("decrease", 100, "pass"),
        ("increase", -100, "pass"),
        ("decrease", -100, "fail"),
        ("increase", 11, "inconsistent"),
        ("neutral", 100, None),
        ("increase", None, None),
    ],
)
def test_assurance(direction, target, icon):
    made = daily([10, 12, 11, 13, 9], improvement_direction=direction, target=target)
    assert made.assurance_icon == icon


def test_a_target_on_the_limit_is_inconsistent():
    upl = float(daily([10, 12, 11, 13, 9]).upl[0])
    assert daily([10, 12, 11, 13, 9], improvement_direction="increase", target=upl).assurance_icon == "inconsistent"


@pytest.mark.parametrize(
    ("direction", "point_type", "icon"),
    [
        ("increase", "special_cause_improvement", "improvement_high"),
        ("decrease", "special_cause_concern", "concern_high"),
        ("neutral", "special_cause_neutral_high", "neutral_high"),
    ],
)
def test_the_icon_is_of_the_last_row(direction, point_type, icon):
    values = [1, 2] * 8 + [30]
    made = daily(values, improvement_direction=direction)
    assert (made.point_type[-1], made.variation_icon) == (point_type, icon)
    assert daily([*values, None], improvement_direction=direction).variation_icon == "common_cause"
    assert daily([*values, 2], improvement_direction=direction).variation_icon == "common_cause"


def test_a_falling_trend_above_the_mean_is_judged_as_low():
    values = [0, 10] * 5 + [26, 25, 24, 23, 22, 21, 20]
    made = daily(values, improvement_direction="decrease", screen_outliers=False)
    assert made.special_cause_type[-1] == "7 Point Trend (Decreasing)"
    assert made.value[-1] > made.mean[-1]
    assert made.variation_icon == "improvement_low"


def test_rows_are_sorted_and_dates_may_be_of_any_kind():
    days = [dt.date(2025, 3, 1), dt.date(2025, 1, 1), dt.date(2025, 2, 1)]
    noons = [dt.datetime.combine(day, dt.time(12)) for day in days]
    for kind in (days, [day.isoformat() for day in days], np.array(days, dtype="datetime64[ns]"), noons):
        made = chart(kind, (3, 1, np.nan))
        assert [day.item() for day in made.date] == sorted(days)
        np.testing.assert_array_equal(made.value, [1, np.nan, 3])


def test_the_caller_keeps_its_arrays_and_cannot_write_to_the_chart():
    values = np.array([3.0, 1.0, 2.0])
    made = chart(np.array(["2025-01-03", "2025-01-01", "2025-01-02"], dtype="datetime64[D]"), values)
    values[0] = 4
    with pytest.raises(ValueError, match="read-only"):
        made.value[0] = 5


@pytest.mark.parametrize(
    ("dates", "values", "sentence"),
    [
        (["2025-01-01", "2025-01-01"], [1, 2], "The date 1 January 2025 is there twice; expected once."),
        (["2025-01-01"], [math.inf], "A value is inf; expected a number no larger than 1e300, or none."),
        (["2025-01-01"], [-1e301], "A value is -1e+301; expected a number no larger than 1e300, or none."),
        (["January"], [1], "'January' is not a date; expected a day such as 2026-03-03."),
        ([None], [1], "None is not a date"),
        ([np.datetime64("NaT")], [1], "a date is missing"),
        ([np.datetime64("20250-01-01")], [1], "a date lies outside the years 1 to 9999."),
        (["2025-01-01"], ["x"], "A value is not a number"),
        (["2025-01-01"], [1, 2], "There are 1 dates and 2 values"),
    ],
)
def test_what_cannot_be_charted_is_refused_with_a_sentence(dates, values, sentence):
    with pytest.raises(SpcError) as caught:
        chart(dates, values)
    assert sentence in str(caught.value)


def test_a_batch_names_the_series():
    dates = ["2025-01-01", "2025-01-02", "2025-01-01", "2025-01-01"]
    with pytest.raises(SpcError, match=r"The date 1 January 2025 is there twice in series 2; expected once\."):
        charts(dates, [1, 2, 3, 4], [0, 2, 4])
    with pytest.raises(SpcError, match="offsets must rise from 0"):
        charts(dates, [1, 2, 3, 4], [0, 2])
    with pytest.raises(SpcError, match="1 settings for 2 series"):
        charts(dates[:2], [1, 2], [0, 1, 2], [Settings()])


def test_series_do_not_leak_into_each_other_and_may_be_empty():
    dates = ["2025-01-02", "2025-01-01", "2025-01-01"]
    made = charts(dates, [2, 1, 9], [0, 0, 2, 3, 3], Settings("increase", target=5))
    assert [one.value.tolist() for one in made] == [[], [1, 2], [9], []]
    assert [one.assurance_icon for one in made] == [None, "fail", "inconsistent", None]
    assert made[-2].value.tolist() == [9]
    with pytest.raises(IndexError):
        made[4]
    assert list(charts([], [], [0])) == []


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"improvement_direction": "up"}, "The improvement direction is 'up'"),
        ({"target": math.nan}, "The target is nan"),
        ({"fix_after_n_points": 11}, "after 11 points; expected 12 or more"),
        ({"rebase_dates": ["soon"]}, "A rebase date cannot be read: 'soon' is not a date"),
    ],
)
def test_settings_that_mean_nothing_are_refused(given, sentence):
    with pytest.raises(SpcError) as caught:
        Settings(**given)
    assert sentence in str(caught.value)
