"""The fast code equals the definition on pools of every kind, shape and gap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trustwide.analysis.forecast import KINDS, fast, model, reference
from trustwide.analysis.forecast.model import check_pool


def drawn(seed: int, series: int, months: int, kind: str, gaps: float):
    """Wandering series of a kind, with gaps, zeros, and now and then a last month out of line."""
    rng = np.random.default_rng(seed)
    walk = rng.normal(0, 1, (series, 1)) + np.cumsum(rng.normal(0, rng.choice([0.02, 0.2, 0.6]), (series, months)), 1)
    values = {
        "count": np.round(np.exp(rng.uniform(0, 7) + walk)),
        "rate": np.exp(walk),
        "proportion": 1 / (1 + np.exp(-walk)),
        "signed": walk * rng.choice([0.1, 1000]),
    }[kind]
    values[rng.random(values.shape) < gaps] = np.nan
    if kind != "signed":
        values[rng.random(values.shape) < gaps / 4] = 0
        values[rng.random(series) < 0.2, -1] = 0
    return values


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    series=st.integers(1, 5),
    months=st.integers(1, 30),
    kind=st.sampled_from(KINDS),
    gaps=st.sampled_from([0.0, 0.1, 0.5]),
    groups=st.integers(1, 3),
    class_rows=st.sampled_from([10, model.CLASS_ROWS]),
)
def test_fast_equals_reference(seed, series, months, kind, gaps, groups, class_rows):
    labels = np.arange(series) % groups
    pool = check_pool(drawn(seed, series, months, kind, gaps), labels, 3, (0.1, 0.4, 0.5, 0.9), kind)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model, "CLASS_ROWS", class_rows)  # so that small pools have more than one class of noise
        np.testing.assert_allclose(fast.quantiles(pool), reference.quantiles(pool), rtol=1e-7, atol=1e-9)
