"""The question and the measures of a plan as a form and as an address, so that what is on the screen can be shared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import numpy as np
from django import forms
from django.core.exceptions import ValidationError

from trustwide.services.imaging.number_fields import SHORT, NumberField, WholeNumberField, number_field
from trustwide.services.imaging.plan_models import Plan
from trustwide.services.imaging.plan_words import month_of

if TYPE_CHECKING:
    from django.http import QueryDict

    from trustwide.analysis.capacity.monthly import Lever, Question
    from trustwide.commons.organisations.models import SiteQuerySet

MONTHS_AHEAD = 36
SIZES = {
    "extra_tests": "% of today's tests",
    "temporary_tests": "% of today's tests",
    "faster": "% of today's tests",
    "fewer_missed": "% of missed appointments",
    "validate": "% of the list",
    "one_list": "% drawn together",
}
# which price of a measure can be changed, and its unit
PRICES = {
    "extra_tests": ("unit_cost", "£ a test"),
    "temporary_tests": ("unit_cost", "£ a test"),
    "fewer_missed": ("unit_cost", "£ an appointment"),
    "validate": ("unit_cost", "£ a person waiting"),
    "faster": ("cost_per_year", "£ a year"),
    "one_list": ("cost_per_year", "£ a year"),
}
CONFIDENCES = [(str(share), f"{share}%") for share in (50, 60, 70, 80, 90, 95)]
FUTURES = [(str(number), f"{number}") for number in (100, 200, 400)]
WEEKS_NEEDED = "a number of weeks above 0 and at most 52 is needed, such as 2."
SEED_NEEDED = "The seed must be a whole number of 0 or more, such as 1."
Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Setup:
    """What is asked: the question, every measure as it is sized and priced, and those that are switched on."""

    question: Question
    levers: tuple[Lever, ...]
    chosen: tuple[str, ...] = field(default=())

    def data(self) -> dict[str, Any]:
        """The fields of the form."""
        asked = self.question
        fields = {
            "weeks": f"{asked.target_weeks:g}", "by": str(asked.by), "confidence": f"{100 * asked.confidence:g}",
            "futures": str(asked.replications), "seed": str(asked.seed), "lever": list(self.chosen),
        }  # fmt: skip
        for lever in self.levers:
            fields |= _lever_data(lever)
        return fields

    def query(self, usual: Sequence[Lever], *, with_chosen: bool = True) -> str:
        """The address of this setup, naming only the measures that differ from the `usual` ones."""
        fields = self.data()
        if not with_chosen:
            del fields["lever"]
        for lever in usual:
            for name, value in _lever_data(lever).items():
                if fields.get(name) == value:
                    del fields[name]
        for name, value in (("futures", "200"), ("seed", "1")):
            if fields[name] == value:
                del fields[name]
        return urlencode(fields, doseq=True)


def setup_of(plan: Plan) -> Setup:
    """What a stored plan asked."""
    from trustwide.analysis.capacity.monthly import Question, levers_from

    by = np.datetime64(plan.by, "M")
    question = Question(plan.target_weeks, by, plan.confidence, plan.replications, plan.seed)
    return Setup(question, levers_from(plan.levers), tuple(plan.chosen))


def measures_of(plan: Plan) -> list[dict[str, Any]]:
    """The switched-on measures of a stored plan, with size, price and lead time in words."""
    rows = []
    for lever in setup_of(plan).levers:
        price, unit = PRICES[lever.kind]
        rows.append({
            "title": lever.title, "on": lever.id in plan.chosen, "lead_weeks": lever.lead_weeks,
            "size": f"{100 * lever.size:g}{SIZES[lever.kind]}", "price": f"£{getattr(lever, price):,.2f}{unit[1:]}",
        })  # fmt: skip
    return [row for row in rows if row["on"]]


class PlanForm(forms.Form):
    """Target, date, confidence, and the measures; the fields of a measure are size-ID, price-ID and lead-ID."""

    weeks = NumberField(
        label="Mean wait, weeks", widget=forms.TextInput(attrs={"class": SHORT, "inputmode": "decimal"}),
        error_messages={
            "required": f"The target is missing, but {WEEKS_NEEDED}",
            "invalid": f"The target is not a number, but {WEEKS_NEEDED}",
        },
    )  # fmt: skip
    confidence = forms.CharField(label="Confidence", widget=forms.Select(choices=CONFIDENCES))
    futures = forms.CharField(
        label="Futures to try each plan in",
        widget=forms.Select(choices=FUTURES),
        help_text="More are slower and surer.",
    )
    seed = WholeNumberField(
        label="Seed", min_value=0, max_value=2**31, help_text="The same seed gives the same digits.",
        widget=forms.TextInput(attrs={"class": "nhsuk-input--width-5", "inputmode": "numeric"}),
        error_messages=dict.fromkeys(("invalid", "required", "min_value", "max_value"), SEED_NEEDED),
    )  # fmt: skip

    def __init__(self, levers: Sequence[Lever], last_month: np.datetime64, data: Mapping[str, Any]) -> None:
        from trustwide.analysis.capacity.monthly.plan import SOONEST

        super().__init__(data)
        self.levers, self.last_month, self.soonest = tuple(levers), last_month, last_month + SOONEST
        ahead = [str(last_month + step) for step in range(SOONEST, MONTHS_AHEAD + 1)]
        months = forms.Select(choices=[(month, month_of(month)) for month in ahead])
        self.fields["by"] = forms.CharField(label="By the end of", widget=months)
        self.fields["lever"] = forms.MultipleChoiceField(
            required=False, choices=[(lever.id, lever.title) for lever in levers],
            error_messages={"invalid_choice": "There is no measure %(value)s; switch on some of those listed."},
        )  # fmt: skip
        for lever in levers:
            self.fields |= _lever_fields(lever)

    def clean_weeks(self) -> float:
        weeks = float(self.cleaned_data["weeks"])
        if not 0 < weeks <= 52:
            raise ValidationError(f"The target is {weeks:g}, but {WEEKS_NEEDED}")
        return weeks

    def clean_by(self) -> np.datetime64:
        text = self.cleaned_data["by"]
        try:
            month = np.datetime64(text, "M")
        except ValueError:
            month = np.datetime64("NaT", "M")
        if np.isnat(month) or len(text) != len("2026-03"):
            raise ValidationError(f"The date is '{text}', but a month such as 2026-03 is needed.")
        if month <= self.last_month:
            last = month_of(str(self.last_month))
            raise ValidationError(
                f"{month_of(str(month))} is not after {last}, the last month returned. Choose a later month."
            )
        if month < self.soonest:
            raise ValidationError(
                f"{month_of(str(month))} is too soon to see the target hold in each of four weeks. "
                f"Choose {month_of(str(self.soonest))} or later."
            )
        if month > self.last_month + MONTHS_AHEAD:
            raise ValidationError(f"{month_of(str(month))} is more than three years ahead. Choose an earlier month.")
        return month

    def clean_confidence(self) -> float:
        return int(self._one_of("confidence", CONFIDENCES)) / 100

    def clean_futures(self) -> int:
        return int(self._one_of("futures", FUTURES))

    def clean_lever(self) -> tuple[str, ...]:
        wanted = set(self.cleaned_data["lever"])
        for lever in self.levers:
            for other in lever.excludes:
                if {lever.id, other} <= wanted:
                    titles = {each.id: each.title for each in self.levers}
                    raise ValidationError(
                        f"{titles[other]} is part of {titles[lever.id].lower()}. Switch one of them off."
                    )
        return tuple(lever.id for lever in self.levers if lever.id in wanted)

    def _one_of(self, name: str, choices: list[tuple[str, str]]) -> str:
        value = str(self.cleaned_data[name])
        if value not in dict(choices):
            expected = ", ".join(text for _, text in choices)
            raise ValidationError(f"{self.fields[name].label}: '{value}' is not one of {expected}.")
        return value

    def setup(self) -> Setup:
        """What a valid form asks."""
        from trustwide.analysis.capacity.monthly import Question

        given = self.cleaned_data
        question = Question(given["weeks"], given["by"], given["confidence"], given["futures"], given["seed"])
        return Setup(question, tuple(self._changed(lever) for lever in self.levers), given["lever"])

    def _changed(self, lever: Lever) -> Lever:
        size, price, lead = (self.cleaned_data[f"{part}-{lever.id}"] for part in ("size", "price", "lead"))
        usual, (price_field, _) = _lever_data(lever), PRICES[lever.kind]
        changes: dict[str, Any] = {"lead_weeks": lead}
        # a size that was not touched stays as it is, to the last digit
        if size != float(usual[f"size-{lever.id}"]):
            changes["size"] = round(size / 100, 10)
        if price != float(usual[f"price-{lever.id}"]):
            changes[price_field] = price
        return replace(lever, **changes)


def plan_form(usual: Setup, last_month: np.datetime64, query: QueryDict) -> PlanForm:
    """The form as an address fills it; what the address leaves out is as `usual`."""
    data: dict[str, Any] = usual.data()
    if "weeks" in query or "by" in query:
        data["lever"] = []
    for name in query:
        data[name] = query.getlist(name) if name == "lever" else query[name]
    return PlanForm(usual.levers, last_month, data)


class SavePlanForm(forms.Form):
    """What a plan is called."""

    name = forms.CharField(
        label="Name of the plan", max_length=120, error_messages={"required": "Give the plan a name."}
    )
    note = forms.CharField(
        label="Note (optional)", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What the people who read it should know, such as what was agreed and with whom.",
    )  # fmt: skip


class ArchivePlanForm(forms.Form):
    """Why a plan is put away."""

    reason = forms.CharField(
        label="Reason", max_length=300, help_text="This is kept in the audit record.",
        error_messages={"required": "Say why the plan is put away."},
    )  # fmt: skip


class PlanFilterForm(forms.Form):
    """Which plans the list shows."""

    mine = forms.ChoiceField(label="Made by", required=False, choices=[("", "Anybody"), ("yes", "Me")])

    def __init__(self, sites: SiteQuerySet, tests: Choices, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        known = [("", "All sites"), *((site.code, site.name) for site in sites)]
        test = forms.ChoiceField(label="Test", required=False, choices=[("", "All tests"), *tests])
        site = forms.ChoiceField(label="Site", required=False, choices=known)
        self.fields = {"site": site, "test": test, **self.fields}


class StartPlanForm(forms.Form):
    """Which list to plan for."""

    def __init__(self, sites: SiteQuerySet, tests: Choices, data: Mapping[str, Any] | None) -> None:
        super().__init__(data)
        known = [(site.code, site.name) for site in sites]
        sentence = dict.fromkeys(("required", "invalid_choice"), "Choose a site that is listed.")
        site = forms.ChoiceField(label="Site", choices=known, error_messages=sentence)
        self.fields = {"site": site, "test": forms.ChoiceField(label="Test", choices=tests)}


def _lever_data(lever: Lever) -> dict[str, str]:
    price_field, _ = PRICES[lever.kind]
    return {
        f"size-{lever.id}": f"{100 * lever.size:.6g}",
        f"price-{lever.id}": f"{getattr(lever, price_field):.10g}",
        f"lead-{lever.id}": str(lever.lead_weeks),
    }


def _lever_fields(lever: Lever) -> dict[str, forms.Field]:
    most = 100 if lever.kind in ("validate", "one_list", "fewer_missed") else 300
    size = f"{lever.title}: the size must be a number from 0 to {most}, such as {100 * lever.size:g}."
    price = f"{lever.title}: the price must be a number of 0 or more, in pounds."
    lead = f"{lever.title}: the lead time must be a whole number of weeks from 0 to 260."
    return {
        f"size-{lever.id}": number_field(f"Size, {SIZES[lever.kind]}", size, most),
        f"price-{lever.id}": number_field(f"Price, {PRICES[lever.kind][1]}", price, 100_000_000),
        f"lead-{lever.id}": number_field("Lead time, weeks", lead, 260, whole=True),
    }
