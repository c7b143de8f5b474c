"""Each check by tables made by hand; the fast checks against the reference; and how often chance alone is doubted."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from trustwide.analysis.spc.mdc.model import QUANTITIES as SPC_QUANTITIES
from trustwide.commons.measures.quality import reference
from trustwide.commons.measures.quality.checks import doubts
from trustwide.commons.measures.quality.kinds import CHECKS, COPIED_CHANCE, Doubt, Series

NONE = math.nan
QUANTITIES = ("count", "share", "rate", "mean", "stock", "stock_share")


def counts(*figures):
    """A row a figure, from period 0 on; None for a period without one."""
    return [(number, float(figure), NONE) for number, figure in enumerate(figures) if figure is not None]


def shares(*pairs):
    return [(number, float(above), float(below)) for number, (above, below) in enumerate(pairs)]


def as_series(*several, gaps=True):
    """(rows, quantity) of each series, end to end."""
    rows = [row for each, _ in several for row in each]
    numbers, above, below = zip(*rows, strict=True) if rows else ((), (), ())
    return Series(
        np.array(numbers, dtype=np.int64), np.array(above, dtype=float), np.array(below, dtype=float),
        np.cumsum([0, *(len(each) for each, _ in several)]), [quantity for _, quantity in several], gaps,
    )  # fmt: skip


def found(rows, quantity="count", kind=None):
    """Kind, first and last period of everything found in one series, which both ways of looking agree on."""
    fast = doubts(as_series((rows, quantity)))
    assert same(fast, reference.doubts(rows, quantity))
    return [each[1:4] for each in fast if kind in (None, each.kind)]


def same(one, other):
    """Equal, where what a doubt says may differ in a float's last digits, and NaN is NaN."""

    def plain(each):
        return each[:4], each.reason

    ordered = [sorted(some, key=lambda each: (each.series, each.first, each.kind)) for some in (one, other)]
    if [plain(each) for each in ordered[0]] != [plain(each) for each in ordered[1]]:
        return False
    pairs = zip(*ordered, strict=True)
    return all(np.allclose(a.figures, b.figures, rtol=1e-12, equal_nan=True) for a, b in pairs)


STEADY = [50, 61, 47, 55, 66, 52, 43, 58, 49, 63, 54, 46]


def test_what_is_usual_is_not_doubted():
    assert found(counts(*STEADY)) == []
    assert found(shares(*((each, 2 * each) for each in STEADY)), "share") == []


def test_a_zero_among_many_is_doubted_until_it_lasts():
    assert found(counts(*STEADY, 0, *STEADY)) == [("zero", 12, 12)]
    assert found(counts(*STEADY, 0, 0, 0, *STEADY)) == [("zero", 12, 14)]
    assert found(counts(*STEADY, *[0] * 7, *STEADY)) == []


def test_a_zero_at_the_end_asks_for_more_than_one_that_passed():
    fewer = [figure // 2 for figure in STEADY]
    assert found(counts(*fewer, 0, *fewer)) == [("zero", 12, 12)]
    assert found(counts(*fewer, 0)) == []
    high = [2 * figure for figure in STEADY]
    assert found(counts(*high, 0)) == [("zero", 12, 12)]


def test_a_zero_is_no_wonder_where_few_are_usual_or_where_figures_fall_to_it():
    assert found(counts(3, 5, 2, 4, 0, 3, 6)) == []
    assert found(counts(90, 70, 50, 31, 12, 4, 0, 0, 2, 0)) == []
    assert found(counts(0, 0, 0, *STEADY)) == []


def test_nobody_of_many_is_doubted_in_a_share_too():
    rows = shares(*((each, 100) for each in STEADY), (0, 100), *((each, 100) for each in STEADY))
    assert found(rows, "share", "zero") == [("zero", 12, 12)]


LARGE = [1000 + 37 * ((7 * place) % 11) for place in range(12)]


def test_a_period_that_repeats_numerator_and_denominator_is_doubted():
    pairs = [(figure // 3, figure) for figure in LARGE]
    assert found(shares(*pairs, pairs[-1], *pairs[1:4]), "share") == [("copied", 12, 12)]


def test_a_repeat_that_chance_explains_is_not():
    small = [(place % 3, 10 + place % 4) for place in range(12)]
    assert found(shares(*small, small[-1]), "share", "copied") == []
    assert found(counts(*LARGE, LARGE[-1]), "count") == [], "a count alone repeats once in some hundred periods"
    assert found(counts(*LARGE, *[LARGE[-1]] * 2), "count") == [("copied", 12, 13)], "but hardly twice in a row"
    constant = counts(*[40] * 24)
    assert found(constant) == [], "a series that never moves says nothing by not moving"


def test_a_share_near_all_of_them_repeats_as_easily_as_its_denominator():
    full = [(figure, figure) for figure in LARGE]
    assert found(shares(*full, full[-1]), "share", "copied") == []


def test_a_copy_after_a_gap_is_no_copy_of_the_period_before():
    pairs = [(figure // 3, figure) for figure in LARGE]
    rows = shares(*pairs)
    assert found([*rows, (20, *map(float, pairs[-1]))], "share", "copied") == []


@pytest.mark.parametrize(
    ("row", "quantity", "reason"),
    [
        ((0, 12.0, 10.0), "share", "above"),
        ((0, 12.0, 10.0), "stock_share", "above"),
        ((0, 12.0, 10.0), "rate", ""),
        ((0, -1.0, NONE), "count", "negative"),
        ((0, -1.0, 10.0), "mean", ""),
        ((0, 1.0, -10.0), "mean", "negative below"),
        ((0, 1.5, NONE), "count", "not whole"),
        ((0, 1.5, NONE), "stock", ""),
        ((0, 0.1 + 0.2 + 0.7, NONE), "count", ""),
        ((0, math.inf, 10.0), "mean", "not finite"),
        ((0, 5.0, math.inf), "share", "not finite"),
        ((0, NONE, NONE), "count", "not finite"),
        ((0, 10.0, 10.0), "share", ""),
        ((0, 0.0, 0.0), "share", ""),
    ],
)
def test_what_cannot_be(row, quantity, reason):
    assert reference.reason_against(row, quantity) == reason
    assert found([row], quantity) == ([("impossible", 0, 0)] if reason else [])


def test_impossible_periods_next_to_each_other_are_one_doubt_for_each_reason():
    rows = shares((1, 10), (12, 10), (13, 10), (-1, 10), (2, 10))
    assert found(rows, "share") == [("impossible", 1, 2), ("impossible", 3, 3)]


def test_ten_times_or_a_tenth_for_one_period_is_doubted():
    assert found(counts(50, 520, 51, 48)) == [("jump", 1, 1)]
    assert found(counts(500, 47, 510, 480)) == [("jump", 1, 1)]


def test_a_step_that_lasts_a_small_jump_and_the_newest_period_are_not():
    assert found(counts(50, 520, 515, 530)) == []
    assert found(counts(5, 60, 4, 6)) == []
    assert found(counts(50, 49, 52, 520)) == []


def test_a_denominator_jumps_too():
    rows = shares((30, 700), (31, 70), (29, 720), (30, 700))
    (doubt,) = doubts(as_series((rows, "share")))
    assert doubt == Doubt(0, "jump", 1, 1, (700.0, 70.0, 720.0), "denominator")


def test_periods_missing_inside_are_a_gap_where_many_are_usual():
    assert found(counts(*STEADY[:4], None, None, *STEADY[4:])) == [("gap", 4, 5)]
    assert found(counts(3, 4, None, 2, 5)) == []
    few_visits = [(number, 0.0, 4.0) for number in (0, 1, 4, 5)]
    assert found(few_visits, "share") == []


def test_days_that_are_missing_are_not_doubted():
    weekdays = [(number, 50.0, NONE) for number in range(30) if number % 7 < 5]
    assert doubts(as_series((weekdays, "count"), gaps=False)) == []


def test_late_is_behind_more_than_half_of_the_others():
    assert reference.expected_newest([9, 9, 9, 4]) == 9
    assert reference.expected_newest([9, 4]) == 4, "one other is not most"
    assert reference.expected_newest([9, 9, 4, 4]) == 4
    assert reference.expected_newest([7]) == 7
    assert reference.late(6, 9) == Doubt(0, "late", 7, 9)
    assert reference.late(9, 9) is None
    assert reference.late(10, 9) is None


@pytest.mark.parametrize("points", [0, 1, 2, 3])
def test_very_short_series(points):
    assert found(counts(*STEADY[:points])) == []
    assert found(counts(*[0] * points)) == []


def test_several_series_do_not_run_into_each_other():
    first, second = counts(*STEADY, 0), counts(*[2 * each for each in STEADY])
    together = doubts(as_series((first, "count"), ([], "count"), (second, "count"), (counts(5, -1), "count")))
    assert [each[:4] for each in together] == [(3, "impossible", 1, 1)]


figure = st.one_of(
    st.integers(0, 3).map(float), st.integers(-2, 3000).map(float), st.sampled_from([0.0, 60.0, 600.0, 1.5]),
    st.sampled_from([math.inf, -math.inf, math.nan]),
)  # fmt: skip
usual = st.integers(40, 2000).map(float)


@st.composite
def one_series(draw):
    quantity = draw(st.sampled_from(QUANTITIES))
    divided = quantity not in ("count", "stock")
    number, rows = draw(st.integers(0, 5)), []
    values = usual if draw(st.booleans()) else figure
    for _ in range(draw(st.integers(0, 25))):
        if rows and draw(st.integers(0, 4)) == 0:
            rows.append((number, *rows[-1][1:]))
        else:
            odd = draw(st.integers(0, 9)) == 0
            rows.append((number, draw(figure if odd else values), draw(values) if divided else NONE))
        number += 1 if draw(st.integers(0, 9)) else draw(st.integers(1, 4))
    return rows, quantity


@settings(max_examples=80, deadline=None)
@given(st.lists(one_series(), max_size=4))
@example([(counts(*STEADY, 0), "count"), (counts(*LARGE, *[LARGE[-1]] * 3), "stock")])
def test_many_at_once_find_what_the_reference_finds_in_each(several):
    expected = [
        each._replace(series=place)
        for place, (rows, quantity) in enumerate(several)
        for each in reference.doubts(rows, quantity)
    ]
    assert same(doubts(as_series(*several)), expected)


@pytest.mark.parametrize("mean", [30, 300, 3000])
def test_chance_alone_is_rarely_doubted(mean):
    """Of Poisson counts that only chance moves, fewer than one in a thousand periods is doubted, of any kind."""
    random = np.random.default_rng(mean)
    series, periods = 2000, 36
    above = random.poisson(mean, series * periods).astype(float)
    below = above + random.poisson(3 * mean, series * periods)
    numbers = np.tile(np.arange(periods), series)
    offsets = np.arange(series + 1) * periods
    for quantity, under in (("share", below), ("count", np.full(len(above), NONE))):
        odd = doubts(Series(numbers, above, under, offsets, [quantity] * series))
        assert len(odd) <= COPIED_CHANCE * series * periods
        assert {each.kind for each in odd} <= {"copied"}


def test_a_copy_is_found_in_most_series_that_count_thousands():
    """The other side: of copied periods of large shares, nine in ten are found."""
    random = np.random.default_rng(7)
    series, periods, copied = 500, 24, 20
    below = random.poisson(3000, (series, periods)) + random.integers(-150, 150, (series, periods))
    above = random.binomial(below, 0.3)
    above[:, copied], below[:, copied] = above[:, copied - 1], below[:, copied - 1]
    odd = doubts(
        Series(
            np.tile(np.arange(periods), series), above.ravel().astype(float), below.ravel().astype(float),
            np.arange(series + 1) * periods, ["share"] * series,
        )
    )  # fmt: skip
    hits = {each.series for each in odd if each.kind == "copied" and each.first == copied}
    assert len(hits) >= 0.9 * series


def test_every_quantity_and_kind_is_known_here():
    assert set(QUANTITIES) == set(SPC_QUANTITIES)
    assert set(CHECKS) == {"late", "gap", "zero", "copied", "impossible", "jump"}
