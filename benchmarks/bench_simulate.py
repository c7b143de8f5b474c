"""Speed of the walk-in kernels beside SimPy, Ciw, cimba and the same algorithm in C, on the same services.

Run: python benchmarks/bench_simulate.py. Processor time on one core; everybody runs once before the clock starts, so
compiling is not counted; medians of turns taken one after the other. `simulate` is timed from the service to its
figures with medians, percentiles and weeks; against C only the runs are, to the journeys, which must be equal.
"""

from __future__ import annotations

import statistics
import sys
import warnings
from collections.abc import Callable, Iterator

import cimba_twin
import ciw_twins
import numpy as np
import simpy_twins
from c_twin import CRunner, there_is_a_compiler
from figures import CASES, Contestant, Figure, at_least, log, main, take_turns

from trustwide.analysis import capacity
from trustwide.analysis.capacity.fast import Runner
from trustwide.analysis.capacity.model import SEEN

QUEUE = {"per_minute": 2.7, "mean": 1.0, "servers": 3}
PATIENTS = 200_000
TO_CIW = 40_000  # enough of them to time, at a quarter of a minute less a turn
OURS = 20  # replications a turn


def simulated(name: str, stream: str) -> Callable[[int], tuple[float, float]]:
    """Through the public door."""
    service = capacity.load_service(CASES / f"{name}.yaml")

    def run(turn: int) -> tuple[float, float]:
        answer = capacity.simulate(service, OURS, seed=turn).to_dict()
        scans = sum(one["seen"]["mean"] for one in answer["streams"].values()) * OURS
        return scans, answer["streams"][stream]["mean_wait"]["mean"]

    return run


def by_event_list(turn: int) -> tuple[float, float]:
    """M/M/3 with figures and all, by the general kernel."""
    figures = [EVENT_LIST.replicate(turn, replication).streams[0] for replication in range(OURS)]
    return sum(one[1] for one in figures), statistics.fmean(one[2] for one in figures)


EVENT_LIST = Runner(capacity.load_service(CASES / "mm3.yaml"), event_list=True)


def simpy_queue(turn: int) -> tuple[float, float]:
    waits = simpy_twins.first_come_queue(turn, **QUEUE, patients=PATIENTS)
    return len(waits), statistics.fmean(waits)


def ciw_queue(turn: int) -> tuple[float, float]:
    waits = ciw_twins.first_come_queue(turn, **QUEUE, patients=TO_CIW)
    return len(waits), statistics.fmean(waits)


def cimba_queue(model: cimba_twin.Queue) -> Callable[[int], tuple[float, float]]:
    def run(turn: int) -> tuple[float, float]:
        return PATIENTS * 5, cimba_twin.first_come_queue(model, turn, patients=PATIENTS, replications=5)

    return run


def simpy_year(turn: int) -> tuple[float, float]:
    waits = simpy_twins.ImagingYear(turn).run()
    return sum(len(one) for one in waits.values()), statistics.fmean(waits["soon"])


def of_a_queue() -> Iterator[Figure]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # cimba says what numba leaves out
        contestants = [
            Contestant("SimPy", simpy_queue),
            Contestant("Ciw", ciw_queue),
            Contestant("cimba", cimba_queue(cimba_twin.Queue())),
            Contestant("trustwide, event list", by_event_list),
            Contestant("trustwide, simulate", simulated("mm3", "walkers")),
        ]
        take_turns("M/M/3, exact mean wait 2.7235 minutes", contestants)
    simpy, ciw, cimba, events, ours = (one.rate for one in contestants)
    yield Figure(AREA, "`mm3.yaml`, scans a second on one core", "", f"{ours / 1e6:.1f} million")
    yield at_least(AREA, "`mm3.yaml` through `simulate`, of SimPy's speed", ours / simpy, 200, "times")
    yield at_least(AREA, "the same, of Ciw's speed", ours / ciw, 400, "times")
    yield at_least(AREA, "the same, of cimba's speed", ours / cimba, 2.5, "times")
    yield at_least(AREA, "`mm3.yaml` by the event list, of SimPy's speed", events / simpy, 100, "times")


def of_a_year() -> Iterator[Figure]:
    contestants = [
        Contestant("SimPy", simpy_year),
        Contestant("trustwide, simulate", simulated("imaging_year", "soon")),
    ]
    take_turns("Imaging year, mean wait of stream soon in minutes", contestants)
    simpy, ours = (one.rate for one in contestants)
    yield Figure(AREA, "`imaging_year.yaml`, scans a second on one core", "", f"{ours / 1e6:.1f} million")
    yield at_least(AREA, "`imaging_year.yaml`, every wait kept, of SimPy's speed", ours / simpy, 75, "times")


def beside_c() -> Iterator[Figure]:
    if not there_is_a_compiler():
        log("There is no gcc here, so the comparison with C is left out.")
        return
    for name, event_list in (("mm3", False), ("mm3", True), ("imaging_year", False)):
        runner = Runner(capacity.load_service(CASES / f"{name}.yaml"), event_list=event_list)
        other = CRunner(runner)
        contestants = [Contestant("C, gcc -O3", runs_of(other.run)), Contestant("trustwide", runs_of(kernel(runner)))]
        way = "event list" if event_list or not runner.recursive else "recursion"
        for turn in range(3):
            if not np.array_equal(kernel(runner)(turn, 1), other.run(turn, 1)):
                raise SystemExit(f"{name}, {way}: the journeys of C differ")
        take_turns(f"{name}, {way}, runs only: mean wait in minutes", contestants)
        ratio = contestants[1].rate / contestants[0].rate
        yield at_least(AREA, f"`{name}.yaml`, {way}: of the speed of the same algorithm in C", ratio, 0.8, "times")


def kernel(runner: Runner) -> Callable[[int, int], np.ndarray]:
    """Runs without figures; the journeys are those of the runner's memory."""

    def run(seed: int, replication: int) -> np.ndarray:
        done = runner._run(seed, replication)
        return np.asarray(done.world.journeys[: done.admitted])

    return run


def runs_of(run: Callable[[int, int], np.ndarray]) -> Callable[[int], tuple[float, float]]:
    def one(turn: int) -> tuple[float, float]:
        patients = 0
        for replication in range(OURS):
            journeys = run(turn, replication)
            patients += journeys.size
        seen = journeys[journeys["outcome"] == SEEN]
        return patients, float((seen["left"] - seen["arrived"]).mean())

    return one


AREA = "Walk-in services"


def measure() -> Iterator[Figure]:
    yield from of_a_queue()
    yield from of_a_year()
    yield from beside_c()


if __name__ == "__main__":
    sys.exit(main(measure, __doc__))
