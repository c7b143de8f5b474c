"""Speed of `capacity.simulate` beside SimPy on the same services: CPU time, interleaved, ratios within one run.

Run it with `python benchmarks/bench_simulate.py`. A warm run of each comes first, so compiling is not counted.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from trustwide.analysis import capacity

sys.path.insert(0, str(Path(__file__).parent))
import simpy_twins

CASES = Path(capacity.__file__).parent / "tests" / "cases"


@dataclass
class Timed:
    """One contestant: `run(turn)` returns how many scans it did and their mean wait."""

    name: str
    run: Callable[[int], tuple[float, float]]
    rates: list[float] = field(default_factory=list)
    means: list[float] = field(default_factory=list)

    def take_turn(self, turn: int) -> None:
        begun = time.process_time()
        scans, mean = self.run(turn)
        self.rates.append(scans / (time.process_time() - begun))
        self.means.append(mean)


def ours(name: str, replications: int, stream: str) -> Callable[[int], tuple[float, float]]:
    service = capacity.load_service(CASES / f"{name}.yaml")

    def run(turn: int) -> tuple[float, float]:
        answer = capacity.simulate(service, replications=replications, seed=turn).to_dict()
        scans = sum(one["seen"]["mean"] for one in answer["streams"].values()) * replications
        return scans, answer["streams"][stream]["mean_wait"]["mean"]

    return run


def simpy_queue(turn: int) -> tuple[float, float]:
    waits = simpy_twins.first_come_queue(turn, per_minute=2.7, mean=1.0, servers=3, patients=200_000)
    return len(waits), statistics.fmean(waits)


def simpy_year(turn: int) -> tuple[float, float]:
    waits = simpy_twins.ImagingYear(turn).run()
    return sum(len(one) for one in waits.values()), statistics.fmean(waits["soon"])


def compare(title: str, contestants: list[Timed], turns: int) -> None:
    for one in contestants:
        one.run(turns)
    for turn in range(turns):
        for one in contestants:
            one.take_turn(turn)
    slowest = statistics.median(contestants[0].rates)
    print(f"\n{title}: median of {turns} interleaved turns, CPU time, one process")
    print(f"{'engine':<28}{'scans a second':>16}{'x SimPy':>10}{'mean wait, minutes':>30}")
    for one in contestants:
        rate = statistics.median(one.rates)
        spread = statistics.stdev(one.means) / len(one.means) ** 0.5
        wait = f"{statistics.fmean(one.means):,.3f} (standard error {spread:,.3f})"
        print(f"{one.name:<28}{rate:>16,.0f}{rate / slowest:>10.1f}{wait:>30}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=5, help="turns of each engine (default 5)")
    turns = parser.parse_args().turns
    compare(
        "M/M/3, 200,000 patients (exact mean wait 2.7235)",
        [Timed("SimPy", simpy_queue), Timed("trustwide, 10 replications", ours("mm3", 10, "walkers"))],
        turns,
    )
    compare(
        "Imaging year, 30,000 scans (mean wait of stream soon)",
        [Timed("SimPy", simpy_year), Timed("trustwide, 10 replications", ours("imaging_year", 10, "soon"))],
        turns,
    )


if __name__ == "__main__":
    main()
