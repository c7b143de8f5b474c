"""What somebody may ask the list of signals to show, and what they do about signals."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from trustwide.commons.accounts.models import User
from trustwide.commons.measures.definition import logical_table, measures
from trustwide.commons.measures.exceptions import SignalError
from trustwide.commons.measures.models import StrategicAim
from trustwide.commons.measures.signals.columns import CHOSEN
from trustwide.commons.measures.signals.rules import LONGEST_SNOOZE, check_can_snooze_until, check_can_subscribe
from trustwide.commons.organisations.exceptions import NotAllowedError
from trustwide.commons.organisations.models import Site

EVERYWHERE = "all"
VERDICTS = (("", "All changes"), ("concern", "Concern"), ("improvement", "Improvement"), ("neutral", "Change"))
STATES = (("open", "Open"), ("snoozed", "Put off"), ("closed", "Closed"))
DIRECTIONS = (("", "Both ways"), ("high", "Higher"), ("low", "Lower"))
NOBODY = "Choose a person."


def measure_choices() -> list[tuple[str, str]]:
    """Every measure by its title."""
    return sorted(((each.code, each.title) for each in measures()), key=lambda each: each[1])


def breakdown_choices(code: str) -> list[tuple[str, str]]:
    """The breakdowns of one measure that have names; none for a measure that does not exist."""
    found = next((each for each in measures() if each.code == code), None)
    return list(logical_table(found.table).breakdowns.items()) if found else []


class FilterForm(forms.Form):
    """Filters and columns of the list; each may stay empty."""

    where = forms.ChoiceField(label="Where", required=False)
    site = forms.CharField(label="Site name or code", required=False, max_length=60)
    measure = forms.ChoiceField(label="Measure", required=False)
    breakdown = forms.ChoiceField(label="Breakdown", required=False)
    aim = forms.ChoiceField(label="Aim", required=False)
    verdict = forms.ChoiceField(label="Kind", required=False, choices=VERDICTS)
    direction = forms.ChoiceField(label="Way", required=False, choices=DIRECTIONS)
    state = forms.ChoiceField(label="State", required=False, choices=STATES)
    mine = forms.BooleanField(label="Only mine", required=False)
    columns = forms.MultipleChoiceField(
        label="Columns",
        required=False,
        choices=[(column.key, column.title) for column in CHOSEN],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, places: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = breakdown_choices(str(self.data.get("measure", "")))
        self._offer("where", places, "There is no such place, or you may not see it. Choose another.")
        self._offer("measure", [("", "All measures"), *measure_choices()], "There is no measure %(value)s.")
        self._offer(
            "aim", [("", "All aims"), *StrategicAim.objects.values_list("code", "title")], "There is no such aim."
        )
        self._offer("breakdown", [("", "All"), *named], "This measure has no breakdown %(value)s. Choose another.")

    def _offer(self, name: str, choices: Sequence[tuple[str, str]], wrong: str) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices
            field.error_messages["invalid_choice"] = wrong


class SnoozeForm(forms.Form):
    """Until when is it put off, and why?"""

    until = forms.DateField(
        label="Put off until",
        help_text="On this day it is back in the list. At most half a year from today.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": "Enter the day on which it comes back.",
            "invalid": "Enter a date that exists, as day, month and year.",
        },
    )
    reason = forms.CharField(
        label="Why is it put off?",
        max_length=300,
        help_text="Stays on record, with your name.",
        error_messages={"required": "Enter why it is put off."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        latest = today + datetime.timedelta(days=LONGEST_SNOOZE)
        self.fields["until"].widget.attrs |= {
            "min": (today + datetime.timedelta(days=1)).isoformat(), "max": latest.isoformat(),
        }  # fmt: skip

    def clean_until(self) -> datetime.date:
        until: datetime.date = self.cleaned_data["until"]
        try:
            check_can_snooze_until(until)
        except SignalError as refusal:
            raise ValidationError(str(refusal)) from None
        return until


class AssignForm(forms.Form):
    """Who sees to it?"""

    person = forms.ModelChoiceField(
        label="Person", queryset=User.objects.none(), empty_label="Choose a person",
        error_messages={"required": NOBODY, "invalid_choice": "This person may not act on it. Choose one of the list."},
    )  # fmt: skip
    reason = forms.CharField(label="Note to them (optional)", max_length=300, required=False)

    def __init__(self, people: QuerySet[User], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person = self.fields["person"]
        if isinstance(person, forms.ModelChoiceField):
            person.queryset = people


class NoteForm(forms.Form):
    """What was found out?"""

    text = forms.CharField(
        label="What was found out?",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Shown with your name to everybody who may see this site's measures. Name no patient.",
        error_messages={"required": "Enter what was found out."},
    )


class SubscribeForm(forms.Form):
    """Of what does somebody want to be told?"""

    measure = forms.ChoiceField(label="Measure", required=False)
    breakdown = forms.ChoiceField(label="Breakdown of this measure", required=False)
    site = forms.ChoiceField(label="Site", required=False)
    only_concerns = forms.BooleanField(label="Only concerns", required=False)

    def __init__(self, user: User, sites: Sequence[tuple[str, str]], code: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        offered = {
            "measure": [("", "All measures"), *measure_choices()],
            "breakdown": [("", "All"), *breakdown_choices(code)],
            "site": [("", "All sites of our group that I may see"), *sites],
        }
        for name, choices in offered.items():
            self.fields[name] = forms.ChoiceField(
                label=self.fields[name].label, required=False, choices=choices,
                error_messages={"invalid_choice": "There is none of that name, or you may not see it. Choose another."},
            )  # fmt: skip
        if not breakdown_choices(code):
            del self.fields["breakdown"]
        self.order_fields(["measure", "breakdown", "site", "only_concerns"])

    def clean_site(self) -> Site | None:
        code = self.cleaned_data["site"]
        site = Site.objects.for_user(self.user).filter(code=code).first() if code else None
        try:
            check_can_subscribe(self.user, site)
        except NotAllowedError as refusal:
            raise ValidationError(str(refusal)) from None
        return site
