"""How many series a second `trustwide.analysis.spc` judges, from arrays of dates and values to flags and icons.

Run: python benchmarks/bench_spc.py. CPU time on one core; the compiled engine and the readable definition take turns,
so that both meet the same machine; the figures are medians. Exit status 1 if 24 points fall below what is promised.
"""

from __future__ import annotations

import statistics
import sys
import time

import numpy as np

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


def main():
    rate("compiled", 24)  # loads the compiler and its cache
    print(f"{'points':>6}  {'compiled, series/s':>18}  {'definition, series/s':>20}  {'times':>5}")
    medians = {}
    for points in LENGTHS:
        rates = {name: [] for name in POINTS}
        for _ in range(REPETITIONS):
            for name in POINTS:
                rates[name].append(rate(name, points))
        medians[points] = statistics.median(rates["compiled"])
        definition = statistics.median(rates["definition"])
        print(f"{points:>6}  {medians[points]:>18,.0f}  {definition:>20,.0f}  {medians[points] / definition:>5.0f}")
    return 0 if medians[24] >= PROMISED else 1


if __name__ == "__main__":
    sys.exit(main())
