"""What is hidden, why, what is shown; and what is refused."""

import math

import numpy as np
import pytest

from trustwide.analysis.disclosure import (
    DisclosureError,
    Rule,
    Sum,
    Table,
    audit,
    crossed,
    grouped,
    listed,
    shares,
    suppress,
)

NAN = math.nan


def test_a_small_count_takes_the_next_smallest_with_it():
    done = suppress(listed([3, 20, 30], 53))
    np.testing.assert_array_equal(done.shown, [NAN, NAN, 30, 53])
    assert list(done.reasons) == ["small", "to protect another", "", ""]


def test_without_its_total_a_list_needs_no_more_hidden():
    done = suppress(listed([3, 20, 30]))
    np.testing.assert_array_equal(done.shown, [NAN, 20, 30, NAN])


def test_zeros_are_shown_or_hidden():
    assert not suppress(listed([0, 20, 30], 50)).hidden.any()
    hidden = suppress(listed([0, 20, 30], 50), Rule(zeros_hidden=True))
    np.testing.assert_array_equal(hidden.shown, [NAN, NAN, 30, 50])


def test_small_counts_that_shield_each_other_need_no_other():
    # 4 and 4: with 8 in all either can be 1 to 7
    np.testing.assert_array_equal(suppress(listed([4, 4, 30], 38)).shown, [NAN, NAN, 30, 38])


def test_small_counts_that_add_up_to_a_small_count_do():
    # 1 and 3: with 4 in all both are small for certain
    assert suppress(listed([1, 3, 30], 34)).hidden.sum() == 3


def test_more_protection_hides_more():
    counts = [2, 6, 60]
    np.testing.assert_array_equal(suppress(listed(counts, 68)).hidden, [True, True, False, False])
    np.testing.assert_array_equal(suppress(listed(counts, 68), Rule(protection=20)).hidden, [True, False, True, False])


def test_a_lone_count_hides_its_total_and_what_hangs_on_it():
    # ward 3 is all of its site: the site is as small as the ward, and one cell more, the total, shields both
    done = suppress(grouped([[12, 30], [3], [25, 26]], [42, 3, 51], 96))
    np.testing.assert_array_equal(done.small, [0, 0, 0, 1, 1, 0, 0, 0, 0])
    assert audit(done.table, done.hidden, done.rule).safe
    np.testing.assert_array_equal(done.protecting, [0, 0, 0, 0, 0, 0, 0, 0, 1])


def test_a_share_near_all_gives_away_the_few_others():
    done = suppress(shares(listed([48, 30], 78), listed([50, 60], 110)))
    np.testing.assert_array_equal(done.small[0], [True, False, False])
    assert math.isnan(done.share[0])
    assert np.isnan(done.share).sum() == 2


def test_few_answers_are_not_split_even_when_none_was_yes():
    done = suppress(shares(listed([0, 20]), listed([3, 60])))
    np.testing.assert_array_equal(done.shown[0], [NAN, 20, NAN])
    np.testing.assert_array_equal(done.shown[2], [NAN, 60, NAN])
    np.testing.assert_array_equal(done.share, [NAN, 20 / 60, NAN])


def test_nor_does_a_total_of_none_tell():
    done = suppress(shares(listed([0, 0], 0), listed([3, 60], 63)))
    assert math.isnan(done.shown[0, -1])


def test_all_of_many_is_shown():
    done = suppress(shares(listed([20, 30], 50), listed([20, 60], 80)))
    np.testing.assert_array_equal(done.share, [1.0, 0.5, 50 / 80])


def test_shares_are_of_the_rounded_counts():
    done = suppress(shares(listed([22, 41]), listed([43, 99])), Rule(round_to=5))
    np.testing.assert_array_equal(done.share[:2], [20 / 45, 40 / 100])


def test_rounding_hides_more_only_where_it_does_not_suffice():
    assert not suppress(listed([3, 17, 18, 19], 57), Rule(round_to=5)).protecting.any()
    # 18 and 19 are shown as 20: between 18 and 22 each, so the third is 4 at most
    done = suppress(listed([1, 18], 19), Rule(round_to=5))
    assert done.protecting.sum() == 1


def test_what_is_empty_or_one_cell_works():
    assert suppress(listed([], 0)).shown.tolist() == [0]
    assert suppress(crossed(np.zeros((0, 0)))).shown.shape == (1, 1)
    assert suppress(grouped([], [], 0)).shown.tolist() == [0]
    assert np.isnan(suppress(listed([3], 3)).shown).all()
    assert suppress(listed([30], 30)).shown.tolist() == [30, 30]
    assert suppress(crossed([[7]], [7], [7], 7)).shown.tolist() == [[7, 7], [7, 7]]


def test_a_table_of_one_s_own_with_any_sums():
    table = Table(np.array([2, 8, 10]), (Sum(2, (0, 1)),), np.ones(3, dtype=bool))
    assert suppress(table).hidden.tolist() == [True, True, False]


def test_a_large_table_is_done_the_quick_way_and_its_proof_holds():
    rng = np.random.default_rng(4)
    counts = rng.poisson(rng.gamma(0.7, 60, (40, 12)))
    done = suppress(crossed(counts, counts.sum(axis=1), counts.sum(axis=0), counts.sum()))
    assert not done.optimal
    flat, unseen = done.table.values.ravel(), done.hidden.ravel()
    for other in done.others:  # each agrees with what is shown and adds up
        np.testing.assert_array_equal(other[~unseen], flat[~unseen])
        square = other.reshape(41, 13)
        np.testing.assert_array_equal(square[:-1, :-1].sum(axis=0), square[-1, :-1])
        np.testing.assert_array_equal(square[:, :-1].sum(axis=1), square[:, -1])
    small = (flat > 0) & (flat < 5)
    assert small.sum() > 40
    assert (done.others.max(axis=0)[small] >= 5).all()
    assert unseen.sum() < 2 * small.sum()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: listed([3, -1]), "the list is -1 at 2; expected a whole number, 0 or more."),
        (lambda: listed([3, NAN]), "the list is nan at 2"),
        (lambda: listed([math.inf]), "the list is inf at 1"),
        (lambda: listed([2.5]), "the list is 2.5 at 1"),
        (lambda: listed(["many"]), "not a number"),
        (lambda: listed([[1]]), "2 dimensions; expected 1"),
        (lambda: listed([3, 4], 8), "the total of the list is 8, its parts add up to 7"),
        (lambda: listed([3, 4], -7), "the total of the list is -7; expected"),
        (lambda: crossed([[1, 2], [3, 4]], [3, 8]), "the total of row 2 is 8, its parts add up to 7"),
        (lambda: crossed([[1, 2], [3, 4]], None, [4, 5]), "the total of column 2 is 5, its parts add up to 6"),
        (lambda: crossed([[1, 2], [3, 4]], grand_total=9), "the grand total is 9, its parts add up to 10"),
        (lambda: crossed([[1, 2], [3, 4]], [3]), "1 row totals and 2 rows"),
        (lambda: crossed([[1, NAN]]), "the table is nan at 1, 2"),
        (lambda: grouped([[1], [2]], [1, 3]), "the subtotal of group 2 is 3, its parts add up to 2"),
        (lambda: grouped([[1], [2]], [1]), "1 subtotals and 2 groups"),
        (lambda: grouped([[1], [2]], None, 4), "the total of the groups is 4"),
        (lambda: shares(listed([5]), listed([4])), "the numerator at 1 is 5, its denominator 4"),
        (lambda: shares(listed([5]), listed([4, 5])), "expected one shape"),
        (lambda: shares(listed([5]), listed([6], 6)), "expected one shape, with the same totals"),
        (lambda: shares(listed([1, 1]), grouped([[2, 2]])), "expected one shape"),
        (lambda: suppress(listed([5])).share, "holds counts, not shares"),
        (lambda: Rule(threshold=0), "threshold is 0; expected a whole number, 1 or more."),
        (lambda: Rule(protection=2.5), "protection is 2.5"),
        (lambda: Rule(threshold=5, round_to=10), "round_to is 10 with a threshold of 5"),
        (lambda: audit(listed([5]), np.array([True]), Rule()), "the mask has the shape (1,)"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(make, sentence):
    with pytest.raises(DisclosureError) as refused:
        make()
    assert sentence in str(refused.value)
    assert str(refused.value).endswith(".")
