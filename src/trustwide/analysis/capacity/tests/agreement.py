"""How tests compare simulated figures with exact ones: by the standard error of independent replications."""

import math

import numpy as np
from scipy import stats

STANDARD_ERRORS = 4.5


def assert_near(values, exact, *, bias=0.0):
    """Mean of independent replications within a few of its standard errors of the exact value."""
    values = np.asarray(values)
    error = values.std(ddof=1) / math.sqrt(values.size)
    assert abs(values.mean() - exact) < STANDARD_ERRORS * error + bias, (values.mean(), exact, error)


def deviate(values, exact):
    """Student's t of independent replications, as the standard normal deviate of the same probability."""
    values = np.asarray(values)
    t = (values.mean() - exact) / (values.std(ddof=1) / math.sqrt(values.size))
    return math.copysign(stats.norm.isf(stats.t.sf(abs(t), values.size - 1)), t)


def improbable(deviates):
    """Whether independent deviates are too large taken together, too small, or lean to one side: once in 10,000 each.

    A bias that no single comparison would show makes many lean the same way.
    """
    total = float(np.sum(np.square(deviates)))
    lean = float(np.sum(deviates)) / math.sqrt(len(deviates))
    spread = stats.chi2(len(deviates))
    return min(spread.sf(total), spread.cdf(total), 2 * stats.norm.sf(abs(lean))) < 1e-4
