"""How many series a second `trustwide.analysis.spc` judges, from arrays of dates and values to flags and icons.

Run: python benchmarks/bench_spc.py. CPU time on one core; the compiled engine and the readable definition take turns,
so that both meet the same machine; the figures are medians.
"""

from __future__ import annotations

import statistics
import sys
import time

import numpy as np
from figures import Figure, at_least, log, main

from trustwide.analysis.spc import Settings, charts, engine

PROMISED = 20_000  # series a second at 24 points
REPETITIONS = 7
POINTS = {"compiled": 480_000, "definition": 24_000}  # in one batch
LENGTHS = (24, 120)


def batch(series, points):
    """Flat dates, values and offsets of normal series in control."""
    values = np.random.default_rng(1).normal(100, 10, series * points)
    dates = np.tile(np.datetime64("2015-01-01") + np.arange(points), series)
    return dates, values, np.arange(series + 1) * points


def rate(name, points):
    """Series a second of CPU time, by one engine, in one repetition."""
    engine.COMPILED_FROM_POINTS = 0 if name == "compiled" else sys.maxsize
    series = POINTS[name] // points
    dates, values, offsets = batch(series, points)
    settings = Settings("increase", target=110)
    start = time.process_time()
    charts(dates, values, offsets, settings)
    return series / (time.process_time() - start)


def measure():
    rate("compiled", 24)  # loads the compiler and its cache
    for points in LENGTHS:
        rates = {name: [] for name in POINTS}
        for _ in range(REPETITIONS):
            for name in POINTS:
                rates[name].append(rate(name, points))
        compiled, definition = (statistics.median(rates[name]) for name in ("compiled", "definition"))
        log(f"{points} points: {compiled:,.0f} series a second, by the definition {definition:,.0f}")
        what = f"series of {points} points judged, one core"
        if points == LENGTHS[0]:
            yield at_least(AREA, what, compiled, PROMISED, "a second")
        else:
            yield Figure(AREA, what, "", f"{compiled:,.0f} a second")


AREA = "Control charts"


if __name__ == "__main__":
    sys.exit(main(measure, __doc__))
