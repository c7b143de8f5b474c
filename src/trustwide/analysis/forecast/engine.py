"""The public function: checks what is given and lets the fast code work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from trustwide.analysis.forecast import fast
from trustwide.analysis.forecast.model import ForecastError, Forecasts, Labels, check_pool

LEVELS = (0.1, 0.5, 0.9)


def forecast(
    values: Any,
    *,
    first_month: Any,
    groups: Labels | None = None,
    months_ahead: int = 12,
    levels: Sequence[float] = LEVELS,
    kind: str = "count",
) -> Forecasts:
    """What to expect of each series in the months after the last column.

    `values` (series, months), or (months,) for one series: consecutive months, NaN where not known; `first_month` is
    that of the first column (`numpy.datetime64` or "2023-04"). `groups` (series,) names the group whose season a
    series shares, for example its test; all series teach each other the rest. `kind` says what values can be: count
    and rate 0 or more, proportion 0 to 1, signed anything; forecasts keep to that. `levels` are probabilities,
    ascending; 0.5 is the median, 0.1 and 0.9 bound the 80 % interval.

    A series with fewer than three known months, or none in the last six, gets NaN. A last month that fell to less
    than a seventh of a steady level is taken for a fault until a second month confirms it, but the interval reaches
    down to it. The same input gives the same figures. Raises `ForecastError`.

    Method: last level with pooled seasonal indices, mean reversion fitted by least absolute errors, and quantiles of
    the method's own past errors by noise (pooled forecasting: Montero-Manso and Hyndman, Int. J. Forecasting 2021).
    """
    pool = check_pool(values, groups, months_ahead, levels, kind)
    try:
        first = np.datetime64(first_month, "M")
    except ValueError:
        raise ForecastError(f"The first month is {first_month!r}; expected a month such as 2023-04.") from None
    months = first + pool.values.shape[1] + np.arange(pool.ahead)
    return Forecasts(months, pool.levels, fast.quantiles(pool))
