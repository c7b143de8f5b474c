"""What a run of the lists comes to: waits of those scanned and of those waiting, and whether the target was met."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trustwide.analysis.capacity.monthly.history import BAND_COUNT, Reals
from trustwide.analysis.capacity.monthly.lists import ListResults

WINDOW_DAYS = 28  # "scanned" figures are over those scanned in the four weeks that end at a date
CHECKS = 4  # the target must hold in each of the last four weeks


@dataclass(frozen=True)
class Waits:
    """Mean experienced waits of those scanned in the four weeks that end with each day, in weeks; NaN where nobody was.

    together: all streams, (R, D). streams: urgent and routine, (R, D, 2). stuck: whether a stream has people waiting
    and none was scanned in those weeks, (R, D).
    """

    together: Reals
    streams: Reals
    stuck: NDArray[np.bool_]

    @classmethod
    def of(cls, results: ListResults, clocks: Reals) -> Waits:
        """From a run; `clocks` turns waits on the return's clock into experienced ones, (R,)."""
        seen, waited = _window(results.seen.astype(np.float64)), _window(results.waited)
        together = _weeks(waited.sum(axis=2), seen.sum(axis=2)) * clocks[:, None]
        stuck = np.asarray(((seen == 0) & (results.waiting > 0)).any(axis=2))
        return cls(together, _weeks(waited, seen) * clocks[:, None, None], stuck)

    def met(self, weeks: float) -> NDArray[np.bool_]:
        """Whether every stream's mean was within `weeks` in each of the four weeks that end with each day, (R, D)."""
        good = np.asarray(~(self.streams > weeks).any(axis=2)) & ~self.stuck
        good[:, : WINDOW_DAYS - 1] = False  # a window that is not full proves nothing
        met = good.copy()
        for check in range(1, CHECKS):
            met[:, 7 * check :] &= good[:, : -7 * check]
            met[:, : 7 * check] = False
        return met


def _window(daily: Reals) -> Reals:
    """Sums over the four weeks that end with each day, along axis 1."""
    sums = np.cumsum(daily, axis=1)
    sums[:, WINDOW_DAYS:] -= sums[:, :-WINDOW_DAYS].copy()
    return sums


def _weeks(days: Reals, people: Reals) -> Reals:
    return np.where(people > 0, days / np.maximum(people, 1) / 7, np.nan)


def first_day_met(met: NDArray[np.bool_]) -> int | None:
    """First day by which half of the futures or more meet the target; None if there is none. met (R, D)."""
    days = np.flatnonzero(met.mean(axis=0) >= 0.5)
    return int(days[0]) if len(days) else None


def median_weeks(bands: NDArray[np.integer[Any]]) -> Reals:
    """Median wait in weeks of those waiting, even within a band; bands (..., 14) -> (...). NaN for an empty list."""
    cumulated = np.cumsum(bands, axis=-1).astype(np.float64)
    half = cumulated[..., -1:] / 2
    band = np.minimum((cumulated < half).sum(axis=-1), BAND_COUNT - 1)
    here = np.take_along_axis(bands, band[..., None], axis=-1)[..., 0]
    before = np.take_along_axis(cumulated, band[..., None], axis=-1)[..., 0] - here
    inside = np.where(here > 0, (half[..., 0] - before) / np.maximum(here, 1), 0.0)
    return np.asarray(np.where(cumulated[..., -1] > 0, band + inside, np.nan))
