"""How the tests of all three engines compare a fast result with its definition."""

import numpy as np


def assert_columns_equal(one, other, names):
    """Every column named is the same array to the last digit, missing values included."""
    for name in names:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
