"""What calls did: those on the list who were to be called against those held out by lot, as they were allotted."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from trustwide.analysis.attendance.model import AttendanceError, Numbers


@dataclass(frozen=True)
class Arm:
    """Patients allotted to one side, and how many of them missed."""

    patients: int
    missed: int

    def __post_init__(self) -> None:
        if not 0 <= self.missed <= self.patients or self.patients == 0:
            raise AttendanceError(
                f"{self.missed:,} of {self.patients:,} patients missed; expected at least one patient, and no more "
                "misses than patients."
            )

    @property
    def share(self) -> float:
        """Share who missed."""
        return self.missed / self.patients


@dataclass(frozen=True)
class Interval:
    """A figure and the limits of its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Effect:
    """Share missed when called against when held out."""

    called: Arm
    held_out: Arm
    difference: Interval
    """Called less held out: below 0 calls prevented misses."""
    ratio: Interval | None
    """Called over held out; None when nobody held out missed."""


def arms(
    patient: NDArray[Any], listed_on: NDArray[np.datetime64], missed: Numbers, out: NDArray[np.bool_]
) -> tuple[Arm, Arm]:
    """Called and held out, from every listed appointment: a patient counts once, by the first with a known outcome.

    Whoever was to be called counts as called, whether or not anybody answered (intention to treat).
    """
    told = np.flatnonzero(~np.isnan(missed))
    order = told[np.argsort(listed_on[told], kind="stable")]
    _, first = np.unique(patient[order], return_index=True)
    rows = order[first]
    counts = [(int(side.sum()), int(missed[rows][side].sum())) for side in (~out[rows], out[rows])]
    return Arm(*counts[0]), Arm(*counts[1])


def effect_of_calls(called: Arm, held_out: Arm, confidence: float = 0.95) -> Effect:
    """Difference and ratio of the shares missed, with intervals that combine Wilson's for each share.

    Difference: Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10. Ratio: Donner and Zou, Statistical
    Methods in Medical Research 21 (2012) 347-359, with the same limits.
    """
    first, second = wilson(called, confidence), wilson(held_out, confidence)
    value = first.value - second.value
    difference = Interval(
        value,
        value - sqrt((first.value - first.low) ** 2 + (second.high - second.value) ** 2),
        value + sqrt((first.high - first.value) ** 2 + (second.value - second.low) ** 2),
    )
    return Effect(called, held_out, difference, _ratio(first, second) if held_out.missed else None)


def wilson(arm: Arm, confidence: float = 0.95) -> Interval:
    """Score interval of a share: Wilson, Journal of the American Statistical Association 22 (1927) 209-212."""
    z2 = float(ndtri((1 + confidence) / 2)) ** 2
    n, p = arm.patients, arm.share
    middle, reach = (2 * n * p + z2) / (2 * (n + z2)), sqrt(z2 * (z2 + 4 * n * p * (1 - p))) / (2 * (n + z2))
    # rounding must not push a limit past the share itself
    return Interval(p, min(p, max(0.0, middle - reach)), max(p, min(1.0, middle + reach)))


def _ratio(first: Interval, second: Interval) -> Interval:
    product = first.value * second.value
    below = first.low * (2 * first.value - first.low)
    root_low = sqrt(max(0.0, product**2 - below * second.high * (2 * second.value - second.high)))
    above = second.low * (2 * second.value - second.low)
    root_high = sqrt(max(0.0, product**2 - above * first.high * (2 * first.value - first.high)))
    low = below / (product + root_low) if below else 0.0
    return Interval(first.value / second.value, low, (product + root_high) / above)


def patients_needed(
    share_without: float, share_with: float, held_out_share: float, power: float = 0.8, confidence: float = 0.95
) -> int:
    """Listed patients, both sides together, for a two-sided test of two shares to find the difference so often.

    Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, 3rd edition, section 4.3, without the
    correction for continuity.
    """
    if not (0 < share_without < 1 and 0 < share_with < 1 and share_without != share_with):
        raise AttendanceError(
            f"shares missed of {share_without:g} without calls and {share_with:g} with; expected two different shares "
            "between 0 and 1."
        )
    if not (0 < held_out_share < 1 and 0 < power < 1 and 0 < confidence < 1):
        raise AttendanceError("the share held out, the power and the confidence must each lie between 0 and 1.")
    called_share = 1 - held_out_share
    pooled = called_share * share_with + held_out_share * share_without
    if_none = sqrt(pooled * (1 - pooled) * (1 / called_share + 1 / held_out_share))
    if_real = sqrt(share_with * (1 - share_with) / called_share + share_without * (1 - share_without) / held_out_share)
    reach = float(ndtri((1 + confidence) / 2)) * if_none + float(ndtri(power)) * if_real
    return ceil((reach / (share_without - share_with)) ** 2)
