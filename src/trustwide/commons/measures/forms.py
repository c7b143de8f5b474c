"""Forms for what people mark on a chart."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from typing import Any

from django import forms

from trustwide.commons.measures.definition import Cadence
from trustwide.commons.measures.models import Annotation
from trustwide.commons.measures.rules import can_ghost, can_rebase_at
from trustwide.commons.nhsuk.formats import day, month


class PeriodChoice(forms.TypedChoiceField):
    """One of the periods of a chart, newest first, called as `cadence` has it."""

    def __init__(self, periods: Sequence[datetime.date], cadence: Cadence, **options: Any) -> None:
        name = month if cadence == "month" else day
        named = [("", f"Choose a {cadence}"), *((period.isoformat(), name(period)) for period in reversed(periods))]
        missing = {"required": f"Choose a {cadence}.", "invalid_choice": f"Choose one of the {cadence}s of this chart."}
        super().__init__(choices=named, coerce=datetime.date.fromisoformat, error_messages=missing, **options)


class _MarkForm(forms.Form):
    """A period that is not marked so already, and why it is."""

    label = ""
    can: staticmethod[..., bool]

    def __init__(
        self,
        periods: Sequence[datetime.date],
        marked: Collection[datetime.date],
        cadence: Cadence,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        offered = [period for period in periods if self.can(period, periods, marked)]
        self.fields["date"] = PeriodChoice(offered, cadence, label=self.label.format(cadence=cadence))
        self.order_fields(["date", "reason"])


class RebaseForm(_MarkForm):
    """From which month on are the limits computed anew, and why?"""

    label, can = "First {cadence} of the new limits", staticmethod(can_rebase_at)

    reason = forms.CharField(
        label="What changed?",
        max_length=300,
        help_text="The known cause of a change that lasts, such as a scanner that opened. Shown beside the chart.",
        error_messages={"required": "Enter what changed: limits are recalculated only for a known cause."},
    )


class GhostForm(_MarkForm):
    """Which month is left out of the limits, and why?"""

    label, can = "The {cadence} to leave out", staticmethod(can_ghost)

    reason = forms.CharField(
        label="Why does it say nothing of the others?",
        max_length=300,
        help_text="For example: figures of another hospital were counted in. Shown beside the chart.",
        error_messages={"required": "Enter why: what is left out must have a reason."},
    )


class AnnotationForm(forms.Form):
    """What happened, and when?"""

    text = forms.CharField(
        label="What happened?",
        max_length=60,
        help_text="A few words: they are drawn on the chart.",
        error_messages={"required": "Enter what happened."},
    )

    kind = forms.ChoiceField(
        label="What kind of note is it?", choices=Annotation.Kind.choices, initial=Annotation.Kind.NOTE, required=False
    )

    def __init__(self, periods: Sequence[datetime.date], cadence: Cadence, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["date"] = PeriodChoice(periods, cadence, label=cadence.capitalize())
        self.order_fields(["date", "kind", "text"])

    def clean_kind(self) -> str:
        return str(self.cleaned_data["kind"] or Annotation.Kind.NOTE)


class WithdrawForm(forms.Form):
    """Why is it taken back?"""

    reason = forms.CharField(
        label="Reason",
        max_length=300,
        help_text="Both the mark and this reason stay on record.",
        error_messages={"required": "Enter why it is taken back."},
    )
