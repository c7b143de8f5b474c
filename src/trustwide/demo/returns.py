"""The monthly returns of the group as its sites sent them, with the faults that real returns have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trustwide.analysis.capacity.monthly.history import working_days
from trustwide.demo.bands import bands_of
from trustwide.demo.flows import Counts, simulate
from trustwide.demo.lists import SIZES, DemoList

if TYPE_CHECKING:
    import datetime

    import polars as pl

MONTHS = 36
HALF = 0.47  # of the list that came through when the other half went missing
BANDS = tuple(f"band_{weeks:02d}" for weeks in range(14))
COUNTS = (*BANDS, "waiting_list_tests", "planned_tests", "unscheduled_tests")


def returns(size: str, last_month: datetime.date) -> pl.DataFrame:
    """One row for each site, test and month, as trustwide.services.imaging.actions.import_returns takes them."""
    import polars as pl

    months = np.arange(MONTHS) + np.datetime64(last_month, "M") - (MONTHS - 1)
    return pl.concat([_frame(facts, months) for facts in SIZES[size]])


def _frame(facts: DemoList, months: np.ndarray[tuple[int], np.dtype[np.datetime64]]) -> pl.DataFrame:
    import polars as pl

    flows = simulate(facts, months)
    tests = np.column_stack([flows.tests, flows.planned, flows.unscheduled])
    counts = _as_sent(facts, np.hstack([bands_of(facts, flows, working_days(months)), tests]))
    frame = pl.DataFrame(counts, schema=list(COUNTS))
    return frame.with_columns(
        pl.lit(facts.site.code).alias("provider_code"),
        pl.lit(facts.site.name).alias("provider_name"),
        pl.lit(facts.test).alias("test"),
        pl.Series("month", months.astype("datetime64[D]")),
        pl.sum_horizontal(BANDS).alias("waiting_list"),
    )


def _as_sent(facts: DemoList, counts: Counts) -> Counts:
    """The true figures with the planted faults; they change what was returned, not what happened."""
    sent, newest, tests = counts.copy(), len(counts) - 1, slice(len(BANDS), None)
    if facts.halved is not None:
        month = newest - facts.halved
        sent[month, : len(BANDS)] = np.round(HALF * counts[month, : len(BANDS)])
    if facts.no_activity is not None:
        sent[newest - facts.no_activity, tests] = 0
    if facts.repeated is not None:
        sent[newest - facts.repeated] = sent[newest - facts.repeated - 1]
    return sent
