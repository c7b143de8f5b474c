"""Replications over worker processes: the result depends on the service and the seed, never on who computed what."""

from trustwide.analysis.capacity.engines.blocks import replicate
from trustwide.analysis.capacity.engines.pools import ENGINES, Pool, pool
from trustwide.analysis.capacity.engines.simulation import Progress, simulate

__all__ = ["ENGINES", "Pool", "Progress", "pool", "replicate", "simulate"]
