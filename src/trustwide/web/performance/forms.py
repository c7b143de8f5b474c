"""What somebody asks for who wants the report each month."""

from __future__ import annotations

from django import forms

from trustwide.commons.measures.performance.scope import Scope
from trustwide.web.performance.models import LAST_DAY, ReportSubscription


class ReportSubscriptionForm(forms.Form):
    """Whose report, as what, on which day of the month."""

    scope = forms.ChoiceField(
        label="Whose report",
        error_messages={"invalid_choice": "There is no such report, or you may not see all of it. Choose another."},
    )
    format = forms.ChoiceField(label="As", choices=ReportSubscription.Format.choices, widget=forms.RadioSelect)
    day = forms.IntegerField(
        label="Day of the month", min_value=1, max_value=LAST_DAY, help_text=f"From 1 to {LAST_DAY}.",
        error_messages={
            "min_value": f"Enter a day from 1 to {LAST_DAY}", "max_value": f"Enter a day from 1 to {LAST_DAY}",
            "invalid": "Enter a day as a number, such as 5",
        },
    )  # fmt: skip

    def __init__(self, scopes: tuple[Scope, ...], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["scope"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(each.key, each.name) for each in scopes]
