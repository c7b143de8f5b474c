"""What is known of an appointment the evening before it (for one booked on its own day: when it is booked)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trustwide.analysis.attendance.model import Appointments, Numbers, in_days, in_seconds

OUTCOME_DELAY_DAYS = 2
"""Calls are made the day before, when the newest full day of outcomes is that of two days before the appointment."""
WEEK = 7
PRIOR_SEEN = 4.0
"""A patient's own share of misses weighs as much as the overall share after this many appointments."""
NEARBY_SECONDS = (600, 3600)
"""Bookings made so close to this one tell whether a clerk was filling one clinic."""

FACTS = ("lead_days", "weekday", "booking_hour", "booking_weekday", "age", "female", "reminder_sent")
DIARY = ("earlier", "days_since_earlier", "same_day", "coming_week", "booked_together")
NEARBY = tuple(f"same_day_share_{seconds}" for seconds in NEARBY_SECONDS)
PAST = ("seen", "missed", "miss_share", "days_since_miss", "last_missed")
_DAY = 86_400
_PAIRS_AT_ONCE = 4_000_000  # bounds memory at about half a gigabyte


@dataclass(frozen=True)
class Features:
    """A row an appointment: what needs no outcome, and what the patient's known outcomes say (NaN without any)."""

    facts: Numbers
    """`FACTS`, the conditions, `DIARY` (the patient's other appointments), `NEARBY` (of other patients)."""
    past: Numbers
    """`PAST`."""

    @property
    def has_past(self) -> NDArray[np.bool_]:
        """Which rows' patients have a known outcome."""
        return self.past[:, 0] > 0


def features_of(appointments: Appointments, history: Appointments, overall: float) -> Features:
    """Features of every row; `history` holds other rows, `overall` is the share missed that a patient's shrinks to.

    A row that is in both counts once. A row's own outcome, outcomes of days that it cannot yet know and bookings made
    later are never used, so `history` may reach past the appointments.
    """
    pool = appointments.and_more(history)
    diary = np.empty((len(appointments), len(DIARY)))
    past = np.empty((len(appointments), len(PAST)))
    for rows, start, pairs in _blocks(appointments, pool):
        diary[rows], past[rows] = _of_patient(appointments, pool, start, pairs, overall)
    facts = np.hstack([_facts(appointments), appointments.conditions, diary, _nearby(appointments, pool)])
    return Features(facts, past)


def known_from(appointments: Appointments) -> tuple[Numbers, Numbers]:
    """Seconds at which each row is booked, and at which its risk is asked for."""
    midnight = in_days(appointments.appointment_on) * _DAY
    booked = in_seconds(appointments.booked_at)
    return np.where(np.isnan(booked), midnight, booked), np.fmax(midnight, booked)


def _facts(appointments: Appointments) -> Numbers:
    booked = in_seconds(appointments.booked_at)
    return np.column_stack(
        [
            appointments.lead_days, _weekday(appointments.appointment_on), booked % _DAY / 3600.0,
            _weekday(appointments.booked_at), appointments.age, appointments.female, appointments.reminder_sent,
        ]
    )  # fmt: skip


def _weekday(times: NDArray[np.datetime64]) -> Numbers:
    return (in_days(times) + 3) % 7  # 1 January 1970 was a Thursday; 0 is Monday


def _blocks(
    appointments: Appointments, pool: Appointments
) -> Iterator[tuple[NDArray[Any], NDArray[Any], tuple[NDArray[Any], NDArray[Any]]]]:
    """Some rows at a time: the rows, where each one's pairs start, and the pairs (row, row of its patient in `pool`).

    Every appointment is in the pool, so every row has at least the pair with itself.
    """
    _, codes = np.unique(np.concatenate([pool.patient, appointments.patient]), return_inverse=True)
    in_pool, of_row = codes[: len(pool)], codes[len(pool) :]
    order = np.argsort(in_pool, kind="stable")
    ordered = in_pool[order]
    first = np.searchsorted(ordered, of_row, side="left")
    count = np.searchsorted(ordered, of_row, side="right") - first
    block = np.cumsum(count) // _PAIRS_AT_ONCE
    for number in np.unique(block):
        rows = np.flatnonzero(block == number)
        start = np.cumsum(count[rows]) - count[rows]
        row = np.repeat(rows, count[rows])
        within = np.arange(len(row)) - np.repeat(start, count[rows])
        yield rows, start, (row, order[first[row] + within])


def _of_patient(
    appointments: Appointments,
    pool: Appointments,
    start: NDArray[Any],
    pairs: tuple[NDArray[Any], NDArray[Any]],
    overall: float,
) -> tuple[Numbers, Numbers]:
    """`DIARY` and `PAST` of one block, from each row's pairs."""
    row, other = pairs
    (booked, moment), (others_booked, _) = known_from(appointments), known_from(pool)
    known = (others_booked[other] <= moment[row]) & (pool.identifier[other] != appointments.identifier[row])
    gap = in_days(appointments.appointment_on)[row] - in_days(pool.appointment_on)[other]
    together = others_booked[other] // _DAY == booked[row] // _DAY

    def total(mask: NDArray[Any]) -> Numbers:
        return np.add.reduceat(mask.astype(np.float64), start)

    def least(mask: NDArray[Any]) -> Numbers:
        nearest = np.minimum.reduceat(np.where(mask, gap, np.inf), start)
        return np.where(np.isinf(nearest), np.nan, nearest)

    earlier, coming = known & (gap > 0), known & (gap < 0) & (gap >= -WEEK)
    diary = [total(earlier), least(earlier), total(known & (gap == 0)), total(coming), total(known & together)]
    told = known & (gap >= OUTCOME_DELAY_DAYS) & pool.outcome_known[other]
    missed = told & (pool.missed[other] == 1)
    seen, misses, last_miss = total(told), total(missed), least(missed)
    share = (misses + PRIOR_SEEN * overall) / (seen + PRIOR_SEEN)
    past = np.column_stack([seen, misses, share, last_miss, least(told) == last_miss])
    past[seen == 0, 1:] = np.nan
    return np.column_stack(diary), past


def _nearby(appointments: Appointments, pool: Appointments) -> Numbers:
    """Of the other bookings made within some minutes of this one, the share that is for the same day."""
    booked, moment = in_seconds(appointments.booked_at), known_from(appointments)[1]
    day, usable = in_days(appointments.appointment_on), ~np.isnan(appointments.lead_days)
    of_pool = ~np.isnan(pool.lead_days)
    pool_booked, pool_day = in_seconds(pool.booked_at)[of_pool], in_days(pool.appointment_on)[of_pool]
    shares = np.full((len(appointments), len(NEARBY)), np.nan)
    for column, seconds in enumerate(NEARBY_SECONDS):
        low, high = booked - seconds, np.minimum(booked + seconds, moment)
        every = _between(pool_booked, low[usable], high[usable]) - 1
        # a day apart is further than any two booking times, so one sorted column holds both
        apart = 10.0**10
        same = _between(pool_day * apart + pool_booked, (day * apart + low)[usable], (day * apart + high)[usable]) - 1
        shares[usable, column] = np.divide(same, every, out=np.full(len(every), np.nan), where=every > 0)
    return shares


def _between(values: Numbers, low: Numbers, high: Numbers) -> Numbers:
    """How many of `values` lie in each closed interval."""
    ordered = np.sort(values)
    inside = np.searchsorted(ordered, high, side="right") - np.searchsorted(ordered, low, side="left")
    return inside.astype(np.float64)
