"""What somebody may ask of the work lists, say of many requests at once, and give of a new request."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from trustwide.commons.accounts.models import User
from trustwide.commons.organisations.models import Site
from trustwide.commons.patients.exceptions import PatientError
from trustwide.commons.patients.identity import check_may_keep, is_nhs_number, keeps_identifiers, key_of
from trustwide.commons.patients.models import Patient
from trustwide.commons.patients.needs import NEED_CHOICES
from trustwide.services.imaging.requests.asking import MOST_TIMES, MOST_WEEKS, Rhythm
from trustwide.services.imaging.requests.assigning import colleagues
from trustwide.services.imaging.requests.models import ExamType, Priority
from trustwide.services.imaging.requests.pathway import State
from trustwide.services.imaging.requests.several import ACCEPT, GIVE, PROTOCOL, What
from trustwide.services.imaging.requests.words import ROLES
from trustwide.services.imaging.requests.worklists import Asked
from trustwide.services.imaging.waiting.clocks import LONDON
from trustwide.services.imaging.waiting.forms import PlacesForm, day_field

SOURCES = ("GP", "Outpatients", "Ward", "Emergency department", "Screening", "Elsewhere")
OLDEST = 125  # years


def short(width: int, **attributes: str) -> forms.TextInput:
    """A box for so many characters."""
    return forms.TextInput(attrs={"class": f"nhsuk-input--width-{width}", **attributes})


class WorkForm(PlacesForm):
    """Filters of a work list; each may stay empty."""

    priority = forms.ChoiceField(label="Priority", required=False, choices=[("", "All"), *Priority.choices])

    @property
    def asked(self) -> Asked:
        """What is asked for; what is asked wrongly is told by the form, and left out."""
        self.is_valid()
        given, fine = self.data, {name: value for name, value in self.cleaned_data.items() if value}
        page = str(given.get("page", "1"))
        return Asked(
            role=str(given.get("role", "")) if given.get("role") in ROLES else "",
            step=str(given.get("step", "")) if given.get("step") in set(State) else "",
            mine=given.get("mine") == "yes",
            page=int(page) if page.isdecimal() and len(page) < 6 else 1,
            **fine,
        )


class SeveralForm(forms.Form):
    """The particulars of what is done to many requests; only the fields of the act are there."""

    person = forms.ModelChoiceField(label="Colleague", queryset=User.objects.none(), empty_label="Choose a person")
    practitioner = forms.CharField(
        label="Practitioner who justifies them", max_length=120,
        help_text="IR(ME)R 2017 asks for it where radiation is used; otherwise the person who vets.",
    )  # fmt: skip
    protocol = forms.CharField(label="Protocol", max_length=120)

    FIELDS: Mapping[str, str] = {GIVE: "person", ACCEPT: "practitioner", PROTOCOL: "protocol"}

    def __init__(self, act: str, role: str, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in list(self.fields):
            if name != self.FIELDS.get(act):
                del self.fields[name]
        person = self.fields.get("person")
        if isinstance(person, forms.ModelChoiceField):
            person.queryset = colleagues(user, role)
        if "practitioner" in self.fields:
            self.fields["practitioner"].initial = user.audit_name

    @property
    def what(self) -> What:
        """The particulars of a valid form."""
        return What(**self.cleaned_data)


class NeedForm(forms.Form):
    """Something a patient needs."""

    code = forms.ChoiceField(label="Need", choices=[("", "Choose a need"), *NEED_CHOICES])
    detail = forms.CharField(label="Detail, such as the language", required=False, max_length=300)


class NewRequestForm(forms.Form):
    """A new request: who, what, where and how urgent. sure: ask for it although it was asked for already."""

    identifier = forms.CharField(
        label="NHS number or local number of the patient", max_length=40, widget=short(20, autocomplete="off")
    )  # fmt: skip
    name = forms.CharField(label="Name", required=False, max_length=150)
    born_on = day_field("Date of birth", required=False)
    mobile = forms.CharField(label="Mobile number", required=False, max_length=20)
    email = forms.EmailField(label="E-mail", required=False)
    contact_by = forms.ChoiceField(label="How to reach the patient", required=False, choices=Patient.ContactBy.choices)
    born_year = forms.IntegerField(
        label="Year of birth", required=False, widget=short(4, inputmode="numeric")
    )  # fmt: skip
    sex = forms.ChoiceField(label="Sex", required=False, choices=Patient.Sex.choices, initial=Patient.Sex.UNKNOWN)
    site = forms.ChoiceField(label="Site whose list it goes on")
    exam = forms.ModelChoiceField(label="Exam", queryset=ExamType.objects.none(), empty_label="Choose an exam")
    priority = forms.ChoiceField(label="Priority", choices=Priority.choices, initial=Priority.ROUTINE)
    requested_on = day_field("Day of the request")
    due_on = day_field("Day it is due", required=False, help_text="Of a planned exam; of a series, its first exam.")
    every_weeks = forms.IntegerField(
        label="Again every so many weeks", required=False, min_value=1, max_value=MOST_WEEKS,
        help_text="For a series of planned exams.",
        widget=short(3, inputmode="numeric"),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), f"Enter weeks, from 1 to {MOST_WEEKS}."),
    )  # fmt: skip
    times = forms.IntegerField(
        label="How many exams in all", required=False, min_value=2, max_value=MOST_TIMES,
        widget=short(3, inputmode="numeric"),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), f"Enter a number from 2 to {MOST_TIMES}."),
    )  # fmt: skip
    source = forms.ChoiceField(
        label="Where it comes from", choices=[("", "Choose"), *((one, one) for one in SOURCES)], required=False
    )
    referrer = forms.CharField(label="Referrer", required=False, max_length=120)
    question = forms.CharField(
        label="Clinical question", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    needs = forms.MultipleChoiceField(
        label="What the patient needs", required=False, choices=NEED_CHOICES, widget=forms.CheckboxSelectMultiple
    )
    sure = forms.BooleanField(label="Ask for it all the same", required=False, widget=forms.HiddenInput)

    ONLY_LIVE = ("name", "born_on", "mobile", "email", "contact_by", "question")

    def __init__(self, sites: Sequence[Site], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sites = {site.code: site for site in sites}
        self.fields["site"] = forms.ChoiceField(
            label="Site whose list it goes on", choices=[(site.code, site.name) for site in sites],
            error_messages={"invalid_choice": "Choose a site that is listed."},
        )  # fmt: skip
        exams = ExamType.objects.filter(partnership__partners__sites__in=sites, in_use=True).distinct()
        self.fields["exam"].queryset = exams  # type: ignore[attr-defined]
        self.fields["requested_on"].initial = timezone.localdate()
        for name in ("born_year",) if keeps_identifiers() else self.ONLY_LIVE:
            del self.fields[name]
        self.order_fields([name for name in type(self).base_fields if name in self.fields])

    def ask_to_be_sure(self) -> None:
        """Show the box that says to ask for it all the same; without it the box is hidden and off."""
        self.fields["sure"].widget = forms.CheckboxInput()

    def clean_identifier(self) -> str:
        """A number this deployment may keep: one of ten digits that looks like an NHS number has to be one."""
        given = str(self.cleaned_data["identifier"])
        digits = re.sub(r"[ -]", "", given)
        try:
            if is_nhs_number(given) or (keeps_identifiers() and re.fullmatch(r"\d{10}", digits)):
                check_may_keep(given, synthetic_only=not keeps_identifiers())
            key_of(given, "")
        except PatientError as error:
            raise ValidationError(str(error)) from None
        return given

    def clean_born_year(self) -> int | None:
        """A year in which somebody alive can have been born."""
        year: int | None = self.cleaned_data["born_year"]
        now = timezone.localdate().year
        if year is not None and not now - OLDEST <= year <= now:
            raise ValidationError(f"Enter a year from {now - OLDEST} to {now}.")
        return year

    def clean_requested_on(self) -> datetime.date:
        """A day that has come."""
        day: datetime.date = self.cleaned_data["requested_on"]
        if day > timezone.localdate():
            raise ValidationError("The request is dated in the future; give the day on which it was made.")
        return day

    def clean(self) -> dict[str, Any]:
        """A planned exam is due on a day; a series is planned, and has both its numbers."""
        data = super().clean() or self.cleaned_data
        planned = data.get("priority") == Priority.PLANNED
        if planned and not data.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", "A planned exam needs the day it is due; give it.")
        if not planned and data.get("due_on"):
            self.add_error(
                "due_on", "Only a planned exam has a day it is due. Choose that priority, or leave it empty."
            )
        series = [name for name in ("every_weeks", "times") if data.get(name)]
        if series and not planned:
            self.add_error(series[0], "Only planned exams come in a series. Choose that priority, or leave it empty.")
        elif len(series) == 1:
            missing = "times" if series == ["every_weeks"] else "every_weeks"
            self.add_error(missing, "A series needs both: every how many weeks, and how many exams in all.")
        site, exam = self.sites.get(data.get("site", "")), data.get("exam")
        if site and exam and exam.partnership_id != site.partner.partnership_id:
            self.add_error("exam", f"{exam} is not in the catalogue of {site}; choose another exam.")
        return data

    @property
    def chosen_site(self) -> Site:
        """The site of a valid form."""
        return self.sites[self.cleaned_data["site"]]

    @property
    def rhythm(self) -> Rhythm | None:
        """Of a series; None for one exam."""
        data = self.cleaned_data
        return Rhythm(data["every_weeks"], data["times"]) if data.get("every_weeks") else None

    @property
    def requested_at(self) -> datetime.datetime:
        """The day of the request, at noon unless that is still to come."""
        noon = datetime.datetime.combine(self.cleaned_data["requested_on"], datetime.time(12), LONDON)
        return min(noon, timezone.now())

    @property
    def of_the_patient(self) -> dict[str, Any]:
        """What is known of the person, for a record that has to be added."""
        names = ("name", "born_on", "mobile", "email", "contact_by", "born_year", "sex")
        known = {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name)}
        identifier = self.cleaned_data["identifier"]
        if keeps_identifiers() and is_nhs_number(identifier):
            known["nhs_number"] = re.sub(r"[ -]", "", identifier)
        return known

    @property
    def of_the_request(self) -> dict[str, Any]:
        """Facts of the request that are kept as they are."""
        return {
            name: self.cleaned_data[name] for name in ("source", "referrer", "question") if name in self.cleaned_data
        }
