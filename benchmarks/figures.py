"""What the benchmarks share: figures with their targets, turns taken one after the other, and the machine's name."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path

TURNS = 5
LOAD = os.getloadavg()[0]  # before the benchmark adds its own
CASES = Path(__file__).parents[1] / "src/trustwide/analysis/capacity/tests/cases"


@dataclass
class Figure:
    """A line of the table. `met` is None where nothing was promised."""

    area: str
    figure: str
    target: str
    seen: str
    met: bool | None = None


def at_least(area: str, figure: str, seen: float, target: float, unit: str) -> Figure:
    return Figure(area, figure, f"at least {target:,g} {unit}", f"{shown(seen)} {unit}", bool(seen >= target))


def at_most(area: str, figure: str, seen: float, target: float, unit: str) -> Figure:
    return Figure(area, figure, f"at most {target:,g} {unit}", f"{shown(seen)} {unit}", bool(seen <= target))


def shown(value: float) -> str:
    """Three figures, and no more decimals than that takes."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def percentile(values: list[float], share: int) -> float:
    """The value that `share` in a hundred do not exceed."""
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]


@dataclass
class Contestant:
    """One way to do the work: `run(turn)` returns how much was done and a value that all should agree on."""

    name: str
    run: Callable[[int], tuple[float, float]]
    rates: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def take_turn(self, turn: int) -> None:
        """Time of this process's processors, so that neighbours matter less."""
        begun = time.process_time()
        done, value = self.run(turn)
        self.rates.append(done / (time.process_time() - begun))
        self.values.append(value)

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)


def take_turns(title: str, contestants: list[Contestant], turns: int = TURNS) -> None:
    """Everybody once without counting, which loads what was compiled; then by turns, so that all meet one machine."""
    for one in contestants:
        one.run(turns)
    for turn in range(turns):
        for one in contestants:
            one.take_turn(turn)
    log(f"\n{title}: median of {turns} turns by turns, processor time of one process")
    for one in contestants:
        spread = statistics.stdev(one.values) / len(one.values) ** 0.5
        value = f"{statistics.fmean(one.values):,.3f} (standard error {spread:,.3f})"
        log(f"  {one.name:<44}{one.rate:>14,.0f} a second{value:>36}")


def log(text: str) -> None:
    """Details go to the error stream: the output is the table."""
    print(text, file=sys.stderr, flush=True)


def machine() -> str:
    """The line under the table. What else the machine was doing matters to wall-clock seconds."""
    model = platform.processor() or platform.machine()
    described = Path("/proc/cpuinfo")
    if described.exists():
        names = [line.split(":")[1].strip() for line in described.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    return (
        f"{os.cpu_count()} cores, {model}, Python {platform.python_version()}, numba {version('numba')}, "
        f"{time.strftime('%-d %B %Y', time.gmtime())}, load average {LOAD:.1f} before it began"
    )


def table(figures: list[Figure]) -> str:
    """Markdown, one line a figure, with as much space as the columns need."""
    rows = [("", "figure", "target", "seen", "")]
    area = ""
    for one in figures:
        rows.append((one.area if one.area != area else "", one.figure, one.target, one.seen, _verdict(one.met)))
        area = one.area
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return "\n".join([lines[0], "| " + " | ".join("-" * max(width, 3) for width in widths) + " |", *lines[1:]])


def _verdict(met: bool | None) -> str:
    return {True: "met", False: "**missed**", None: ""}[met]


def main(measure: Callable[..., Iterable[Figure]], description: str | None, *, reads: str | None = None) -> int:
    """Run one benchmark: its table, or with --json its figures. Exit status 1 if a target is missed.

    `reads` says what file may be named; `measure` is then called with its path or None.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON, for benchmarks/run.py")
    if reads:
        parser.add_argument("file", nargs="?", type=Path, help=reads)
    given = vars(parser.parse_args())
    as_json = given.pop("json")
    figures = list(measure(*given.values()))
    print(json.dumps([asdict(one) for one in figures]) if as_json else f"\n{table(figures)}\n\n{machine()}")
    return 1 if any(one.met is False for one in figures) else 0
