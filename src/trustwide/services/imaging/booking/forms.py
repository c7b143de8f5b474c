"""Forms of the booking pages."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.booking.figures import BookingFilters
from trustwide.services.imaging.diagnostic_tests import TEST_CHOICES
from trustwide.services.imaging.requests.models import Priority
from trustwide.services.imaging.waiting.clocks import LONDON

IMAGING = ("MRI", "CT", "NOUS", "BARIUM", "DEXA")
BY_PATIENT, BY_HOSPITAL = "patient", "hospital"
FURTHEST = 365  # days ahead that can be searched


class ToBookForm(forms.Form):
    """Filters of the list of those to be booked; they stand in the address."""

    site = forms.ChoiceField(label="Site", required=False)
    test = forms.ChoiceField(
        label="Test", required=False, choices=[("", "All"), *(t for t in TEST_CHOICES if t[0] in IMAGING)]
    )
    priority = forms.ChoiceField(label="Priority", required=False, choices=[("", "All"), *Priority.choices])

    def __init__(self, sites: Sequence[Site], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].choices = [("", "All"), *((str(site.pk), site.short_name) for site in sites)]  # type: ignore[attr-defined]

    def filters(self) -> BookingFilters:
        """What was asked for; a filter that makes no sense is left out."""
        given = self.cleaned_data if self.is_valid() else {}
        return BookingFilters(
            int(given["site"]) if given.get("site") else None, given.get("test", ""), given.get("priority", "")
        )


class SearchForm(forms.Form):
    """Where and from when to look for a time."""

    earliest = forms.DateField(
        label="Not before", required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "nhsuk-input--width-10"}),
        error_messages={"invalid": "Not before: give a date, such as 2026-03-03."},
    )  # fmt: skip
    site = forms.ChoiceField(label="Site", required=False)
    travel = forms.IntegerField(
        label="Extra journey, minutes at most", required=False, min_value=0, max_value=600,
        widget=forms.NumberInput(attrs={"class": "nhsuk-input--width-4"}),
    )  # fmt: skip

    def __init__(self, sites: Sequence[Site], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].choices = [("", "Every site"), *((str(site.pk), site.short_name) for site in sites)]  # type: ignore[attr-defined]

    def clean_earliest(self) -> datetime.datetime | None:
        """The day as its first moment at the hospital."""
        day = self.cleaned_data.get("earliest")
        if day is None:
            return None
        if day > timezone.localdate() + datetime.timedelta(days=FURTHEST):
            raise ValidationError("Not before: choose a day within the next year.")
        return datetime.datetime.combine(day, datetime.time(), LONDON)


class SlotForm(forms.Form):
    """One slot that somebody chose from a page."""

    session = forms.IntegerField(min_value=1)
    starts_at = forms.CharField(max_length=40)

    def clean_starts_at(self) -> datetime.datetime:
        """The moment, with its zone."""
        try:
            moment = parse_datetime(self.cleaned_data["starts_at"])
        except ValueError:
            moment = None
        if moment is None or timezone.is_naive(moment) or abs(moment.year - timezone.now().year) > 1:
            raise ValidationError("Choose a time that is listed.")
        return moment


class CancelForm(forms.Form):
    """Who cancels, and why. The DM01 clock starts again only where the patient does."""

    who = forms.ChoiceField(
        label="Who cancels?", choices=[(BY_PATIENT, "The patient"), (BY_HOSPITAL, "The hospital")],
        widget=forms.RadioSelect,
    )  # fmt: skip
    reason = forms.CharField(label="Reason", max_length=300)
