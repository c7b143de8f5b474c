"""Every list of a return side by side, for what all providers have in common."""

from __future__ import annotations

import numpy as np
import polars as pl

from trustwide.analysis.capacity.monthly import MonthlyHistory, Panel
from trustwide.exchange.returns.columns import ACTIVITY, BANDS
from trustwide.services.imaging.diagnostic_tests import same_category


def panel(frame: pl.DataFrame, test: str) -> Panel:
    """The lists of every provider for the tests of the same category as `test` (imaging with imaging)."""
    rows = frame.filter(pl.col("test").is_in(same_category(test))).with_columns(
        over=pl.sum_horizontal(BANDS[6:]), series=pl.struct("provider_code", "test").rank("dense") - 1
    )
    tests = rows.unique("series").sort("series")["test"].to_numpy().astype(str)
    return Panel.from_rows(
        rows["series"].to_numpy().astype(np.int64), tests, rows["month"].to_numpy().astype("datetime64[M]"),
        rows["waiting_list"].to_numpy().astype(np.float64), rows["over"].to_numpy().astype(np.float64),
    )  # fmt: skip


def histories(frame: pl.DataFrame, tests: list[str]) -> list[MonthlyHistory]:
    """Every provider's history of each of `tests`."""
    found = []
    groups = (
        frame.filter(pl.col("test").is_in(tests)).sort("month").group_by("provider_code", "test", maintain_order=True)
    )
    for (provider, test), rows in groups:
        found.append(
            MonthlyHistory(
                str(provider), rows["provider_name"][-1], str(test), rows["month"].to_numpy().astype("datetime64[M]"),
                rows.select(pl.col(BANDS).cast(pl.Int64)).to_numpy(),
                *(rows[column].cast(pl.Int64).to_numpy() for column in ACTIVITY),
            )
        )  # fmt: skip
    return found
