"""The compiled engine gives the definition's digits."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from trustwide.analysis.spc import fast, reference
from trustwide.analysis.spc.model import Judgement
from trustwide.analysis.spc.tests.agreement import assert_columns_equal

any_float = st.floats(min_value=-1e300, max_value=1e300)
tied = st.sampled_from([0.0, 1.0, 2.0, 0.1, 97.3, 100.0])
steady = st.floats(min_value=90, max_value=110)
a_value = st.one_of(st.just(math.nan), tied, steady, any_float)
a_segment = st.one_of(
    st.lists(a_value, min_size=1, max_size=30),
    st.lists(tied, min_size=1, max_size=30),
    st.lists(steady, min_size=20, max_size=60),
    st.lists(st.integers(min_value=0, max_value=5).map(float), min_size=1, max_size=40),
    st.lists(steady, min_size=7, max_size=20).map(sorted),
    st.builds(lambda value, count: [value] * count, a_value, st.integers(min_value=1, max_value=30)),
)
a_baseline = st.one_of(st.just(10**6), st.integers(min_value=12, max_value=20))
a_batch = st.lists(st.tuples(a_segment, a_baseline, st.booleans()), max_size=6)


def arrays_of(batch):
    values = np.array([value for segment, _, _ in batch for value in segment], dtype=np.float64)
    bounds = np.cumsum([0, *(len(segment) for segment, _, _ in batch)])
    fix_after = np.array([count for _, count, _ in batch], dtype=np.int64)
    return values, bounds, fix_after, np.array([screen for _, _, screen in batch], dtype=np.bool_)


def assert_engines_agree(batch):
    arguments = arrays_of(batch)
    slow, quick = reference.judge(*arguments), fast.judge(*arguments)
    assert_columns_equal(quick, slow, Judgement.__slots__)


@given(a_batch)
@settings(max_examples=400, deadline=None)
def test_fast_equals_reference_to_the_last_digit(batch):
    assert_engines_agree(batch)


@given(st.lists(any_float, max_size=40))
@settings(max_examples=400, deadline=None)
def test_the_compiled_sum_is_exactly_rounded(values):
    array = np.array(values, dtype=np.float64)
    assert fast._exact_sum(array, len(array), np.empty(fast.MOST_PARTS)) == math.fsum(values)


def test_a_sum_that_ties_is_rounded_to_even_or_by_what_lies_below():
    hard = ([1.0, 2.0**-53], [1.0, 2.0**-53, 2.0**-106], [1.0, 2.0**-53, -(2.0**-106)], [2.0**53, 1.0, 1.0, -1.0])
    for values in (*hard, [1e300, 1.0, -1e300], [0.1] * 10, [-0.0]):
        array = np.array(values)
        assert fast._exact_sum(array, len(array), np.empty(fast.MOST_PARTS)) == math.fsum(values)


def random_batch(seed, segments):
    rng = np.random.default_rng(seed)
    batch = []
    for _ in range(segments):
        values = rng.normal(100, 10, rng.integers(1, 60)).round(rng.integers(0, 4))
        values[rng.random(len(values)) < rng.choice([0, 0.1])] = np.nan
        batch.append((np.cumsum(values - 100) if rng.random() < 0.3 else values, 10**6, rng.random() < 0.8))
    return batch


def test_many_random_segments_agree():
    assert_engines_agree(random_batch(seed=1, segments=2_000))


def test_the_definition_can_tell_a_running_sum_from_an_exact_one():
    values = [97.3] * 14
    assert sum(values) / 14 != 97.3
    assert reference.mean(values) == 97.3
