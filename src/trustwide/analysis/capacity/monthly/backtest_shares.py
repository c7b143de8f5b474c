"""How right the projected six-week shares would have been: the whole simulation, not only the list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from trustwide.analysis.capacity.monthly.backtest import SHORTEST_LIST
from trustwide.analysis.capacity.monthly.course import Panel, fit_usual_course
from trustwide.analysis.capacity.monthly.history import MonthlyHistory
from trustwide.analysis.capacity.monthly.plan import Planner, Question

FEWEST_MONTHS = 12
FUTURES = 60


@dataclass(frozen=True)
class ShareScore:
    """Mean absolute error of the share over six weeks in percentage points, and coverage of the 80 % interval."""

    as_at: np.datetime64
    test: str
    months_ahead: int
    lists: int
    ours: float
    last_value: float
    coverage: float


def backtest_shares(
    histories: Iterable[MonthlyHistory], panel: Panel, as_at: np.datetime64, months_ahead: int
) -> list[ShareScore]:
    """Project the six-week share of every list of 500 or more and compare with what came, a row a test."""
    usual = fit_usual_course(panel.up_to(as_at))
    rows: dict[str, list[tuple[float, float, bool]]] = {}
    for history in histories:
        known, came = history.up_to(as_at), history.months == as_at + months_ahead
        if len(known.months) < FEWEST_MONTHS or known.months[-1] != as_at or not came.any():
            continue
        start, actual = float(known.waiting_list[-1]), float(history.waiting_list[came][0])
        if start < SHORTEST_LIST or actual == 0:
            continue
        now, then = known.over_six_weeks[-1] / start, history.over_six_weeks[came][0] / actual
        share = Planner(known, usual, [], Question(replications=FUTURES)).project()[months_ahead - 1].six_week_share
        inside = share.low <= then <= share.high
        rows.setdefault(history.test, []).append((100 * abs(share.median - then), 100 * abs(now - then), inside))
    return [
        ShareScore(as_at, test, months_ahead, len(found), *(float(mean) for mean in _means(found)))
        for test, found in sorted(rows.items())
    ]


def _means(found: list[tuple[float, float, bool]]) -> tuple[float, float, float]:
    ours, last, inside = np.array(found, dtype=np.float64).mean(axis=0)
    return ours, last, 100 * inside
