"""Fields for numbers that refuse in a sentence of their own and quote what was typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

SHORT = "nhsuk-input--width-4"
LONGEST_QUOTE = 40


class _Quoting:
    """A field whose refusal quotes what was typed."""

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)  # type: ignore[misc]
        except ValidationError as error:
            typed = str(value or "").strip()[:LONGEST_QUOTE]
            raise ValidationError([f"{said} You typed '{typed}'." if typed else said for said in error]) from None


class NumberField(_Quoting, forms.FloatField):
    """A number."""


class WholeNumberField(_Quoting, forms.IntegerField):
    """A whole number."""


def number_field(
    label: str, sentence: str, most: float, *, whole: bool = False, required: bool = True, hint: str = ""
) -> forms.Field:
    """A number from 0 to `most` in a narrow box; `sentence` is what any other entry is told."""
    kind: type[forms.Field] = WholeNumberField if whole else NumberField
    messages = dict.fromkeys(("required", "invalid", "min_value", "max_value"), sentence)
    widget = forms.TextInput(attrs={"class": SHORT, "inputmode": "numeric" if whole else "decimal"})
    limits: dict[str, Any] = {"min_value": 0, "max_value": most}
    return kind(
        label=label, required=required, help_text=hint, error_messages=messages, widget=widget, **limits
    )  # fmt: skip
