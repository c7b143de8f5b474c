"""`trustwide warm`: compile the kernels once, so that nobody waits for it later."""

from __future__ import annotations

import argparse
import time
from typing import Any

WALK_IN: dict[str, Any] = {
    "service": "one server",
    "start": "2026-01-05",
    "stop": {"patients": 20},
    "sites": [{"id": "clinic"}],
    "scanners": [{"id": "server", "site": "clinic", "modality": "ANY", "count": 1, "sessions": "always"}],
    "demand": [
        {
            "id": "walkers", "site": "clinic", "modality": "ANY", "access": "walk_in",
            "arrivals": {"poisson": {"per_minute": 0.5}}, "duration": {"exponential": {"mean": 1}},
        }
    ],
}  # fmt: skip
SESSIONS = [{"days": "weekdays", "opens": "09:00", "closes": "11:00"}]
LONG_SESSIONS = [{"days": "daily", "opens": "06:00", "closes": "22:00"}]
IN_SESSION: dict[str, Any] = WALK_IN | {
    "stop": {"days": 7},
    "scanners": [WALK_IN["scanners"][0] | {"sessions": LONG_SESSIONS, "overrun": "finish"}],
}
BOOKED: dict[str, Any] = {
    "service": "one clinic",
    "start": "2026-01-05",
    "stop": {"days": 28},
    "sites": [{"id": "clinic"}],
    "booking": {"release_days": 1, "pool_lists": False},
    "scanners": [{"id": "only", "site": "clinic", "modality": "MR", "count": 1, "sessions": SESSIONS, "changeover": 5}],
    "demand": [
        {
            "id": "routine", "site": "clinic", "modality": "MR", "access": "booked", "priority": 3, "within_days": 42,
            "notice_days": 1, "slot": 30, "duration": {"fixed": 25}, "arrivals": {"poisson": {"per_week": 10}},
        }
    ],
}  # fmt: skip
DEPARTMENT: dict[str, Any] = {
    "department": "one room",
    "hours": {"opens": "08:00", "closes": "17:00"},
    "resources": [{"id": "room"}],
    "steps": [{"id": "Scan", "duration": {"fixed": 10}, "holds": {"room": 1}}],
    "patients": [{"id": "all", "arrivals": {"per_hour": {"08:00": 3, "16:00": 0}}, "pathway": [{"step": "Scan"}]}],
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(options: argparse.Namespace) -> int:
    for what, warm in (("charts", _charts), ("simulation", _simulation), ("flow", _flow), ("monthly plans", _plan)):
        started = time.monotonic()
        warm()
        print(f"{time.monotonic() - started:6.1f} s  {what}", flush=True)
    return 0


def _charts() -> None:
    import numpy as np

    from trustwide.analysis import spc
    from trustwide.analysis.spc.engine import COMPILED_FROM_POINTS

    days = np.datetime64("2020-01-01", "D") + np.arange(COMPILED_FROM_POINTS)
    values = np.sin(np.arange(COMPILED_FROM_POINTS))
    spc.charts(days, values, [0, COMPILED_FROM_POINTS])
    spc.shewhart_charts(values, None, [0, COMPILED_FROM_POINTS], spc.ShewhartSettings("i"))


def _simulation() -> None:
    from trustwide.analysis.capacity.engines import simulate
    from trustwide.analysis.capacity.service import load_service

    for described in (WALK_IN, IN_SESSION, BOOKED):
        simulate(load_service(described), replications=1)


def _flow() -> None:
    from trustwide.analysis.capacity import load_department, simulate_department

    simulate_department(load_department(DEPARTMENT), replications=1)


def _plan() -> None:
    import numpy as np

    from trustwide.analysis.capacity.monthly import (
        MonthlyHistory,
        Panel,
        Planner,
        Question,
        default_levers,
        fit_usual_course,
    )

    months = np.arange(np.datetime64("2024-01", "M"), np.datetime64("2025-01", "M"))
    bands = np.tile(np.array([50, 40, 30, 25, 20, 15, 8, 6, 5, 4, 3, 2, 1, 2]), (len(months), 1))
    tests, none = np.full(len(months), 200), np.zeros(len(months), dtype=np.int64)
    history = MonthlyHistory("WARM", "Warming", "MRI", months, bands, tests, none, none)
    levers = default_levers("MRI")
    planner = Planner(history, fit_usual_course(Panel.from_histories([history])), levers, Question(replications=50))
    planner.evaluate([levers[0].id])
