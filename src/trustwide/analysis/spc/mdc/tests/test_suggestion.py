"""When a person is asked whether the limits should start anew."""

import datetime as dt

import numpy as np
import pytest

from trustwide.analysis.spc import Settings, chart, charts, judged, suggest_rebase

SWING = [10, 12, 9, 11, 10, 12, 8, 11, 10, 12, 9, 11]


def months(count, year=2024):
    return [dt.date(year + i // 12, i % 12 + 1, 1) for i in range(count)]


def monthly(values, **settings):
    return chart(months(len(values)), values, Settings("increase", profile="mdc", **settings))


def up(*steps):
    return [value + 10 for value in (SWING * 3)[: steps[0]]]


def test_a_shift_of_twelve_that_holds_is_put_to_the_reader():
    found = suggest_rebase(monthly(SWING + up(12)), unit="days")
    assert (found.date, found.points) == (dt.date(2025, 1, 1), 12)
    assert (found.old_mean, found.new_mean) == (pytest.approx(125 / 12), pytest.approx(245 / 12))
    assert found.sentence == (
        "Since January 2025 the mean is 20.4 days where it was 10.4 before, over 12 points in a row. If you know what "
        "changed then and that it will last, recalculate the limits from January 2025 and say why; if not, look for "
        "the cause first."
    )


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([], "nothing there"),
        (SWING * 2, "nothing changed"),
        (SWING + up(11), "eleven points: not long enough"),
        ([*SWING, *up(13), 9], "the shift has ended"),
        ([*SWING[:6], *up(12)], "six points before it are no level to compare with"),
        (up(24), "no level before it"),
        ([*SWING, *up(6), 25, None, *up(6)], "a month is missing within it"),
        ([*SWING, *[30] * 6, *[17] * 6], "on its way back"),
    ],
)
def test_nothing_is_suggested_otherwise(values, why):
    assert suggest_rebase(monthly(values)) is None, why


def test_missing_and_ghosted_newest_points_do_not_end_the_shift():
    values = [*SWING, *up(12), None, 99]
    found = suggest_rebase(monthly(values, ghost_dates=[months(26)[25]]))
    assert (found.points, found.new_mean) == (12, pytest.approx(245 / 12))


def test_only_the_newest_segment_is_looked_at():
    values = [*SWING, *up(12), *[50, 52] * 4, *[70, 72] * 6]
    made = monthly(values, rebase_dates=[months(44)[24]])
    found = suggest_rebase(made)
    assert (found.date, found.old_mean, found.new_mean) == (months(44)[32], 51, 71)


def test_it_is_never_done_by_itself():
    made = monthly(SWING + up(12))
    suggest_rebase(made)
    assert set(made.segment) == {0}


def test_both_profiles_and_any_direction_are_served():
    for settings in (Settings("decrease"), Settings(), Settings("increase", profile="mdc")):
        assert suggest_rebase(chart(months(24), SWING + up(12), settings)).date == dt.date(2025, 1, 1)


def test_gaps_between_rare_events_are_told_in_days():
    counts = np.concatenate([[2, 1, 2, 1] * 6, [0, 0, 1] * 14]).astype(float)
    made, choices = judged(
        months(66), counts, np.full(66, np.nan), [0, 66], Settings("decrease", profile="mdc"), ["count"]
    )
    found = suggest_rebase(made[0])
    assert choices[0].kind == "t"
    assert found.new_mean > 2 * found.old_mean
    assert " days where it was " in found.sentence
    assert "%" not in suggest_rebase(made[0], unit="%").sentence, "days are no share, whatever the measure is"
    assert " gaps in a row." in found.sentence


def test_a_process_in_control_is_hardly_ever_asked_about():
    """Twelve in a row on one side at the newest point by chance: in two of 4,096 series."""
    values = np.random.default_rng(1).normal(size=(2_000, 36))
    made = charts(
        np.tile(np.arange(36).astype("datetime64[D]"), 2_000),
        values.ravel(),
        np.arange(2_001) * 36,
        Settings("increase", profile="mdc"),
    )
    assert sum(suggest_rebase(each) is not None for each in made) <= 5
