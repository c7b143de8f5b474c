"""Forms of the day."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.booking.models import ScannerSession
from trustwide.services.imaging.day.actions import OF_THE_DAY
from trustwide.services.imaging.day.urgent import URGENT
from trustwide.services.imaging.requests.models import ExamType, Priority
from trustwide.services.imaging.requests.pathway import Event

FURTHEST_YEARS = 20
WIDE, NARROW = "nhsuk-input--width-20", "nhsuk-input--width-10"


class DayForm(forms.Form):
    """Which day and site; they stand in the address."""

    on = forms.DateField(label="Day", required=False, widget=forms.DateInput(attrs={"type": "date", "class": NARROW}))
    site = forms.ChoiceField(label="Site", required=False)

    def __init__(self, sites: Sequence[Site], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].choices = [("", "All"), *((str(site.pk), site.short_name) for site in sites)]  # type: ignore[attr-defined]

    def day(self) -> datetime.date:
        """The day asked for; today if none or one that makes no sense."""
        given, today = self.cleaned_data.get("on"), timezone.localdate()
        return given if given and abs(given.year - today.year) <= FURTHEST_YEARS else today

    def site_id(self) -> int | None:
        """The site asked for; None for all."""
        given = self.cleaned_data.get("site")
        return int(given) if given else None


class StepForm(forms.Form):
    """One step of a visit, and the reason where it needs one."""

    step = forms.ChoiceField(choices=[(event.value, event.value) for event in OF_THE_DAY])
    reason = forms.CharField(max_length=300, required=False)

    def event(self) -> Event:
        """The step of a valid form."""
        return Event(self.cleaned_data["step"])


class DownForm(forms.Form):
    """When a scanner is expected back, and what is wrong."""

    reason = forms.CharField(label="What is wrong?", max_length=300)
    until = forms.DateTimeField(
        label="Expected back",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "class": WIDE}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        error_messages={"invalid": "Expected back: give a day and a time, such as 2026-03-03 14:00."},
    )

    def clean_until(self) -> datetime.datetime:
        """A time ahead, within six weeks."""
        until: datetime.datetime = self.cleaned_data["until"]
        if until <= timezone.now():
            raise ValidationError("Expected back: that time is in the past; give a later one.")
        if until > timezone.now() + datetime.timedelta(weeks=6):
            raise ValidationError("Expected back: give a time within six weeks; it can be put off later.")
        return until


class UrgentForm(forms.Form):
    """An urgent patient who is put in between."""

    identifier = forms.CharField(
        label="Patient's number", max_length=40, widget=forms.TextInput(attrs={"class": WIDE}),
        help_text="The local number. Only a keyed hash of it is kept unless this hospital books live.",
    )  # fmt: skip
    exam = forms.ModelChoiceField(ExamType.objects.none(), label="Exam")
    priority = forms.ChoiceField(
        label="Priority", choices=[(p.value, p.label) for p in URGENT], initial=Priority.INPATIENT.value
    )
    practitioner = forms.CharField(
        label="Practitioner who justifies it", required=False, max_length=120,
        help_text="Needed where radiation is used.",
    )  # fmt: skip
    safety_asked = forms.BooleanField(
        label="I asked the safety questions of this exam, and no answer holds it", required=False
    )
    question = forms.CharField(label="Clinical question (optional)", required=False, max_length=500)

    def __init__(self, session: ScannerSession, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        partnership = session.scanner.site.partner.partnership_id
        exams = ExamType.objects.filter(partnership=partnership, modality=session.scanner.modality, in_use=True)
        self.fields["exam"].queryset = exams  # type: ignore[attr-defined]
