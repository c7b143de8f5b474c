"""What somebody may ask of the waiting-list pages, and what they say about requests there."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone

from trustwide.commons.accounts.models import User
from trustwide.commons.organisations.models import Site
from trustwide.commons.patients.needs import NEED_CHOICES
from trustwide.services.imaging.diagnostic_tests import DIAGNOSTIC_TESTS
from trustwide.services.imaging.requests.models import Priority
from trustwide.services.imaging.requests.pathway import WAITING
from trustwide.services.imaging.waiting.bulk import ASSIGN, NOTE, RECEIVE, WITHDRAW, What, colleagues
from trustwide.services.imaging.waiting.columns import CHOSEN, KEYS, USUAL
from trustwide.services.imaging.waiting.list_figures import ACTIVE, BOOKED, KINDS, NO_DATE, SORTS, Asked
from trustwide.services.imaging.waiting.meeting_figures import MeetingAsked, weeks_from
from trustwide.services.imaging.waiting.notes import VALIDATED

IMAGING_TESTS = [(test.code, test.short_name) for test in DIAGNOSTIC_TESTS if test.category == "Imaging"]
EARLIEST, LATEST = datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)
WRONG_DATE = "Enter a date that exists, as day, month and year."
# why a request is taken off without a scan, as the list counts it
CODES = (
    ("not_needed", "No longer needed"),
    ("declined", "The patient does not want it"),
    ("elsewhere", "Done elsewhere"),
    ("unfit", "The patient is not fit for it"),
    ("duplicate", "Asked for twice"),
    ("died", "The patient died"),
    ("other", "Another reason"),
)


def day_field(label: str, **more: Any) -> forms.DateField:
    """A date chosen from a calendar."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, error_messages={"invalid": WRONG_DATE}, **more)


class PlacesForm(forms.Form):
    """A site and a test, each of which may stay empty."""

    site = forms.ChoiceField(label="Site", required=False)
    test = forms.ChoiceField(label="Test", required=False, choices=[("", "All tests"), *IMAGING_TESTS])

    def __init__(self, sites: Sequence[Site], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "All sites"), *((site.code, site.short_name) for site in sites)]
        wrong = {"invalid_choice": "There is no such site, or you may not see its list. Choose another."}
        self.fields["site"] = forms.ChoiceField(label="Site", required=False, choices=choices, error_messages=wrong)
        self.order_fields(["site", "test"])


class ListForm(PlacesForm):
    """Filters and columns of the waiting list; each may stay empty."""

    priority = forms.ChoiceField(label="Priority", required=False, choices=[("", "All"), *Priority.choices])
    booked = forms.ChoiceField(
        label="Appointment", required=False,
        choices=[("", "With or without"), (BOOKED, "Has a date"), (NO_DATE, "No date")],
    )  # fmt: skip
    before = day_field("Six weeks before", required=False)
    weeks = forms.IntegerField(
        label="Waits, weeks or more", required=False, min_value=0, max_value=520,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), "Enter whole weeks, from 0 to 520."),
    )  # fmt: skip
    state = forms.ChoiceField(
        label="State", required=False,
        choices=[("", "All"), *((s.value, s.value.replace("_", " ").capitalize()) for s in WAITING)],
    )  # fmt: skip
    needs = forms.ChoiceField(label="Needs", required=False, choices=[("", "All patients"), *NEED_CHOICES])
    kind = forms.ChoiceField(required=False, choices=KINDS, widget=forms.HiddenInput)
    sort = forms.CharField(required=False, widget=forms.HiddenInput)
    columns = forms.MultipleChoiceField(
        label="Columns", required=False, choices=[(column.key, column.title) for column in CHOSEN],
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    @property
    def asked(self) -> Asked:
        """What is asked for; what is asked wrongly is told by the form, and left out."""
        self.is_valid()
        fine = {name: value for name, value in self.cleaned_data.items() if value not in ("", None, [])}
        named = fine.pop("columns", ())
        columns = tuple(key for key in KEYS if key in named)
        sort = fine.pop("sort", "breach")
        page = str(self.data.get("page", "1"))
        return Asked(
            **{"kind": ACTIVE, **fine},
            columns=() if columns == USUAL_IN_ORDER else columns,
            sort=sort if sort.removeprefix("-") in SORTS else "breach",
            page=int(page) if page.isdecimal() and len(page) < 6 else 1,
        )


def check_comment(comment: str) -> str:
    """Raise ValidationError for a comment that would be taken for vouching."""
    if comment.startswith(VALIDATED.strip()):
        raise ValidationError(f'A comment does not begin with "{VALIDATED.strip()}"; mark the entry as right instead.')
    return comment


USUAL_IN_ORDER = tuple(key for key in KEYS if key in USUAL)


def list_form(sites: Sequence[Site], address: QueryDict) -> ListForm:
    """The form of an address, with the usual columns ticked where it names none."""
    given = address.copy()
    if "columns" not in given:
        given.setlist("columns", list(USUAL))
    return ListForm(sites, given)


class BulkForm(forms.Form):
    """The particulars of what is done to many requests; only the fields of the act are there."""

    person = forms.ModelChoiceField(label="Person", queryset=User.objects.none(), empty_label="Choose a person")
    code = forms.ChoiceField(label="Why they come off the list", choices=CODES)
    reason = forms.CharField(label="Reason, for the record", max_length=300)
    comment = forms.CharField(label="Comment", max_length=500, required=False)
    action = forms.CharField(label="What is to be done", max_length=300, required=False)
    owner = forms.CharField(label="By whom", max_length=120, required=False)
    due_on = day_field("Until", required=False)

    FIELDS = {
        ASSIGN: ("person",),
        WITHDRAW: ("code", "reason"),
        NOTE: ("comment", "action", "owner", "due_on"),
        RECEIVE: (),
    }

    def __init__(self, act: str, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in list(self.fields):
            if name not in self.FIELDS[act]:
                del self.fields[name]
        person = self.fields.get("person")
        if isinstance(person, forms.ModelChoiceField):
            person.queryset = User.objects.filter(pk__in=[each.pk for each in colleagues(user)])

    def clean_comment(self) -> str:
        """A comment of one's own."""
        return check_comment(self.cleaned_data["comment"])

    def clean(self) -> dict[str, Any]:
        """A note says something."""
        data = super().clean() or self.cleaned_data
        if "comment" in self.fields and not self.errors and not (data.get("comment") or data.get("action")):
            raise ValidationError({"comment": "Write a comment, or what is to be done."})
        return data

    @property
    def what(self) -> What:
        """The particulars of a valid form."""
        return What(**self.cleaned_data)


class NoteForm(forms.Form):
    """What stands of one request after the meeting."""

    comment = forms.CharField(label="Comment", max_length=500, required=False)
    action = forms.CharField(label="Action", max_length=300, required=False)
    owner = forms.CharField(label="Owner", max_length=120, required=False)
    due_on = day_field("Due", required=False)
    done = forms.BooleanField(label="Done", required=False)
    version = forms.CharField(max_length=40, widget=forms.HiddenInput)

    def clean_comment(self) -> str:
        """A comment of one's own."""
        return check_comment(self.cleaned_data["comment"])

    def clean(self) -> dict[str, Any]:
        """An owner and a day belong to an action. Line breaks are spaces, which spreadsheets do not change."""
        data = super().clean() or self.cleaned_data
        data |= {name: " ".join(data[name].split()) for name in ("comment", "action", "owner") if name in data}
        if not data.get("action") and (data.get("owner") or data.get("due_on")) and not self.errors:
            raise ValidationError({"action": "Write what is to be done, or take the owner and the day away."})
        return data


class MeetingForm(PlacesForm):
    """Which part of the list the meeting looks at."""

    week = forms.TypedChoiceField(label="Passes six weeks", required=False, coerce=int, empty_value=None, choices=())
    everyone = forms.BooleanField(label="Also those booked in time", required=False)

    def __init__(self, sites: Sequence[Site], *args: Any, **kwargs: Any) -> None:
        super().__init__(sites, *args, **kwargs)
        week = self.fields["week"]
        if isinstance(week, forms.TypedChoiceField):
            week.choices = [("", "Any week"), *((one.number, one.words) for one in weeks_from(timezone.localdate()))]

    @property
    def asked(self) -> MeetingAsked:
        """What is asked for; what is asked wrongly is told by the form, and left out."""
        self.is_valid()
        page = str(self.data.get("page", "1"))
        fine = {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}
        return MeetingAsked(**fine, page=int(page) if page.isdecimal() and len(page) < 6 else 1)


class WeekForm(PlacesForm):
    """The week that is looked at, by any of its days."""

    week = day_field("Week of", required=False)

    def clean_week(self) -> datetime.date | None:
        """A week that a calendar of our time has."""
        day: datetime.date | None = self.cleaned_data["week"]
        if day and not EARLIEST <= day <= LATEST:
            raise ValidationError(f"Choose a week between {EARLIEST.year} and {LATEST.year}.")
        return day

    def monday(self, today: datetime.date) -> datetime.date:
        """The first day of the week asked for; of the week before this one where none is, or one that is wrong."""
        self.is_valid()
        day: datetime.date = self.cleaned_data.get("week") or today - datetime.timedelta(weeks=1)
        return day - datetime.timedelta(days=day.weekday())
