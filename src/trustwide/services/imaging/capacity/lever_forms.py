"""The measures of a service: their file as text, and their prices in fields."""

from __future__ import annotations

from typing import Any

import yaml
from django import forms

from trustwide.services.imaging.capacity import words
from trustwide.services.imaging.capacity.description import Described
from trustwide.services.imaging.capacity.part_form import ReasonForm
from trustwide.services.imaging.capacity.paths import write_path
from trustwide.services.imaging.number_fields import number_field

PRICES = (("cost_per_year", "£ a year"), ("one_off", "£ once"), ("capital", "£ of capital"))
LARGEST = 1_000_000
Levers = list[dict[str, Any]]


class LeversForm(ReasonForm):
    """The measures as a lever file has them."""

    text = forms.CharField(
        label="Measures (YAML)", max_length=LARGEST, strip=False, required=False,
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "false", "class": "app-code"}),
        help_text="A list: each with id, does and its prices; as trustwide plan --levers takes it.",
    )  # fmt: skip
    field_order = ("text", "reason")


class PricesForm(ReasonForm):
    """What each measure costs."""

    def __init__(self, levers: Levers, data: Any = None) -> None:
        super().__init__(data)
        reason = self.fields.pop("reason")
        for lever in levers:
            for key, unit in PRICES:
                label = f"{words.lever_title(lever)}, {unit}"
                made = number_field(label, f"{label}: a number of 0 or more is needed.", 1e9)
                made.initial = lever.get(key, 0)
                self.fields[f"{key}-{lever['id']}"] = made
        self.fields["reason"] = reason
        self.levers = levers

    def priced(self) -> Levers:
        """The measures with the prices of a valid form."""
        priced = [dict(lever) for lever in self.levers]
        for lever in priced:
            for key, _ in PRICES:
                if f"{key}-{lever['id']}" in self.changed_data:
                    write_path(lever, key, self.cleaned_data[f"{key}-{lever['id']}"] or None)
        return priced


def levers_text(levers: Levers) -> str:
    """Measures as a lever file, one a line."""
    lines = [yaml.safe_dump(lever, sort_keys=False, default_flow_style=True, width=10_000).strip() for lever in levers]
    return "".join(f"- {line}\n" for line in lines)


def suggested(described: Described) -> Levers:
    """Measures that a department might think of first, without prices, to be changed and priced."""
    first = next((one for one in described["scanners"] if not isinstance(one["sessions"], str)), None)
    found: Levers = []
    if first is not None:
        sunday = [{"days": ["sun"], "opens": "08:00", "closes": "18:00"}]
        change = {"add_sessions": {"scanner": first["id"], "sessions": sunday}}
        found.append({"id": f"sundays-{first['id']}", "does": change, "cost_per_year": 0})
    if any(stream.get("did_not_attend") for stream in described["demand"]):
        found.append({"id": "reminders", "does": {"scale_did_not_attend": 0.6}, "cost_per_year": 0})
    if len(described["sites"]) > 1 and described.get("travel"):
        found.append({"id": "one-list", "does": {"pool_lists": True}, "cost_per_year": 0})
    return found
