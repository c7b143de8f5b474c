"""A partnership that may predict: its assessments, past appointments whose true chances are known, coming ones."""

from __future__ import annotations

import datetime as dt
import itertools

import numpy as np
from django.utils import timezone

from trustwide.analysis.attendance.tests.builders import simulated
from trustwide.commons.patients.models import Patient
from trustwide.services.imaging.attendance import actions, rules
from trustwide.services.imaging.attendance.models import AttendanceRisk, ImpactAssessment, TrainedModel, Trial
from trustwide.services.imaging.booking.models import Appointment, Scanner, ScannerSession
from trustwide.services.imaging.requests.models import ExamType, ImagingRequest
from trustwide.services.imaging.waiting.clocks import LONDON

QUALITY = {"all": {}, "ahead": {}, "groups": [], "tenths": [{"risk": 0.2, "missed": 0.2, "low": 0.1, "high": 0.3}]}
_numbers = itertools.count(1)


def switch_on(cast, *, review_on=None):
    """All three assessments, recorded by the chief."""
    today = timezone.localdate()
    for kind in ImpactAssessment.Kind.values:
        actions.record_assessment(
            cast.group, kind, reference=f"IG-{kind}", signed_by="Ada Example", signed_on=today - dt.timedelta(days=30),
            review_on=review_on or today + dt.timedelta(days=300), by=cast.chief,
        )  # fmt: skip


def a_session(site, day):
    """An open session of the site's scanner on a day, made if need be."""
    code = f"A{site.pk}"
    scanner, _ = Scanner.objects.get_or_create(
        site=site, code=code, defaults={"name": f"{site.short_name} A", "modality": "MR"}
    )
    opens = dt.datetime.combine(day, dt.time(8), LONDON)
    session, _ = ScannerSession.objects.get_or_create(
        scanner=scanner, opens_at=opens,
        defaults={"site": site, "closes_at": opens + dt.timedelta(hours=12), "cells": "1" * 144},
    )  # fmt: skip
    return session


def an_exam(group):
    """One exam of the catalogue."""
    facts = {"name": "MRI knee", "modality": "MR", "test": "MRI", "minutes": 20}
    return ExamType.objects.get_or_create(partnership=group, code="MKNEE", defaults=facts)[0]


def a_request(patient, site, exam, day):
    """A request as if booked, not saved."""
    return ImagingRequest(
        patient=patient, site=site, exam=exam, test="MRI", priority="routine", requested_at=timezone.now(),
        state="booked", state_since=timezone.now(), started_on=day, experienced_from=day, breach_on=day, target_on=day,
    )  # fmt: skip


def past(cast, count, *, seed=7):
    """Simulated appointments of last year, kept or missed by chance, written in four statements; their true chances."""
    made, chance = simulated(seed, count=count, patients=count // 3)
    shift = np.datetime64(timezone.localdate() - dt.timedelta(days=1)) - made.appointment_on.max()
    people = {
        number: Patient(
            partnership=cast.group, key=f"past-{number}", born_year=timezone.localdate().year - int(age),
            sex="F" if female else "M",
        )
        for number, age, female in zip(made.patient.tolist(), made.age, made.female, strict=True)
    }  # fmt: skip
    Patient.objects.bulk_create(people.values())
    session, exam = a_session(cast.north, timezone.localdate() - dt.timedelta(days=1)), an_exam(cast.group)
    days = (made.appointment_on + shift).astype(object)
    requests = [a_request(people[n], cast.north, exam, day) for n, day in zip(made.patient.tolist(), days, strict=True)]
    ImagingRequest.objects.bulk_create(requests)
    booked = (made.booked_at + shift).astype(object)
    Appointment.objects.bulk_create(
        Appointment(
            request=request, session=session, starts_at=dt.datetime.combine(day, dt.time(19), LONDON), minutes=20,
            state="missed" if missed else "done", booked_at=when.replace(tzinfo=LONDON), booked_by="past",
            reminded_at=timezone.now() if reminded else None,
        )
        for request, day, missed, when, reminded in zip(
            requests, days, made.missed, booked, made.reminder_sent, strict=True
        )
    )  # fmt: skip
    return chance


def coming(cast, risk=None, *, days=None, site=None, patient=None, model=None):
    """An appointment in force some working days ahead, with a risk if one is given."""
    site, number = site or cast.north, next(_numbers)
    day = rules.in_working_days(timezone.localdate(), 2 if days is None else days)
    patient = patient or Patient.objects.create(
        partnership=cast.group, key=f"{number:08d}-coming", born_year=1970, sex="F"
    )
    request = a_request(patient, site, an_exam(cast.group), day)
    request.save()
    session = a_session(site, day)
    held = Appointment.objects.create(
        request=request, session=session, starts_at=session.opens_at + dt.timedelta(minutes=5 * (number % 140)),
        minutes=5, booked_at=timezone.now() - dt.timedelta(days=20), booked_by="stage",
    )  # fmt: skip
    if risk is not None:
        judge(held, risk, model or a_model(cast))
    return held


def judge(appointment, risk, model):
    """Give an appointment a risk."""
    AttendanceRisk.objects.create(appointment=appointment, model=model, risk=risk, scored_at=timezone.now())


def a_model(cast):
    """A model of which only the tenths are of interest; one fifth missed."""
    return TrainedModel.objects.filter(partnership=cast.group).first() or TrainedModel.objects.create(
        partnership=cast.group, quality=QUALITY, appointments=1000
    )


def a_trial(cast, kind="calls", *, hold_out=0.5, days=90, **facts):
    """A trial that begins today."""
    a_model(cast)
    today = timezone.localdate()
    given = {"name": "Calls at noon", "began_on": today, "ends_on": today + dt.timedelta(days=days)} | facts
    return actions.start_trial(cast.group, kind=kind, hold_out=hold_out, by=cast.chief, **given)


def with_key(trial: Trial, key="a key of the tests"):
    """The same trial with a key that is known, so that its lots are."""
    trial.key = key
    trial.save()
    return trial
