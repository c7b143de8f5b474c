"""What somebody may ask the catalogue of measures, and the charts of one, to show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from trustwide.commons.measures.catalogue import VERDICTS
from trustwide.commons.measures.definition import measures
from trustwide.commons.measures.models import StrategicAim

NO_PLACE = "There is no such place, or you may not see it. Choose another."
Choices = Sequence[tuple[str, str]]


class PlaceForm(forms.Form):
    """Where the charts are; it may stay empty."""

    where = forms.ChoiceField(label="Where", required=False, error_messages={"invalid_choice": NO_PLACE})

    def __init__(self, places: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("where", places)

    def _offer(self, name: str, choices: Choices) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices


class CatalogueForm(PlaceForm):
    """Which measures; each may stay empty."""

    text = forms.CharField(label="Words in it", required=False, max_length=60)
    aim = forms.ChoiceField(label="Aim", required=False, error_messages={"invalid_choice": "There is no such aim."})
    owner = forms.ChoiceField(
        label="Owner", required=False, error_messages={"invalid_choice": "No measure belongs to %(value)s."}
    )

    def __init__(self, places: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(places, *args, **kwargs)
        owners = sorted({each.owner for each in measures()})
        self._offer("aim", [("", "All aims"), *StrategicAim.objects.values_list("code", "title")])
        self._offer("owner", [("", "All owners"), *((owner, owner.capitalize()) for owner in owners)])


class ChartsForm(PlaceForm):
    """Which charts of a measure; each may stay empty."""

    site = forms.CharField(label="Site name or code", required=False, max_length=60)
    verdict = forms.ChoiceField(
        label="What they say",
        required=False,
        choices=[("", "All charts"), *VERDICTS],
        error_messages={"invalid_choice": "No chart says %(value)s. Choose one of the list."},
    )
