"""Frozen inputs and results: appointments as columns, how good a set of risks is, and how it errs by group."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


class AttendanceError(ValueError):
    """A sentence: what about the appointments cannot be used, and what was expected."""


def in_days(times: NDArray[np.datetime64]) -> Numbers:
    """Whole days since 1970, NaN for NaT."""
    return np.where(np.isnat(times), np.nan, times.astype("datetime64[D]").astype(np.float64))


def in_seconds(times: NDArray[np.datetime64]) -> Numbers:
    """Seconds since 1970, NaN for NaT."""
    return np.where(np.isnat(times), np.nan, times.astype("datetime64[s]").astype(np.float64))


@dataclass(frozen=True)
class Appointments:
    """One row an appointment, columns of one length. What is not known is NaN or NaT. Raises `AttendanceError`."""

    identifier: NDArray[Any]
    """The appointment's own number, unique."""
    patient: NDArray[Any]
    booked_at: NDArray[np.datetime64]
    """To the second, local time; not known when it is after the day of the appointment."""
    appointment_on: NDArray[np.datetime64]
    """The day."""
    age: Numbers
    """Years."""
    female: Numbers
    """1 or 0."""
    reminder_sent: Numbers
    """1 or 0."""
    conditions: Numbers
    """A column for each long-term condition: 0 no, 1 or more yes."""
    missed: Numbers
    """1 missed, 0 came, NaN not known."""

    def __post_init__(self) -> None:
        rows = len(self.identifier)
        for field in fields(self):
            column = getattr(self, field.name)
            if len(column) != rows:
                raise AttendanceError(f"{field.name} has {len(column):,} rows, identifier {rows:,}; expected as many.")
        if self.conditions.ndim != 2:
            raise AttendanceError(f"conditions has {self.conditions.ndim} dimensions; expected rows and columns.")
        if (self.lead_days < 0).any():
            raise AttendanceError("an appointment is booked after its own day; give no booking time (NaT) for it.")
        if len(np.unique(self.identifier)) != rows:
            raise AttendanceError("an appointment number occurs twice in identifier; expected each once.")
        if not np.isin(self.missed[~np.isnan(self.missed)], (0.0, 1.0)).all():
            raise AttendanceError("missed holds something else than 1 (missed), 0 (came) and NaN (not known).")

    def __len__(self) -> int:
        return len(self.identifier)

    @property
    def booked_ahead(self) -> NDArray[np.bool_]:
        """Which were not booked on the very day of the appointment."""
        return np.not_equal(self.lead_days, 0)

    @property
    def outcome_known(self) -> NDArray[np.bool_]:
        """Which are known to have been missed or kept."""
        return ~np.isnan(self.missed)

    @property
    def lead_days(self) -> Numbers:
        """Days from the day of booking to the day of the appointment."""
        return in_days(self.appointment_on) - in_days(self.booked_at)

    def rows(self, which: NDArray[Any]) -> Appointments:
        """The rows that a mask or an index picks, in its order."""
        return Appointments(**{field.name: getattr(self, field.name)[which] for field in fields(self)})

    def without_outcomes(self) -> Appointments:
        """The same facts, as if no outcome had been recorded."""
        columns = {field.name: getattr(self, field.name) for field in fields(self)}
        return Appointments(**columns | {"missed": np.full(len(self), np.nan)})

    def and_more(self, more: Appointments) -> Appointments:
        """These, then those of `more` whose number is not here; an outcome not known here is taken from there."""
        _, here, there = np.intersect1d(self.identifier, more.identifier, assume_unique=True, return_indices=True)
        missed = self.missed.copy()
        missed[here] = np.where(np.isnan(missed[here]), more.missed[there], missed[here])
        new = np.ones(len(more), dtype=bool)
        new[there] = False
        return Appointments(
            **{
                field.name: np.concatenate(
                    [missed if field.name == "missed" else getattr(self, field.name), getattr(more, field.name)[new]]
                )
                for field in fields(self)
            }
        )


@dataclass(frozen=True)
class Estimate:
    """A figure with its standard error."""

    value: float
    error: float


@dataclass(frozen=True)
class Quality:
    """How well risks told who would miss, and how far they may be taken at their word."""

    appointments: int
    missed: int
    auc: Estimate
    """The chance that one who missed had the higher risk than one who came."""
    brier: Estimate
    """Mean squared error of the risk; less is better."""
    brier_skill: float
    """Share by which `brier` is less than that of giving everybody the same overall share."""
    ece: float
    """Mean distance between risk and what came, in ten groups of equal size; includes chance."""
    slope: Estimate
    """Calibration slope: 1 is right, below 1 the risks are too far apart."""
    intercept: Estimate
    """Calibration in the large, on the log-odds scale: 0 is right, above 0 more missed than was said."""


@dataclass(frozen=True)
class GroupAudit:
    """The error of the risks in one group of people: for looking at, never for computing a risk."""

    group: str
    appointments: int
    missed_share: float
    mean_risk: float
    auc: Estimate
    difference: Estimate
    """Share missed less mean risk."""
