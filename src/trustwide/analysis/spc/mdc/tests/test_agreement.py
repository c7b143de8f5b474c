"""The compiled engine finds what the definition finds; a batch is its series."""

import datetime as dt
import math
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trustwide.analysis.spc import Chart, Settings, charts, judged
from trustwide.analysis.spc.mdc import engine, fast, reference
from trustwide.analysis.spc.mdc.model import QUANTITIES, Findings, Lines, Rules
from trustwide.analysis.spc.mdc.tests.tables import day
from trustwide.analysis.spc.tests.agreement import assert_columns_equal

tied = st.sampled_from([-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0])
a_value = st.one_of(tied, st.just(math.nan), st.floats(min_value=-4, max_value=4))
a_width = st.one_of(st.sampled_from([0.0, 1.0, 2.0, math.nan]), st.floats(min_value=0, max_value=4))


def with_lines(value, ghost, centre, *widths):
    """A point and its lines: near limits on either side of the centre, whatever the order of limit and near limit."""
    signs = (-1, 1, -1, 1)
    return value, ghost, centre, *(centre + sign * width for sign, width in zip(signs, widths, strict=True))


a_point = st.builds(with_lines, a_value, st.booleans(), a_value, *[a_width] * 4)
a_rule = st.builds(
    Rules,
    st.sampled_from([-1, 0, 1]),
    st.sampled_from([0, 6, 7]),
    st.sampled_from([7, 8]),
    st.booleans(),
)
steady = st.tuples(
    st.one_of(tied, st.just(math.nan)),
    st.integers(0, 9).map(lambda drawn: drawn == 0),
    *(st.just(line) for line in (0.0, -2.5, 2.5, -1.5, 1.5)),
)
a_segment = st.one_of(
    st.lists(a_point, min_size=1, max_size=30),
    st.lists(steady, min_size=1, max_size=40),
    st.lists(st.sampled_from([0.5, 1.0, 2.0, 3.0]), min_size=8, max_size=30).map(
        lambda values: [(value, False, 0.0, -2.5, 2.5, -1.5, 1.5) for value in values]
    ),
    st.lists(st.integers(-30, 30), min_size=6, max_size=20, unique=True).map(
        lambda values: [(value / 10, False, 0.0, -2.5, 2.5, -1.5, 1.5) for value in sorted(values)]
    ),
)
a_batch = st.lists(st.tuples(a_segment, a_rule), max_size=5)


def arrays_of(batch):
    rows = [row for segment, _ in batch for row in segment]
    columns = np.array(rows, dtype=np.float64).reshape(-1, 7).T.copy()
    bounds = np.cumsum([0, *(len(segment) for segment, _ in batch)])
    return columns[0], columns[1] > 0, Lines(*columns[2:]), bounds, [rules for _, rules in batch]


def assert_engines_agree(batch):
    values, ghost, lines, bounds, rules = arrays_of(batch)
    slow = reference.judge(values, ghost, lines, bounds, rules)
    quick = fast.judge(values, ghost, lines, bounds, reference.as_arrays(rules))
    assert_columns_equal(quick, slow, Findings.__slots__)


@given(a_batch)
@settings(max_examples=150, deadline=None)
def test_fast_equals_reference(batch):
    assert_engines_agree(batch)


def random_batch(seed, segments):
    rng = np.random.default_rng(seed)
    batch = []
    for _ in range(segments):
        points = rng.integers(1, 50)
        values = rng.normal(0, 1, points).round(rng.integers(0, 3))
        values = np.cumsum(values) if rng.random() < 0.3 else values
        values[rng.random(points) < rng.choice([0, 0.1])] = np.nan
        ghost = rng.random(points) < rng.choice([0, 0.1])
        rules = Rules(*(int(rng.choice(each)) for each in ([-1, 0, 1], [0, 6, 7], [7, 8], [0, 1])))
        batch.append(([(value, hidden, 0, -3, 3, -2, 2) for value, hidden in zip(values, ghost, strict=True)], rules))
    return batch


def test_many_random_segments_agree():
    assert_engines_agree(random_batch(seed=1, segments=1_000))


counts = st.one_of(st.integers(0, 3), st.integers(0, 60)).map(float)
a_series = st.tuples(
    st.lists(st.tuples(st.one_of(counts, st.just(math.nan)), st.integers(0, 80).map(float)), max_size=40),
    st.sampled_from(QUANTITIES),
    st.builds(
        Settings,
        st.sampled_from(["increase", "decrease", "neutral"]),
        st.one_of(st.none(), st.just(4.0)),
        st.lists(st.integers(0, 40).map(day), max_size=2),
        st.one_of(st.none(), st.just(12)),
        profile=st.just("mdc"),
        trend_points=st.sampled_from([6, 7]),
        ghost_dates=st.lists(st.integers(0, 40).map(day), max_size=2),
    ),
)


def assert_same(one, other):
    assert_columns_equal(one, other, [each.name for each in fields(Chart) if each.name != "settings"])


def batch_of(several):
    """The arguments of `judged` for several series."""
    points = [point for series, _, _ in several for point in series]
    above, below = np.array(points, dtype=np.float64).reshape(-1, 2).T
    dates = [day(i) for series, _, _ in several for i in range(len(series))]
    offsets = np.cumsum([0, *(len(series) for series, _, _ in several)])
    return dates, above, below, offsets, [own for _, _, own in several], [what for _, what, _ in several]


@given(st.lists(a_series, min_size=1, max_size=5), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_a_batch_of_series_is_each_by_itself_in_any_order(several, random):
    together, choices = judged(*batch_of(several))
    order = list(range(len(several)))
    random.shuffle(order)
    shuffled, shuffled_choices = judged(*batch_of([several[i] for i in order]))
    for place, i in enumerate(order):
        alone, (choice,) = judged(*batch_of([several[i]]))
        assert choice == choices[i] == shuffled_choices[place]
        assert_same(alone[0], together[i])
        assert_same(alone[0], shuffled[place])


@given(st.lists(a_series, min_size=1, max_size=5))
@settings(max_examples=40, deadline=None)
def test_both_engines_judge_a_batch_alike(several):
    slow, _ = judged(*batch_of(several))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "COMPILED_FROM_POINTS", 0)
        quick, _ = judged(*batch_of(several))
    for one, other in zip(slow, quick, strict=True):
        assert_same(one, other)


def test_rows_in_any_order_are_the_same_series():
    rng = np.random.default_rng(4)
    above, below = rng.poisson(9, 30).astype(float), rng.integers(40, 60, 30).astype(float)
    days = np.array([dt.date(2023 + i // 12, i % 12 + 1, 1) for i in range(30)], dtype="datetime64[D]")
    own = Settings("decrease", profile="mdc", rebase_dates=["2024-03-01"], ghost_dates=["2023-05-01"])
    order = rng.permutation(30)
    sorted_, _ = judged(days, above, below, [0, 30], own, ["share"])
    mixed, _ = judged(days[order], above[order], below[order], [0, 30], own, ["share"])
    assert_same(sorted_[0], mixed[0])


def test_charts_of_one_profile_equal_each_by_itself():
    rng = np.random.default_rng(5)
    lengths = rng.integers(0, 40, 50)
    offsets = np.cumsum([0, *lengths])
    values = rng.normal(0, 1, offsets[-1]).round(1)
    dates = [day(i) for length in lengths for i in range(length)]
    own = Settings("increase", profile="mdc", rebase_dates=[day(14)], ghost_dates=[day(3)])
    together = charts(dates, values, offsets, own)
    for i in range(50):
        part = slice(offsets[i], offsets[i + 1])
        assert_same(charts(dates[part], values[part], [0, lengths[i]], own)[0], together[i])
