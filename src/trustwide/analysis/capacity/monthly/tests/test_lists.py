"""The fast lists equal the definition; both keep the laws that any list keeps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from trustwide.analysis.capacity.monthly import lists, reference
from trustwide.analysis.capacity.monthly.lists import ListInputs, ListResults


def small_inputs(seed: int, *, tests: float = 6.0, removed_on: int = -1, pooled_from: int = -1) -> ListInputs:
    rng = np.random.default_rng(seed)
    classes, ages, days, futures = 5, 30, 40, 2
    delays = np.array([0, 6, 13, 20, 27], dtype=np.int32)
    return ListInputs(
        cohorts=rng.poisson(1.2, (futures, classes, ages + days)).astype(np.int32),
        leavers=rng.poisson(0.4, (futures, classes, ages + days)).astype(np.int32),
        delays=delays,
        pooled_delays=np.array([0, 6, 16, 20, 23], dtype=np.int32),
        pooled_from=pooled_from,
        urgent=2,
        tests=rng.random((futures, days)) * 2 * tests,
        removed_on=removed_on,
        removed_share=rng.random(futures) * 0.5,
        report_days=np.array([6, 13, 39], dtype=np.int32),
    )


def assert_same(a: ListResults, b: ListResults) -> None:
    for name in ("seen", "waited", "waiting", "bands", "unused"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    tests=st.floats(0.0, 20.0),
    removed_on=st.integers(-1, 39),
    pooled_from=st.integers(-1, 39),
)
def test_fast_equals_reference(seed: int, tests: float, removed_on: int, pooled_from: int) -> None:
    inputs = small_inputs(seed, tests=tests, removed_on=removed_on, pooled_from=pooled_from)
    assert_same(lists.simulate_lists(inputs), reference.simulate_lists(inputs))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), tests=st.floats(0.0, 20.0))
def test_nobody_is_lost(seed: int, tests: float) -> None:
    inputs = small_inputs(seed, tests=tests)
    results = lists.simulate_lists(inputs)
    came = (inputs.cohorts + inputs.leavers).sum(axis=(1, 2))
    seen = results.seen.sum(axis=(1, 2))
    assert (results.bands[:, -1].sum(axis=1) == results.waiting[:, -1].sum(axis=1)).all()
    assert (came - seen - results.waiting[:, -1].sum(axis=1) >= 0).all()  # the rest left without a test
    assert (came - seen - results.waiting[:, -1].sum(axis=1) <= inputs.leavers.sum(axis=(1, 2))).all()
    offered = np.floor(inputs.tests.sum(axis=1) + 1e-9)
    np.testing.assert_array_equal(seen + results.unused, offered)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), tests=st.floats(1.0, 8.0), extra=st.floats(0.1, 4.0))
def test_more_tests_leave_a_shorter_list(seed: int, tests: float, extra: float) -> None:
    """Who leaves without a test is drawn from those who wait, so on a single day a few may be more."""
    inputs = small_inputs(seed, tests=tests)
    more = replace(inputs, tests=inputs.tests + extra)
    gap = lists.simulate_lists(more).waiting.sum(axis=2) - lists.simulate_lists(inputs).waiting.sum(axis=2)
    assert gap.mean() < 0
    assert gap.max() <= 5  # two in 192,000 random lists


def test_inputs_are_left_as_they_were() -> None:
    inputs = small_inputs(3)
    before = inputs.cohorts.copy()
    lists.simulate_lists(inputs)
    np.testing.assert_array_equal(inputs.cohorts, before)


def test_by_hand() -> None:
    """Two routine patients asked on days 0 and 1 with notice 7; one test a day from day 7: waits of 7 and 7 days."""
    cohorts = np.zeros((1, 2, 1 + 10), dtype=np.int32)
    cohorts[0, 1, 1] = cohorts[0, 1, 2] = 1
    nobody = np.zeros_like(cohorts)
    inputs = ListInputs(
        cohorts, nobody, np.array([0, 20], np.int32), np.array([0, 20], np.int32), -1, 1, np.ones((1, 10)), -1,
        np.zeros(1), np.array([9], np.int32),
    )  # fmt: skip
    results = lists.simulate_lists(inputs)
    assert results.seen[0, :, 1].tolist() == [0, 0, 0, 0, 0, 0, 0, 1, 1, 0]
    assert results.waited[0, :, 1].tolist() == [0, 0, 0, 0, 0, 0, 0, 7, 7, 0]
    assert results.waiting[0, :, 1].tolist() == [1, 2, 2, 2, 2, 2, 2, 1, 0, 0]


def test_a_steady_queue_keeps_littles_law() -> None:
    """Additions equal to tests: the mean wait of those scanned is the list over the additions (Little 1961)."""
    days, rate = 600, 10
    cohorts = np.zeros((1, 2, 30 + days), dtype=np.int32)
    cohorts[0, 1] = rate
    inputs = ListInputs(
        cohorts, np.zeros_like(cohorts), np.array([0, 25], np.int32), np.array([0, 25], np.int32), -1, 1,
        np.full((1, days), float(rate)), -1, np.zeros(1), np.array([days - 1], np.int32),
    )  # fmt: skip
    results = lists.simulate_lists(inputs)
    wait = results.waited[0, 300:].sum() / results.seen[0, 300:].sum()
    # the list is counted after the day's tests, so a person who waits w days is counted on w days
    assert wait == results.waiting[0, 300:, 1].mean() / rate
