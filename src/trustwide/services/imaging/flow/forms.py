"""The form that takes a layout: a file, or its text to be changed on the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from trustwide.commons.organisations.models import Site

LARGEST_FILE = 200_000


class LayoutForm(forms.Form):
    """A department file, and whose department it is."""

    site = forms.ChoiceField(label="Site")
    file = forms.FileField(
        label="Department file (YAML)", required=False, help_text="In place of the text below, if you choose one."
    )
    text = forms.CharField(
        label="Text of the file", required=False, max_length=LARGEST_FILE, strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "class": "app-code"}),
    )  # fmt: skip

    def __init__(self, sites: Sequence[Site], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sites = {site.code: site for site in sites}
        sentence = dict.fromkeys(("required", "invalid_choice"), "Choose a site that is listed.")
        self.fields["site"] = forms.ChoiceField(
            label="Site", choices=[(site.code, site.name) for site in sites], error_messages=sentence
        )
        self.order_fields(["site", "file", "text"])

    def clean(self) -> dict[str, Any]:
        """The text, from the file if one was chosen."""
        data = super().clean() or self.cleaned_data
        file = data.get("file")
        if file:
            data["text"] = _text_of(file)
        if not data.get("text") and not self.errors:
            raise ValidationError({"text": "Choose a department file, or write its text here."})
        return data

    @property
    def chosen_site(self) -> Site:
        """The site of a valid form."""
        return self.sites[self.cleaned_data["site"]]

    def take_problems(self, problems: Sequence[str]) -> None:
        """Put the engine's sentences beside what they are about."""
        field = "file" if self.cleaned_data.get("file") else "text"
        for problem in problems:
            self.add_error(field, problem)


def _text_of(file: Any) -> str:
    if file.size > LARGEST_FILE:
        raise ValidationError({"file": f"The file is longer than {LARGEST_FILE:,} bytes."})
    try:
        return str(file.read().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ValidationError({"file": "The file is not UTF-8 text; save it as UTF-8."}) from None
