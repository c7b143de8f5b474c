"""Runs a department, or two layouts of it with the same patients."""

from __future__ import annotations

import hashlib

from trustwide.analysis.capacity.exceptions import RunError
from trustwide.analysis.capacity.flow.fast import Runner
from trustwide.analysis.capacity.flow.measures import figures_of
from trustwide.analysis.capacity.flow.model import Department
from trustwide.analysis.capacity.flow.result import Comparison, FlowResult

MOST_REPLICATIONS = 100_000
_SEEDS = 2**64


def simulate_department(department: Department, replications: int = 100, seed: int = 1) -> FlowResult:
    """Run a department so many times. Raises RunError for numbers that make no sense."""
    if not 1 <= replications <= MOST_REPLICATIONS:
        raise RunError(f"replications: must be from 1 to {MOST_REPLICATIONS:,}, got {replications}")
    if not 0 <= seed < _SEEDS:
        raise RunError(f"seed: must be from 0 to 2**64 - 1, got {seed}")
    runner = Runner(department)
    digest = hashlib.sha256(f"{department.fingerprint} {seed} {replications}".encode())
    figures = []
    for replication in range(replications):
        run = runner.replicate(seed, replication)
        digest.update(run.patients.tobytes())
        digest.update(run.visits.tobytes())
        figures.append(figures_of(department, runner.plan, run))
    return FlowResult(department, seed, tuple(figures), digest.hexdigest())


def compare_layouts(first: Department, second: Department, replications: int = 100, seed: int = 1) -> Comparison:
    """Run two layouts with the same patients: types and steps of one name draw the same numbers in both."""
    return Comparison(simulate_department(first, replications, seed), simulate_department(second, replications, seed))
