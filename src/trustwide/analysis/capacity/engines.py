"""Replications over worker processes: the result depends on the service and the seed, never on who computed what."""

from __future__ import annotations

import math
import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool

from trustwide.analysis.capacity.exceptions import RunError
from trustwide.analysis.capacity.fast import Runner
from trustwide.analysis.capacity.model import Figures, Service
from trustwide.analysis.capacity.result import Result, gather

Progress = Callable[[int, int], None]

ENGINES = ("local",)
_MOST_REPLICATIONS = 1_000_000
_MOST_WORKERS = 256
_TRIES = 3

_runner: Runner | None = None  # a worker process keeps the one service it was started for


def simulate(
    service: Service,
    replications: int = 100,
    seed: int = 1,
    workers: int = 1,
    engine: str = "local",
    *,
    block_size: int | None = None,
    progress: Progress | None = None,
) -> Result:
    """Simulate a service: with the same seed and replications the same to the last bit, however the work is shared.

    `workers` processes (1: this one) take blocks of `block_size` replications; `progress(done, of)` is told after each.
    A script that asks for more than one worker must be importable: guard its work with `if __name__ == "__main__"`.
    Raises RunError where a run cannot be finished or an argument is out of range.
    """
    _check(replications, seed, workers, engine, block_size)
    size = block_size or max(1, min(50, math.ceil(replications / (4 * workers))))
    blocks = [range(first, min(first + size, replications)) for first in range(0, replications, size)]
    blocks_done = (
        _in_this_process(service, seed, blocks) if workers == 1 else _in_workers(service, seed, blocks, workers)
    )
    done: dict[int, list[Figures]] = {}
    count = 0
    for number, figures in blocks_done:
        done[number] = figures
        count += len(figures)
        if progress:
            progress(count, replications)
    return gather(service, seed, [one for number in range(len(blocks)) for one in done[number]])


def _check(replications: int, seed: int, workers: int, engine: str, block_size: int | None) -> None:
    if engine not in ENGINES:
        raise RunError(f"engine: must be {' or '.join(ENGINES)}, all that is built yet, got {engine!r}")
    for name, value, least, most in (
        ("replications", replications, 1, _MOST_REPLICATIONS),
        ("seed", seed, 0, 2**64 - 1),
        ("workers", workers, 1, _MOST_WORKERS),
        ("block_size", 1 if block_size is None else block_size, 1, _MOST_REPLICATIONS),
    ):
        if not isinstance(value, int) or not least <= value <= most:
            raise RunError(f"{name}: must be a whole number from {least:,} to {most:,}, got {value!r}")


def _in_this_process(service: Service, seed: int, blocks: list[range]) -> Iterator[tuple[int, list[Figures]]]:
    runner = Runner(service)
    for number, block in enumerate(blocks):
        yield number, [runner.replicate(seed, replication) for replication in block]


def _in_workers(service: Service, seed: int, blocks: list[range], workers: int) -> Iterator[tuple[int, list[Figures]]]:
    """Blocks as they are finished. When a worker dies, the blocks still missing are given to new workers."""
    Runner(service)  # what cannot be run is refused here, not by workers that die of it
    missing = dict(enumerate(blocks))
    for _ in range(_TRIES):
        try:
            with _pool(service, min(workers, len(missing))) as pool:
                futures = {pool.submit(_block, seed, block): number for number, block in missing.items()}
                for future in as_completed(futures):
                    figures = future.result()
                    del missing[futures[future]]
                    yield futures[future], figures
        except BrokenProcessPool:
            continue
        return
    raise RunError(
        f"{service.name}: worker processes died {_TRIES} times; try fewer workers or look for want of memory"
    )


def _pool(service: Service, workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        max_workers=workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start_worker,
        initargs=(service,),
    )


def _start_worker(service: Service) -> None:
    global _runner
    _runner = Runner(service)


def _block(seed: int, block: range) -> list[Figures]:
    if _runner is None:
        raise RunError("a worker was not started for a service")
    return [_runner.replicate(seed, replication) for replication in block]
