"""One service, many replications."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Literal

import numpy as np

from trustwide.analysis.capacity.engines import pools
from trustwide.analysis.capacity.engines.blocks import replicate
from trustwide.analysis.capacity.engines.pools import Pool, check_engine
from trustwide.analysis.capacity.exceptions import RunError
from trustwide.analysis.capacity.model import STREAM_FIGURES, Figures, Reals, Service
from trustwide.analysis.capacity.result import Result, gather

Progress = Callable[[int, int], None]

_MOST_REPLICATIONS = 1_000_000
_LONGEST_BLOCK = 10  # so that progress is told, and a run given up, without long waits
_MEAN_WAIT = STREAM_FIGURES.index("mean_wait")


def simulate(
    service: Service,
    replications: int | Literal["auto"] = 100,
    seed: int = 1,
    workers: int = 1,
    engine: str = "local",
    *,
    precision: float = 0.05,
    block_size: int | None = None,
    progress: Progress | None = None,
    pool: Pool | None = None,
    address: str | None = None,
) -> Result:
    """Simulate a service: with the same seed and replications the same to the last bit, however the work is shared.

    replications: a number, or "auto" for as many as `precision.enough` asks for, 1,000 at most; the result says why.
    `workers` processes (1: this one) of an `engine`, or those of a cluster at `address` (see `engines.pool`) or of a
    `pool` that is open already, take blocks of `block_size` replications. `progress(done, of)` is told after each and
    may raise to give the run up; of an automatic number, `of` grows. A script that asks for more than one worker must
    be importable: guard its work with `if __name__ == "__main__"`. Raises RunError where a run cannot be finished or an
    argument is out of range.
    """
    _check(replications, seed, precision, block_size)
    check_engine(engine, workers)
    with nullcontext(pool) if pool else pools.pool(workers, engine, address=address) as opened:
        work = _Work(opened, service, seed, block_size, progress)
        if replications == "auto":
            return _until_precise(work, precision)
        return gather(service, seed, work.more(replications))


class _Work:
    """Replications done so far, in their order."""

    def __init__(
        self, pool: Pool, service: Service, seed: int, block_size: int | None, progress: Progress | None
    ) -> None:
        self.service = service
        self.seed = seed
        self._pool = pool
        self._block_size = block_size
        self._progress = progress
        self._done: list[Figures] = []

    def more(self, upto: int) -> list[Figures]:
        """Replications 0 to `upto` - 1; only those not done yet are run."""
        blocks = list(self._blocks(len(self._done), upto))
        found: dict[int, list[Figures]] = {}
        count = len(self._done)
        for number, figures in self._pool.map(_block, (self.service, self.seed), blocks):
            found[number] = figures
            count += len(figures)
            if self._progress:
                self._progress(count, upto)
        self._done += [one for number in range(len(blocks)) for one in found[number]]
        return self._done

    def _blocks(self, first: int, upto: int) -> Iterator[range]:
        size = self._block_size or max(1, min(_LONGEST_BLOCK, math.ceil((upto - first) / (8 * self._pool.workers))))
        for start in range(first, upto, size):
            yield range(start, min(start + size, upto))


def _block(shared: tuple[Service, int], block: range) -> list[Figures]:
    return replicate(*shared, block)


def _until_precise(work: _Work, precision: float) -> Result:
    """In steps that double. What a step ran beyond the number the rule chooses is dropped, so steps do not show."""
    from trustwide.analysis.capacity.precision import (  # only here: scipy takes a while to load
        FIRST_STEP,
        MOST_REPLICATIONS,
        enough,
        reason_enough,
        reason_most,
    )

    streams = [stream.id for stream in work.service.fields.demand]
    upto = FIRST_STEP
    while True:
        done = work.more(upto)
        mean_waits = _mean_waits(done)
        if found := enough(mean_waits, precision):
            kept = found.replications
            reason = reason_enough(found, streams, mean_waits[:kept], precision)
            return gather(work.service, work.seed, done[:kept], reason)
        if upto == MOST_REPLICATIONS:
            return gather(work.service, work.seed, done, reason_most(streams, mean_waits, precision))
        upto = min(2 * upto, MOST_REPLICATIONS)


def _mean_waits(done: list[Figures]) -> Reals:
    return np.stack([one.streams[:, _MEAN_WAIT] for one in done])


def _check(replications: int | str, seed: int, precision: float, block_size: int | None) -> None:
    if not 0.0 < precision < 1.0:
        raise RunError(f"precision: must be a share between 0 and 1, got {precision!r}")
    for name, value, least, most in (
        ("replications", 1 if replications == "auto" else replications, 1, _MOST_REPLICATIONS),
        ("seed", seed, 0, 2**64 - 1),
        ("block_size", 1 if block_size is None else block_size, 1, _MOST_REPLICATIONS),
    ):
        if not isinstance(value, int) or not least <= value <= most:
            raise RunError(f"{name}: must be a whole number from {least:,} to {most:,}, got {value!r}")
