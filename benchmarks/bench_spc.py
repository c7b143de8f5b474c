"""How many series a second `trustwide.analysis.spc` judges, from arrays to flags and icons, and abspc beside it.

Run: python benchmarks/bench_spc.py. CPU time on one core; the compiled engine, the readable definition and the NHS's
own package in Python take turns, so that all meet the same machine; the figures are medians.
"""

from __future__ import annotations

import statistics
import sys
import time
from itertools import pairwise

import numpy as np
from figures import Figure, at_least, log, main

from trustwide.analysis.spc import Settings, charts, engine, judged

PROMISED = {24: 20_000, 120: 5_000}  # series a second by number of points
OF_ABSPC = 20
REPETITIONS = 5
POINTS = {"compiled": 480_000, "definition": 24_000, "abspc": 2_400, "chosen": 480_000}  # in one batch
AREA = "Control charts"


def batch(series, points):
    """Flat dates, values and offsets of normal series in control."""
    values = np.random.default_rng(1).normal(100, 10, series * points)
    dates = np.tile(np.datetime64("2015-01-01") + np.arange(points), series)
    return dates, values, np.arange(series + 1) * points


def by_us(name, dates, values, offsets):
    engine.COMPILED_FROM_POINTS = sys.maxsize if name == "definition" else 0
    charts(dates, values, offsets, Settings("increase", target=110))


def by_kind(dates, values, offsets):
    """A chart chosen for each series by its figures, of all kinds, judged by profile mdc."""
    rng, points = np.random.default_rng(2), len(values) // (len(offsets) - 1)
    quantities = [("stock", "share", "rate", "count", "mean")[number % 5] for number in range(len(offsets) - 1)]
    below = rng.integers(200, 800, len(values)).astype(np.float64)
    above = rng.binomial(below.astype(int), 0.2).astype(np.float64)
    rare = np.repeat([what == "count" for what in quantities], points)
    above[rare] = rng.poisson(1.0, int(rare.sum()))
    begun = time.process_time()
    judged(dates, above, below, offsets, Settings("decrease", profile="mdc"), quantities)
    return time.process_time() - begun


def by_abspc(values, offsets):
    """Limits, rules and both icons of each series, as its users would write it."""
    import abspc
    import pandas as pd

    for start, end in pairwise(offsets):
        limits = abspc.calculate_control_limits(pd.DataFrame({"value": values[start:end]}), chart_type="XmR")
        flagged = abspc.detect_special_causes(limits)
        abspc.determine_variation_type(flagged, improvement_direction="high")
        abspc.determine_assurance_type(flagged, target=110, improvement_direction="high")


def rate(name, points):
    """Series a second of CPU time, by one of them, in one repetition."""
    series = POINTS[name] // points
    dates, values, offsets = batch(series, points)
    if name == "chosen":
        return series / by_kind(dates, values, offsets)
    start = time.process_time()
    by_abspc(values, offsets) if name == "abspc" else by_us(name, dates, values, offsets)
    return series / (time.process_time() - start)


def measure():
    for name in POINTS:
        rate(name, 24)  # loads the compilers and their cache
    for points, promised in PROMISED.items():
        rates = {name: [] for name in POINTS}
        for _ in range(REPETITIONS):
            for name in POINTS:
                rates[name].append(rate(name, points))
        found = {name: statistics.median(each) for name, each in rates.items()}
        log(f"{points} points: " + ", ".join(f"{name} {each:,.0f} a second" for name, each in found.items()))
        what = f"series of {points} points judged, one core"
        yield at_least(AREA, what, found["compiled"], promised, "a second")
        yield at_least(AREA, "the same, of abspc's speed", found["compiled"] / found["abspc"], OF_ABSPC, "times")
        yield Figure(
            AREA, "the same with a chart chosen for each, of every kind", "", f"{found['chosen']:,.0f} a second"
        )


if __name__ == "__main__":
    sys.exit(main(measure, __doc__))
