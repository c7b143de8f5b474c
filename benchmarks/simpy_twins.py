"""The same services in SimPy, written as its users write them: the yardstick of the speed tables."""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections.abc import Generator
from typing import Any

import simpy

DAY = 1440.0
Process = Generator[simpy.Event, Any, None]


def first_come_queue(seed: int, *, per_minute: float, mean: float, servers: int, patients: int) -> list[float]:
    """Waits of an always-open first-come queue with exponential gaps and durations."""
    chance = random.Random(seed)
    environment = simpy.Environment()
    queue = simpy.Resource(environment, capacity=servers)
    waits: list[float] = []

    def patient() -> Process:
        arrived = environment.now
        with queue.request() as turn:
            yield turn
            waits.append(environment.now - arrived)
            yield environment.timeout(chance.expovariate(1 / mean))

    def arrivals() -> Process:
        for _ in range(patients):
            yield environment.timeout(chance.expovariate(per_minute))
            environment.process(patient())

    environment.process(arrivals())
    environment.run()
    return waits


class ImagingYear:
    """`imaging_year.yaml`: three static scanners and a mobile, three priorities, breakdowns, missed appointments.

    Patients and scanners are processes. A scanner that is open and up calls the first patient and waits for the end of
    the visit; idle scanners wait for somebody to join, the lowest-numbered first.
    """

    STREAMS = ((8.241758241758241, "urgent"), (24.725274725274726, "soon"), (49.450549450549453, "routine"))
    END = 364 * DAY

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.environment = simpy.Environment()
        self.waiting: list[tuple[int, float, int, simpy.Event]] = []  # priority, joined, order, called
        self.order = itertools.count()
        self.down = [False] * 4
        self.idle: dict[int, simpy.Event] = {}
        spread = math.log1p((8 / 25) ** 2)
        self.location, self.scale = math.log(25) - spread / 2, math.sqrt(spread)
        self.waits: dict[str, list[float]] = {name: [] for _, name in self.STREAMS}

    def run(self) -> dict[str, list[float]]:
        for scanner in range(4):
            self.environment.process(self.scanner(scanner))
            self.environment.process(self.breakdowns(scanner))
        for priority, (per_day, _) in enumerate(self.STREAMS):
            self.environment.process(self.arrivals(priority, per_day / DAY))
        self.environment.run(until=self.END)
        return self.waits

    def arrivals(self, priority: int, rate: float) -> Process:
        while True:
            yield self.environment.timeout(self.chance.expovariate(rate))
            self.environment.process(self.patient(priority))

    def patient(self, priority: int) -> Process:
        arrived = self.environment.now
        for _ in range(2):
            called = self.environment.event()
            self.join(priority, called)
            leave = yield called
            if self.chance.random() >= 0.08:
                self.waits[self.STREAMS[priority][1]].append(self.environment.now - arrived)
                yield self.environment.timeout(math.exp(self.chance.gauss(self.location, self.scale)))
                leave.succeed()
                return
            missed = self.environment.now
            yield self.environment.timeout(10)
            leave.succeed()
            yield self.environment.timeout(missed + 7 * DAY - self.environment.now)

    def join(self, priority: int, called: simpy.Event) -> None:
        heapq.heappush(self.waiting, (priority, self.environment.now, next(self.order), called))
        for scanner in sorted(self.idle):
            if self.is_ready(scanner):
                self.idle.pop(scanner).succeed()
                return

    def breakdowns(self, scanner: int) -> Process:
        while True:
            yield self.environment.timeout(self.chance.expovariate(1 / (60 * DAY)))
            self.down[scanner] = True
            yield self.environment.timeout(self.chance.expovariate(1 / DAY))
            self.down[scanner] = False
            if scanner in self.idle:
                self.idle.pop(scanner).succeed()

    def opens(self, scanner: int, now: float) -> float:
        """The earliest moment from now in session."""
        day, minute = divmod(now, DAY)
        while (minute >= 1200) or (scanner == 3 and day % 7 not in (1, 3)):
            day, minute = day + 1, 0.0
        return max(now, day * DAY + 480)

    def is_ready(self, scanner: int) -> bool:
        return not self.down[scanner] and self.opens(scanner, self.environment.now) == self.environment.now

    def scanner(self, scanner: int) -> Process:
        while True:
            opening = self.opens(scanner, self.environment.now)
            if opening > self.environment.now:
                yield self.environment.timeout(opening - self.environment.now)
            elif self.waiting and not self.down[scanner]:
                _, _, _, called = heapq.heappop(self.waiting)
                leave = self.environment.event()
                called.succeed(leave)
                yield leave
            else:
                self.idle[scanner] = self.environment.event()
                yield self.idle[scanner]
