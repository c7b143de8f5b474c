"""Every rule of profile mdc on a small table made by hand, by both engines."""

import math

import numpy as np
import pytest

from trustwide.analysis.spc import Settings, chart, charts
from trustwide.analysis.spc.mdc import engine
from trustwide.analysis.spc.mdc.tests.tables import BASE, after_base, daily, day, letters, others, told


@pytest.fixture(params=["reference", "fast"], autouse=True)
def engine_used(request, monkeypatch):
    monkeypatch.setattr(engine, "COMPILED_FROM_POINTS", 0 if request.param == "fast" else math.inf)


def test_the_lines_of_the_tables_are_those_reckoned_by_hand():
    made = after_base([11])
    assert (made.mean[-1], made.kind) == (11, "xmr")
    assert [made.lpl[-1], made.upl[-1]] == pytest.approx([5.68, 16.32], rel=1e-15)
    assert letters(made.special_cause_type) == "." * 13


def test_no_moving_range_is_screened():
    values = [0, 1] * 9 + [5, 45]  # ranges: 17 of 1, then 4 and 40
    assert daily(values).upl[0] == pytest.approx(np.mean(values) + 2.66 * 61 / 19, rel=1e-12)
    assert daily(values, screen_outliers=True).upl[0] == pytest.approx(np.mean(values) + 2.66 * 21 / 18, rel=1e-12)


RULES = {
    # name: points after the baseline, causes told
    "above and below the limits": ([16.4, 11, 5.6, 11], "U.L."),
    "on the limit is inside": ([16.32, 11, 5.68, 11], "...."),
    "six below the mean": ([11, 10, 10, 10, 10, 10, 10], "......."),
    "seven below the mean": ([11, 10, 10, 10, 10, 10, 10, 10], ".sssssss"),
    "eight above the mean": ([11, *[12] * 8, 10], ".SSSSSSSS."),
    "a point on the mean breaks the run": ([11, 10, 10, 10, 11, 10, 10, 10, 10], "........."),
    "a missing point breaks the run": ([11, 12, 12, 12, None, 12, 12, 12, 12], "........."),
    "six rises are a trend of seven": ([11, 8, 9, 10, 11.5, 12, 13, 14], ".RRRRRRR"),
    "five rises are none": ([11, 8, 9, 10, 11.5, 12, 13], "......."),
    "six falls": ([11, 14, 13, 12, 11.5, 10, 9, 8], ".FFFFFFF"),
    "a tie breaks the trend": ([11, 8, 9, 10, 10, 11.5, 12, 13, 14], "........."),
    "a missing point breaks the trend": ([11, 8, 9, 10, None, 11.5, 12, 13, 14], "........."),
    "two of three beyond two sigma": ([11, 15, 12, 15, 10], ".P.P."),
    "the same below": ([11, 7, 10, 7, 12], ".p.p."),
    "the third may stand anywhere among them": ([11, 12, 15, 15, 11, 15, 15, 12, 11], "..PP.PP.."),
    "the third on the other side": ([11, 15, 10, 15, 10], "....."),
    "the third on the mean": ([11, 15, 11, 15, 10], "....."),
    "one of three": ([11, 15, 12, 12, 10], "....."),
    "two in three with one beyond the limit": ([11, 17, 12, 15, 10], ".U.P."),
    "a missing point between": ([11, 15, None, 15, 10], "....."),
}


@pytest.mark.parametrize(("points", "expected"), RULES.values(), ids=RULES.keys())
def test_rules(points, expected):
    made = after_base(points)
    assert told(made) == expected
    assert set(others(made)) == {"."}
    assert letters(made.special_cause_type[: len(BASE)]) == "." * 12


def test_a_point_beyond_the_limit_counts_for_two_in_three_and_is_marked_for_it():
    made = after_base([11, 17, 12, 15])
    assert made.flag_two_in_three[12:].tolist() == [False, True, False, True]
    assert made.outside_limits[12:].tolist() == [False, True, False, False]
    assert made.close_to_limits[12:].tolist() == [False, False, False, True]


def test_a_trend_takes_six_points_where_so_chosen():
    five_rises = [11, 8, 9, 10, 11.5, 12, 13]
    assert told(after_base(five_rises, trend_points=6)) == ".RRRRRR"
    assert told(after_base(five_rises[:-1], trend_points=6)) == "......"


FALLING_FROM_ABOVE = [11, 20, 19, 18, 17, 14, 13, 12]  # a falling trend, all above the mean, four above the limit


@pytest.mark.parametrize(
    ("direction", "cause", "other", "icon"),
    [
        ("increase", ".UUUUSSS", ".FFFFFFF", "improvement_high"),
        ("decrease", ".FFFFFFF", ".UUUUSSS", "improvement_low"),
        ("neutral", ".UUUUFFF", ".FFFFSSS", "neutral_low"),  # the rule that comes first is told
    ],
)
def test_improvement_wins_a_conflict_and_both_are_kept(direction, cause, other, icon):
    made = after_base(FALLING_FROM_ABOVE, direction)
    assert (told(made), others(made), made.variation_icon) == (cause, other, icon)


def test_limits_and_icons_come_with_the_thirteenth_value():
    few = daily([*BASE[:-1], 90], target=50)
    assert (few.kind, few.mean[0], few.variation_icon, few.assurance_icon) == (
        "run", 11, "common_cause", "not_assessable",
    )  # fmt: skip
    assert np.isnan([*few.lpl, *few.upl]).all()
    enough = daily([*BASE, 90], target=50)
    assert (enough.kind, enough.variation_icon) == ("xmr", "improvement_high")


def test_missing_and_ghosted_points_are_no_values_of_the_thirteen():
    assert daily([*BASE, None]).kind == "run"
    assert daily([*BASE, 11], ghost_dates=[day(3)]).kind == "run"
    assert daily([*BASE, 11, 12], ghost_dates=[day(3)]).kind == "xmr"


def test_the_newest_value_speaks_not_the_newest_row():
    made = after_base([11, 17, None, None])
    assert (made.last, made.variation_icon) == (13, "improvement_high")
    assert after_base([17, 11, None]).variation_icon == "common_cause"
    dates, values = [day(i) for i in range(14)], [*BASE, 17, None]
    assert chart(dates, values, Settings("increase", screen_outliers=False)).variation_icon == "common_cause"


@pytest.mark.parametrize(
    ("direction", "on_upper", "on_lower"), [("increase", "fail", "pass"), ("decrease", "pass", "fail")]
)
def test_a_target_on_a_limit_counts_as_outside(direction, on_upper, on_lower):
    made = daily([*BASE, 11], direction)
    upper, lower, middle = (
        daily([*BASE, 11], direction, target=float(level)).assurance_icon for level in (made.upl[0], made.lpl[0], 11)
    )
    assert (upper, lower, middle) == (on_upper, on_lower, "inconsistent")


@pytest.mark.parametrize("values", [[7] * 20, [7] * 12, [7, None] * 3, [None] * 20, [100] * 19 + [99]])
def test_without_limits_of_some_width_a_target_cannot_be_assessed(values):
    made = daily(values, target=7)
    assert (made.variation_icon, made.assurance_icon) == ("common_cause", "not_assessable")
    assert set(letters(made.special_cause_type)) == {"."}


@pytest.mark.parametrize("place", [0, 7, 18, 19])
def test_nineteen_months_at_100_and_one_at_99_are_never_an_alert(place):
    values = [100.0] * 20
    values[place] = 99.0
    made = daily(values, target=100)
    assert letters(made.special_cause_type) == "." * 20
    assert np.isnan(made.upl).all()
    assert made.mean[0] == 100


def test_limits_need_that_half_of_the_steps_move():
    """Of 19 steps 10 at rest: no limits; 9 at rest: limits from all 19."""
    still = daily([*[10, 12] * 5, *[12] * 10])
    moving = daily([*[10, 12] * 5, 10, *[10] * 9])
    assert np.isnan(still.upl).all()
    assert moving.upl[0] == pytest.approx(10.5 + 2.66 * 20 / 19)


def test_a_ghost_is_shown_and_counts_for_nothing_but_its_own_mark():
    values = [*BASE, 99, *reversed(BASE)]  # 12 before it and 12 after: a range that bridged it would be 0
    made = daily(values, ghost_dates=[day(12)])
    assert (made.value[12], made.mean[0]) == (99, 11)
    assert made.upl[0] == pytest.approx(16.32, rel=1e-15)
    assert letters(made.special_cause_type) == "." * 12 + "U" + "." * 12
    assert made.ghost.tolist() == [i == 12 for i in range(25)]
    assert (made.last, made.variation_icon) == (24, "common_cause")


def test_a_ghost_breaks_runs_and_is_no_part_of_two_in_three():
    run = [11, *[12] * 8]
    assert told(after_base(run, ghosts=[4])) == "." * 9
    assert told(after_base([11, 15, 12, 15], ghosts=[1])) == "...."
    assert told(after_base([11, 12, 17], ghosts=[2])) == "..U"
    assert after_base([11, 12, 17], ghosts=[2]).variation_icon == "common_cause"


@pytest.mark.parametrize(("points", "icon"), [(13, "inconsistent"), (14, "fail"), (20, "fail")])
def test_the_target_that_holds_at_the_newest_value_is_assessed(points, icon):
    """Limits 5.68 to 16.32; 9 until the 13th day, from the 14th on 20."""
    made = daily((BASE * 2)[:points], targets=[(day(13), 20), (day(0), 9)])
    assert made.assurance_icon == icon
    assert daily([*BASE, 11], targets=[(day(13), 20)]).assurance_icon is None
    assert daily([*BASE, 11, None], targets=[(day(0), 9), (day(13), 20)]).assurance_icon == "inconsistent"


def test_rules_and_ranges_stop_at_a_rebase():
    values = [*BASE, 10, *[30] * 6, *[40, 42] * 7]
    made = daily(values, rebase_dates=[day(19)])
    assert made.segment.tolist() == [0] * 19 + [1] * 14
    assert (made.mean[19], made.upl[19]) == (41, pytest.approx(41 + 5.32))
    assert set(letters(made.special_cause_type[19:])) == {"."}


def test_a_new_segment_has_limits_at_once_but_is_not_assessed_before_13_values():
    values = [*BASE, 11, *[30, 32] * 7]
    before = daily(values[:25], target=50, rebase_dates=[day(13)])
    assert (before.upl[-1], before.short_segment[-1]) == (pytest.approx(31 + 5.32), True)
    assert before.assurance_icon == "not_assessable"
    assert daily(values[:26], target=50, rebase_dates=[day(13)]).assurance_icon == "fail"
    gap = [*values[:25], None]
    assert daily(gap, target=50, rebase_dates=[day(13)]).assurance_icon == "not_assessable"


def test_fixed_limits_come_from_the_first_values_missing_and_ghosted_ones_not_counted():
    values = [10, 12, None, 99, *[10, 12] * 5, *[50, 70] * 6]
    made = daily(values, fix_after_n_points=12, ghost_dates=[day(3)])
    assert (made.mean[-1], made.upl[-1]) == (11, pytest.approx(16.32))


def test_series_of_both_profiles_are_not_mixed():
    with pytest.raises(ValueError, match=r"profiles mdc, ptd; expected one for all"):
        charts([day(0), day(0)], [1, 2], [0, 1, 2], [Settings(), Settings(profile="mdc")])
