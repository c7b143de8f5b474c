"""England's exams, made up: 160 trusts, 71 tests, 30 months. Makes them as a lake, or measures and judges them.

Run: python benchmarks/england.py make FOLDER EXAMS | judge FOLDER | compare FOLDER. The last two print JSON.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path

BEGUN = time.perf_counter()  # before anything is loaded, which is part of the work

import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402

from trustwide.commons.measures import lake  # noqa: E402
from trustwide.commons.measures.definition import LogicalTable, MeasureDefinition, register_table  # noqa: E402
from trustwide.commons.measures.engines import Limits, observe_on  # noqa: E402

TRUSTS, TESTS, MONTHS = 160, 71, 30
SERIES = 3 * TRUSTS * TESTS
FEWEST = 2  # exams of a test at a trust in a month, so that every series has all its months
SIX_WEEKS = 42  # days; the clock of the national return
TABLE = "england_exams"
COLUMNS = {"site_id": "int64", "breakdown": "string", "period": "date", "exam": "int64", "wait_days": "int64"}
TWO_CORES = Limits(threads=2, memory="600MB")
_ALIKE = {"improvement_direction": "decrease", "target": None, "owner": "england", "table": TABLE}

register_table(LogicalTable(TABLE, COLUMNS, lambda site_ids: pa.table({})))
SHARE = MeasureDefinition(
    code="six_week_share", title="Share of exams after six weeks or more", unit="%", quantity="share", **_ALIKE,
    numerator=lambda table: (table.wait_days >= SIX_WEEKS).sum(), denominator=lambda table: table.count(),
)  # fmt: skip
MEDIAN = MeasureDefinition(
    code="median_wait", title="Median wait", unit="days", quantity="mean", **_ALIKE,
    numerator=lambda table: table.wait_days.median(), denominator=None,
)  # fmt: skip
NINETY_FIFTH = MeasureDefinition(
    code="p95_wait", title="95th percentile of waits", unit="days", quantity="mean", **_ALIKE,
    numerator=lambda table: table.wait_days.quantile(0.95), denominator=None,
)  # fmt: skip
MEASURES = {each.code: each for each in (SHARE, MEDIAN, NINETY_FIFTH)}


def make(folder: Path, exams: int) -> None:
    """Write the lake month by month: sizes of trusts and tests are lognormal, waits are gamma and drift by trust."""
    random = np.random.default_rng(20_260_301)
    sizes = random.lognormal(0, 0.6, (TRUSTS, 1)) * random.lognormal(0, 0.9, (1, TESTS))
    usual = random.uniform(8, 20, TRUSTS * TESTS)
    drift = random.normal(0, 0.1, TRUSTS * TESTS)
    months, first = {}, 0
    for number in range(MONTHS):
        total = exams * (number + 1) // MONTHS - exams * number // MONTHS
        counts = FEWEST + random.multinomial(total - FEWEST * sizes.size, sizes.ravel() / sizes.sum())
        series = np.repeat(np.arange(sizes.size), counts)
        days = random.gamma(2.0, np.clip(usual + drift * number, 2, None)[series]).astype(np.int64)
        month = np.datetime64("2024-01") + number
        rows = pa.table(
            {
                "site_id": series // TESTS + 1,
                "breakdown": pa.array([f"T{test:02d}" for test in range(TESTS)]).take(pa.array(series % TESTS)),
                "period": pa.array(np.full(total, month.astype("datetime64[D]"))),
                "exam": np.arange(first, first + total),
                "wait_days": days,
            }
        )
        path = lake.file_of(folder, TABLE, str(month))
        path.parent.mkdir(parents=True)
        path.write_bytes(lake.parquet(rows))
        months[str(month)] = lake.Month(total, "")
        first += total
    lake.write_manifest(folder, {TABLE: lake.Table(COLUMNS, months)})


def judge(folder: Path) -> dict[str, float]:
    """From files to flags and icons: the observations of three measures, and the chart of each series."""
    observed = observe_on("lake", list(MEASURES.values()), folder, limits=TWO_CORES)
    measured = time.perf_counter()

    from trustwide.analysis import spc

    series = observed.group_by("measure", "site_id", "breakdown", maintain_order=True).len()
    settings = {code: spc.Settings(each.improvement_direction, profile="mdc") for code, each in MEASURES.items()}
    charts, _ = spc.judged(
        observed["period"].to_numpy(),
        observed["numerator"].to_numpy(),
        observed["denominator"].fill_null(1.0).to_numpy(),  # a median and a percentile are divided by nothing
        np.concatenate(([0], series["len"].cum_sum().to_numpy())),
        [settings[code] for code in series["measure"]],
        [MEASURES[code].quantity for code in series["measure"]],
    )
    done = time.perf_counter()
    return {
        "observations": observed.height,
        "series": len(charts),
        "signals": int((charts.variation_icon > 0).sum()),
        "measuring": measured - BEGUN,
        "seconds": done - BEGUN,
        "processor": time.process_time(),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
    }


def compare(folder: Path) -> dict[str, float]:
    """The same observations by DuckDB and by Spark: how many there are, and their largest relative difference."""
    begun = time.perf_counter()
    by_spark = observe_on("spark", list(MEASURES.values()), folder)
    seconds = time.perf_counter() - begun
    by_duckdb = observe_on("lake", list(MEASURES.values()), folder, limits=TWO_CORES)
    keys = ["measure", "site_id", "breakdown", "period"]
    if not by_spark.select(keys).equals(by_duckdb.select(keys)):
        return {"observations": by_spark.height, "difference": float("inf"), "seconds": seconds}
    one, other = by_spark["value"].to_numpy(), by_duckdb["value"].to_numpy()
    difference = np.abs(one - other) / np.maximum(np.abs(other), 1)
    return {"observations": by_spark.height, "difference": float(difference.max()), "seconds": seconds}


if __name__ == "__main__":
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    action, where, *size = sys.argv[1:]
    if action == "make":
        make(Path(where), int(size[0]))
    else:
        print(json.dumps({"judge": judge, "compare": compare}[action](Path(where))))
