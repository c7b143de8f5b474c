"""Forms for what people mark on a chart."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from typing import Any

from django import forms

from trustwide.commons.measures.rules import can_rebase_at
from trustwide.commons.nhsuk.formats import month


class MonthChoice(forms.TypedChoiceField):
    """One of the months of a chart, newest first."""

    def __init__(self, periods: Sequence[datetime.date], **options: Any) -> None:
        named = [("", "Choose a month"), *((period.isoformat(), month(period)) for period in reversed(periods))]
        missing = {"required": "Choose a month.", "invalid_choice": "Choose one of the months of this chart."}
        super().__init__(choices=named, coerce=datetime.date.fromisoformat, error_messages=missing, **options)


class RebaseForm(forms.Form):
    """From which month on are the limits computed anew, and why?"""

    reason = forms.CharField(
        label="What changed?",
        max_length=300,
        help_text="The known cause of a change that lasts, such as a scanner that opened. Shown beside the chart.",
        error_messages={"required": "Enter what changed: limits are recalculated only for a known cause."},
    )

    def __init__(
        self, periods: Sequence[datetime.date], rebased: Collection[datetime.date], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offered = [period for period in periods if can_rebase_at(period, periods, rebased)]
        self.fields["date"] = MonthChoice(offered, label="First month of the new limits")
        self.order_fields(["date", "reason"])


class AnnotationForm(forms.Form):
    """What happened, and when?"""

    text = forms.CharField(
        label="What happened?",
        max_length=60,
        help_text="A few words: they are drawn on the chart.",
        error_messages={"required": "Enter what happened."},
    )

    def __init__(self, periods: Sequence[datetime.date], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["date"] = MonthChoice(periods, label="Month")
        self.order_fields(["date", "text"])


class WithdrawForm(forms.Form):
    """Why is it taken back?"""

    reason = forms.CharField(
        label="Reason",
        max_length=300,
        help_text="Both the mark and this reason stay on record.",
        error_messages={"required": "Enter why it is taken back."},
    )
