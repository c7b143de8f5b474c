"""Forecasts of monthly measures with honest intervals: the median and any quantiles, for 12 months ahead or more.

`forecast(values, first_month=..., groups=...)` takes one series or many that may learn from each other: all providers
and tests of a return, or one measure at all sites. Every series starts from its last value; the season of its group, a
pull towards its own mean and the size of past errors are learnt over the whole pool, and pulled towards the plain last
value where the pool is too small to teach them. `judge` makes past forecasts again and `score` holds them against what
came, beside naive methods.
"""

from trustwide.analysis.forecast.engine import forecast
from trustwide.analysis.forecast.judgement import METHODS, Judged, Score, judge, score
from trustwide.analysis.forecast.model import KINDS, ForecastError, Forecasts, Kind

__all__ = [
    "KINDS",
    "METHODS",
    "ForecastError",
    "Forecasts",
    "Judged",
    "Kind",
    "Score",
    "forecast",
    "judge",
    "score",
]
