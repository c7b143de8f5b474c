"""Processes of this machine."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import Connection
from typing import Any, ClassVar

from trustwide.analysis.capacity.engines.blocks import forget
from trustwide.analysis.capacity.engines.pools import (
    TRIES,
    Answer,
    Parcel,
    Pool,
    Shared,
    Task,
    died,
    parcel_of,
    perform,
)


def open_pool(workers: int, address: str | None) -> Pool:
    """This process for one worker, otherwise processes of their own. There is no address to go to."""
    return ThisProcess() if workers == 1 else Processes(workers)


class ThisProcess(Pool):
    """No other process: tasks are done one after the other, in their order."""

    engine: ClassVar[str] = "local"

    def __init__(self) -> None:
        super().__init__(workers=1)

    def map(
        self, function: Callable[[Shared, Task], Answer], shared: Shared, tasks: Sequence[Task]
    ) -> Iterator[tuple[int, Answer]]:
        for number, task in enumerate(tasks):
            yield number, function(shared, task)

    def close(self) -> None:
        forget()


class Processes(Pool):
    """Fresh interpreters, so that a worker holds nothing of this process but what it was sent."""

    engine: ClassVar[str] = "local"

    def __init__(self, workers: int) -> None:
        super().__init__(workers)
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        leash, self._held = context.Pipe(duplex=False)
        self._executor = ProcessPoolExecutor(self.workers, context, initializer=_start_worker, initargs=(leash,))

    def map(
        self, function: Callable[[Shared, Task], Answer], shared: Shared, tasks: Sequence[Task]
    ) -> Iterator[tuple[int, Answer]]:
        """When a worker dies the executor is lost with it: the tasks still missing are given to a new one."""
        parcel = parcel_of(shared)
        missing = dict(enumerate(tasks))
        deaths = 0
        while missing:
            try:
                for number, answer in self._round(function, parcel, missing):
                    del missing[number]
                    deaths = 0
                    yield number, answer
            except BrokenProcessPool:
                self.close()
                self._start()
                deaths += 1
                if deaths == TRIES:
                    raise died(self.engine) from None

    def _round(
        self, function: Callable[[Any, Any], Any], parcel: Parcel, missing: dict[int, Any]
    ) -> Iterator[tuple[int, Any]]:
        futures: dict[Future[Any], int] = {}
        try:
            for number, task in missing.items():
                futures[self._executor.submit(perform, function, *parcel, task)] = number
            for future in as_completed(futures):
                yield futures[future], future.result()
        finally:
            for future in futures:
                future.cancel()

    def close(self) -> None:
        """Ends the workers at once: what they still do is not wanted."""
        self._held.close()
        self._executor.shutdown(cancel_futures=True)


def _start_worker(leash: Connection) -> None:
    """An interrupt at the keyboard is for the process that shares out the work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_when_let_go, args=(leash,), daemon=True).start()


def _end_when_let_go(leash: Connection) -> None:
    """Nothing is ever sent: the other end closes when the pool does, or when the process that holds it is killed."""
    leash.poll(None)
    os._exit(1)
