"""Departments for tests, built from a few words."""

import math
from pathlib import Path

import numpy as np
from scipy.special import stdtrit

from trustwide.analysis.capacity.flow.department import load_department
from trustwide.analysis.capacity.flow.fast import Runner

CASES = Path(__file__).parent / "cases"


def department(steps, *, resources, patients=None, days=1, **fields):
    """`steps`: of all patients, in this order, unless `patients` says otherwise."""
    return {
        "department": "test",
        "days": days,
        "hours": {"opens": "00:00", "closes": "24:00", "run_on": 0},
        "resources": [{"id": name, "count": count} for name, count in resources.items()],
        "steps": steps,
        "patients": patients or [walkers(6, [step["id"] for step in steps])],
        **fields,
    }


def walkers(per_hour, path, name="walkers", **fields):
    return {
        "id": name,
        "arrivals": {"per_hour": {"00:00": per_hour}},
        "pathway": [step if isinstance(step, dict) else {"step": step} for step in path],
        **fields,
    }


def step(name, mean, resource=None, **fields):
    return {
        "id": name,
        "duration": {"exponential": {"mean": mean}},
        "holds": {resource: 1} if resource else {},
        **fields,
    }


def runs(described, replications, seed=1):
    runner = Runner(load_department(described))
    return [runner.replicate(seed, replication) for replication in range(replications)]


def within_error(values, exact, deviations=4.0):
    """Whether the mean of independent values is the exact one within so many standard errors."""
    values = np.asarray(values)
    error = values.std(ddof=1) / math.sqrt(values.size)
    return abs(values.mean() - exact) <= deviations * error, (values.mean(), exact, error)


def half_width(values):
    values = np.asarray(values)
    return float(stdtrit(values.size - 1, 0.975) * values.std(ddof=1) / math.sqrt(values.size))
