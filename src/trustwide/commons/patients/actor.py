"""Patients who act for themselves, on their own page or by a reply."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustwide.commons.patients.models import Patient


class PatientActor:
    """A patient as the one who acts. The record names no name: the number leads to it for those who may see it."""

    audit_name = "the patient"

    def __init__(self, patient: Patient) -> None:
        self.audit_id = f"patient:{patient.pk}"
