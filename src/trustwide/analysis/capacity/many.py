"""Many services, a few replications each: every department of a country in one go."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext

from trustwide.analysis.capacity.engines import Pool, Progress
from trustwide.analysis.capacity.engines import pool as open_pool
from trustwide.analysis.capacity.exceptions import RunError
from trustwide.analysis.capacity.fast import Runner
from trustwide.analysis.capacity.model import Figures, Service
from trustwide.analysis.capacity.result import Result, gather

_AT_ONCE = 20  # services a task: enough that sending them costs little, few enough that all workers end together

Task = list[tuple[int, Service]]  # seed and service


def simulate_many(
    services: Sequence[Service],
    replications: int = 1,
    seed: int | Sequence[int] = 1,
    workers: int = 1,
    engine: str = "local",
    *,
    progress: Progress | None = None,
    pool: Pool | None = None,
    address: str | None = None,
) -> list[Result]:
    """The result of `simulate` for each service, to the last bit, in their order; workers share services, not blocks.

    seed: one for all, so that services that have streams of the same names see the same patients, or one a service.
    `progress(done, of)` counts services. The other arguments are those of `simulate`. Raises RunError where a service
    cannot be run to its end or an argument is out of range.
    """
    seeds = [seed] * len(services) if isinstance(seed, int) else list(seed)
    _check(replications, seeds, len(services))
    work = list(zip(seeds, services, strict=True))
    tasks = [work[first : first + _AT_ONCE] for first in range(0, len(work), _AT_ONCE)]
    found: dict[int, list[list[Figures]]] = {}
    with nullcontext(pool) if pool else open_pool(workers, engine, address=address) as opened:
        for number, figures in opened.map(_replicate, replications, tasks):
            found[number] = figures
            if progress:
                progress(sum(len(one) for one in found.values()), len(services))
    all_figures = [one for number in range(len(tasks)) for one in found[number]]
    return [gather(service, seed, figures) for (seed, service), figures in zip(work, all_figures, strict=True)]


def _replicate(replications: int, task: Task) -> list[list[Figures]]:
    """In a worker: each service's figures. A runner is used once, so none is kept."""
    done = []
    for seed, service in task:
        runner = Runner(service)
        done.append([runner.replicate(seed, replication) for replication in range(replications)])
    return done


def _check(replications: int, seeds: list[int], services: int) -> None:
    if len(seeds) != services:
        raise RunError(f"seed: must be one number or one a service, {services:,} of them, got {len(seeds):,}")
    if not isinstance(replications, int) or replications < 1:
        raise RunError(f"replications: must be a whole number from 1, got {replications!r}")
    for seed in seeds:
        if not isinstance(seed, int) or not 0 <= seed < 2**64:
            raise RunError(f"seed: must be a whole number from 0 to {2**64 - 1:,}, got {seed!r}")
