"""What is hidden is as little as the definition allows, and the auditor finds what going through all tables finds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trustwide.analysis.disclosure import Rule, audit, crossed, grouped, listed, reference, shares, suppress
from trustwide.analysis.disclosure.attack import matrix_of
from trustwide.analysis.disclosure.knowledge import secret_of
from trustwide.analysis.disclosure.quick import quickly
from trustwide.analysis.disclosure.suppression import proven

a_count = st.integers(0, 4)
a_rule = st.builds(
    Rule,
    threshold=st.integers(2, 3),
    zeros_hidden=st.booleans(),
    protection=st.integers(1, 3),
    round_to=st.sampled_from([None, None, 2]),
)


@st.composite
def a_list(draw):
    counts = draw(st.lists(a_count, min_size=1, max_size=4))
    return listed(counts, sum(counts) if draw(st.booleans()) else None)


@st.composite
def a_grouped(draw):
    groups = draw(st.lists(st.lists(a_count, min_size=1, max_size=2), min_size=1, max_size=2))
    subtotals = [sum(each) for each in groups]
    return grouped(groups, draw(st.sampled_from([None, subtotals])), draw(st.sampled_from([None, sum(subtotals)])))


@st.composite
def a_crossed(draw):
    counts = np.array(draw(st.lists(a_count, min_size=4, max_size=4))).reshape(2, 2)
    by_row, by_column, in_all = draw(st.tuples(*[st.sampled_from([True, True, False])] * 3))
    return crossed(
        counts,
        counts.sum(axis=1) if by_row else None,
        counts.sum(axis=0) if by_column else None,
        counts.sum() if in_all else None,
    )


@st.composite
def some_shares(draw):
    d = np.array(draw(st.lists(a_count, min_size=1, max_size=2)))
    n = np.array([draw(st.integers(0, int(each))) for each in d])
    return shares(listed(n, n.sum()), listed(d, d.sum()))


@st.composite
def shares_by_row_and_column(draw):
    d = np.array(draw(st.lists(st.integers(0, 2), min_size=4, max_size=4))).reshape(2, 2)
    n = np.array([draw(st.integers(0, int(each))) for each in d.flat]).reshape(2, 2)
    return shares(*[crossed(each, each.sum(axis=1), each.sum(axis=0), each.sum()) for each in (n, d)])


a_table = st.one_of(a_list(), a_grouped(), a_crossed(), some_shares())


def all_tables(table, rule):
    return reference.possible_tables(table, beyond=max(rule.threshold, rule.protection))


@given(a_table, a_rule)
@settings(max_examples=60, deadline=None)
def test_no_smaller_set_would_do_and_nothing_is_given_away(table, rule):
    done = suppress(table, rule)
    tables = all_tables(table, rule)
    assert done.optimal
    assert not reference.given_away(tables, table, done.hidden, rule)
    assert set(np.flatnonzero(done.small)) == reference.must_hide(table, rule)
    chosen = done.protecting.ravel()
    assert (chosen.sum(), table.values.ravel()[chosen].sum()) == reference.smallest(table, rule, tables)


@given(shares_by_row_and_column(), st.booleans())
@settings(max_examples=3, deadline=None)
def test_nothing_is_given_away_of_shares_by_row_and_column_either(table, zeros_hidden):
    rule = Rule(threshold=2, protection=1, zeros_hidden=zeros_hidden)
    done = suppress(table, rule)
    assert not reference.given_away(reference.possible_tables(table, beyond=4), table, done.hidden, rule)


@given(a_table, a_rule, st.data())
@settings(max_examples=60, deadline=None)
def test_the_auditor_finds_what_the_definition_finds(table, rule, data):
    mask = data.draw(st.lists(st.booleans(), min_size=table.values.size, max_size=table.values.size))
    hidden = np.array(mask).reshape(table.values.shape) & table.printed
    hidden &= (table.values > 0) | rule.zeros_hidden  # nobody hides zeros that the rule shows
    # nor shows small counts where readers of rounded ones rely on there being none
    hidden |= secret_of(table, rule).primary.reshape(hidden.shape)
    beyond = 8
    found, tables = audit(table, hidden, rule), reference.possible_tables(table, beyond)
    assert set(np.flatnonzero(found.disclosed)) == reference.given_away(tables, table, hidden, rule)
    left = reference.believable(tables, table, hidden, rule)
    if (left.max(axis=0) < table.values.ravel() + beyond).all():  # then these are all there are
        np.testing.assert_array_equal(found.lower.ravel(), left.min(axis=0))
        np.testing.assert_array_equal(found.upper.ravel(), left.max(axis=0))


@given(a_table, a_rule)
@settings(max_examples=25, deadline=None)
def test_the_quick_way_gives_nothing_away_either(table, rule):
    secret, matrix = secret_of(table, rule), matrix_of(table)
    hidden, others = quickly(matrix, secret, rule)
    assert proven(matrix, secret, rule, hidden, others)
    assert audit(table, hidden.reshape(table.values.shape), rule).safe


@given(st.integers(0, 2**32 - 1), st.booleans(), st.sampled_from([None, 5]))
@settings(max_examples=5, deadline=None)
def test_tables_as_large_as_a_board_report_s_are_safe(seed, zeros_hidden, round_to):
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rng.gamma(0.8, 40, (4, 7)))
    table = crossed(counts, counts.sum(axis=1), counts.sum(axis=0), counts.sum())
    rule = Rule(zeros_hidden=zeros_hidden, round_to=round_to)
    done = suppress(table, rule)
    assert audit(table, done.hidden, rule).safe
    again = suppress(table, rule)
    np.testing.assert_array_equal(done.hidden, again.hidden)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=4, deadline=None)
def test_shares_by_site_and_month_are_safe(seed):
    rng = np.random.default_rng(seed)
    d = rng.poisson(rng.gamma(0.8, 30, (2, 4)))
    n = rng.binomial(d, rng.choice([0.05, 0.5, 0.95], d.shape))
    both = [crossed(each, each.sum(axis=1), each.sum(axis=0), each.sum()) for each in (n, d)]
    table = shares(*both)
    done = suppress(table)
    assert audit(table, done.hidden, Rule()).safe


@pytest.mark.parametrize("seed", [0, 2, 5])
def test_the_quick_way_hides_little_more_than_the_least(seed):
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rng.gamma(0.8, 60, (4, 12)))
    table = crossed(counts, counts.sum(axis=1), counts.sum(axis=0), counts.sum())
    done = suppress(table)
    assert done.optimal
    secret = secret_of(table, Rule())
    hidden, _ = quickly(matrix_of(table), secret, Rule())
    assert done.hidden.sum() <= hidden.sum() <= 1.25 * done.hidden.sum()
