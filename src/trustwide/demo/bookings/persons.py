"""Invents people: names, ages, numbers that belong to nobody, and what they need."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np

from trustwide.commons.organisations.models import Partnership, Site
from trustwide.commons.patients.identity import keeps_identifiers, key_of
from trustwide.commons.patients.models import Patient, PatientNeed
from trustwide.demo.bookings.catalogue import NEEDS

FIRST = {
    "F": "Agnes Amara Bronwen Chidi Delphine Edith Farida Gwen Harriet Ines Jocasta Kezia Lottie Mabel Nadia Olwen "
    "Petra Rhoda Saskia Thea Una Verity Winifred Yasmin Zofia",
    "M": "Albie Bertram Caspian Dewi Emeka Fergus Gideon Hamish Ivor Jarek Kwame Lachlan Magnus Nikhil Osian Piotr "
    "Quentin Rafi Silas Tobias Ulric Vikram Wilfred Yusuf Zeb",
}
LAST = [
    "Abernathy", "Ashgrove", "Bellweather", "Birchall", "Blackthorn", "Bracken", "Calloway", "Coppice",
    "Dunmore", "Eastlake", "Fairweather", "Farrow", "Fernsby", "Gorse", "Greyling", "Hallowes", "Harrowgate",
    "Heathcote", "Ingleby", "Juniper", "Kestrel", "Larkspur", "Loxley", "Marchbank", "Merriweather",
    "Netherby", "Oakshott", "Pemberly", "Quillfeather", "Ravenscroft", "Rowanwood", "Sedgewick", "Silverdale",
    "Tanager", "Thistlewood", "Underhill", "Vantongeren", "Westering", "Whitlock", "Yarrow",
]  # fmt: skip
WEIGHTS = range(10, 1, -1)
MODULUS = 11


class People:
    """Makes patients one after another, with what they need beside them, not yet saved."""

    def __init__(self, partnership: Partnership, draw: np.random.Generator, today: datetime.date) -> None:
        self.partnership, self.draw, self.today = partnership, draw, today
        self.patients: list[Patient] = []
        self.needs: list[PatientNeed] = []

    def add(self, nearest: Site) -> Patient:
        """Another person who lives near a site."""
        number = nhs_number(len(self.patients))
        sex = "F" if self.draw.random() < 0.54 else "M"
        born = self.today - datetime.timedelta(days=int(365.25 * np.clip(self.draw.normal(56, 18), 5, 97)))
        willing = None if self.draw.random() < 0.6 else int(self.draw.choice([20, 40, 60]))
        identity = self._identity(number, sex, born) if keeps_identifiers() else {}
        patient = Patient(
            partnership=self.partnership, key=key_of(number, self.partnership.slug), born_year=born.year, sex=sex,
            nearest=nearest, travel_minutes=willing, **identity,
        )  # fmt: skip
        self.patients.append(patient)
        self.needs += [
            PatientNeed(patient=patient, code=code, recorded_by="Booking office")
            for code, share in NEEDS.items()
            if self.draw.random() < share
        ]
        return patient

    def drop_last(self) -> None:
        """The last person does not come after all."""
        patient = self.patients.pop()
        self.needs = [need for need in self.needs if need.patient is not patient]

    def save(self) -> None:
        """Everybody made so far."""
        Patient.objects.bulk_create(self.patients, batch_size=500)
        PatientNeed.objects.bulk_create(self.needs, batch_size=500)

    def _identity(self, number: str, sex: str, born: datetime.date) -> dict[str, Any]:
        count = len(self.patients)
        first, last = str(self.draw.choice(FIRST[sex].split())), str(self.draw.choice(LAST))
        # 07700 900000 to 900999 are kept by Ofcom for drama, and nobody shares a number
        mobile = f"07700900{count:03d}" if count < 1_000 else ""
        return {
            "nhs_number": number, "name": f"{first} {last}", "born_on": born, "mobile": mobile,
            "email": f"{first}.{last}.{count}@patients.example".lower(), "contact_by": "sms" if mobile else "email",
        }  # fmt: skip


def nhs_number(count: int) -> str:
    """A number of the range 999 with its check digit, another for each `count` below half a million.

    One number in eleven has no check digit; the second half of the range stands in for those.
    """
    for start in (999_000_000, 999_500_000):
        nine = str(start + count)
        check = MODULUS - sum(int(digit) * weight for digit, weight in zip(nine, WEIGHTS, strict=True)) % MODULUS
        if check != MODULUS - 1:
            return f"{nine}{check % MODULUS}"
    return nhs_number(count + 250_000)
