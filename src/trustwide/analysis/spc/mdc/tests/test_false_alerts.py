"""A process in which nothing changes gives few new alerts; docs/explanation/control-charts.md has the full table."""

import math

import pytest

from trustwide.analysis.spc import engine
from trustwide.analysis.spc.mdc import engine as mdc_engine
from trustwide.analysis.spc.mdc.tests.false_alerts import CASES, LENGTHS, measure

SERIES = 800


@pytest.fixture(autouse=True)
def compiled(monkeypatch):
    """The compiled engines at any size: the readable ones give the same and take longer."""
    for each in (engine, mdc_engine):
        monkeypatch.setattr(each, "COMPILED_FROM_POINTS", 0)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_new_alerts_stay_below_their_limit(case):
    """Within two standard errors over all lengths: 0.6 points at a limit of 2 %, 0.4 at 1 %."""
    found = [measure(case, points, SERIES, seed=20260303) for points in LENGTHS]
    error = math.sqrt(case.limit * (1 - case.limit) / SERIES / len(found))
    assert sum(each.new for each in found) / len(found) <= case.limit + 2 * error
