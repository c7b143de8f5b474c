"""The warm-up: by hand, against MSER-5 written out, and whether the mean agrees with theory once it is left out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trustwide.analysis import capacity
from trustwide.analysis.capacity.mser import batches_left_out

from .builders import CASES, queue, walkers


def by_the_book(series, size=5):
    """MSER one truncation after the other (White, Cobb and Spratt 2000)."""
    batches = [np.mean(series[first : first + size]) for first in range(0, len(series) - size + 1, size)]
    scores = []
    for left_out in range(len(batches) // 2 + 1):
        kept = np.array(batches[left_out:])
        scores.append(((kept - kept.mean()) ** 2).sum() / kept.size**2)
    return scores


def test_by_hand():
    """Batches 9, 1, 2, 3, 2, 2: leaving out none scores 42.833 / 36 = 1.18981, one 2 / 25 = 0.08, two 0.75 / 16 =
    0.046875, three 0.66667 / 9 = 0.074074. Two points that do not fill a batch are not used."""
    series = np.append(np.repeat([9.0, 1.0, 2.0, 3.0, 2.0, 2.0], 5), [99.0, 99.0])
    assert by_the_book(series) == pytest.approx([1.18981, 0.08, 0.046875, 0.074074], rel=1e-4)
    assert batches_left_out(series, 5) == 2


@settings(max_examples=200, deadline=None)
@given(arrays(float, st.integers(7, 200), elements=st.floats(-1e3, 1e3)), st.sampled_from([5, 7]))
def test_equal_to_the_rule_written_out(series, size):
    scores = by_the_book(series, size)
    assert scores[batches_left_out(series, size)] == pytest.approx(min(scores), rel=1e-6, abs=1e-9)


def test_a_queue_that_starts_empty_agrees_with_theory_after_it():
    """M/M/1, load 0.9, mean service 10 minutes: mean wait 90. Ten days from empty are biased."""
    mapping = queue(
        demand=[walkers(per_minute=0.09, duration={"exponential": {"mean": 10}})], stop={"days": 10}, overrun="finish"
    )
    service = capacity.load_service(mapping)
    chosen = capacity.warm_up(service, seed=2)
    assert chosen.settled
    assert 1 <= chosen.days <= 5
    assert "MSER-5" in chosen.reason
    assert off_theory(service) < -4
    assert abs(off_theory(chosen.applied_to(service))) < 3


def off_theory(service):
    """Standard errors between the mean wait of 1,200 replications and theory."""
    waits = capacity.simulate(service, 1_200, seed=3).streams[:, 0, 2]
    return (waits.mean() - 90.0) / (waits.std(ddof=1) / np.sqrt(waits.size))


def test_a_real_list_needs_none():
    chosen = capacity.warm_up(capacity.load_service(CASES / "ten_patients.yaml"))
    assert (chosen.days, chosen.settled) == (0, True)
    assert chosen.reason == "none is needed: the run starts from a waiting list of 10 requests"


def test_a_queue_that_only_grows_never_settles():
    mapping = queue(demand=[walkers(per_minute=1.2)], stop={"days": 10}, overrun="finish") | {"allow_overload": True}
    chosen = capacity.warm_up(capacity.load_service(mapping))
    assert (chosen.days, chosen.settled) == (0, False)
    assert "has not settled by the middle of the run" in chosen.reason


@pytest.mark.parametrize(("weeks", "settled"), [(8, False), (60, True)])
def test_opening_hours_are_weighed_week_by_week(weeks, settled):
    mapping = queue(
        demand=[walkers(per_minute=0.028, duration={"exponential": {"mean": 10}})],
        sessions=[{"days": "weekdays", "opens": "08:00", "closes": "18:00"}],
        overrun="finish",
        stop={"weeks": weeks},
    )
    chosen = capacity.warm_up(capacity.load_service(mapping))
    assert chosen.settled == settled
    assert chosen.days % 7 == 0
    assert ("8 weeks are too few" in chosen.reason) != settled
