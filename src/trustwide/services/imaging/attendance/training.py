"""Appointments as the analysis takes them, and how good its risks are on patients it never saw.

No ethnicity, no deprivation and no address is read: not to compute a risk, and not here at all.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import numpy as np
from django.db.models import Count, Q
from django.db.models.functions import Coalesce
from numpy.typing import NDArray

from trustwide.analysis.attendance import (
    Appointments,
    Arm,
    CrossValidated,
    audit_by_group,
    cross_validate,
    quality,
    train,
)
from trustwide.analysis.attendance.effect import wilson
from trustwide.commons.organisations.models import Partnership
from trustwide.services.imaging.booking.models import Appointment, AppointmentQuerySet
from trustwide.services.imaging.waiting.clocks import LONDON

State = Appointment.State
LEARN_FROM = datetime.timedelta(days=2 * 365)
MOST_ROWS = 100_000
AHEAD = datetime.timedelta(days=14)
OUTCOME: dict[str, float] = {State.DONE: 0.0, State.ABANDONED: 0.0, State.MISSED: 1.0}  # whose scan was abandoned, came
FEMALE = {"F": 1.0, "M": 0.0}
SEXES = {1.0: "female", 0.0: "male"}
# the methods that are judged, as a field of CrossValidated
METHODS = ("known_patients", "new_patients", "plain_logistic", "overall_share")
AGE_BANDS = ((0, "under 18"), (18, "18 to 39"), (40, "40 to 64"), (65, "65 to 79"), (80, "80 and over"))
GROUPS = 10
PERSON = Coalesce("request__patient__merged_into", "request__patient")  # two records merged into one are one person
_COLUMNS = (
    "pk", "person", "booked_at", "starts_at", "request__patient__born_year", "request__patient__sex",
    "reminded_at", "state",
)  # fmt: skip


def known_outcomes(partnership: Partnership, now: datetime.datetime) -> tuple[int, int]:
    """How many appointments of the last two years have a known outcome, and how many of them were missed."""
    counted = _past(partnership, now).aggregate(known=Count("pk"), missed=Count("pk", filter=Q(state=State.MISSED)))
    return counted["known"], counted["missed"]


def past_appointments(partnership: Partnership, now: datetime.datetime) -> Appointments:
    """Kept and missed appointments of the last two years, the newest first. One query; cancelled ones are left out."""
    newest = _past(partnership, now).order_by("-starts_at", "-pk").annotate(person=PERSON)
    return _columns(newest.values_list(*_COLUMNS)[:MOST_ROWS])


def coming_appointments(partnership: Partnership, now: datetime.datetime) -> Appointments:
    """Appointments in force of the next fourteen days. One query."""
    held = Appointment.objects.in_force().filter(
        request__patient__partnership=partnership, starts_at__gt=now, starts_at__lte=now + AHEAD
    )
    return _columns(held.order_by("starts_at", "pk").annotate(person=PERSON).values_list(*_COLUMNS))


def risks(coming: Appointments, past: Appointments) -> NDArray[np.float64]:
    """Chance that each of `coming` is missed, learnt from `past`. Raises AttendanceError where it is too little."""
    return train(past).risk(coming, past) if len(coming) else np.empty(0)


def judged(past: Appointments) -> dict[str, Any]:
    """How good risks are on patients kept back, as it is stored: by method, by tenth of risk, by sex and age band."""
    checked = cross_validate(past)
    told, risk = checked.appointments, checked.known_patients
    labels = {"sex": _labels(told.female, SEXES), "age": _age_bands(told.age)}
    return {
        "all": _by_method(checked, np.ones(len(told), dtype=bool)),
        "ahead": _by_method(checked, told.booked_ahead),
        "tenths": _tenths(risk, told.missed),
        "groups": [_plain(asdict(each)) for each in audit_by_group(labels, risk, told.missed)],
    }


def _past(partnership: Partnership, now: datetime.datetime) -> AppointmentQuerySet:
    held: AppointmentQuerySet = Appointment.objects.filter(
        request__patient__partnership=partnership, state__in=OUTCOME, starts_at__gte=now - LEARN_FROM, starts_at__lt=now
    )
    return held


def _by_method(checked: CrossValidated, rows: NDArray[np.bool_]) -> dict[str, Any]:
    """Nothing where all of the rows came, or all were missed: there is nothing to judge then."""
    missed = checked.appointments.missed[rows]
    if not 0 < missed.sum() < len(missed):
        return {}
    return {name: _plain(asdict(quality(getattr(checked, name)[rows], missed))) for name in METHODS}


def _tenths(risk: NDArray[np.float64], missed: NDArray[np.float64]) -> list[dict[str, float]]:
    """Ten groups of equal size in order of risk: mean risk, share missed and its 95% interval."""
    rows = []
    for part in np.array_split(np.argsort(risk, kind="stable"), GROUPS):
        share = wilson(Arm(len(part), int(missed[part].sum())))
        mean = float(risk[part].mean())
        rows.append({"risk": mean, "missed": share.value, "low": share.low, "high": share.high})
    return rows


def _columns(rows: Iterable[Any]) -> Appointments:
    found = list(rows)
    pk, patient, booked, starts, born, sex, reminded, state = zip(*found, strict=True) if found else ((),) * 8
    on = np.array([moment.astimezone(LONDON).date() for moment in starts], dtype="datetime64[D]")
    booked_at = np.array([moment.astimezone(LONDON).replace(tzinfo=None) for moment in booked], dtype="datetime64[s]")
    year = on.astype("datetime64[Y]").astype(float) + 1970
    missed = np.array([OUTCOME.get(each, np.nan) for each in state], dtype=float)
    return Appointments(
        identifier=np.array(pk, dtype=np.int64),
        patient=np.array(patient, dtype=np.int64),
        # an imported booking can be dated after its visit; the analysis takes that as not known
        booked_at=np.where(booked_at.astype("datetime64[D]") > on, np.datetime64("NaT"), booked_at),
        appointment_on=on,
        age=year - np.array([np.nan if each is None else each for each in born], dtype=float),
        female=np.array([FEMALE.get(each, np.nan) for each in sex], dtype=float),
        reminder_sent=_reminders(reminded, missed),
        conditions=np.empty((len(found), 0)),
        missed=missed,
    )


def _reminders(reminded: Iterable[Any], missed: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 sent, 0 not. Before the day itself, one that was not sent yet may still be: that is not known."""
    sent = np.array([each is not None for each in reminded], dtype=float)
    return np.where((sent == 0) & np.isnan(missed), np.nan, sent)


def _labels(column: NDArray[np.float64], names: dict[float, str]) -> NDArray[Any]:
    return np.array([names.get(value, "not known") for value in column.tolist()])


def _age_bands(age: NDArray[np.float64]) -> NDArray[Any]:
    least = [years for years, _ in AGE_BANDS]
    names = np.array([name for _, name in AGE_BANDS])
    band = np.clip(np.searchsorted(least, np.nan_to_num(age), side="right") - 1, 0, None)
    return np.where(np.isnan(age), "not known", names[band])


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    """As JSON can hold it: what is not a number is nothing."""
    return {key: _plain(value) if isinstance(value, dict) else _or_none(value) for key, value in facts.items()}


def _or_none(value: Any) -> Any:
    return None if isinstance(value, float) and np.isnan(value) else value
