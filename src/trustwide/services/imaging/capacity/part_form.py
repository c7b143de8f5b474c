"""A part of a description as a form: figures by their path, where they come from, and why they are changed."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from django import forms

from trustwide.services.imaging.capacity.description import Described
from trustwide.services.imaging.capacity.paths import is_open, read_path, write_path
from trustwide.services.imaging.capacity.problems import put_beside_fields
from trustwide.services.imaging.number_fields import number_field

Kind = Literal["text", "name", "date", "number", "whole", "percent", "choice", "flag"]
WIDTHS = {"text": "nhsuk-input--width-20", "name": "nhsuk-input--width-10", "date": "nhsuk-input--width-10"}
MOST = 1e9


@dataclass(frozen=True)
class Spec:
    """A field and the path of its figure in the part. `off`: the value the file leaves out."""

    name: str
    label: str
    path: str
    kind: Kind = "number"
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = False
    off: Any = None


class ReasonForm(forms.Form):
    """Why something is changed; kept with the version and in the audit record."""

    reason = forms.CharField(
        label="Reason for the change", max_length=300, help_text="Kept with the version, for those who come after you.",
        error_messages={"required": "Say why it is changed."},
    )  # fmt: skip


class PartForm(ReasonForm):
    """`part` is the part of the page whose source it states; `key` names one scanner or stream of several."""

    part: ClassVar[str] = ""
    figures_last: ClassVar[bool] = False
    source = forms.CharField(
        label="Where these figures come from", required=False, max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}), help_text="For example: rota of March 2026, requests of last year.",
    )  # fmt: skip

    def __init__(self, described: Described, notes: Mapping[str, str], data: Any = None, key: str = "") -> None:
        self.described, self.key = copy.deepcopy(described), key
        self.target, self.path = self.find()
        self.specs = [spec for spec in self.specs_of(described) if is_open(self.target, spec.path)]
        initial = {spec.name: shown(spec, read_path(self.target, spec.path)) for spec in self.specs}
        super().__init__(data, initial={**initial, **self.more_initial(), "source": notes.get(self.part, "")})
        last = {name: self.fields.pop(name) for name in ("source", "reason")}
        figures, more = {spec.name: field_of(spec) for spec in self.specs}, self.more_fields()
        self.fields |= (more | figures if self.figures_last else figures | more) | last

    def find(self) -> tuple[dict[str, Any], str]:
        """The mapping the form is about, in `described`, and its path. Raises KeyError where there is none."""
        return self.described, ""

    def specs_of(self, described: Described) -> Sequence[Spec]:
        """The figures of this part."""
        raise NotImplementedError

    def more_initial(self) -> dict[str, Any]:
        """What the fields beside the figures show."""
        return {}

    def more_fields(self) -> dict[str, forms.Field]:
        """Fields beside the figures."""
        return {}

    def write_more(self) -> None:
        """Put what the fields beside the figures say into `target` or `described`."""

    def changed(self) -> Described:
        """The description as a valid form has it. What was not touched stays as it was, to the last digit."""
        touched = set(self.changed_data)
        for spec in self.specs:
            if spec.name in touched:
                write_path(self.target, spec.path, written(spec, self.cleaned_data[spec.name]))
        self.write_more()
        return self.described

    def take_problems(self, problems: Sequence[str]) -> None:
        """Put the engine's sentences beside the fields they are about."""
        where = {f"{self.path}{spec.path}": spec.name for spec in self.specs}
        put_beside_fields(self, problems, where | self.more_paths())

    def more_paths(self) -> dict[str, str]:
        """Paths of the fields beside the figures."""
        return {}


def field_of(spec: Spec) -> forms.Field:
    """The form field of a figure; whether its value makes sense together with the others, the engine says."""
    if spec.kind == "flag":
        return forms.BooleanField(label=spec.label, required=False, help_text=spec.hint)
    if spec.kind == "choice":
        return forms.ChoiceField(label=spec.label, choices=spec.choices, required=spec.required, help_text=spec.hint)
    if spec.kind in WIDTHS:
        attributes = {"class": WIDTHS[spec.kind]}
        return forms.CharField(
            label=spec.label, required=spec.required, help_text=spec.hint, max_length=200,
            widget=forms.TextInput(attrs=attributes),
        )  # fmt: skip
    sentence = f"{spec.label}: a {'whole ' if spec.kind == 'whole' else ''}number of 0 or more is needed."
    most = 100 if spec.kind == "percent" else MOST
    if spec.kind == "percent":
        sentence = f"{spec.label}: a number from 0 to 100 is needed."
    return number_field(
        spec.label, sentence, most, whole=spec.kind == "whole", required=spec.required, hint=spec.hint
    )  # fmt: skip


def shown(spec: Spec, value: Any) -> Any:
    """A figure as its field shows it."""
    if value is None:
        value = spec.off
    if spec.kind == "percent" and value is not None:
        share = float(f"{100 * value:.10g}")
        return int(share) if share.is_integer() else share
    return value


def written(spec: Spec, value: Any) -> Any:
    """What a field says, as the file has it; None for nothing."""
    if value in ("", None) or value == spec.off:
        return None
    if spec.kind == "percent":
        return round(value / 100, 12)
    if spec.kind == "number" and float(value).is_integer():
        return int(value)
    return value.strip() if isinstance(value, str) else value
