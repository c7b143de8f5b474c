"""What each monthly measure is expected to be in the next year: all its series learn from each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from trustwide.analysis.forecast import Kind, forecast
from trustwide.commons.measures.definition import MeasureDefinition
from trustwide.commons.measures.models import Observation

if TYPE_CHECKING:
    from numpy.typing import NDArray

MONTHS_AHEAD = 12
LEVELS = (0.1, 0.5, 0.9)  # four in five outcomes are expected between the first and the last
FORECAST = ("measure", "site_id", "breakdown", "first_period", "low", "median", "high")


def forecasts(definition: MeasureDefinition) -> Iterator[tuple[Any, ...]]:
    """One row a series that can be forecast: the columns of FORECAST, the last three as lists in the value's scale."""
    rows = Observation.objects.filter(measure=definition.code).order_by("site_id", "breakdown", "period")
    columns = list(zip(*rows.values_list("site_id", "breakdown", "period", "value"), strict=True))
    if not columns:
        return
    sites, breakdowns, periods, values = columns
    months = np.array(periods, dtype="datetime64[M]").astype(np.int64)
    keys = list(dict.fromkeys(zip(sites, breakdowns, strict=True)))
    places = {key: place for place, key in enumerate(keys)}
    series = np.array([places[key] for key in zip(sites, breakdowns, strict=True)])
    table = np.full((len(keys), months.max() - months.min() + 1), np.nan)
    table[series, months - months.min()] = values
    first = np.datetime64(int(months.min()), "M")
    expected = forecast(
        table, first_month=first, groups=[breakdown for _, breakdown in keys], months_ahead=MONTHS_AHEAD,
        levels=LEVELS, kind=_kind(definition, table),
    )  # fmt: skip
    begins = expected.months[0].astype("datetime64[D]").item().isoformat()
    for place in np.flatnonzero(expected.known).tolist():
        site, breakdown = keys[place]
        yield (definition.code, site, breakdown, begins, *(expected.at(level)[place].tolist() for level in LEVELS))


def _kind(definition: MeasureDefinition, values: NDArray[np.float64]) -> Kind:
    """What the values can be, by the definition and by what is there: figures may contradict their definition."""
    if (values < 0).any():
        return "signed"
    if definition.quantity in ("share", "stock_share") and not (values > 1).any():
        return "proportion"
    return "count" if definition.quantity in ("count", "stock") else "rate"
