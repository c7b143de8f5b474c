"""Invented returns for the tests of this package."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from trustwide.analysis.capacity import MonthlyHistory
from trustwide.services.imaging.actions import COUNTS


def month(number):
    """The first day of the month `number` months after January 2024."""
    return dt.date(2024 + number // 12, number % 12 + 1, 1)


def one_return(provider="XAA", test="MRI", when=0, waiting=100, over=10, tests=200, planned=5, unscheduled=40):
    """One row as a return file gives it: `over` people in the newest band over six weeks, the rest in the first."""
    bands = {f"band_{weeks:02d}": 0 for weeks in range(14)} | {"band_00": waiting - over, "band_06": over}
    return {
        "provider_code": provider, "provider_name": f"{provider.title()} NHS Trust", "test": test,
        "month": month(when), **bands, "waiting_list": waiting, "waiting_list_tests": tests, "planned_tests": planned,
        "unscheduled_tests": unscheduled, "source_row": 2,
    }  # fmt: skip


def frame(*rows):
    """Rows as the table that reading a file gives."""
    return pl.DataFrame(rows, schema_overrides={**dict.fromkeys(COUNTS, pl.Int64), "month": pl.Date})


def a_history(waiting, tests, *, planned=None, unscheduled=None, months=None, first="2024-01"):
    """A history whose list is all in the first band; `months` are offsets from the first where some are missing."""
    count = len(waiting)
    bands = np.zeros((count, 14), dtype=np.int64)
    bands[:, 0] = waiting
    offsets = np.arange(count) if months is None else np.array(months)
    filled = [
        np.array(each if each is not None else [0] * count, dtype=np.int64) for each in (tests, planned, unscheduled)
    ]
    return MonthlyHistory("XAA", "Xaa NHS Trust", "MRI", np.datetime64(first, "M") + offsets, bands, *filled)
