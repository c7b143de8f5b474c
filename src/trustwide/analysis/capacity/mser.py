"""How long a service that starts empty takes to behave as it will: the start that figures should leave out."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from trustwide.analysis.capacity.fast import Runner
from trustwide.analysis.capacity.model import MINUTES_A_DAY, Reals, Service
from trustwide.analysis.capacity.service_fields import WarmUp

PILOTS = 50
_STEPS, _BATCH = 2_000, 5  # of a run without a week
_FEWEST_BATCHES = 10
SOURCE = "White, Cobb and Spratt 2000"


@dataclass(frozen=True)
class WarmUpChoice:
    """Days that should not be counted, and why. `settled` is false where no number of days would do."""

    days: int
    settled: bool
    reason: str

    def applied_to(self, service: Service) -> Service:
        """The service with this warm-up in place of its own."""
        return replace(service, fields=service.fields.model_copy(update={"warm_up": WarmUp(days=self.days)}))


def warm_up(service: Service, seed: int = 1) -> WarmUpChoice:
    """The warm-up of a service by MSER, on the number waiting in the mean of fifty pilot replications.

    A service that starts from its real waiting list needs none. Where it has a week (sessions, closed days, a weekday
    pattern) the series has a point at the end of each day and a batch is a week, otherwise the run is cut into 2,000
    equal steps and a batch is five, as the rule's makers recommend; the answer is rounded up to whole days. Raises
    RunError where a replication cannot be finished.
    """
    if service.waiting_list:
        return WarmUpChoice(
            0, True, f"none is needed: the run starts from a waiting list of {len(service.waiting_list):,} requests"
        )
    ends, step = _pilots(service, seed)
    size = 7 if step == MINUTES_A_DAY else _BATCH
    batches = ends.size // size
    if batches < _FEWEST_BATCHES:
        return WarmUpChoice(
            0, False, f"none was chosen: {batches} weeks are too few for the rule ({SOURCE}); make the run longer"
        )
    left_out = batches_left_out(ends, size)
    if left_out == batches // 2:
        return WarmUpChoice(
            0,
            False,
            f"none was chosen: the number waiting has not settled by the middle of the run (MSER-{size}, {SOURCE}); "
            "make the run longer, or look for demand above capacity",
        )
    rule = (
        f"MSER-{size} ({SOURCE}) leaves out {left_out or 'none'} of {batches} batches of the number waiting, "
        f"in the mean of {PILOTS} pilot replications"
    )
    return WarmUpChoice(math.ceil(left_out * size * step / MINUTES_A_DAY), True, rule)


def batches_left_out(series: Reals, size: int) -> int:
    """How many batches of `size` points to leave out at the start of a series.

    Leaving out the first d batches scores the squared standard error of the mean of those that stay: their sum of
    squared deviations over the square of their number. The smallest score of the first half wins (White 1997,
    Simulation 69; White, Cobb and Spratt 2000, Proc. Winter Simulation Conference: later ones rest on too few batches).
    Half of them means that the series has not settled. Points that do not fill a last batch are not used.
    """
    batches = series[: series.size // size * size].reshape(-1, size).mean(axis=1)
    backwards = batches[::-1] - batches[-1]
    count = np.arange(1, batches.size + 1)
    squares = (backwards**2).cumsum() - backwards.cumsum() ** 2 / count
    scores = (np.maximum(squares, 0.0) / count**2)[::-1]
    return int(scores[: batches.size // 2 + 1].argmin())


def _pilots(service: Service, seed: int) -> tuple[Reals, float]:
    """The mean number waiting at the end of each step, and the step in minutes."""
    runner = Runner(service)
    runs = [runner.journeys(seed, replication)[0] for replication in range(PILOTS)]
    last_arrival = min(float(run.arrived.max()) for run in runs)  # of a run that ends with its patients
    length = last_arrival if service.days is None else service.days * MINUTES_A_DAY
    step = MINUTES_A_DAY if _has_a_week(service) else length / _STEPS
    ends = np.arange(1, int(length / step + 1e-9) + 1) * step
    waiting = [np.searchsorted(np.sort(run.arrived), ends) - np.searchsorted(np.sort(run.left), ends) for run in runs]
    return np.mean(waiting, axis=0), step


def _has_a_week(service: Service) -> bool:
    fields = service.fields
    patterns = [stream.arrivals.poisson for stream in fields.demand if not isinstance(stream.arrivals, str)]
    return (
        any(scanner.sessions != "always" for scanner in fields.scanners)
        or bool(fields.closed_on)
        or any(pattern is None or pattern.weekdays is not None for pattern in patterns)
    )
