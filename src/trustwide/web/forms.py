"""What somebody may ask the home page to show, and the name they keep it under."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.core.exceptions import ValidationError

from trustwide.commons.accounts.models import User
from trustwide.web.columns import CHOSEN
from trustwide.web.models import SavedView

EVERYWHERE = "all"


class PressureForm(forms.Form):
    """Filters and columns; each may stay empty."""

    where = forms.ChoiceField(label="Where", required=False)
    test = forms.ChoiceField(label="Test", required=False)
    site = forms.CharField(label="Site name or code", required=False, max_length=60)
    concerns = forms.BooleanField(label="Only concerns", required=False)
    columns = forms.MultipleChoiceField(
        label="Columns",
        required=False,
        choices=[(column.key, column.title) for column in CHOSEN],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self, places: Sequence[tuple[str, str]], tests: Sequence[tuple[str, str]], *args: object, **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        where, test = self.fields["where"], self.fields["test"]
        if isinstance(test, forms.ChoiceField):
            test.choices = [("", "All tests"), *tests]
            test.error_messages["invalid_choice"] = "There is no test %(value)s. Choose one of the list."
        if isinstance(where, forms.ChoiceField):
            where.choices = places
            where.error_messages["invalid_choice"] = "There is no such place, or you may not see it. Choose another."


class SaveViewForm(forms.Form):
    """The name of a view."""

    name = forms.CharField(
        label="Name",
        max_length=60,
        help_text="For example: our MRI lists, or concerns in England.",
        error_messages={"required": "Enter a name for the view."},
    )

    def __init__(self, owner: User, page: str, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.owner, self.page = owner, page

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if SavedView.objects.for_user(self.owner).of_page(self.page).filter(name=name).exists():
            raise ValidationError(f'You have a view called "{name}" already. Choose another name, or delete that view.')
        return name
