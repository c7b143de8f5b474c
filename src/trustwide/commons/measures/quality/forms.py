"""What somebody may ask the list of doubted figures to show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from trustwide.commons.measures.definition import measures
from trustwide.commons.measures.quality.kinds import CHECKS

EVERYWHERE = "all"


class QualityForm(forms.Form):
    """Filters; each may stay empty."""

    where = forms.ChoiceField(label="Where", required=False)
    site = forms.CharField(label="Site name or code", required=False, max_length=60)
    measure = forms.ChoiceField(label="Measure", required=False)
    kind = forms.ChoiceField(
        label="Kind",
        required=False,
        choices=[("", "All kinds"), *((check.kind, check.title) for check in CHECKS.values())],
        error_messages={"invalid_choice": "There is no kind %(value)s. Choose one of the list."},
    )
    since = forms.DateField(
        label="About periods from",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Enter a day, such as 2025-01-01."},
    )
    ended = forms.BooleanField(label="Also charts that have ended", required=False)

    def __init__(self, places: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        titles = sorted(((each.code, each.title) for each in measures()), key=lambda each: each[1])
        where, measure = self.fields["where"], self.fields["measure"]
        if isinstance(where, forms.ChoiceField) and isinstance(measure, forms.ChoiceField):
            where.choices, measure.choices = [*places, (EVERYWHERE, "Everywhere")], [("", "All measures"), *titles]
            where.error_messages["invalid_choice"] = "There is no such place, or you may not see it. Choose another."
            measure.error_messages["invalid_choice"] = "There is no measure %(value)s. Choose one of the list."
