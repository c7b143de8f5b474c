"""Writes to the records of patients: adding, merging two records, needs, wishes; each is audited without its values."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from trustwide.commons.audit.actions import Actor, record
from trustwide.commons.organisations.models import Partnership
from trustwide.commons.patients.exceptions import PatientError
from trustwide.commons.patients.identity import check_may_keep, full_number, keeps_identifiers, key_of
from trustwide.commons.patients.models import Patient, PatientNeed
from trustwide.commons.patients.needs import NEEDS

KEPT_ONLY_LIVE = ("nhs_number", "name", "born_on", "mobile", "email")
FACTS = (*KEPT_ONLY_LIVE, "born_year", "sex", "nearest", "travel_minutes")
UNKNOWN = (None, "", Patient.Sex.UNKNOWN)


@transaction.atomic
def find_or_add_patient(
    partnership: Partnership, identifier: str, *, by: Actor, synthetic_only: bool = False, **facts: Any
) -> Patient:
    """The person of that identifier, added if unknown. What identifies is dropped unless the deployment books live.

    Where it does, facts fill what a known record leaves empty, and change nothing else. Raises PatientError for an
    empty identifier, an NHS number that is wrong, or a mobile that is no number.
    """
    if number := facts.get("nhs_number"):
        check_may_keep(number, synthetic_only=synthetic_only)
    kept = _kept(facts)
    patient, added = Patient.objects.get_or_create(
        partnership=partnership, key=key_of(identifier, partnership.slug), defaults=kept
    )
    if added:
        record("added a patient", by=by, target=patient)
        return patient
    patient = surviving(patient)
    if keeps_identifiers() and (filled := _fill(patient, kept)):
        record("filled in a patient's details", by=by, target=patient, details={"fields": filled})
    return patient


def surviving(patient: Patient) -> Patient:
    """The record that stands for this person after every merge."""
    while patient.merged_into is not None:
        patient = patient.merged_into
    return patient


@transaction.atomic
def record_need(patient: Patient, code: str, *, by: Actor, detail: str = "") -> PatientNeed:
    """Record what somebody needs; recording it again changes its detail. Raises PatientError for an unknown code."""
    if code not in NEEDS:
        raise PatientError(f'There is no need "{code}"; expected one of {", ".join(sorted(NEEDS))}.')
    need, added = PatientNeed.objects.get_or_create(
        patient=patient, code=code, ended_at=None, defaults={"detail": detail[:300], "recorded_by": by.audit_name}
    )
    if not added and detail and need.detail != detail[:300]:
        need.detail = detail[:300]
        need.save(update_fields=["detail"])
    record("recorded a need", by=by, target=patient, details={"need": code})
    return need


@transaction.atomic
def mark_need_ready(need: PatientNeed, *, by: Actor) -> None:
    """What must come before the scan, a visit or a plan, is done."""
    need.ready = True
    need.save(update_fields=["ready"])
    record("prepared for a need", by=by, target=need.patient, details={"need": need.code})


@transaction.atomic
def end_need(need: PatientNeed, *, by: Actor) -> None:
    """A need that is no longer there."""
    need.ended_at = timezone.now()
    need.save(update_fields=["ended_at"])
    record("ended a need", by=by, target=need.patient, details={"need": need.code})


@transaction.atomic
def stop_reminders(patient: Patient, *, by: Actor, stopped: bool = True) -> None:
    """Opt out of reminders, or in again."""
    patient.reminders_stopped_at = timezone.now() if stopped else None
    patient.save(update_fields=["reminders_stopped_at"])
    record("stopped reminders" if stopped else "took reminders up again", by=by, target=patient)


@transaction.atomic
def change_details(patient: Patient, changes: Mapping[str, Any], *, by: Actor) -> None:
    """Change how somebody is reached or travels.

    Raises PatientError where identifiers are not kept here, or for a mobile that is no number.
    """
    refused = sorted(set(changes) & set(KEPT_ONLY_LIVE)) if not keeps_identifiers() else []
    if refused:
        raise PatientError(f"{', '.join(refused)}: not kept here, for this deployment does not run live booking.")
    for field, value in _kept(changes).items():
        setattr(patient, field, value)
    patient.save(update_fields=list(changes))
    record("changed a patient's details", by=by, target=patient, details={"fields": sorted(changes)})


def age_on(patient: Patient, day: datetime.date) -> int | None:
    """Age in whole years, within one where only the year of birth is kept; None where neither is known."""
    if patient.born_on:
        return day.year - patient.born_on.year - ((day.month, day.day) < (patient.born_on.month, patient.born_on.day))
    return day.year - patient.born_year if patient.born_year else None


@transaction.atomic
def merge_patients(gone: Patient, into: Patient, *, by: Actor, reason: str) -> Patient:
    """Two records of one person become one: needs move over, and the key of `gone` leads to `into` from now on.

    A wish for no reminders or for large print holds whichever record had it, and `gone` fills what `into` leaves empty.
    Raises PatientError for one record given twice, records of two partnerships, or one that was merged before.
    """
    into = surviving(into)
    if gone.pk == into.pk or gone.merged_into is not None:
        raise PatientError("These are one record already; choose two records that are both in use.")
    if gone.partnership_id != into.partnership_id:
        raise PatientError("The two records belong to two partnerships, and cannot be merged.")
    held = set(into.needs.current().values_list("code", flat=True))
    for need in gone.needs.current():
        if need.code not in held:
            record_need(into, need.code, detail=need.detail, by=by)
        end_need(need, by=by)
    into.reminders_stopped_at = into.reminders_stopped_at or gone.reminders_stopped_at
    into.large_print = into.large_print or gone.large_print
    into.save(update_fields=["reminders_stopped_at", "large_print"])
    filled = _fill(into, {field: getattr(gone, field) for field in FACTS})
    gone.merged_into = into
    gone.save(update_fields=["merged_into"])
    details = {"gone": gone.pk, "filled": filled}
    record("merged two records of a patient", by=by, target=into, reason=reason, details=details)
    return into


def _kept(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as this deployment keeps them."""
    if not keeps_identifiers():
        return {field: value for field, value in facts.items() if field not in KEPT_ONLY_LIVE}
    return {**facts, "mobile": full_number(facts["mobile"] or "")} if "mobile" in facts else dict(facts)


def _fill(patient: Patient, facts: Mapping[str, Any]) -> list[str]:
    """Set what is empty to what is known; the fields that were set."""
    filled = [
        field
        for field, value in facts.items()
        if field in FACTS and value not in UNKNOWN and getattr(patient, field) in UNKNOWN
    ]
    for field in filled:
        setattr(patient, field, facts[field])
    if filled:
        patient.save(update_fields=filled)
    return filled
