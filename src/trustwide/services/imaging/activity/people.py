"""Patients of an extract, found by the keyed hash of their identifier and added where they are new."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from trustwide.commons.organisations.models import Partnership
from trustwide.commons.patients.identity import is_nhs_number, keeps_identifiers, key_of
from trustwide.commons.patients.models import Patient

AT_ONCE = 5000


@dataclass
class People:
    """Identifier as in the file -> id of the patient's record; and how many are new."""

    ids: dict[str, int]
    added: int


def find_people(frame: pl.DataFrame, partnership: Partnership) -> People:
    """The patients of `frame`; whoever has none gets a record. Identifiers are kept only where booking is live."""
    once = frame.unique("patient", keep="last", maintain_order=True)
    keys = {patient: key_of(patient, partnership.slug) for patient in once["patient"]}
    held = _held(partnership, set(keys.values()))
    new: dict[str, Patient] = {}
    for row in once.select("patient", "born_on", "age", "sex", "requested").iter_rows(named=True):
        key = keys[row["patient"]]
        if key not in held and key not in new:
            new[key] = _patient(partnership, key, row)
    for patient in Patient.objects.bulk_create(new.values(), batch_size=1000):
        held[patient.key] = patient.pk
    return People({patient: held[key] for patient, key in keys.items()}, len(new))


def _held(partnership: Partnership, keys: Iterable[str]) -> dict[str, int]:
    """Key -> id of the record that stands for it after every merge."""
    wanted, found = sorted(keys), dict[str, int]()
    records = Patient.objects.filter(partnership=partnership, merged_into__isnull=False)
    merged = {pk: into for pk, into in records.values_list("pk", "merged_into") if into is not None}
    for start in range(0, len(wanted), AT_ONCE):
        some = Patient.objects.filter(partnership=partnership, key__in=wanted[start : start + AT_ONCE])
        for key, pk in some.values_list("key", "pk"):
            found[key] = _surviving(pk, merged)
    return found


def _surviving(pk: int, merged: dict[int, int]) -> int:
    while pk in merged:
        pk = merged[pk]
    return pk


def _patient(partnership: Partnership, key: str, row: dict[str, object]) -> Patient:
    born, age, asked = row["born_on"], row["age"], row["requested"]
    year = born.year if hasattr(born, "year") else None
    if year is None and isinstance(age, int) and hasattr(asked, "year"):
        year = asked.year - age
    patient = Patient(partnership=partnership, key=key, born_year=year, sex=str(row["sex"] or Patient.Sex.UNKNOWN))
    if keeps_identifiers():
        identifier = str(row["patient"]).replace(" ", "").replace("-", "")
        patient.nhs_number = identifier if is_nhs_number(identifier) else ""
        patient.born_on = born  # type: ignore[assignment]
    return patient
