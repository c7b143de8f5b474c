"""The form of how a patient is reached and how far they travel."""

from __future__ import annotations

from typing import Any

from django import forms

from trustwide.commons.organisations.models import Site
from trustwide.commons.patients.identity import keeps_identifiers
from trustwide.commons.patients.models import Patient
from trustwide.services.imaging.waiting.forms import day_field

LIVE_ONLY = ("name", "born_on", "mobile", "email", "contact_by")
TRAVELS = ("nearest", "travel_minutes")


class FindPatientForm(forms.Form):
    """Whom to look for. It is posted, so that no name stands in an address."""

    text = forms.CharField(
        label="Name, NHS number or local number", min_length=2, max_length=60,
        error_messages={"min_length": "Give two letters or more."},
        widget=forms.TextInput({"class": "nhsuk-input--width-20", "autocomplete": "off"}),
    )  # fmt: skip


class PatientForm(forms.Form):
    """How a patient is reached and travels. What identifies is asked only where booking is live."""

    name = forms.CharField(label="Name", required=False, max_length=150)
    born_on = day_field("Date of birth", required=False)
    mobile = forms.CharField(label="Mobile number", required=False, max_length=20)
    email = forms.EmailField(label="E-mail", required=False)
    contact_by = forms.ChoiceField(label="How to reach the patient", choices=Patient.ContactBy.choices)
    nearest = forms.ModelChoiceField(
        Site.objects.none(), label="Site nearest to home", required=False, empty_label="Not known"
    )
    travel_minutes = forms.IntegerField(
        label="Longest extra journey accepted, in minutes", required=False, min_value=0, max_value=600,
        help_text="Empty if nobody asked.", widget=forms.NumberInput({"class": "nhsuk-input--width-4"}),
    )  # fmt: skip

    def __init__(self, patient: Patient, *args: Any, **kwargs: Any) -> None:
        self.before = {field: getattr(patient, field) for field in (*LIVE_ONLY, *TRAVELS)}
        super().__init__(*args, **kwargs)
        self.initial = self.before
        sites = Site.objects.filter(partner__partnership=patient.partnership_id)
        self.fields["nearest"].queryset = sites  # type: ignore[attr-defined]
        if not keeps_identifiers():
            for name in LIVE_ONLY:
                del self.fields[name]

    def changes(self) -> dict[str, Any]:
        """What a valid form changes."""
        return {name: value for name, value in self.cleaned_data.items() if value != self.before[name]}
