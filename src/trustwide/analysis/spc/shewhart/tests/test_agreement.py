"""The compiled engine gives the definition's digits."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trustwide.analysis.spc.shewhart import CHARTS, ShewhartSettings, engine, fast, reference, shewhart_charts
from trustwide.analysis.spc.shewhart.model import POINT_FIELDS
from trustwide.analysis.spc.tests.agreement import assert_columns_equal

a_count = st.integers(min_value=0, max_value=40).map(float)
a_number = st.one_of(
    st.just(math.nan), a_count, st.sampled_from([0.1, 97.3, -1.0]), st.floats(min_value=-1e300, max_value=1e300)
)
a_size = st.one_of(st.just(math.nan), st.just(0.0), st.integers(min_value=1, max_value=60).map(float))
a_point = st.one_of(st.tuples(a_count, a_size), st.tuples(a_number, a_size))
a_series = st.one_of(
    st.lists(a_point, max_size=40), st.lists(st.tuples(a_count, st.integers(min_value=20, max_value=60)), max_size=60)
)
places = st.lists(st.integers(min_value=1, max_value=50), max_size=3)
some_settings = st.builds(
    ShewhartSettings, st.sampled_from(CHARTS), places, st.none() | st.integers(min_value=1, max_value=40), places
)
a_batch = st.lists(st.tuples(a_series, some_settings), max_size=6)


def arrays_of(batch):
    """Flat numerators, denominators, offsets and settings; on T charts no time is 0 or less."""
    pairs = [
        (abs(above) + 0.5 if own.chart == "t" else above, below) for series, own in batch for above, below in series
    ]
    above, below = np.array(pairs, dtype=np.float64).reshape(-1, 2).T
    return above, below, np.cumsum([0, *(len(series) for series, _ in batch)]), [own for _, own in batch]


def by(which, arguments):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "COMPILED_FROM_POINTS", math.inf if which is reference else 0)
        return shewhart_charts(*arguments)


def assert_engines_agree(batch):
    arguments = arrays_of(batch)
    slow, quick = by(reference, arguments), by(fast, arguments)
    assert_columns_equal(quick, slow, POINT_FIELDS)


@given(a_batch)
@settings(max_examples=200, deadline=None)
def test_fast_equals_reference_to_the_last_digit(batch):
    assert_engines_agree(batch)


def random_batch(seed, series):
    """Series of every chart with gaps, zeros below the line, numerators above it, parts, baselines and exclusions."""
    rng = np.random.default_rng(seed)
    batch = []
    for i in range(series):
        length = int(rng.integers(0, 60))
        above = rng.choice([rng.poisson(3, length), rng.binomial(40, 0.9, length), rng.normal(50, 30, length).round(1)])
        below = rng.choice([rng.poisson(2, length), rng.integers(40, 60, length), np.full(length, np.nan)])
        above, below = above.astype(float), below.astype(float)
        above[rng.random(length) < rng.choice([0, 0.1])] = np.nan
        below[rng.random(length) < rng.choice([0, 0.1])] = np.nan
        part, exclude = (rng.integers(1, 70, rng.integers(0, 3)).tolist() for _ in range(2))
        freeze = int(rng.integers(1, 70)) if rng.random() < 0.3 else None
        own = ShewhartSettings(CHARTS[i % len(CHARTS)], part, freeze, exclude)
        batch.append((list(zip(above.tolist(), below.tolist(), strict=True)), own))
    return batch


def test_ten_thousand_random_series_are_charted_and_many_of_them_agree():
    batch = random_batch(seed=1, series=10_000)
    assert len(by(fast, arrays_of(batch))) == 10_000
    assert_engines_agree(batch[:1_500])


@pytest.mark.parametrize("chart", CHARTS)
def test_no_series_of_one_value_is_refused(chart):
    series = [[(value, below)] * count for value in (0.0, 0.1, 1.0, 7.0) for below in (1.0, 3.0) for count in (0, 1, 9)]
    assert_engines_agree([(each, ShewhartSettings(chart)) for each in series])


def test_the_bounds_of_runs_agree_for_every_size():
    sizes = np.arange(1, 1_201)
    assert fast.longest_run_max(sizes).tolist() == [reference.longest_run_max(n) for n in sizes.tolist()]
    assert fast.n_crossings_min(sizes).tolist() == [reference.n_crossings_min(n) for n in sizes.tolist()]
    for n in (2_000, 5_001, 20_000):
        assert fast.n_crossings_min(np.array([n]))[0] == reference.n_crossings_min(n)
