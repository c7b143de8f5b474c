"""A first-come queue in cimba for Python, as its own documentation writes one."""

from __future__ import annotations

import cimba
from cimba import inputs

PER_MINUTE, SERVERS = 2.7, 3


class Queue(cimba.Model):
    """M/M/3. The mean wait is the mean queue divided by the rate of arrivals (Little's law)."""

    gap: cimba.Input[float] = inputs.dist.exponential(mean=1 / PER_MINUTE)
    duration: cimba.Input[float] = inputs.dist.exponential(mean=1)
    waiting: cimba.Container
    mean_waiting: cimba.Output[float]

    @cimba.process
    def arrivals(self) -> None:
        while True:
            cimba.hold(self.gap.next())
            self.waiting.put(1)

    @cimba.process(copies=SERVERS)
    def server(self) -> None:
        while True:
            self.waiting.get(1)
            cimba.hold(self.duration.next())

    @cimba.on_end
    def measure(self) -> None:
        self.mean_waiting = self.waiting.mean_level()


def first_come_queue(model: Queue, seed: int, *, patients: int, replications: int) -> float:
    """The mean wait over replications that last as long as so many patients take to come, in one process."""
    window = cimba.Window(duration=patients / PER_MINUTE)
    results = cimba.Experiment(model, replications=replications, window=window, seed=seed).run(workers=1)
    return float(results[model].mean_waiting.values.mean()) / PER_MINUTE
