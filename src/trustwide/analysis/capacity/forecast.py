"""A forecast figure and its interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Range:
    """A forecast figure: median and 80 % interval."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: NDArray[np.float64]) -> Range:
        """Median, 10th and 90th percentile of the replications, (R,); figures nobody had are left out."""
        known = values[np.isfinite(values)]
        if not len(known):
            return cls(float("nan"), float("nan"), float("nan"))
        low, median, high = np.quantile(known, [0.1, 0.5, 0.9])
        return cls(float(median), float(low), float(high))

    def to_dict(self, digits: int = 2) -> dict[str, float | None]:
        """Rounded for people and files; a figure that nobody had is None."""
        values = {"median": self.median, "low": self.low, "high": self.high}
        return {key: round(value, digits) if np.isfinite(value) else None for key, value in values.items()}
