"""Worked examples that others have published."""

import numpy as np
import pytest

from trustwide.analysis.disclosure import Rule, audit, crossed, listed, suppress


def with_totals(counts):
    counts = np.array(counts)
    return crossed(counts, counts.sum(axis=1), counts.sum(axis=0), counts.sum())


def mask(table, *cells):
    hidden = np.zeros(table.values.shape, dtype=bool)
    hidden[tuple(zip(*cells, strict=True))] = True
    return hidden


# Fischetti and Salazar, Management Science 47 (2001): investment by activity and region
INVESTMENT = [[20, 50, 10], [8, 19, 22], [17, 32, 12]]


def test_fischetti_and_salazar_hide_four_cells_of_their_example():
    done = suppress(with_totals(INVESTMENT), Rule(threshold=9))
    np.testing.assert_array_equal(done.hidden, mask(done.table, (1, 0), (1, 2), (2, 0), (2, 2)))
    assert done.optimal


def test_a_reader_of_that_example_can_bound_the_hidden_cells():
    # 22 lies between 5 and 30: with x in its place the others are 30 - x, 34 - x and x - 5
    table = with_totals(INVESTMENT)
    found = audit(table, mask(table, (1, 0), (1, 2), (2, 0), (2, 2)), Rule(zeros_hidden=True))
    np.testing.assert_array_equal(found.lower[[1, 1, 2, 2], [0, 2, 0, 2]], [0, 5, 0, 4])
    np.testing.assert_array_equal(found.upper[[1, 1, 2, 2], [0, 2, 0, 2]], [25, 30, 25, 29])


# the R package sdcTable, test of protectTable: two hidden cells or more in every line, and yet w by b comes out as 47
LETTERS = [[30, 47, 64, 89], [90, 124, 5, 31], [92, 100, 59, 85], [800, 991, 651, 685]]
HIDDEN = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 2), (2, 1), (2, 3), (3, 1), (3, 3)]


def test_sdctable_s_trap_of_two_hidden_cells_in_every_line():
    table = with_totals(LETTERS)
    found = audit(table, mask(table, *HIDDEN), Rule(zeros_hidden=True))
    assert found.lower[0, 1] == found.upper[0, 1] == 47
    np.testing.assert_array_equal(found.disclosed, mask(table, (0, 1)))


@pytest.mark.parametrize(("cell", "most"), [((1, 1), 141), ((1, 3), 78)])
def test_sdctable_s_one_cell_more_makes_it_safe(cell, most):
    # its own way hides x by d and expects 0 to 78; its comment names x by b
    table = with_totals(LETTERS)
    found = audit(table, mask(table, *HIDDEN, cell), Rule(zeros_hidden=True))
    assert found.safe
    assert (found.lower[0, 1], found.upper[0, 1]) == (0, most)


# the R package GaussSuppression, vignette "Small count frequency table suppression"
AGE_BY_COUNTRY = [[5, 2, 0], [6, 3, 4]]


def test_gausssuppression_s_first_table_with_zeros_and_ones_hidden():
    done = suppress(with_totals(AGE_BY_COUNTRY), Rule(threshold=2, zeros_hidden=True, protection=1))
    np.testing.assert_array_equal(done.hidden, mask(done.table, (0, 1), (0, 2), (1, 1), (1, 2)))
    np.testing.assert_array_equal(done.reasons == "small", mask(done.table, (0, 2)))


@pytest.mark.parametrize("zeros_hidden", [False, True])
def test_gausssuppression_s_problem_of_singletons(zeros_hidden):
    # two hidden cells with the sum 2: where zeros are shown both must be 1
    table = listed([1, 1, 8], 10)
    hidden = np.array([True, True, False, False])
    found = audit(table, hidden, Rule(threshold=2, protection=1, zeros_hidden=zeros_hidden))
    assert found.safe == zeros_hidden
    assert list(found.upper[:2]) == ([2, 2] if zeros_hidden else [1, 1])


def test_gausssuppression_s_problem_of_zeros():
    # hidden cells that add up to 0 are all 0
    found = audit(listed([0, 0, 8], 8), np.array([True, True, False, False]), Rule(zeros_hidden=True))
    assert list(found.upper[:2]) == [0, 0]
    assert list(found.disclosed) == [True, True, False, False]


def test_hospital_statistics_hide_1_to_7_keep_zeros_and_round_the_rest_to_5():
    # NHS Digital, disclosure control methodology for HES and ECDS, September 2018; enough others that rounding suffices
    done = suppress(listed([0, 1, 7, 8, 12, 13, 67, 98], 206), Rule(threshold=8, round_to=5))
    np.testing.assert_array_equal(done.shown, [0, np.nan, np.nan, 10, 10, 15, 65, 100, 205])
    assert not done.protecting.any()


def test_friends_and_family_under_five_responses_are_not_split():
    # very good, good, neither, poor, very poor, do not know: the small ones go, and with the total they come back
    done = suppress(listed([30, 9, 4, 0, 0, 0], 43))
    assert list(done.reasons) == ["", "to protect another", "small", "", "", "", ""]
