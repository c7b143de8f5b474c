"""How many replications are enough: by hand, against the rule written out, and whether the interval keeps its word."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import t

from trustwide.analysis import capacity
from trustwide.analysis.capacity.precision import Enough, enough, relative_half_widths

from .builders import CASES, queue, walkers

WAITS = arrays(float, st.tuples(st.integers(1, 40), st.integers(1, 3)), elements=st.floats(0, 1e4) | st.just(np.nan))


def by_the_book(mean_waits, precision):
    """The rule of Hoad, Robinson and Davies 2010, one replication after the other."""

    def good(number):
        return all(width(stream[:number]) <= precision for stream in mean_waits.T if not np.isnan(stream).all())

    def width(values):
        known = values[~np.isnan(values)]
        if known.size < 2:
            return np.inf
        half_width = t.ppf(0.975, known.size - 1) * known.std(ddof=1) / np.sqrt(known.size)
        return half_width / known.mean() if known.mean() > 0 else 0.0

    for number in range(3, len(mean_waits) + 1):
        ahead = 5 if number <= 100 else 5 * number // 100
        if number + ahead <= len(mean_waits) and all(good(later) for later in range(number, number + ahead + 1)):
            return Enough(number, number + ahead)
    return None


def test_half_width_by_hand():
    """10, 12, 14: mean 12, standard deviation 2, t(0.975, 2) = 4.302653: 4.302653 x 2 / sqrt 3 / 12 = 0.41403."""
    widths = relative_half_widths(np.array([[10.0], [12.0], [14.0]]))
    assert widths[0, 0] == np.inf
    assert widths[2, 0] == pytest.approx(0.41403, rel=1e-4)


@settings(max_examples=200, deadline=None)
@given(WAITS, st.sampled_from([0.02, 0.1, 0.5]))
def test_equal_to_the_rule_written_out(mean_waits, precision):
    steady = np.where(np.isnan(mean_waits), np.nan, 1e4 + mean_waits * precision)
    assert enough(steady, precision) == by_the_book(steady, precision)


def test_a_lucky_stretch_does_not_stop_it():
    """Precise at 3 to 6, not at 7: the five that must follow the third have not been."""
    lucky = np.array([[10.0], [10.1], [9.9], [10.0], [10.0], [10.0], [30.0], [10.0], [10.0]])
    assert relative_half_widths(lucky)[2:6].max() < 0.05 < relative_half_widths(lucky)[6, 0]
    assert enough(lucky, 0.05) is None
    assert enough(np.delete(lucky, 6, axis=0), 0.05) == Enough(3, 8)


def test_streams_that_nobody_waits_in_or_comes_to_do_not_count():
    waits = np.column_stack([np.full(8, 5.0), np.zeros(8), np.full(8, np.nan)])
    assert enough(waits, 0.05) == Enough(3, 8)


def test_it_stops_by_the_rule_and_says_why():
    service = capacity.load_service(queue(servers=2, demand=[walkers(per_minute=1.5)], stop={"patients": 2_000}))
    result = capacity.simulate(service, "auto", seed=5, precision=0.05)
    waits = capacity.simulate(service, 200, seed=5).streams[:, :, 2]
    assert by_the_book(waits, 0.05).replications == result.replications
    answer = result.to_dict()
    figure = answer["streams"]["walkers"]["mean_wait"]
    assert figure["half_width"] <= 0.05 * figure["mean"]
    assert answer["chosen"]["replications"] == result.replications > 20
    assert answer["chosen"]["reason"].startswith(f"from {result.replications - 5} replications on, the 95 % half-width")
    assert capacity.simulate(service, result.replications, seed=5).digest == result.digest


def test_it_stops_at_the_most_and_says_so():
    service = capacity.load_service(queue(stop={"patients": 20}))
    result = capacity.simulate(service, "auto", precision=0.01)
    assert result.replications == 1_000
    assert "1,000 replications are the most" in result.chosen
    assert "walkers" in result.chosen


def test_the_interval_keeps_its_word():
    """M/M/3: of 40 intervals at 95 % at least 32 hold the exact mean wait (fewer: one chance in 60,000)."""
    service = capacity.load_service(CASES / "mm3.yaml")
    short = capacity.load_service(queue(servers=3, demand=[walkers(per_minute=2.7)], stop={"patients": 20_000}))
    assert service.fields.demand[0].arrivals.poisson.per_minute == 2.7
    figures = [
        capacity.simulate(short, "auto", seed=seed).to_dict()["streams"]["walkers"]["mean_wait"] for seed in range(40)
    ]
    assert sum(abs(figure["mean"] - 2.7235367) <= figure["half_width"] for figure in figures) >= 32
