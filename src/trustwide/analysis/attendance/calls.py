"""Whom to call within the minutes there are, and who is kept out by lot so that the effect can be measured."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trustwide.analysis.attendance.model import AttendanceError, Numbers

_LOT = 2.0**-64


@dataclass(frozen=True)
class Calls:
    """The day's list. A patient is on it with all of the day's appointments: one call speaks of them all."""

    to_call: NDArray[Any]
    """Patients, those with the most expected misses first."""
    held_out: NDArray[Any]
    """Patients who would have been called but for the lot, in the same order; they are the comparison."""
    expected_prevented: float
    """Misses, if the assumed effect is right."""
    prevented_per_minute: float


def held_out(trial_key: str, patient: NDArray[Any], share: float) -> NDArray[np.bool_]:
    """Whose calls are left out by lot: the same answer for a patient as long as the trial keeps its secret key."""
    if not 0 <= share < 1:
        raise AttendanceError(f"the share held out is {share:g}; expected 0 or more and less than 1.")
    if not trial_key:
        raise AttendanceError("the trial has no key; give it a secret text, so that nobody can foresee its lots.")
    patients, code = np.unique(patient, return_inverse=True)
    return np.array([_lot(trial_key, str(each)) < share for each in patients], dtype=bool)[code]


def _lot(trial_key: str, patient: str) -> float:
    """A number from 0 to 1 that nobody without the key can tell."""
    digest = hmac.new(trial_key.encode(), patient.encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big") * _LOT


def choose_calls(
    patient: NDArray[Any],
    risk: Numbers,
    out: NDArray[np.bool_],
    staff_minutes: float,
    minutes_a_call: float,
    assumed_effect: float,
) -> Calls:
    """The patients of one day's appointments whose calls prevent the most misses within `staff_minutes`.

    `assumed_effect` is the share of misses that a call prevents. As every call takes the same time, going down the
    list by expected misses is the best choice there is. Those held out (`out`) are passed over at no cost.
    """
    if minutes_a_call <= 0 or staff_minutes < 0:
        raise AttendanceError(
            f"{staff_minutes:g} staff minutes and {minutes_a_call:g} minutes a call; expected 0 or more, and above 0."
        )
    if not 0 <= assumed_effect <= 1:
        raise AttendanceError(f"the assumed effect is {assumed_effect:g}; expected a share from 0 to 1.")
    patients, first, code = np.unique(patient, return_index=True, return_inverse=True)
    expected = np.bincount(code, weights=risk, minlength=len(patients))
    order = np.argsort(-expected, kind="stable")
    left_out = out[first][order]
    room = int(staff_minutes // minutes_a_call)
    listed = np.cumsum(~left_out) <= room if room else np.zeros(len(order), dtype=bool)
    called, kept_out = order[listed & ~left_out], order[listed & left_out]
    prevented = float(expected[called].sum() * assumed_effect)
    minutes = len(called) * minutes_a_call
    return Calls(patients[called], patients[kept_out], prevented, prevented / minutes if minutes else 0.0)
