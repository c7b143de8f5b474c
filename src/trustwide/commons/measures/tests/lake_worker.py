"""Publishes the made-up table `visits` in a process of its own, and stops at a moment so that it can be killed there.

Run: python lake_worker.py FOLDER VERSION [write|replace|rmtree NUMBER]
"""

from __future__ import annotations

import datetime as dt
import itertools
import shutil
import sys
import time
from pathlib import Path

import polars as pl

from trustwide.commons.measures import definition, lake

COLUMNS = {"site_id": "int64", "breakdown": "string", "period": "date", "late": "int64", "minutes": "float64"}
POLARS = {"site_id": pl.Int64, "breakdown": pl.String, "period": pl.Date, "late": pl.Int64, "minutes": pl.Float64}


def rows_of(version: int) -> list[tuple]:
    """Eight months of three tests at two sites. Version 2 lacks the third, changes the fifth and sixth, adds one."""
    months = [month for month in range(1, 8 + version) if (version, month) != (2, 3)]
    return [
        (site, test, dt.date(2026, month, 1), site + month, (version if month in (5, 6) else 1) * month / 3)
        for month, test, site in itertools.product(months, ("CT", "MRI", "NOUS"), (1, 2))
    ]


def table_of(rows):
    """A logical table whose rows are these, in whatever order."""
    frame = pl.DataFrame(rows, schema=POLARS, orient="row")
    return definition.LogicalTable("visits", COLUMNS, lambda site_ids: frame.to_arrow())


def stop_before(owner, name: str, number: int) -> None:
    """Make call `number` of a function, counted from 0, the moment to be killed."""
    real, calls = getattr(owner, name), itertools.count()

    def waits(*arguments, **options):
        if next(calls) == number:
            print("stopped", flush=True)
            time.sleep(600)
        return real(*arguments, **options)

    setattr(owner, name, waits)


if __name__ == "__main__":
    folder, version, *stop = sys.argv[1:]
    definition.register_table(table_of(rows_of(int(version))))
    if stop:
        owners = {"write": (lake, "_write"), "replace": (Path, "replace"), "rmtree": (shutil, "rmtree")}
        stop_before(*owners[stop[0]], int(stop[1]))
    lake.publish(["visits"], Path(folder))
    print("published", flush=True)
