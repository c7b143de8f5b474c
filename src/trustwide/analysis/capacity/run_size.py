"""What a run will take, in seconds and megabytes, before it is begun."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from typing import Literal

from trustwide.analysis.capacity.fast import recursion_suffices
from trustwide.analysis.capacity.model import CELL_FIGURES, SCANNER_FIGURES, STREAM_FIGURES, WEEK_FIGURES, Service
from trustwide.analysis.capacity.precision import MOST_REPLICATIONS
from trustwide.analysis.capacity.service_fields import Stream
from trustwide.analysis.capacity.service_words import per_day

LONG_SECONDS = 300.0
LARGE_MEGABYTES = 4_000.0

# seconds and bytes a patient of one replication: what the kernels took on two shared cores of a 2024 server
_RECURSION = (50e-9, 60)
_EVENT_LIST = (400e-9, 90)
_BOOKED = (700e-9, 160)
_START = (1.0, 190.0)  # seconds and megabytes of a process: the interpreter, numpy and the compiled kernels


@dataclass(frozen=True)
class Estimate:
    """Within a factor of three or so; `at_most` where the number of replications is not yet known."""

    patients: int
    seconds: float
    megabytes: float
    at_most: bool

    @property
    def is_large(self) -> bool:
        return self.seconds > LONG_SECONDS or self.megabytes > LARGE_MEGABYTES

    def sentence(self) -> str:
        """For the person who is about to start the run."""
        minutes = self.seconds >= 120
        time = f"{self.seconds / 60:,.0f} minutes" if minutes else f"{max(1.0, self.seconds):.0f} s"
        room = f"{self.megabytes / 1000:,.1f} GB" if self.megabytes >= 1000 else f"{self.megabytes:,.0f} MB"
        start = "At most" if self.at_most else "About"
        return f"{start} {time} and {room} of memory: {self.patients:,} patients a replication."


def estimate(service: Service, replications: int | Literal["auto"] = 100, workers: int = 1) -> Estimate:
    """Expected time and memory, from the expected number of patients and what each kernel takes for one.

    A first run after installing also compiles the kernels, which is not in it.
    """
    runs = MOST_REPLICATIONS if replications == "auto" else replications
    patients = expected_patients(service)
    seconds, size = _cost_of_a_patient(service)
    at_once = max(1, min(workers, os.cpu_count() or 1))
    start_seconds, start_megabytes = _START
    processes = workers + 1 if workers > 1 else 1
    kept = 2 * runs * _bytes_of_figures(service)
    return Estimate(
        patients=patients,
        seconds=start_seconds * (2 if workers > 1 else 1) + runs * patients * seconds / at_once,
        megabytes=processes * start_megabytes + (workers * patients * size + kept) / 1e6,
        at_most=replications == "auto",
    )


def expected_patients(service: Service) -> int:
    """Patients of one replication: those on the list at the start and those who are expected to come."""
    fields = service.fields
    if fields.stop.patients is not None:
        return fields.stop.patients
    days = service.days or 0
    return len(service.waiting_list) + round(
        sum(per_day(stream) * days * _growth(stream, days) + _listed(stream) for stream in fields.demand)
    )


def _growth(stream: Stream, days: int) -> float:
    """The mean over the run of a rate that grows, compound."""
    poisson = None if isinstance(stream.arrivals, str) else stream.arrivals.poisson
    years = days / 365
    if poisson is None or poisson.growth_per_year == 0 or years == 0:
        return 1.0
    log = math.log1p(poisson.growth_per_year)
    return math.expm1(years * log) / (years * log)


def _listed(stream: Stream) -> int:
    return 0 if isinstance(stream.arrivals, str) else len(stream.arrivals.listed or [])


def _cost_of_a_patient(service: Service) -> tuple[float, int]:
    if service.booked_streams:
        return _BOOKED
    return _RECURSION if recursion_suffices(service) else _EVENT_LIST


def _bytes_of_figures(service: Service) -> int:
    """What is kept of each replication."""
    fields = service.fields
    streams, sites, weeks = len(fields.demand), len(fields.sites), (service.days or 0) // 7
    by_week = weeks * streams * (len(WEEK_FIGURES) + sites * len(CELL_FIGURES))
    return 8 * (streams * len(STREAM_FIGURES) + len(fields.scanners) * len(SCANNER_FIGURES) + by_week)
