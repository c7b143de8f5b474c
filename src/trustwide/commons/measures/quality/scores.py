"""One number for how far a series can be trusted: the share of its last periods that nothing speaks against.

A series is expected to have every period from its first to the newest that more than half of its peers have (or its
own newest, where that is later), and the last RECENT of these count. From each, the heaviest doubt about it takes its
weight (`kinds.CHECKS`). The score is what is left, in hundredths, rounded down, so that 100 means: no doubt.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from trustwide.commons.measures.quality.kinds import CHECKS, Doubt

if TYPE_CHECKING:
    from numpy.typing import NDArray

RECENT = 24


@dataclass(frozen=True, eq=False)
class Spans:
    """The number of the first and the newest period of each series, and of the newest that is expected of it."""

    first: NDArray[np.int64]
    newest: NDArray[np.int64]
    expected: NDArray[np.int64]


def scores(spans: Spans, doubts: Sequence[Doubt]) -> NDArray[np.int64]:
    """The score of each series. `doubts` name series by their place in `spans`, in any order."""
    ends = np.maximum(spans.newest, spans.expected)
    starts = np.maximum(spans.first, ends - RECENT + 1)
    taken = np.zeros((len(ends), RECENT))
    rows, places, weights = _expanded(doubts, starts, ends)
    np.maximum.at(taken, (rows, places), weights)
    left = 1 - taken.sum(axis=1) / (ends - starts + 1)
    whole: NDArray[np.int64] = np.floor(100 * left + 1e-9).astype(np.int64)
    return whole


def _expanded(doubts: Sequence[Doubt], starts: Any, ends: Any) -> tuple[Any, Any, Any]:
    """Each recent period that a doubt covers: its series, its place among the recent ones, and the doubt's weight."""
    of = np.array([doubt.series for doubt in doubts], dtype=np.int64)
    firsts = np.maximum(np.array([doubt.first for doubt in doubts], dtype=np.int64), starts[of])
    lasts = np.minimum(np.array([doubt.last for doubt in doubts], dtype=np.int64), ends[of])
    lengths = np.maximum(lasts - firsts + 1, 0)
    rows = np.repeat(of, lengths)
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    weights = np.array([CHECKS[doubt.kind].weight for doubt in doubts])
    return rows, np.repeat(firsts, lengths) + within - starts[rows], np.repeat(weights, lengths)


def score_reference(first: int, newest: int, expected: int, doubts: Iterable[Doubt]) -> int:
    """The score of one series, as plainly as it can be said."""
    end = max(newest, expected)
    periods = range(max(first, end - RECENT + 1), end + 1)
    against = list(doubts)
    taken = sum(
        max((CHECKS[doubt.kind].weight for doubt in against if doubt.first <= period <= doubt.last), default=0.0)
        for period in periods
    )
    return math.floor(100 * (1 - taken / len(periods)) + 1e-9)
