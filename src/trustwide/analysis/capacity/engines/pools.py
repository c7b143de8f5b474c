"""Worker processes that stay: tasks in, answers out as they are ready, the same whoever computes them."""

from __future__ import annotations

import hashlib
import pickle
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any, ClassVar, NamedTuple, TypeVar

from trustwide.analysis.capacity.exceptions import RunError

Shared = TypeVar("Shared")
Task = TypeVar("Task")
Answer = TypeVar("Answer")

# engine -> the module beside this one whose `open_pool(workers, address)` starts it
_OPENERS = {"local": "local_pool", "dask": "dask_pool", "ray": "ray_pool"}
ENGINES = tuple(_OPENERS)
TRIES = 3  # times that a task may take its worker down before the run is given up
_MOST_WORKERS = 256


class Pool(ABC):
    """Persistent workers of one engine; make one with `pool`."""

    engine: ClassVar[str]

    def __init__(self, workers: int) -> None:
        self.workers = workers

    @abstractmethod
    def map(
        self, function: Callable[[Shared, Task], Answer], shared: Shared, tasks: Sequence[Task]
    ) -> Iterator[tuple[int, Answer]]:
        """`(index, function(shared, task))` for every task, as they are ready, in no order.

        `function` is a top-level function of an importable module and must give the same answer whenever it is called
        again: a task whose worker died is done once more. `shared` travels to each worker once. What `function` raises
        is raised here. Leaving the loop early gives up what has not begun.
        """

    @abstractmethod
    def close(self) -> None:
        """Stop what was started here; a cluster of somebody else's is left as it was."""


@contextmanager
def pool(workers: int = 1, engine: str = "local", *, address: str | None = None) -> Iterator[Pool]:
    """Workers for many calls of `Pool.map`: `with pool(2) as workers: workers.map(...)`.

    engine: `local` (processes of this machine; one worker is this process itself), `dask` or `ray`, which start workers
    here unless `address` or TRUSTWIDE_DASK_SCHEDULER or TRUSTWIDE_RAY_ADDRESS names a cluster. Raises RunError.
    """
    check_engine(engine, workers)
    opened: Pool = import_module(f"{__package__}.{_OPENERS[engine]}").open_pool(workers, address)
    try:
        yield opened
    finally:
        opened.close()


def check_engine(engine: str, workers: int) -> None:
    """Refuse an engine or a number of workers that cannot be."""
    if engine not in ENGINES:
        raise RunError(f"engine: must be {', '.join(ENGINES[:-1])} or {ENGINES[-1]}, got {engine!r}")
    if not isinstance(workers, int) or not 1 <= workers <= _MOST_WORKERS:
        raise RunError(f"workers: must be a whole number from 1 to {_MOST_WORKERS:,}, got {workers!r}")


def optional_package(name: str, engine: str) -> Any:
    """A package that only this engine needs. Raises RunError with the cure where it is not installed."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise RunError(
            f"engine {engine}: {name} is not installed; install it with: pip install 'trustwide[{engine}]'"
        ) from error


def died(engine: str) -> RunError:
    """What is said when workers keep dying."""
    return RunError(
        f"engine {engine}: worker processes died {TRIES} times running; try fewer workers or look for want of memory"
    )


class Parcel(NamedTuple):
    """What all tasks of one map share, pickled once; `key` is its SHA-256."""

    key: str
    content: bytes


def parcel_of(shared: object) -> Parcel:
    content = pickle.dumps(shared, pickle.HIGHEST_PROTOCOL)
    return Parcel(hashlib.sha256(content).hexdigest(), content)


_kept: tuple[str, Any] = ("", None)  # a worker unpacks the parcel it had last only once


def perform(function: Callable[[Any, Any], Any], key: str, content: bytes, task: Any) -> Any:
    """In a worker: one task."""
    global _kept
    kept_key, shared = _kept
    if kept_key != key:
        shared = pickle.loads(content)  # noqa: S301  our own, from the process that started the run
        _kept = (key, shared)
    return function(shared, task)
