"""Forms of the hours pages."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.booking.cells import CELL_MINUTES
from trustwide.services.imaging.booking.hours.days import DAY_NAMES
from trustwide.services.imaging.booking.hours.rules import MOST_OVERBOOKED
from trustwide.services.imaging.booking.hours.usual import MOST_WEEKS, Block
from trustwide.services.imaging.booking.models import Scanner
from trustwide.services.imaging.number_fields import number_field
from trustwide.services.imaging.requests.models import ExamType, Priority
from trustwide.services.imaging.waiting.clocks import LONDON

NARROW = {"class": "nhsuk-input--width-5"}
A_DAY_FIELD = {"type": "date", "class": "nhsuk-input--width-10"}


class ClockField(forms.TimeField):
    """A time of day at which a slot can begin, such as 08:00."""

    def __init__(self, label: str, **more: Any) -> None:
        said = f"{label}: give a time between 00:00 and 23:55, such as 08:00."
        super().__init__(
            label=label, input_formats=["%H:%M"], widget=forms.TextInput(attrs=NARROW),
            error_messages={"required": said, "invalid": said}, **more,
        )  # fmt: skip

    def clean(self, value: Any) -> datetime.time | None:
        """In steps of a slot's length."""
        given: datetime.time | None = super().clean(value)
        if given is not None and given.minute % CELL_MINUTES:
            raise ValidationError(
                f"{self.label}: {given:%H:%M} is between two slots; use steps of {CELL_MINUTES} minutes."
            )
        return given


def _day_field(label: str) -> forms.DateField:
    said = f"{label}: give a day, such as 2026-03-02."
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs=A_DAY_FIELD, format="%Y-%m-%d"),
        error_messages={"required": said, "invalid": said},
    )


def _limit_field() -> forms.Field:
    said = f"Over-booking limit: a whole number from 0 to {MOST_OVERBOOKED} is needed."
    return number_field("Over-booking limit", said, MOST_OVERBOOKED, whole=True)


def competences_known(partnerships: Sequence[int]) -> list[tuple[str, str]]:
    """What operators can be signed off for, as the catalogue of exams asks it."""
    exams = ExamType.objects.filter(in_use=True, partnership__in=partnerships).exclude(competence="")
    codes = sorted(set(exams.values_list("competence", flat=True)))
    return [(code, code.replace("_", " ")) for code in codes]


class SiteForm(forms.Form):
    """Which site is shown; it stands in the address."""

    site = forms.ChoiceField(label="Site", required=False)

    def __init__(self, sites: Sequence[Site], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].choices = [("", "Every site"), *((str(one.pk), one.short_name) for one in sites)]  # type: ignore[attr-defined]

    def chosen(self) -> int | None:
        """Its id; None for every site."""
        given = self.cleaned_data.get("site") if self.is_valid() else ""
        return int(given) if given else None


class CloseForm(forms.Form):
    """Why a session is closed."""

    reason = forms.CharField(
        label="Why is it closed?", max_length=200, error_messages={"required": "Say why the session is closed."}
    )


class LimitForm(forms.Form):
    """How many patients may be booked on top of others."""

    limit = _limit_field()


class StandForm(forms.Form):
    """Where a van goes for a day."""

    site = forms.ModelChoiceField(
        Site.objects.none(), label="Where it stands", empty_label=None,
        error_messages={"required": "Choose a site.", "invalid_choice": "Choose a site that is listed."},
    )  # fmt: skip

    def __init__(self, sites: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = sites  # type: ignore[attr-defined]


class OpenDayForm(forms.Form):
    """A scanner opened for one day."""

    scanner = forms.ModelChoiceField(
        Scanner.objects.none(), label="Scanner", empty_label=None, error_messages={"required": "Choose a scanner."}
    )
    day = _day_field("Day")
    opens = ClockField("Opens", initial="08:00")
    closes = ClockField("Closes", initial="20:00")
    site = forms.ChoiceField(label="Where it stands", required=False, help_text="Only a van can go to another site.")
    limit = _limit_field()
    competences = forms.MultipleChoiceField(
        label="Operators on duty are signed off for", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, scanners: Any, sites: Sequence[Site], competences: Sequence[tuple[str, str]], *args: Any,
                 **kwargs: Any) -> None:  # fmt: skip
        super().__init__(*args, **{"initial": {"limit": 0}, **kwargs})
        self.sites = {str(site.pk): site for site in sites}
        self.fields["scanner"].queryset = scanners  # type: ignore[attr-defined]
        own = ("", "Where it belongs")
        self.fields["site"].choices = [own, *((key, site.short_name) for key, site in self.sites.items())]  # type: ignore[attr-defined]
        self.fields["competences"].choices = competences  # type: ignore[attr-defined]
        if not competences:
            del self.fields["competences"]

    def clean(self) -> dict[str, Any]:
        """Only a van may stand elsewhere, in its own partnership."""
        given = super().clean() or {}
        scanner, site = given.get("scanner"), self.sites.get(given.get("site", ""))
        if scanner and site and site != scanner.site:
            if not scanner.mobile:
                self.add_error("site", f"{scanner} is not mobile; it stays at {scanner.site.short_name}.")
            elif site.partner.partnership_id != scanner.site.partner.partnership_id:
                self.add_error("site", f"{site} is no site of its partnership; choose another one.")
        return given

    def moments(self) -> tuple[datetime.datetime, datetime.datetime]:
        """When it opens and closes, with their zone; past midnight where it closes earlier than it opens."""
        day, opens, closes = (self.cleaned_data[name] for name in ("day", "opens", "closes"))
        last = day + datetime.timedelta(days=1) if closes <= opens else day
        return datetime.datetime.combine(day, opens, LONDON), datetime.datetime.combine(last, closes, LONDON)


class FromForm(forms.Form):
    """From which day other hours hold; it stands in the address."""

    start = _day_field("Hours from")


class BlockForm(forms.Form):
    """One block of usual hours."""

    scanner = forms.ChoiceField(label="Scanner")
    day = forms.ChoiceField(label="Day", choices=[(str(day), name) for day, name in enumerate(DAY_NAMES)])
    opens = ClockField("Opens")
    closes = ClockField("Closes")
    every_weeks = number_field(
        "Every … weeks", f"Every … weeks: a whole number from 1 to {MOST_WEEKS} is needed.", MOST_WEEKS, whole=True
    )
    site = forms.ChoiceField(label="Where it stands")
    limit = _limit_field()
    priorities = forms.MultipleChoiceField(
        label="Only these priorities (none ticked: all)", required=False, choices=Priority.choices,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    competences = forms.MultipleChoiceField(
        label="Operators on duty are signed off for", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, scanners: Sequence[Scanner], sites: Sequence[Site], competences: Sequence[tuple[str, str]],
                 *args: Any, **kwargs: Any) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.fields["scanner"].choices = [(str(one.pk), f"{one.site.short_name}: {one}") for one in scanners]  # type: ignore[attr-defined]
        self.fields["site"].choices = [(str(one.pk), one.short_name) for one in sites]  # type: ignore[attr-defined]
        self.fields["competences"].choices = competences  # type: ignore[attr-defined]
        if not competences:
            del self.fields["competences"]

    def clean_every_weeks(self) -> int:
        """At least each week."""
        weeks: int = self.cleaned_data["every_weeks"]
        if weeks < 1:
            raise ValidationError(f"Every … weeks: a whole number from 1 to {MOST_WEEKS} is needed.")
        return weeks

    def block(self, scanner: Scanner) -> Block:
        """What a valid form says. Where a scanner stands is asked of vans only."""
        given = self.cleaned_data
        return Block(
            None, int(given["day"]), f"{given['opens']:%H:%M}", f"{given['closes']:%H:%M}", given["every_weeks"],
            int(given["site"]) if scanner.mobile else scanner.site_id, given["limit"],
            tuple(sorted(given.get("competences", ()))), tuple(sorted(given["priorities"])),
        )  # fmt: skip


class ReasonForm(forms.Form):
    """Why the usual hours change."""

    reason = forms.CharField(
        label="Reason for the change", max_length=300, error_messages={"required": "Say why the hours change."}
    )
