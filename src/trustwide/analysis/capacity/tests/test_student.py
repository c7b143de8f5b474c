"""Student's t against SciPy."""

import pytest
from scipy.special import stdtrit

from trustwide.analysis.capacity.student import t_of_95


@pytest.mark.parametrize("freedom", [*range(1, 30), 99, 198, 199, 200, 201, 999, 1_000_000])
def test_it_is_scipys(freedom):
    assert t_of_95(freedom) == pytest.approx(stdtrit(freedom, 0.975), rel=1e-10)
