"""The scale a kind of measure is forecast in, in which a change means the same at every size, and the way back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trustwide.analysis.forecast.model import Floats, Kind

SHARE_MARGIN = 0.005  # a share of 0 or 1 stands for one that is nearly that
RATE_MARGIN = 0.01  # of the pool's median, added to a rate so that 0 has a logarithm
LEAST_UNIT = 1e-9  # of the pool's largest value
LARGEST = 690.0  # its exponential is still a number


@dataclass(frozen=True)
class Scale:
    """Counts: log(1 + y). Rates: log(y + margin). Proportions: log odds. Signed: inverse hyperbolic sine."""

    kind: Kind
    unit: float

    @classmethod
    def of(cls, values: Floats, kind: Kind) -> Scale:
        """The scale of a pool: its unit is what is usual there, so that minutes and days give the same forecast."""
        sizes = np.abs(values[np.isfinite(values) & (values != 0)])
        usual = max(float(np.median(sizes)), LEAST_UNIT * float(sizes.max())) if len(sizes) else 1.0
        return cls(kind, {"rate": RATE_MARGIN * usual, "signed": usual}.get(kind, 1.0))

    def forward(self, values: Floats) -> Floats:
        """Values in the working scale; NaN stays."""
        if self.kind == "proportion":
            share = SHARE_MARGIN + (1 - 2 * SHARE_MARGIN) * values
            return np.asarray(np.log(share / (1 - share)))
        if self.kind == "signed":
            return np.asarray(np.arcsinh(values / self.unit))
        return np.asarray(np.log(values + self.unit))

    def back(self, working: Floats) -> Floats:
        """The way back, kept to what the kind can be."""
        bounded = np.clip(working, -LARGEST, LARGEST)
        if self.kind == "proportion":
            share = 1 / (1 + np.exp(-bounded))
            return np.clip((share - SHARE_MARGIN) / (1 - 2 * SHARE_MARGIN), 0.0, 1.0)
        if self.kind == "signed":
            return np.asarray(np.sinh(bounded) * self.unit)
        return np.maximum(np.exp(bounded) - self.unit, 0.0)
