"""Histories whose truth is known, because they are made by rule."""

from __future__ import annotations

import numpy as np

from trustwide.analysis.capacity.monthly import MonthlyHistory, Panel
from trustwide.analysis.capacity.monthly.fit import profile_matrix

FLOWS = np.array([0, 90, 80, 60, 50, 40, 30, 10, 5, 3, 1, 1, 0, 0, 0], dtype=float)  # people a week by delay class


def steady_history(
    months: int = 30, *, flows: np.ndarray = FLOWS, growth: int = 0, start: str = "2023-04", test: str = "MRI"
) -> MonthlyHistory:
    """A list that keeps its bands (plus `growth` people a month in band 0), with tests that make it so."""
    times = np.arange(np.datetime64(start), np.datetime64(start) + months)
    from trustwide.analysis.capacity.monthly.fit import WORKING_DAYS_A_WEEK
    from trustwide.analysis.capacity.monthly.history import working_days

    bands = np.round(np.tile(profile_matrix() @ flows, (months, 1))).astype(np.int64)
    bands[:, 0] += growth * np.arange(months)
    tests = np.round(flows.sum() * working_days(times) / WORKING_DAYS_A_WEEK).astype(np.int64)
    none = np.zeros(months, dtype=np.int64)
    return MonthlyHistory("TEST", "Test Hospital", test, times, bands, tests, none, none)


def wandering_panel(lists: int = 60, months: int = 30, *, seed: int = 5, monthly_sd: float = 0.1) -> Panel:
    """Lists that are pure random walks in their logarithm: nothing to learn but their spread."""
    rng = np.random.default_rng(seed)
    logs = np.log(rng.uniform(500, 5000, (lists, 1))) + np.cumsum(rng.normal(0, monthly_sd, (lists, months)), axis=1)
    waiting = np.exp(logs)
    times = np.arange(np.datetime64("2023-04"), np.datetime64("2023-04") + months)
    return Panel(times, np.array(["MRI"] * lists), waiting, waiting * 0.2)
