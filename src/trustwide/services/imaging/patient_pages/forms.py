"""The forms of patients' pages."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError

from trustwide.commons.patients.models import Patient
from trustwide.commons.patients.needs import NEEDS
from trustwide.services.imaging.booking.slots import Slot
from trustwide.services.imaging.messages import texts
from trustwide.services.imaging.patient_pages.words import CANCEL_REASONS

WRONG_DATE = "Enter a real date, for example 27 3 1958."
SALT = "trustwide.patient_times"
MINUTES_TO_CHOOSE = 30


class BirthDateForm(forms.Form):
    """Three numbers in place of a calendar, which takes long to reach 1938."""

    day = forms.IntegerField(min_value=1, max_value=31)
    month = forms.IntegerField(min_value=1, max_value=12)
    year = forms.IntegerField(min_value=1890, max_value=2200)

    def clean(self) -> dict[str, Any]:
        """The date itself, as `born_on`."""
        data = super().clean() or self.cleaned_data
        try:
            data["born_on"] = datetime.date(data["year"], data["month"], data["day"])
        except (KeyError, ValueError):
            self.errors.clear()
            raise ValidationError(WRONG_DATE) from None
        return data


class CancelForm(forms.Form):
    """Why, if somebody likes to say so."""

    reason = forms.ChoiceField(
        label="Why can you not come? You do not have to say.", choices=CANCEL_REASONS, widget=forms.RadioSelect,
        required=False,
    )  # fmt: skip


class TimesForm(forms.Form):
    """Which of the times that were shown? Each choice is signed, so that only what was shown can be chosen."""

    time = forms.CharField()

    def __init__(self, link_id: int, slots: Sequence[Slot], data: Any = None) -> None:
        super().__init__(data)
        self.link_id = link_id
        sentence = {"required": "Choose a time."}
        choices = [(self._signed(slot), _words(slot)) for slot in slots]
        self.fields["time"] = forms.CharField(
            label="Which time?", error_messages=sentence, widget=forms.RadioSelect(choices=choices)
        )

    def clean_time(self) -> tuple[int, datetime.datetime]:
        """Session and time of the choice."""
        try:
            value = signing.loads(self.cleaned_data["time"], salt=SALT, max_age=MINUTES_TO_CHOOSE * 60)
            link_id, session_id, starts_at = value
        except (signing.BadSignature, ValueError, TypeError):
            raise ValidationError("The page was open for a long time. Choose a time again.") from None
        if link_id != self.link_id:
            raise ValidationError("Choose a time.")
        return session_id, datetime.datetime.fromisoformat(starts_at)

    def _signed(self, slot: Slot) -> str:
        return signing.dumps((self.link_id, slot.session_id, slot.starts_at.isoformat()), salt=SALT)


class NeedsForm(forms.Form):
    """What somebody needs, in the words by which patients are asked."""

    needs = forms.MultipleChoiceField(
        label="Tick all that are true for you", widget=forms.CheckboxSelectMultiple, required=False,
        choices=[(need.code, need.asked) for need in NEEDS.values()],
    )  # fmt: skip
    detail = forms.CharField(
        label="Tell us more, if you like", help_text="For example the language you speak.", max_length=300,
        required=False,
    )  # fmt: skip

    def __init__(self, patient: Patient, data: Any = None) -> None:
        held = [need.code for need in patient.needs.current()]
        super().__init__(data, initial={"needs": held})

    def clean(self) -> dict[str, Any]:
        """Words without a tick would reach nobody."""
        data = super().clean() or self.cleaned_data
        if data.get("detail") and not data.get("needs"):
            self.add_error("needs", "Tick what your words are about.")
        return data

    def told(self) -> list[tuple[str, str]]:
        """What is needed, with the words that go with it: those of an interpreter, or else of the first need."""
        chosen = self.cleaned_data["needs"]
        about = "interpreter" if "interpreter" in chosen else next(iter(chosen), "")
        return [(code, self.cleaned_data["detail"] if code == about else "") for code in chosen]


def _words(slot: Slot) -> str:
    journey = f", about {slot.travel} minutes further for you" if slot.travel else ""
    return f"{texts.when(slot.starts_at)} at {slot.site}{journey}"
