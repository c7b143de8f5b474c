"""Appointments for the tests, written as rows."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from trustwide.analysis.attendance import Appointments


def appointments(*rows: tuple, age: float = 40.0) -> Appointments:
    """Rows of (number, patient, booked at, day, missed)."""
    identifier, patient, booked, day, missed = zip(*rows, strict=True)
    count = len(rows)
    return Appointments(
        identifier=np.array(identifier),
        patient=np.array(patient),
        booked_at=np.array(booked, dtype="datetime64[s]"),
        appointment_on=np.array(day, dtype="datetime64[D]"),
        age=np.full(count, age),
        female=np.ones(count),
        reminder_sent=np.zeros(count),
        conditions=np.zeros((count, 1)),
        missed=np.array(missed, dtype=float),
    )


def simulated(seed: int, count: int = 6000, patients: int = 2500) -> tuple[Appointments, np.ndarray]:
    """Appointments whose true chance of being missed is known, and that chance."""
    rng = np.random.default_rng(seed)
    patient = rng.integers(0, patients, count)
    lead = rng.integers(0, 60, count) * (rng.random(count) < 0.7)
    day = np.datetime64("2025-01-06") + rng.integers(0, 120, count)
    age = rng.integers(0, 95, count).astype(float)
    habit = rng.normal(0, 0.9, patients)[patient]
    chance = expit(-2.6 + 0.9 * (lead > 0) + 0.02 * lead - 0.015 * (age - 45) + habit)
    booked = (day - lead).astype("datetime64[s]") + rng.integers(8 * 3600, 18 * 3600, count)
    made = Appointments(
        identifier=np.arange(count),
        patient=patient,
        booked_at=booked,
        appointment_on=day,
        age=age,
        female=(rng.random(count) < 0.5).astype(float),
        reminder_sent=(lead > 2).astype(float),
        conditions=(rng.random((count, 2)) < 0.1).astype(float),
        missed=(rng.random(count) < chance).astype(float),
    )
    return made, chance
