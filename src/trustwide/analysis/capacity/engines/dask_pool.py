"""Workers of a Dask cluster: one that runs, or processes of this machine started for the occasion."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from importlib import import_module
from typing import Any, ClassVar

from trustwide.analysis.capacity.engines.pools import (
    TRIES,
    Answer,
    Pool,
    Shared,
    Task,
    died,
    optional_package,
    parcel_of,
    perform,
)
from trustwide.analysis.capacity.exceptions import RunError

ADDRESS = "TRUSTWIDE_DASK_SCHEDULER"
SECONDS_TO_ANSWER = 30
_SETTINGS = {
    "distributed.deploy.lost-worker-timeout": "1h",  # a new worker may be long in coming on a busy machine
    "distributed.nanny.pre-spawn-environ.DASK_LOGGING__DISTRIBUTED": "critical",
}


def open_pool(workers: int, address: str | None) -> Pool:
    """The cluster at `address`, such as `tcp://10.0.0.5:8786`, or else `workers` processes here."""
    distributed = optional_package("distributed", "dask")
    address = address or os.environ.get(ADDRESS, "").strip()
    started = ExitStack()
    if not address:
        return DaskPool(distributed, _cluster_here(distributed, workers, started), workers, started)
    try:
        client = started.enter_context(distributed.Client(address, timeout=SECONDS_TO_ANSWER, set_as_default=False))
    except (OSError, TimeoutError, ValueError) as error:
        raise RunError(
            f"engine dask: no scheduler answers at {address} ({error}); start one with `dask scheduler` or "
            f"clear {ADDRESS} to use this machine"
        ) from error
    workers = sum(client.nthreads().values())
    if not workers:
        started.close()
        raise RunError(
            f"engine dask: the scheduler at {address} has no workers; start some with `dask worker {address}`"
        )
    return DaskPool(distributed, client, workers, started)


def _cluster_here(distributed: Any, workers: int, started: ExitStack) -> Any:
    """A client of processes that only this machine can reach, and over TLS with a certificate that nobody else has."""
    started.enter_context(import_module("dask").config.set(_SETTINGS))
    cluster = distributed.LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        security=True,
        memory_limit=None,
        dashboard_address=None,
        scheduler_kwargs={"allowed_failures": TRIES, "dashboard_address": "127.0.0.1:0"},
        silence_logs=logging.CRITICAL,
    )
    started.enter_context(cluster)
    return started.enter_context(distributed.Client(cluster, set_as_default=False))


class DaskPool(Pool):
    """Tasks are not pure to Dask: two maps with the same tasks are both worked through."""

    engine: ClassVar[str] = "dask"

    def __init__(self, distributed: Any, client: Any, workers: int, started: ExitStack) -> None:
        super().__init__(workers)
        self._distributed = distributed
        self._client = client
        self._started = started

    def map(
        self, function: Callable[[Shared, Task], Answer], shared: Shared, tasks: Sequence[Task]
    ) -> Iterator[tuple[int, Answer]]:
        """The scheduler gives the tasks of a lost worker to others, and remakes the parcel if it was lost too."""
        parcel = parcel_of(shared)
        content = self._client.submit(_same, parcel.content, pure=False)
        futures = {
            self._client.submit(perform, function, parcel.key, content, task, pure=False): number
            for number, task in enumerate(tasks)
        }
        try:
            for future in self._distributed.as_completed(futures, loop=self._client.loop):
                yield futures[future], future.result()
        except self._distributed.KilledWorker:
            raise died(self.engine) from None
        except self._distributed.CancelledError:
            raise RunError("engine dask: the scheduler went away before the run was done; run it again") from None
        finally:
            with suppress(self._distributed.CancelledError):
                self._client.cancel([content, *futures])

    def close(self) -> None:
        self._started.close()


def _same(content: bytes) -> bytes:
    return content
