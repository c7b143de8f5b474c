"""`imaging_year.yaml` against 400 replications of an independent implementation (means and 95 % half-widths)."""

import numpy as np
import pytest

from trustwide.analysis import capacity

from .builders import CASES

REPLICATIONS = 160


@pytest.fixture(scope="module")
def result():
    return capacity.simulate(capacity.load_service(CASES / "imaging_year.yaml"), replications=REPLICATIONS, seed=2)


def assert_agrees(values, published, half_width):
    error = np.hypot(np.std(values, ddof=1) / np.sqrt(len(values)), half_width / 1.96)
    assert abs(np.mean(values) - published) < 4 * error, (np.mean(values), published, error)


@pytest.mark.parametrize(
    ("stream", "published", "half_width"),
    [("urgent", 919.9, 4.5), ("soon", 964.5, 2.6), ("routine", 1310.7, 6.9)],
)
def test_mean_waits(result, stream, published, half_width):
    columns = result.to_columns()
    waits = [wait for wait, name in zip(columns["mean_wait"], columns["stream"], strict=True) if name == stream]
    assert_agrees(waits, published, half_width)


def test_referrals_and_breakdowns(result):
    assert_agrees(result.streams[:, :, 0].sum(axis=1), 30_003, 18)
    assert_agrees(result.scanners[:, :, 2].sum(axis=1), 23.93, 0.47)


def test_who_misses_twice_is_lost(result):
    """8 % miss each visit and may come back once, so of those decided 0.64 % are lost."""
    seen, lost = result.streams[:, :, 1].sum(axis=1), result.streams[:, :, 10].sum(axis=1)
    share = lost / (seen + lost)
    error = share.std(ddof=1) / np.sqrt(len(share))
    assert abs(share.mean() - 0.0064) < 4 * error + 0.0064 * 7 / 364  # a week's returns are still to come
