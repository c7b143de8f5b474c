"""How often a process in which nothing changes is called special: figures of many simulated series.

`python -m trustwide.analysis.spc.mdc.tests.false_alerts` prints the table of docs/explanation/control-charts.md.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from trustwide.analysis.spc import Settings, judged

LENGTHS = (24, 36, 60)
LIMIT, SPARSE_LIMIT = 0.02, 0.01  # of series a period
NOTHING = np.nan


@dataclass(frozen=True)
class Case:
    """A process in control; `draw` gives numerators and denominators of a shape."""

    name: str
    what: str
    draw: Any
    limit: float = LIMIT


def counts(mean):
    return lambda rng, shape: (rng.poisson(mean, shape), np.full(shape, NOTHING))


def shares(p, fewest, most):
    def draw(rng, shape):
        size = rng.integers(fewest, most + 1, shape)
        return rng.binomial(size, p), size

    return draw


def rates(mean):
    def draw(rng, shape):
        size = rng.uniform(500, 1500, shape)
        return rng.poisson(mean * size / 1000), size

    return draw


CASES = (
    Case("normal", "mean", lambda rng, shape: (rng.normal(100, 10, shape), np.ones(shape))),
    *(Case(f"counts, mean {mean}", "count", counts(mean)) for mean in (3.2, 5, 10, 100)),
    Case("shares, 2 % of 200 to 600", "share", shares(0.02, 200, 600)),
    Case("shares, 20 % of 50 to 150", "share", shares(0.2, 50, 150)),
    Case("shares, 50 % of 50 to 150", "share", shares(0.5, 50, 150)),
    *(Case(f"rates, {mean} events a period", "rate", rates(mean)) for mean in (4, 20)),
    *(Case(f"counts, mean {mean}", "count", counts(mean), SPARSE_LIMIT) for mean in (0.1, 0.5, 1, 2, 2.9)),
    Case("shares, 99 % of 50 to 150", "share", shares(0.99, 50, 150), SPARSE_LIMIT),
    *(Case(f"rates, {mean} events a period", "rate", rates(mean), SPARSE_LIMIT) for mean in (0.5, 2.8)),
)


@dataclass(frozen=True)
class Measured:
    """Shares of series: with a new alert in the newest period, and with any alert standing at it; and the charts."""

    new: float
    standing: float
    kinds: str
    series: int

    @property
    def error(self) -> float:
        """The standard error of `new`."""
        return float(np.sqrt(self.new * (1 - self.new) / self.series))


def measure(case: Case, points: int, series: int, seed: int) -> Measured:
    """Judges each series with its newest period and, where that shows an alert, without it.

    An alert is new where the icon is one of change and not the icon it had a period before. Months of all calendar
    years take part, so that no one draw of days within months decides.
    """
    rng = np.random.default_rng([seed, points])
    above, below = (column.astype(np.float64) for column in case.draw(rng, (series, points)))
    first = rng.integers(0, 600, series)
    icons, kinds = _icons(case, above, below, first)
    alerted = icons > 0
    before, _ = _icons(case, above[alerted, :-1], below[alerted, :-1], first[alerted])
    share = {kind: kinds.count(kind) / series for kind in sorted(set(kinds), key=kinds.count, reverse=True)}
    told = ", ".join(f"{kind} {100 * part:.0f} %" for kind, part in share.items() if part >= 0.005)
    return Measured(float((icons[alerted] != before).sum() / series), float(alerted.mean()), told, series)


def _icons(case: Case, above: Any, below: Any, first: Any) -> tuple[Any, list[str]]:
    series, points = above.shape
    months = (first[:, None] + np.arange(points)).astype("datetime64[M]").astype("datetime64[D]")
    offsets = np.arange(series + 1) * points
    own = Settings("decrease", profile="mdc")
    charts, choices = judged(months.ravel(), above.ravel(), below.ravel(), offsets, own, [case.what] * series)
    return np.asarray(charts.variation_icon), [choice.kind for choice in choices]


def table(series: int) -> Iterator[str]:
    """The lines of the measured table, in Markdown."""
    yield "| process in control | charts at 36 points | " + " | ".join(f"new at {n}" for n in LENGTHS) + " |"
    yield "| --- | --- |" + " --- |" * len(LENGTHS)
    for case in CASES:
        found = [measure(case, points, series, seed=1) for points in LENGTHS]
        shown = " | ".join(f"{100 * each.new:.2f} ± {100 * each.error:.2f} %" for each in found)
        yield f"| {case.name} | {found[1].kinds} | {shown} |"


if __name__ == "__main__":
    for line in table(int(sys.argv[1]) if len(sys.argv) > 1 else 6_000):
        print(line, flush=True)
