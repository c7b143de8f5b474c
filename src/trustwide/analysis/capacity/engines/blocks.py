"""Blocks of replication numbers, and the runners a process keeps for the services it has met."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable

from trustwide.analysis.capacity.fast import Runner
from trustwide.analysis.capacity.model import Figures, Service

_MOST_KEPT = 4  # a runner holds room for every patient of a replication

_runners: OrderedDict[str, Runner] = OrderedDict()
_turn = threading.Lock()  # a worker of somebody else's cluster may have several threads, a runner has one memory


def replicate(service: Service, seed: int, block: Iterable[int]) -> list[Figures]:
    """The figures of each replication number of `block`. Runners are kept between calls, by the service's fingerprint.

    Raises RunError where the service cannot be run to its end.
    """
    with _turn:
        runner = _runner_of(service)
        return [runner.replicate(seed, replication) for replication in block]


def forget() -> None:
    """Let go of the runners that are kept, and of their memory."""
    with _turn:
        _runners.clear()


def _runner_of(service: Service) -> Runner:
    key = service.fingerprint
    if key not in _runners:
        while len(_runners) >= _MOST_KEPT:
            _runners.popitem(last=False)
        _runners[key] = Runner(service)
    _runners.move_to_end(key)
    return _runners[key]
