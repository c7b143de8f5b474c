"""The definition, slow and readable: features by plain loops, logistic regression by plain maximisation."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np

from trustwide.analysis.attendance.features import NEARBY_SECONDS, OUTCOME_DELAY_DAYS, PRIOR_SEEN, WEEK, Features
from trustwide.analysis.attendance.model import Appointments, Numbers, in_days, in_seconds

_DAY = 86_400
_NAN = math.nan


class _Row:
    """One appointment as plain numbers."""

    def __init__(self, source: Appointments, index: int) -> None:
        self.identifier, self.patient = source.identifier[index], source.patient[index]
        self.day = float(in_days(source.appointment_on[index : index + 1])[0])
        self.booked = float(in_seconds(source.booked_at[index : index + 1])[0])
        self.missed = float(source.missed[index])
        self.known_facts = [float(column[index]) for column in (source.age, source.female, source.reminder_sent)]
        self.conditions = [float(value) for value in source.conditions[index]]

    @property
    def entered(self) -> float:
        """When it came to be known; without a booking time at the start of its day."""
        return self.day * _DAY if math.isnan(self.booked) else self.booked

    @property
    def moment(self) -> float:
        """When its risk is asked for: at the end of the evening before, or when it is booked if that is later."""
        times = [time for time in (self.day * _DAY, self.booked) if not math.isnan(time)]
        return max(times, default=_NAN)


def features_of(appointments: Appointments, history: Appointments, overall: float) -> Features:
    """As `features.features_of`, a row at a time."""
    rows = [_Row(appointments, i) for i in range(len(appointments))]
    pool = {each.identifier: each for each in rows}
    for other in (_Row(history, i) for i in range(len(history))):
        both = pool.setdefault(other.identifier, other)
        both.missed = other.missed if math.isnan(both.missed) else both.missed
    facts, past = [], []
    for row in rows:
        others = [other for other in pool.values() if other.identifier != row.identifier]
        own = [other for other in others if other.patient == row.patient and other.entered <= row.moment]
        facts.append([*_facts(row), *row.conditions, *_diary(row, own), *_nearby(row, others)])
        past.append(_past(row, own, overall))
    return Features(np.array(facts), np.array(past))


def _facts(row: _Row) -> list[float]:
    booked_day = _NAN if math.isnan(row.booked) else row.booked // _DAY
    hour = _NAN if math.isnan(row.booked) else (row.booked - booked_day * _DAY) / 3600
    return [row.day - booked_day, _weekday(row.day), hour, _weekday(booked_day), *row.known_facts]


def _weekday(day: float) -> float:
    return _NAN if math.isnan(day) else float((dt.date(1970, 1, 1) + dt.timedelta(days=day)).weekday())


def _diary(row: _Row, own: list[_Row]) -> list[float]:
    earlier = [row.day - other.day for other in own if other.day < row.day]
    same_day = [other for other in own if other.day == row.day]
    coming = [other for other in own if row.day < other.day <= row.day + WEEK]
    together = [other for other in own if other.entered // _DAY == row.entered // _DAY]
    return [len(earlier), min(earlier, default=_NAN), len(same_day), len(coming), len(together)]


def _past(row: _Row, own: list[_Row], overall: float) -> list[float]:
    told = [o for o in own if row.day - o.day >= OUTCOME_DELAY_DAYS and not math.isnan(o.missed)]
    if not told:
        return [0.0, _NAN, _NAN, _NAN, _NAN]
    missed = [other for other in told if other.missed == 1]
    since_miss = min((row.day - other.day for other in missed), default=_NAN)
    newest = min(row.day - other.day for other in told)
    share = (len(missed) + PRIOR_SEEN * overall) / (len(told) + PRIOR_SEEN)
    return [len(told), len(missed), share, since_miss, float(since_miss == newest)]


def _nearby(row: _Row, others: list[_Row]) -> list[float]:
    shares = []
    for seconds in NEARBY_SECONDS:
        near = [
            other
            for other in others
            if row.booked - seconds <= other.booked <= min(row.booked + seconds, row.moment)
            and not math.isnan(other.day)
        ]
        usable = near and not math.isnan(row.day)
        shares.append(sum(other.day == row.day for other in near) / len(near) if usable else _NAN)
    return shares


def logistic_coefficients(columns: Numbers, outcome: Numbers) -> Numbers:
    """Constant and coefficients that make `outcome` most likely."""
    from scipy.optimize import minimize

    design = np.column_stack([np.ones(len(outcome)), columns])

    def surprise(beta: Numbers) -> float:
        log_odds = design @ beta
        return float(np.logaddexp(0, log_odds).sum() - outcome @ log_odds)

    return np.asarray(minimize(surprise, np.zeros(design.shape[1]), method="BFGS", options={"gtol": 1e-7}).x)
