"""Forms of the pages about missed appointments."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from trustwide.services.imaging.attendance import rules
from trustwide.services.imaging.attendance.figures import Asked
from trustwide.services.imaging.attendance.models import Call, ImpactAssessment, Trial

PER_CENT = 100
_SHORT = {"class": "nhsuk-input--width-3"}
_DAY = {"type": "date", "class": "nhsuk-input--width-10"}


def _date(label: str, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label, help_text=help_text, widget=forms.DateInput(format="%Y-%m-%d", attrs=_DAY),
        error_messages={"invalid": f"{label}: give a date, such as 2026-03-03."},
    )  # fmt: skip


class CallsForm(forms.Form):
    """The minutes there are; they stand in the address."""

    minutes = forms.IntegerField(
        label="Minutes there are", min_value=0, max_value=960, widget=forms.NumberInput(attrs=_SHORT)
    )
    a_call = forms.IntegerField(
        label="Minutes a call", min_value=1, max_value=60, widget=forms.NumberInput(attrs=_SHORT)
    )
    days = forms.TypedChoiceField(
        label="Appointments", coerce=int,
        choices=[(2, "Tomorrow and one working day more"), (3, "Tomorrow and two working days more"),
                 (4, "Tomorrow and three working days more")],
    )  # fmt: skip

    def __init__(self, data: Any) -> None:
        usual = {name: str(getattr(Asked, name)) for name in self.base_fields}
        super().__init__(usual | {name: data[name] for name in self.base_fields if name in data})

    def asked(self) -> Asked:
        """What was asked for; what makes no sense is left as usual."""
        self.full_clean()
        return Asked(**self.cleaned_data)

    def query(self) -> str:
        """The address of the same list."""
        asked = self.asked()
        return f"minutes={asked.minutes}&a_call={asked.a_call}&days={asked.days}"


class CallForm(forms.Form):
    """What a call led to."""

    outcome = forms.ChoiceField(label="What came of the call", choices=Call.Outcome.choices)
    minutes = forms.IntegerField(min_value=1, max_value=60)


class AssessmentForm(forms.Form):
    """An assessment as it was signed."""

    kind = forms.ChoiceField(label="Assessment", choices=ImpactAssessment.Kind.choices, widget=forms.RadioSelect)
    reference = forms.CharField(label="Reference", max_length=200, help_text="Where the signed document is kept.")
    signed_by = forms.CharField(label="Signed by", max_length=150)
    signed_on = _date("Signed on")
    review_on = _date("Review by", "After this day predictions are off until a new assessment is recorded.")


class TrialForm(forms.Form):
    """A trial to begin."""

    name = forms.CharField(label="Name", max_length=120)
    kind = forms.ChoiceField(label="What is tried", choices=Trial.Kind.choices, widget=forms.RadioSelect)
    left_out = forms.IntegerField(
        label="Left out by lot, %", min_value=round(PER_CENT * rules.LEAST_HELD_OUT),
        max_value=round(PER_CENT * rules.MOST_HELD_OUT), initial=20, widget=forms.NumberInput(attrs=_SHORT),
        help_text="From 5 to 50. The more are left out, the fewer patients it takes.",
    )  # fmt: skip
    began_on = _date("First day")
    ends_on = _date("Last day")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["began_on"].initial = timezone.localdate

    def trial(self) -> dict[str, Any]:
        """What `start_trial` takes."""
        given = dict(self.cleaned_data)
        return given | {"hold_out": given.pop("left_out") / PER_CENT}


class StopForm(forms.Form):
    """Why a trial ends before its day."""

    reason = forms.CharField(label="Reason", max_length=300)
