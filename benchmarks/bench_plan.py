"""One provider's plan: whole process cold (compiled code from the cache) and again in the same process, warm.

On two cores. Reads the public DM01 file where it is beside the checkout, else a
made-up England of the same size.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from figures import TURNS, Figure, at_most, main

REAL = Path(__file__).parents[2] / "shared/data/dm01_provider/dm01_provider_dev_2023-04_2025-09.csv"


def cold() -> float:
    """Seconds of `trustwide plan` from a new process to its last line."""
    command = [sys.executable, "-m", "trustwide", "plan", "--dm01", str(REAL), "--provider", "RAJ", "--test", "MRI"]
    started = time.perf_counter()
    subprocess.run([*command, "--by", "2026-03", "--json"], check=True, capture_output=True)
    return time.perf_counter() - started


def warm_runs(times: int) -> list[float]:
    """Seconds of the whole answer in one process, after one that does not count."""
    from trustwide.analysis.capacity.monthly import Question, answer, default_levers

    if REAL.exists():
        from trustwide.exchange.returns import history, panel, read

        frame = read(REAL).frame
        months, lists = history(frame, "RAJ", "MRI"), panel(frame, "MRI")
    else:
        from trustwide.analysis.capacity.monthly.tests.synthetic import steady_history, wandering_panel

        months, lists = steady_history(growth=60), wandering_panel(lists=1200)
    seconds = []
    for _ in range(times + 1):
        started = time.perf_counter()
        answer(months, lists, default_levers("MRI"), Question(by=np.datetime64("2026-03")))
        seconds.append(time.perf_counter() - started)
    return seconds[1:]


def milliseconds_a_year() -> float:
    """CPU milliseconds to move one list through one year in one future."""
    from trustwide.analysis.capacity.monthly import Planner, default_levers, fit_usual_course
    from trustwide.analysis.capacity.monthly.tests.synthetic import steady_history, wandering_panel

    planner = Planner(steady_history(), fit_usual_course(wandering_panel()), default_levers("MRI"))
    days = len(planner.world.calendar.dates)
    spent = []
    for _ in range(6):
        started = time.process_time()
        planner.run((), days=days)
        spent.append(1000 * (time.process_time() - started) / planner.world.replications * 365 / days)
    return statistics.median(spent[1:])


def measure() -> Iterator[Figure]:
    yield Figure(AREA, "one list, one future, one year", "", f"{milliseconds_a_year():.2f} ms of processor")
    if REAL.exists():
        whole = statistics.median(cold() for _ in range(3))
        yield at_most(AREA, "`trustwide plan --dm01`, whole process", whole, 20, "s")
    yield at_most(AREA, "the same answer again in one process", statistics.median(warm_runs(TURNS)), 5, "s")


AREA = "Monthly plans"


if __name__ == "__main__":
    sys.exit(main(measure, __doc__))
