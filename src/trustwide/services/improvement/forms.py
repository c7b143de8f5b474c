"""What a project is about, and what came of it."""

from __future__ import annotations

from typing import Any

from django import forms

from trustwide.commons.accounts.models import User
from trustwide.commons.measures.models import StrategicAim


class ProjectForm(forms.Form):
    """The few things that the signal does not know."""

    title = forms.CharField(
        label="What is it called?", max_length=160, error_messages={"required": "Enter a name for the project."}
    )
    goal = forms.CharField(
        label="How much better, by when?",
        help_text="For example: from 62 to 45 people over six weeks by March 2027.",
        max_length=500,
        error_messages={"required": "Enter what is to be reached, and by when."},
    )
    aims = forms.ModelMultipleChoiceField(
        label="Which strategic aims does it serve?",
        queryset=StrategicAim.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one strategic aim."},
    )
    lead = forms.ModelChoiceField(
        label="Who leads it?",
        queryset=User.objects.none(),
        error_messages={"required": "Choose who leads it.", "invalid_choice": "Choose somebody of the list."},
    )

    def __init__(self, leads: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        aims, lead = self.fields["aims"], self.fields["lead"]
        if isinstance(aims, forms.ModelMultipleChoiceField) and isinstance(lead, forms.ModelChoiceField):
            aims.queryset, lead.queryset = StrategicAim.objects.all(), leads


class CloseForm(forms.Form):
    """What came of it?"""

    outcome = forms.CharField(
        label="What came of it?",
        help_text="What was tried, what the chart shows, what others can use. The chart stays live after closing.",
        widget=forms.Textarea,
        max_length=2000,
        error_messages={"required": "Enter what came of it; nothing is an answer too."},
    )
