"""Forms that take an extract and say which header is which column."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from trustwide.commons.organisations.models import Partnership
from trustwide.exchange.activity.columns import FIELDS, NAMES, missing, title_of

LARGEST_FILE = 20_000_000  # bytes
LONGEST_HEADER, MOST_HEADERS = 200, 300


class OfPartnershipForm(forms.Form):
    """Whose file it is, and from which system."""

    partnership = forms.ChoiceField(label="Partnership")
    system = forms.CharField(
        label="Radiology system", max_length=60, help_text="The same name each time, such as CRIS North.",
        error_messages={"required": "Name the radiology system, such as CRIS North."},
    )  # fmt: skip

    def __init__(self, partnerships: Sequence[Partnership], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.partnerships = {each.slug: each for each in partnerships}
        choices = [(slug, each.name) for slug, each in self.partnerships.items()]
        sentence = dict.fromkeys(("required", "invalid_choice"), "Choose a partnership that is listed.")
        self.fields["partnership"] = forms.ChoiceField(label="Partnership", choices=choices, error_messages=sentence)

    @property
    def group(self) -> Partnership:
        """The partnership of a valid form."""
        return self.partnerships[self.cleaned_data["partnership"]]


class UploadForm(OfPartnershipForm):
    """A file to bring in."""

    file = forms.FileField(label="File (CSV, Excel or Parquet)")
    again = forms.BooleanField(label="Look at the columns first", required=False)

    def clean_file(self) -> UploadedFile[Any]:
        """A file of a size that a page can take."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_FILE:
            raise ValidationError(
                f"The file is larger than {LARGEST_FILE // 1_000_000} MB. Ask your administrator to bring it in with "
                "the command trustwide import activity."
            )
        return file


class ColumnsForm(OfPartnershipForm):
    """Which header of a system's export is which of our columns. `headers` carries the file's headers along."""

    headers = forms.CharField(widget=forms.HiddenInput)
    day_first = forms.BooleanField(label="Dates are written with the day first, as 31/12/2026", required=False)

    def __init__(self, partnerships: Sequence[Partnership], headers: Sequence[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(partnerships, *args, **kwargs)
        for name in ("partnership", "system"):
            self.fields[name].widget = forms.HiddenInput()
        choices = [("", "None"), *((header, header) for header in dict.fromkeys(headers) if header)]
        needed = {field.name for field in FIELDS if field.required}
        for name in NAMES:
            self.fields[name] = forms.ChoiceField(
                label=f"{title_of(name)}{'' if name in needed else ' (optional)'}", choices=choices, required=False
            )

    def clean(self) -> dict[str, Any]:
        """Every needed column has a header, and none is used twice."""
        data = super().clean() or self.cleaned_data
        columns = self.columns
        for field in FIELDS:
            if field.title in missing(columns):
                self.add_error(field.name, f"Choose the header that is {field.title.lower()}.")
        used: set[str] = set()
        for name, header in columns.items():
            if header in used:
                self.add_error(name, f'"{header}" is chosen for two columns; choose another.')
            used.add(header)
        return data

    @property
    def columns(self) -> dict[str, str]:
        """Our names -> headers, as far as they are chosen."""
        return {name: self.cleaned_data[name] for name in NAMES if self.cleaned_data.get(name)}


def headers_from(text: str) -> list[str]:
    """The headers that a form carried along; none where they were tampered with."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return []
    usable = isinstance(found, list) and len(found) <= MOST_HEADERS
    return [header[:LONGEST_HEADER] for header in found if isinstance(header, str)] if usable else []
