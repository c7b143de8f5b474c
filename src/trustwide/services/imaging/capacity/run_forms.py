"""What is asked of a run: how often, from which seed, and for a plan the target, the limits and the measures."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError

from trustwide.services.imaging.capacity import words
from trustwide.services.imaging.capacity.models import ServiceRun, ServiceVersion
from trustwide.services.imaging.number_fields import SHORT, NumberField, WholeNumberField, number_field
from trustwide.services.imaging.plan_forms import CONFIDENCES, SEED_NEEDED, WEEKS_NEEDED

if TYPE_CHECKING:
    from django.http import QueryDict

REPLICATIONS = [(str(number), str(number)) for number in (20, 50, 100, 200, 400)]
USUAL = {"replications": "100", "seed": "1"}
DATE_NEEDED = "a date such as 2026-12-31 is needed."


class RunForm(forms.Form):
    """How often it is simulated, and from which seed."""

    replications = forms.ChoiceField(
        label="Replications", choices=REPLICATIONS, help_text="More are slower and surer.",
        error_messages={"invalid_choice": "Choose one of the numbers of replications."},
    )  # fmt: skip
    seed = WholeNumberField(
        label="Seed", min_value=0, max_value=2**31, help_text="The same seed gives the same digits.",
        widget=forms.TextInput(attrs={"class": "nhsuk-input--width-5", "inputmode": "numeric"}),
        error_messages=dict.fromkeys(("invalid", "required", "min_value", "max_value"), SEED_NEEDED),
    )  # fmt: skip

    def given(self) -> dict[str, Any]:
        """What a valid form says, as a run takes it."""
        return {"replications": int(self.cleaned_data["replications"]), "seed": self.cleaned_data["seed"]}


class QuestionForm(RunForm):
    """The target, by when, how surely, with what money and staff, and which measures are switched on."""

    weeks = NumberField(
        label="Wait, weeks", widget=forms.TextInput(attrs={"class": SHORT, "inputmode": "decimal"}),
        error_messages={
            "required": f"The target is missing, but {WEEKS_NEEDED}",
            "invalid": f"The target is not a number, but {WEEKS_NEEDED}",
        },
    )  # fmt: skip
    by = forms.CharField(
        label="By", max_length=10, widget=forms.TextInput(attrs={"class": "nhsuk-input--width-10"}),
        error_messages={"required": f"The date is missing, but {DATE_NEEDED}"},
    )  # fmt: skip
    confidence = forms.ChoiceField(label="Confidence", choices=CONFIDENCES)

    def __init__(self, version: ServiceVersion, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.levers = version.lever_list
        self.start = datetime.date.fromisoformat(version.facts["start"])
        budget = "Budget: a number of 0 or more is needed, in pounds a year, or nothing."
        self.fields["budget"] = number_field("Budget, £ a year", budget, 1e9, required=False)
        self.roles = sorted({role for lever in self.levers for role in lever.get("needs_staff", {})})
        for role in self.roles:
            sentence = f"{role}: a number of 0 or more is needed, in whole-time equivalents, or nothing."
            self.fields[f"staff-{role}"] = number_field(f"{role} to find, WTE", sentence, 1e6, required=False)
        self.fields["lever"] = forms.MultipleChoiceField(
            required=False, choices=[(lever["id"], words.lever_title(lever)) for lever in self.levers],
            error_messages={"invalid_choice": "There is no measure %(value)s; switch on some of those listed."},
        )  # fmt: skip

    def clean_weeks(self) -> float:
        """Above 0 and at most a year."""
        weeks = float(self.cleaned_data["weeks"])
        if not 0 < weeks <= 52:
            raise ValidationError(f"The target is {weeks:g}, but {WEEKS_NEEDED}")
        return weeks

    def clean_by(self) -> str:
        """A day at least eight weeks from the start, so that the target can be seen to hold."""
        text = str(self.cleaned_data["by"]).strip()
        try:
            date = datetime.date.fromisoformat(text)
        except ValueError:
            raise ValidationError(f"The date is '{text}', but {DATE_NEEDED}") from None
        first, last = self.start + datetime.timedelta(weeks=8), self.start + datetime.timedelta(weeks=260)
        if not first <= date <= last:
            raise ValidationError(
                f"{words.day_of(text)} must be from {words.day_of(first.isoformat())}, when the target can be seen to "
                f"hold, to {words.day_of(last.isoformat())}."
            )
        return text

    def clean_lever(self) -> list[str]:
        """Measures that do not exclude each other."""
        wanted: list[str] = self.cleaned_data["lever"]
        titles = {lever["id"]: words.lever_title(lever) for lever in self.levers}
        for lever in self.levers:
            for other in lever.get("excludes", []):
                if lever["id"] in wanted and other in wanted:
                    raise ValidationError(
                        f"{titles[lever['id']]} and {titles[other]} cannot be taken together. Switch one of them off."
                    )
        return [lever["id"] for lever in self.levers if lever["id"] in wanted]

    def question(self) -> dict[str, Any]:
        """What a valid form asks, as a run keeps it."""
        given = self.cleaned_data
        staff = {role: given[f"staff-{role}"] for role in self.roles if given[f"staff-{role}"] is not None}
        return {
            "target_weeks": given["weeks"], "by": given["by"], "confidence": int(given["confidence"]) / 100,
            "budget": given["budget"], "staff": staff, "levers": given["lever"],
        }  # fmt: skip


def question_form(version: ServiceVersion, query: QueryDict, run: ServiceRun | None) -> QuestionForm:
    """The form as an address fills it; what the address leaves out is as `run` asked, or as usual."""
    data = _asked(run) if run is not None and run.question else _usual(version)
    if run is not None and run.kind == ServiceRun.Kind.SEARCH and run.given:
        data["lever"] = run.given["plans"][0]["levers"]  # the best one that was found
    data["lever"] = [lever["id"] for lever in version.lever_list if lever["id"] in data["lever"]]
    if "weeks" in query or "by" in query or "lever" in query:
        data["lever"] = []
    for name in query:
        data[name] = query.getlist(name) if name == "lever" else query[name]
    return QuestionForm(version, data)


def question_query(run: ServiceRun, levers: Sequence[str]) -> list[tuple[str, str]]:
    """The address of a run's question with these measures switched on, as pairs."""
    fields = {name: value for name, value in _asked(run).items() if name != "lever" and value != ""}
    return [*((name, str(value)) for name, value in fields.items()), *(("lever", lever) for lever in levers)]


def _asked(run: ServiceRun) -> dict[str, Any]:
    asked = run.question
    staff = {f"staff-{role}": f"{number:g}" for role, number in (asked.get("staff") or {}).items()}
    budget = asked.get("budget")
    return {
        "weeks": f"{asked['target_weeks']:g}", "by": asked["by"], "confidence": f"{100 * asked['confidence']:g}",
        "budget": "" if budget is None else f"{budget:g}", **staff, "lever": list(asked.get("levers", [])),
        "replications": str(run.replications), "seed": str(run.seed),
    }  # fmt: skip


def _usual(version: ServiceVersion) -> dict[str, Any]:
    """The service's own target; by the end of the run or of a year, whichever comes first."""
    target, start = version.mapping.get("target") or {}, datetime.date.fromisoformat(version.facts["start"])
    weeks = max(9, min(version.facts["weeks"] or 52, 52))
    by = target.get("by") or (start + datetime.timedelta(days=7 * weeks - 1)).isoformat()
    return {"weeks": f"{target.get('weeks', 2):g}", "by": by, "confidence": "80", "lever": [], **USUAL}


class NameForm(forms.Form):
    """What a run is called."""

    name = forms.CharField(
        label="Name of the run", max_length=120, error_messages={"required": "Give the run a name."}
    )  # fmt: skip
    note = forms.CharField(
        label="Note (optional)", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What the people who read it should know, such as what was agreed and with whom.",
    )  # fmt: skip


class RunFilterForm(forms.Form):
    """Which runs the list shows."""

    kind = forms.ChoiceField(label="Question", required=False, choices=[("", "All"), *ServiceRun.Kind.choices])
    mine = forms.ChoiceField(label="Made by", required=False, choices=[("", "Anybody"), ("yes", "Me")])
