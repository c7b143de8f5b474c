"""Public monthly figures of one provider and one test, as the DM01 return gives them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import holidays
import numpy as np
from numpy.typing import NDArray

Months = NDArray[np.datetime64]
Counts = NDArray[np.int64]
Reals = NDArray[np.float64]

BAND_COUNT = 14
COUNTS = ("waiting_list_tests", "planned_tests", "unscheduled_tests")


class HistoryError(ValueError):
    """The monthly history cannot carry what was asked of it; the sentence says why and what would."""


@dataclass(frozen=True)
class MonthlyHistory:
    """The months a provider returned for one test, oldest first; a month it did not return is absent, not zero.

    months: datetime64[M], shape (n,). bands: people waiting at month end by whole weeks waited, 0 to 12, then
    13 and over, shape (n, 14). The other counts are tests done in the month, shape (n,).
    """

    provider: str
    provider_name: str
    test: str
    months: Months
    bands: Counts
    waiting_list_tests: Counts
    planned_tests: Counts
    unscheduled_tests: Counts

    def __post_init__(self) -> None:
        n = len(self.months)
        if self.bands.shape != (n, BAND_COUNT):
            raise HistoryError(f"bands: expected {n} months by {BAND_COUNT} weeks, got {self.bands.shape}.")
        if n > 1 and not np.all(np.diff(self.months.astype(np.int64)) > 0):
            raise HistoryError("months: each month must come once, oldest first.")

    @property
    def waiting_list(self) -> Counts:
        """Everyone waiting at month end, shape (n,)."""
        return np.asarray(self.bands.sum(axis=1), dtype=np.int64)

    @property
    def over_six_weeks(self) -> Counts:
        """People waiting six weeks or more at month end, shape (n,)."""
        return np.asarray(self.bands[:, 6:].sum(axis=1), dtype=np.int64)

    def to_dict(self) -> dict[str, Any]:
        """The history as plain values, to be kept with a plan so that it can be repeated exactly."""
        return {
            "provider": self.provider, "provider_name": self.provider_name, "test": self.test,
            "months": [str(month) for month in self.months],
            **{name: getattr(self, name).tolist() for name in ("bands", *COUNTS)},
        }  # fmt: skip

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> MonthlyHistory:
        """The history that `to_dict` wrote."""
        n = len(data["months"])
        counts = [np.array(data[name], dtype=np.int64) for name in COUNTS]
        return cls(
            data["provider"], data["provider_name"], data["test"], np.array(data["months"], dtype="datetime64[M]"),
            np.array(data["bands"], dtype=np.int64).reshape(n, BAND_COUNT),
            *counts,
        )  # fmt: skip

    def up_to(self, month: np.datetime64) -> MonthlyHistory:
        """The history as it was known at the end of `month`."""
        return self._take(self.months <= month)

    def after(self, month: np.datetime64) -> MonthlyHistory:
        """What came later than `month`."""
        return self._take(self.months > month)

    def _take(self, keep: NDArray[np.bool_]) -> MonthlyHistory:
        return MonthlyHistory(
            self.provider, self.provider_name, self.test, self.months[keep], self.bands[keep],
            self.waiting_list_tests[keep], self.planned_tests[keep], self.unscheduled_tests[keep],
        )  # fmt: skip


@lru_cache(maxsize=64)
def _bank_holidays(year: int) -> frozenset[np.datetime64]:
    return frozenset(np.datetime64(day, "D") for day in holidays.country_holidays("GB", subdiv="ENG", years=year))


def _closed_days(times: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    years = times.astype("datetime64[Y]").astype(np.int64) + 1970
    closed = set().union(*(_bank_holidays(year) for year in range(int(years.min()), int(years.max()) + 2)))
    return np.array(sorted(closed), dtype="datetime64[D]")


def working_days(months: Months) -> Reals:
    """Weekdays that are not bank holidays in England, for each of `months`, shape (n,)."""
    first = months.astype("datetime64[M]")
    closed = _closed_days(first)
    starts, ends = first.astype("datetime64[D]"), (first + 1).astype("datetime64[D]")
    return np.asarray(np.busday_count(starts, ends, holidays=closed).astype(np.float64))


def is_working_day(days: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    """Whether each of `days` is a weekday and no bank holiday in England, shape (n,)."""
    return np.asarray(np.is_busday(days, holidays=_closed_days(days)))
