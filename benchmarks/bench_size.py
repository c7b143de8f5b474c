"""What sizes take: the booked group, a pooled region, every department of England, and memory as replications grow.

Run: python benchmarks/bench_size.py. Wall-clock seconds with the processor seconds of this process and its workers
beside them; where one core is named, processor seconds. Workers are fresh processes and their start is counted.
"""

from __future__ import annotations

import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import yaml
from figures import CASES, TURNS, Figure, at_most, log, main

from trustwide.analysis import capacity
from trustwide.analysis.capacity.exceptions import RunError

WORKERS = 2
DEPARTMENTS = 1_500
REGION = 40  # times the imaging year: 160 scanners, 1.2 million scans
AREA = "Size"
ONE_RUN = """
import resource, sys
from trustwide.analysis import capacity
capacity.simulate(capacity.load_service(sys.argv[1]), replications=int(sys.argv[2]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def both_clocks(work: Callable[[], object]) -> tuple[float, float]:
    """Wall-clock and processor seconds, those of workers that have ended included: medians of several turns."""
    walls, useds = [], []
    for _ in range(TURNS):
        wall, used = time.perf_counter(), _processor_seconds()
        work()
        walls.append(time.perf_counter() - wall)
        useds.append(_processor_seconds() - used)
    log(f"{', '.join(f'{one:.1f}' for one in walls)} s; {', '.join(f'{one:.1f}' for one in useds)} s of processor")
    return statistics.median(walls), statistics.median(useds)


def _processor_seconds() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def booked_group() -> Iterator[Figure]:
    service = capacity.load_service(CASES / "booked_group.yaml")
    capacity.simulate(service, 1)
    wall, used = both_clocks(lambda: capacity.simulate(service, 100, workers=WORKERS))
    name = f"`booked_group.yaml`, 104 weeks, 100 replications, {WORKERS} workers"
    yield at_most(AREA, name, wall, 10, "s")
    yield Figure(AREA, "the same, processor seconds", "", f"{used:.1f} s")


def imaging_year() -> dict:
    return yaml.safe_load((CASES / "imaging_year.yaml").read_text(encoding="utf-8"))


def region() -> Iterator[Figure]:
    """One list, one queue: any of 160 scanners takes the next patient."""
    fields = imaging_year()
    for scanner in fields["scanners"]:
        scanner["count"] = scanner.get("count", 1) * REGION
    for stream in fields["demand"]:
        stream["arrivals"] = {"poisson": {"per_day": stream["arrivals"]["poisson"]["per_day"] * REGION}}
    service = capacity.load_service(fields)
    capacity.simulate(service, 1)
    seconds, scans = [], 0.0
    for turn in range(TURNS):
        begun = time.process_time()
        result = capacity.simulate(service, 1, seed=turn)
        seconds.append(time.process_time() - begun)
        scans = result.streams[0, :, 1].sum()
    log(f"region: {scans:,.0f} scans, {', '.join(f'{one:.2f}' for one in seconds)} s of processor")
    yield at_most(
        AREA,
        "a pooled region, 160 scanners, 1.2 million scans a year, one core",
        statistics.median(seconds),
        0.6,
        "s a year",
    )


def departments() -> list[dict]:
    """As many as do England's 45 million scans a year: each its own demand, lengths of scans and attendance."""
    described = []
    for number in range(DEPARTMENTS):
        chance = random.Random(number)
        fields = imaging_year() if number == 0 else _copied(described[0])
        fields["service"] = f"department {number}"
        busy, missed = chance.uniform(0.94, 1.06), chance.uniform(0.05, 0.11)
        for stream, share in zip(fields["demand"], (0.1, 0.3, 0.6), strict=True):
            stream["arrivals"] = {"poisson": {"per_day": 30_000 / 364 * share * busy}}
            stream["duration"] = {"lognormal": {"mean": chance.uniform(23, 26), "sd": chance.uniform(6, 10)}}
            stream["did_not_attend"] = stream["did_not_attend"] | {"probability": missed}
        described.append(fields)
    return described


def _copied(fields: dict) -> dict:
    return fields | {"demand": [dict(stream) for stream in fields["demand"]]}


def england() -> Iterator[Figure]:
    described = departments()
    capacity.simulate(capacity.load_service(described[0]), 1)
    results: list[capacity.Result] = []

    def year() -> None:
        services = [capacity.load_service(fields) for fields in described]
        results[:] = capacity.simulate_many(services, seed=range(DEPARTMENTS), workers=WORKERS)

    wall, used = both_clocks(year)
    scans = sum(one.streams[0, :, 1].sum() for one in results)
    memory = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1e6
    gigabytes = memory + (WORKERS - 1) * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    log(f"England: {scans:,.0f} scans, {gigabytes:.2f} GB")
    if len({one.digest for one in results}) != DEPARTMENTS:
        raise RunError("two departments have the same result")
    name = f"England, {DEPARTMENTS:,} departments, {scans / 1e6:.0f} million scans a year, {WORKERS} workers"
    yield at_most(AREA, f"{name}, services read and checked", wall, 10, "s a year")
    yield Figure(AREA, "the same, processor seconds", "", f"{used:.1f} s")
    yield at_most(AREA, "the same, memory of all processes together", gigabytes, 2, "GB")


def memory() -> Iterator[Figure]:
    few, many = (_peak("imaging_year", replications) for replications in (10, 200))
    log(f"memory: {few:.1f} MB for 10 replications, {many:.1f} MB for 200")
    yield at_most(
        AREA, "`imaging_year.yaml`, peak memory of 200 replications over that of 10", many / few, 1.05, "times"
    )


def _peak(name: str, replications: int) -> float:
    """Peak megabytes of a process that does nothing else."""
    command = [sys.executable, "-c", ONE_RUN, str(CASES / f"{name}.yaml"), str(replications)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout) / 1e3


def measure() -> Iterator[Figure]:
    yield from england()  # first, while this process is still small
    yield from memory()
    yield from region()
    yield from booked_group()


if __name__ == "__main__":
    sys.exit(main(measure, __doc__))
