"""Forecasts of every list of England's public returns, made again from four months of the past."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from trustwide.analysis.forecast import judge, score
from trustwide.config.commands.forecast_command import read_lists

REAL = Path(__file__).parents[5] / "shared/data/dm01_provider/dm01_provider_dev_2023-04_2025-09.csv"
IMAGING = ("MRI", "CT", "NOUS", "DEXA")


@pytest.fixture(scope="module")
def england():
    """Forecasts 1 to 6 months ahead from four months, a quarter of a year apart, and the test of each case."""
    if not REAL.exists():
        pytest.skip("the public DM01 file is not beside this checkout (../shared/data)")
    lists = read_lists(REAL)
    judged = judge(lists.waiting, lists.test, (14, 17, 20, 23), 6)
    return judged, np.isin(lists.test[judged.series], IMAGING)


@pytest.mark.parametrize("kind", ["all", "large", "imaging"])
def test_never_worse_than_the_best_naive_method_over_england(england, kind):
    judged, imaging = england
    large = judged.start > 500
    which = {"all": judged.start > 0, "large": large, "imaging": large & imaging}[kind]
    found = score(judged, which)
    assert found.errors["ours"] < 0.98 * found.best_naive
    assert found.pinball_ratio < 0.98
    assert abs(found.coverage - 0.8) < 0.03
    for origin in np.unique(judged.origin):
        one = score(judged, which & (judged.origin == origin))
        assert one.errors["ours"] <= one.best_naive
        assert one.pinball_ratio < 1
