"""What a chart says, read as a person would read it."""

import datetime as dt
import math
import re

import pytest

from trustwide.analysis.spc import Settings, chart, judged, sentence, since
from trustwide.analysis.spc.dates import cadence, plain_day
from trustwide.analysis.spc.words import counted, decimals, quantity

# the MRI waiting list of one trust, April 2023 to September 2025, from the national monthly diagnostics return
MRI = [4821, 4174, 4073, 4109, 4176, 4553, 5020, 5979, 4933, 4740, 4467, 4156, 4015, 3920, 4194, 4095, 3826, 4216]
MRI += [4177, 4644, 4704, 6511, 6855, 7563, 7464, 7778, 8030, 8585, 7192, 7535]
SWING = [10, 12, 9, 11, 10, 12, 8, 11, 10, 12, 9, 11, 10]


def months(count, year=2023, month=4):
    return [dt.date(year + (month - 1 + i) // 12, (month - 1 + i) % 12 + 1, 1) for i in range(count)]


def monthly(values, **settings):
    return chart(months(len(values)), values, Settings(**settings))


def weekly(values, **settings):
    first = dt.date(2026, 3, 3) - dt.timedelta(weeks=len(values) - 1)
    return chart([first + dt.timedelta(weeks=i) for i in range(len(values))], values, Settings(**settings))


def test_a_list_that_stepped_up_is_a_concern_since_the_step():
    made = monthly(MRI, improvement_direction="decrease")
    change = since(made)
    assert (change.kind, change.direction, change.verdict) == ("shift", "high", "concern")
    assert (change.start, change.end, change.points) == (dt.date(2025, 1, 1), dt.date(2025, 9, 1), 9)
    assert change.mean_run == pytest.approx(sum(MRI[21:]) / 9)
    assert change.mean_before == pytest.approx(sum(MRI[:21]) / 21)
    assert change.step == pytest.approx(change.mean_run - change.mean_before)
    assert sentence(made, title="MRI waiting list", unit="people") == (
        "MRI waiting list. Higher than usual since January 2025: nine months above 5,350 people, "
        "with a mean of 7,501 against 4,428 before. Concern."
    )


def test_the_same_step_may_be_an_improvement_or_neither():
    assert sentence(monthly(MRI, improvement_direction="increase")).endswith(" before. Improvement.")
    assert sentence(monthly(MRI)).endswith("against 4,428 before.")


def test_no_change():
    assert sentence(monthly(SWING)) == "No change beyond the usual month-to-month variation."
    assert sentence(weekly(SWING)) == "No change beyond the usual week-to-week variation."
    assert since(monthly(SWING)) is None


def test_the_last_point_alone():
    made = monthly([*SWING, 30], improvement_direction="increase")
    assert made.upl[-1] == pytest.approx(17.5, abs=0.05)
    assert sentence(made, unit="%") == (
        "Higher than the upper limit in May 2024: 30.0% against a limit of 17.5%. Improvement."
    )
    assert sentence(made, unit="people").startswith(
        "Higher than the upper limit in May 2024: 30 against a limit of 17.5 people."
    ), "a count stays whole"
    low = sentence(weekly([*SWING, -12], improvement_direction="increase"))
    assert low.startswith("Lower than the lower limit on 3 March 2026: -12 against a limit of ")
    assert low.endswith(" Concern.")


def test_a_point_just_beyond_the_limit_never_reads_like_the_limit():
    limit = float(monthly([*SWING, 17], improvement_direction="increase").upl[-1])
    just = next(
        value
        for value in (limit + step / 1000 for step in range(1, 1000))
        if monthly([*SWING, value]).outside_limits[-1]
    )
    said = sentence(monthly([*SWING, just]), unit="%")
    told = re.fullmatch(r"Higher than the upper limit in May 2024: ([\d.]+)% against a limit of ([\d.]+)%\.", said)
    value, beyond = told.groups()
    assert float(value) > float(beyond)
    assert len(value.partition(".")[2]) == len(beyond.partition(".")[2]) > 1


def test_every_percentage_of_a_sentence_has_its_sign_and_as_many_decimals():
    shares = [17, 16.4, 17.6] * 8 + [32.4, 31.7, 32.5] * 3
    said = sentence(monthly(shares, improvement_direction="decrease"), unit="%")
    assert said.endswith("with a mean of 32.2% against 17.0% before. Concern.")
    assert re.search(r"nine months above \d\d\.\d%, with", said)
    falling = weekly([38.5, 30, 40, 28, 37, 31, 41, 25, 38, 37.5, 36, 35, 34, 33, 32, 31])
    assert sentence(falling, unit="%").endswith("from 38% to 31%.")


def test_several_points_beyond_the_limit():
    assert sentence(monthly(SWING + SWING + [30, 31])).startswith(
        "Higher than the upper limit since June 2025: two months above "
    )


def test_a_trend():
    made = weekly([12, 30, 10, 28, 13, 31, 11, 25, 12, 13, 14, 15, 16, 17, 18], improvement_direction="decrease")
    assert sentence(made) == "Rising since 20 January 2026: seven weeks in a row, from 12 to 18. Concern."
    falling = weekly([38, 30, 40, 28, 37, 31, 41, 25, 38, 37, 36, 35, 34, 33, 32, 31], improvement_direction="decrease")
    assert sentence(falling).startswith("Falling since 13 January 2026: eight weeks in a row, from 38 to 31.")


def test_two_in_three():
    values = [1, -1] * 12 + [4.2, 2, 4.2]
    made = monthly(values, improvement_direction="increase")
    said = sentence(made)
    assert since(made).kind == "two_in_three"
    assert said.startswith(
        "Higher than usual since April 2025: two of the last three months close to the upper limit of "
    )
    assert said.endswith(" Improvement.")


def test_a_run_never_reaches_back_over_a_rebase():
    values = [5, 6] * 10 + [20, 22] * 3 + [29, 30, 31, 29, 30, 31, 29]
    change = since(monthly(values, rebase_dates=[months(len(values))[20]]))
    assert change.start == months(len(values))[26]
    assert change.mean_before == pytest.approx(21)


def test_a_missing_newest_value_and_no_values():
    assert sentence(monthly([*SWING, None])) == "No value for May 2024."
    assert sentence(chart([], [])) == "No values yet."


def test_few_points_are_said_to_be_few():
    assert sentence(monthly([3, 4, 5])).endswith("variation. Based on only three points.")
    assert sentence(monthly([3])) == "No change beyond the usual point-to-point variation. Based on only one point."


def test_months_with_gaps_are_counted_as_points():
    dates = months(40)
    kept = [i for i in range(40) if i != 35]
    values = [10, 11] * 15 + [19, 20] * 5
    made = chart([dates[i] for i in kept], [values[i] for i in kept])
    assert sentence(made).startswith("Higher than usual since October 2025: nine points above ")


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (["2025-01-31", "2025-02-28", "2025-03-31"], "month"),
        (["2025-01-15", "2025-02-15", "2025-06-15"], "month"),
        (["2025-01-01", "2025-04-01", "2025-07-01"], "point"),
        (["2025-01-01", "2025-01-08", "2025-01-22"], "week"),
        (["2025-01-01", "2025-01-02", "2025-01-09"], "day"),
        (["2025-01-01", "2025-01-29", "2025-02-26"], "point"),
        (["9999-11-30", "9999-12-31"], "month"),
        (["2025-01-01"], "point"),
    ],
)
def test_how_far_apart_days_are(days, expected):
    assert cadence([dt.date.fromisoformat(day) for day in days]) == expected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (4310.4, "4,310"),
        (99.96, "100"),
        (12.34, "12.3"),
        (5, "5"),
        (0.0512, "0.0512"),
        (0.4917, "0.49"),
        (0, "0"),
        (-7.25, "-7.25"),
    ],
)
def test_quantities(value, text):
    assert quantity(value) == text
    assert quantity(value, "people") == f"{text} people"
    assert quantity(value, "%") == f"{text}%"


@pytest.mark.parametrize(
    ("values", "pairs", "texts"),
    [
        ((32.18, 17, 20.8), [], ["32.2", "17.0", "20.8"]),
        ((101.2, 91.43), [(101.2, 91.43)], ["101", "91"]),
        ((17.74, 17.66), [(17.74, 17.66)], ["17.74", "17.66"]),
        ((17.74, 17.66), [], ["17.7", "17.7"]),
        ((900, 500, 612.0), [(900, 500)], ["900", "500", "612"]),
        ((17.701, 17.698), [(17.701, 17.698)], ["17.701", "17.698"]),
        ((1020.6, 1021), [(1020.6, 1021)], ["1,020.6", "1,021.0"]),
        ((3.0, 3.0), [(3.0, 3.0)], ["3", "3"]),
        ((-0.04, 12.34), [], ["0.0", "12.3"]),
    ],
)
def test_figures_of_one_sentence_have_as_many_decimals_and_those_that_differ_read_so(values, pairs, texts):
    places = decimals(values, pairs)
    assert [quantity(value, places=places) for value in values] == texts


def test_counts():
    said = [counted(number, "month") for number in (1, 9, 10, 1200)]
    assert said == ["one month", "nine months", "10 months", "1,200 months"]


def judged_monthly(values, direction="decrease", **settings):
    return monthly(values, improvement_direction=direction, profile="mdc", **settings)


def test_profile_mdc_says_up_to_when_it_was_judged():
    usual = "No change beyond the usual month-to-month variation."
    assert sentence(judged_monthly([*SWING, None])) == f"{usual} The value for May 2024 is missing."
    assert sentence(judged_monthly([*SWING, None, None])) == f"{usual} The values after April 2024 are missing."
    left_out = months(15)[13:]
    assert sentence(judged_monthly([*SWING, 99], ghost_dates=left_out)) == (
        f"{usual} The value for May 2024 is left out."
    )
    assert sentence(judged_monthly([*SWING, 99, None], ghost_dates=left_out)) == (
        f"{usual} The values after April 2024 are missing or left out."
    )
    made = judged_monthly([*SWING, 30, None, 99], ghost_dates=[months(16)[15]])
    assert sentence(made) == (
        f"Higher than the upper limit in May 2024: 30 against a limit of {quantity(float(made.upl[13]))}. Concern. "
        "The values after May 2024 are missing or left out."
    )
    assert since(made).end == dt.date(2024, 5, 1)


def test_profile_mdc_says_what_is_too_little_or_too_constant():
    assert sentence(judged_monthly(SWING[:12])) == "Too little to judge yet."
    assert sentence(judged_monthly([*SWING[:12], None])) == (
        "Too little to judge yet. The value for April 2024 is missing."
    )
    assert sentence(judged_monthly([None] * 20)) == "Too little to judge yet."
    assert sentence(judged_monthly([100] * 19 + [99])) == (
        "Too constant to judge: most values are the same as the one before."
    )


def test_both_of_two_opposite_causes_are_told():
    falling = [10, 12] * 6 + [11, 20, 19, 18, 17, 14, 13, 12]
    made = judged_monthly(falling, fix_after_n_points=12)
    assert sentence(made) == (
        "Falling since May 2024: seven months in a row, from 20 to 12. Improvement. "
        "It also shows the opposite: 7 points above the centre line."
    )
    six = judged_monthly(falling, direction="increase", fix_after_n_points=12, trend_points=6)
    assert sentence(six).endswith("It also shows the opposite: 6 point trend (decreasing).")


def test_two_in_three_of_profile_mdc_may_lie_beyond_the_limit():
    made = judged_monthly([10, 12] * 6 + [11, 17, 12, 15], fix_after_n_points=12)
    assert sentence(made) == (
        "Higher than usual since May 2024: two of the last three months close to or beyond the upper limit of 16.3, "
        "with a mean of 14.7 against 11.0 before. Concern."
    )


def test_a_short_segment_counts_the_values_that_count():
    values = [*SWING, *[30, 32] * 3, None, 99]
    made = judged_monthly(values, rebase_dates=[months(21)[13]], ghost_dates=[months(21)[20]])
    assert sentence(made) == (
        "No change beyond the usual month-to-month variation. Based on only six points. "
        "The values after October 2024 are missing or left out."
    )


def rare(counts, direction="decrease"):
    """A chart of rare events by month."""
    nothing = [math.nan] * len(counts)
    made, _ = judged(
        months(len(counts)), counts, nothing, [0, len(counts)], Settings(direction, profile="mdc"), ["count"]
    )
    assert made[0].kind == "t"
    return made[0]


ONE_A_MONTH = [1, 0, 2, 1, 1, 0, 1, 3, 0, 1, 1, 1, 0, 2, 1, 0, 1, 1, 2, 0, 1, 0, 1, 1]


def test_usual_gaps_between_rare_events():
    made = rare(ONE_A_MONTH)
    usual = quantity(float(made.mean[0]), "days")
    assert sentence(made) == f"No change beyond the usual variation: {usual} from one to the next is usual."


def test_one_long_gap():
    made = rare([*ONE_A_MONTH, *[0] * 20, 1])
    change = since(made)
    assert (change.kind, change.verdict, change.points) == ("outside", "improvement", 1)
    assert sentence(made, title="Falls", unit="people") == (
        f"Falls. Longer between events than the upper limit up to {plain_day(change.end)}: "
        f"{quantity(change.latest)} against a limit of {quantity(float(made.upl[-1]))} days. Improvement."
    )


def test_several_long_gaps_are_counted_as_gaps_whatever_their_days():
    made = rare([*[2] * 12, *[0, 0, 1] * 12])
    change = since(made)
    assert (change.kind, change.direction, change.verdict) == ("shift", "high", "improvement")
    assert sentence(made) == (
        f"Longer between events than usual since {plain_day(change.start)}: {counted(change.points, 'gap')} above "
        f"{quantity(change.level)} days, with a mean of {quantity(change.mean_run)} against "
        f"{quantity(change.mean_before)} before. Improvement."
    )
    assert sentence(rare([*[2] * 12, *[0, 0, 1] * 12], "increase")).endswith("before. Concern.")


def test_gaps_that_are_not_known_at_the_end():
    made = rare([*ONE_A_MONTH, math.nan, 1])
    assert sentence(made).endswith(" is usual. The newest gap is missing.")


def test_limits_that_follow_denominators_have_no_one_level():
    below = [50, 200] * 10
    above = [10, 40] * 9 + [45, 190]
    above[3] = 50
    own = Settings("decrease", profile="mdc", fix_after_n_points=18)
    made, _ = judged(months(20), above, below, [0, 20], own, ["share"], [100])
    assert sentence(made[0], unit="%") == (
        "Higher than the upper limit since October 2024: two months, the latest 95.0% against a limit of 21.0%, "
        "with a mean of 92.5% against 20.3% before. Concern."
    )
