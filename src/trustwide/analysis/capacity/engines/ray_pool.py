"""Workers of a Ray cluster: one that runs, or processes of this machine started for the occasion."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
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

ADDRESS = "TRUSTWIDE_RAY_ADDRESS"
_STORE_BYTES = 200_000_000  # shared memory for parcels and answers on the way; the least Ray takes is 75 MB
_QUEUED_A_WORKER = 4
_QUIET = {"log_to_driver": False, "logging_level": logging.ERROR}


def open_pool(workers: int, address: str | None) -> Pool:
    """The cluster at `address`, such as `10.0.0.5:6379`, the one this process is in, or else `workers` processes here.

    Nothing is reported to Ray's makers, and only this machine can reach what is started here.
    """
    address = address or os.environ.get(ADDRESS, "").strip()
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if not address:
        _keep_to_this_machine()
    ray = optional_package("ray", "ray")
    folder = None
    if not ray.is_initialized():
        if address:
            _join(ray, address)
        else:
            folder = _start_here(ray, workers)
    return RayPool(ray, max(1, int(ray.cluster_resources().get("CPU", 1))), folder)


def _keep_to_this_machine() -> None:
    """Ray reads these when it is imported: the loopback address only, and a password that is written nowhere."""
    os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    if "RAY_AUTH_MODE" not in os.environ:
        os.environ["RAY_AUTH_MODE"] = "token"
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))


def _join(ray: Any, address: str) -> None:
    try:
        ray.init(address=address, **_QUIET)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise RunError(
            f"engine ray: no cluster answers at {address} ({error}); start one with `ray start --head` or "
            f"clear {ADDRESS} to use this machine"
        ) from error


def _start_here(ray: Any, workers: int) -> str:
    folder = tempfile.mkdtemp(prefix="trustwide-ray-")
    ray.init(
        address="local",
        num_cpus=workers,
        num_gpus=0,
        object_store_memory=_STORE_BYTES,
        include_dashboard=False,
        _temp_dir=folder,
        **_QUIET,
    )
    return folder


class RayPool(Pool):
    """`folder` is where a cluster started here keeps its sockets and logs."""

    engine: ClassVar[str] = "ray"

    def __init__(self, ray: Any, workers: int, folder: str | None) -> None:
        super().__init__(workers)
        self._ray = ray
        self._folder = folder
        self._perform = ray.remote(perform).options(num_cpus=1, max_retries=TRIES)

    def map(
        self, function: Callable[[Shared, Task], Answer], shared: Shared, tasks: Sequence[Task]
    ) -> Iterator[tuple[int, Answer]]:
        """Ray tries the task of a lost worker again; the parcel is held by this process, so it is never lost."""
        parcel = parcel_of(shared)
        content = self._ray.put(parcel.content)
        to_come = iter(enumerate(tasks))
        asked: dict[Any, int] = {}
        try:
            while True:
                for number, task in islice(to_come, _QUEUED_A_WORKER * self.workers - len(asked)):
                    asked[self._perform.remote(function, parcel.key, content, task)] = number
                if not asked:
                    return
                ready, _ = self._ray.wait(list(asked), num_returns=1)
                answer = self._ray.get(ready[0])
                yield asked.pop(ready[0]), answer
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause from None
        except self._ray.exceptions.RayError as error:
            raise died(self.engine) from error
        finally:
            for reference in asked:
                self._ray.cancel(reference)

    def close(self) -> None:
        if self._folder is not None:
            self._ray.shutdown()
            shutil.rmtree(self._folder, ignore_errors=True)
