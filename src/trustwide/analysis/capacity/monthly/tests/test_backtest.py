"""The back-test counts errors as one would by hand and never looks ahead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from trustwide.analysis.capacity.monthly import MonthlyHistory, Panel, backtest, hindsight
from trustwide.analysis.capacity.monthly.tests.synthetic import steady_history, wandering_panel

AS_AT = np.datetime64("2025-03")


def history_of(lists: np.ndarray) -> MonthlyHistory:
    base = steady_history(len(lists))
    bands = np.zeros((len(lists), 14), dtype=np.int64)
    bands[:, 0] = lists
    return replace(base, bands=bands)


def test_errors_of_the_plain_methods_by_hand() -> None:
    lists = np.full(30, 1000)
    lists[:12] = 800  # 2023-04 to 2024-03
    lists[-1] = 1250  # 2025-09
    (score,) = backtest([history_of(lists)], wandering_panel(), [AS_AT], [6])
    assert score.last_value == pytest.approx(100 * 250 / 1250)
    assert score.drift == pytest.approx(100 * (1250 - (1000 + 6 * 200 / 12)) / 1250)
    assert score.seasonal_naive == pytest.approx(100 * 250 / 1250)  # September 2024 was 1,000
    assert score.lists == 1


def test_nothing_after_the_month_is_used() -> None:
    lists = np.linspace(900, 1500, 30).round()
    later = lists.copy()
    later[24:] *= 1.5
    panel = wandering_panel()
    tripled = panel.waiting * np.where(panel.months > AS_AT, 3.0, 1.0)
    other = Panel(panel.months, panel.tests, tripled, panel.over_six_weeks)
    past = [
        hindsight(history_of(each), known, history_of(each[:24])).since[0].median
        for each, known in ((lists, panel), (later, other))
    ]
    assert past[0] == past[1]
    errors = [backtest([history_of(lists)], known, [AS_AT], [6])[0].ours for known in (panel, other)]
    assert errors[0] == errors[1]


def test_short_lists_are_left_out() -> None:
    assert backtest([history_of(np.full(30, 400))], wandering_panel(), [AS_AT], [6]) == []


def test_random_walks_cannot_be_beaten_but_are_covered() -> None:
    """On lists that only wander, ours and the last value err alike, and four in five lie inside."""
    panel = wandering_panel(lists=300, seed=3)
    every = [history_of(row.round()) for row in panel.waiting]
    (score,) = backtest(every, panel, [AS_AT], [6])
    assert score.ours == pytest.approx(score.last_value, rel=0.1)
    assert score.coverage == pytest.approx(80, abs=7)  # three standard errors of a share over 300 lists


def test_hindsight_says_how_far_out_it_was() -> None:
    lists = np.full(30, 1000)
    lists[-1] = 2000
    past = hindsight(history_of(lists), wandering_panel(), history_of(lists))
    assert past is not None
    assert past.as_at == np.datetime64("2024-09")
    assert past.since[-1].error == pytest.approx(0.5, abs=0.15)
    assert "below what came" in past.sentence()
