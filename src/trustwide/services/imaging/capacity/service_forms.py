"""Forms that make a service, replace its file or its list, and filter the list of services."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import slugify

from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.capacity.description import Described
from trustwide.services.imaging.capacity.part_form import ReasonForm
from trustwide.services.imaging.capacity.problems import put_beside_fields
from trustwide.services.imaging.capacity.row_forms import PATTERNS, sessions_from
from trustwide.services.imaging.number_fields import number_field

LARGEST_LIST = 20_000_000  # bytes; half a million requests
LARGEST_FILE = 1_000_000
NARROW = "nhsuk-input--width-5"
# id, name, usual requests a week, days to be done within, days of notice, share not attending, priority
BOOKED = (
    ("suspected_cancer", "Suspected cancer", 40, 7, 2, 0.03, 1),
    ("urgent", "Urgent", 90, 14, 5, 0.05, 2),
    ("routine", "Routine", 210, 42, 7, 0.075, 3),
)
VANS = (("", "No van"), ("1", "Every week"), ("2", "Every second week"))


class SiteForm(forms.Form):
    """Which site keeps the description."""

    def __init__(self, sites: Sequence[Site], data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.sites = {site.code: site for site in sites}
        choices = [(site.code, site.name) for site in sites]
        sentence = dict.fromkeys(("required", "invalid_choice"), "Choose a site that is listed.")
        kept_by = forms.ChoiceField(
            label="Kept by", choices=choices, error_messages=sentence,
            help_text="Those who make plans at this site may change the description.",
        )  # fmt: skip
        self.fields = {"kept_by": kept_by, **self.fields}

    @property
    def site(self) -> Site:
        """The site of a valid form."""
        return self.sites[self.cleaned_data["kept_by"]]


class StartForm(SiteForm):
    """A service from scratch: few figures, the rest as usual, all to be changed afterwards."""

    name = forms.CharField(
        label="Name of the service", max_length=200, widget=forms.TextInput(attrs={"class": "nhsuk-input--width-20"}),
        error_messages={"required": "Give the service a name, such as MR at the three hospitals."},
    )  # fmt: skip
    modality = forms.CharField(
        label="Modality", max_length=20, initial="MR", widget=forms.TextInput(attrs={"class": NARROW})
    )
    start = forms.CharField(
        label="First day", max_length=10, help_text="The day the waiting list is of, such as 2026-01-05.",
        widget=forms.TextInput(attrs={"class": "nhsuk-input--width-10"}),
    )  # fmt: skip
    weeks = number_field("Weeks to run", "Weeks to run: a whole number is needed, such as 52.", 520, whole=True)
    days = forms.ChoiceField(label="Scanners are open", choices=PATTERNS)
    opens = forms.CharField(
        label="Opens", max_length=5, initial="08:00", widget=forms.TextInput(attrs={"class": NARROW})
    )
    closes = forms.CharField(
        label="Closes", max_length=5, initial="20:00", widget=forms.TextInput(attrs={"class": NARROW})
    )
    van = forms.ChoiceField(label="A visiting van comes", choices=VANS, required=False)
    van_site = forms.ChoiceField(label="To", required=False)

    def __init__(self, keepers: Sequence[Site], sites: Sequence[Site], data: Any = None) -> None:
        usual = {"weeks": 52, "start": _monday().isoformat()}
        super().__init__(keepers, data, initial=usual)
        self.places = list(sites)
        self.fields["van_site"] = forms.ChoiceField(
            label="To", required=False, choices=[(site.code, site.short_name) for site in sites]
        )
        for site in sites:
            sentence = f"Scanners at {site.short_name}: a whole number is needed, such as 2."
            self.fields[f"at-{site.code}"] = number_field(
                f"Scanners at {site.short_name}", sentence, 100, whole=True, required=False
            )
        for key, name, rate, *_ in BOOKED:
            self.fields[f"rate-{key}"] = _rate(f"{name}, requests a week", rate)
        self.fields["inpatients"] = _rate("Inpatients a day, without appointment", 3)
        slot = number_field("Slot, minutes", "Slot, minutes: a whole number is needed, such as 30.", 600, whole=True)
        slot.initial = 30
        self.fields["slot"] = slot

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not any(given.get(f"at-{site.code}") for site in self.places) and not self.errors:
            raise ValidationError("Say how many scanners there are at one site at least.")
        if not any(given.get(f"rate-{key}") for key, *_ in BOOKED) and not given.get("inpatients") and not self.errors:
            raise ValidationError("Say how many requests come a week, of one kind at least.")
        return given

    def described(self) -> Described:
        """The description of a valid form."""
        given = self.cleaned_data
        counts = {site: given[f"at-{site.code}"] for site in self.places if given[f"at-{site.code}"]}
        van = next((site for site in self.places if given["van"] and site.code == given["van_site"]), None)
        sites = [*counts, *([van] if van is not None and van not in counts else [])]
        shares = _shares(counts)
        return {
            "service": given["name"], "start": given["start"].strip(), "stop": {"weeks": given["weeks"]},
            "target": {"who": "scanned", "statistic": "mean", "weeks": 2},
            "sites": [{"id": _id(site), "name": site.name} for site in sites],
            "scanners": [*(self._scanner(site, count) for site, count in counts.items()),
                         *([self._van(van)] if van is not None else [])],
            "maintenance": {"planned_days_per_year": 6}, "closed_on": "england_bank_holidays",
            "demand": list(self._streams(shares)),
        }  # fmt: skip

    def take_problems(self, problems: Sequence[str]) -> None:
        """Put the engine's sentences beside the fields they are about."""
        where = {"service": "name", "start": "start", "stop": "weeks", "scanners[0].modality": "modality"}
        where |= {f"scanners[{place}].sessions[0].opens": "opens" for place in range(len(self.places) + 1)}
        where |= {f"scanners[{place}].sessions[0].closes": "closes" for place in range(len(self.places) + 1)}
        put_beside_fields(self, problems, where)

    def _scanner(self, site: Site, count: int) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "id": f"{_id(site)}-{given['modality'].lower()}", "site": _id(site), "modality": given["modality"],
            "count": count, "sessions": [sessions_from(given["days"], given["opens"], given["closes"])],
            "overrun": {"up_to": 20}, "changeover": 5,
        }  # fmt: skip

    def _van(self, site: Site) -> dict[str, Any]:
        given = self.cleaned_data
        often = {"every_weeks": int(given["van"])} if given["van"] != "1" else {}
        session = {"days": ["mon", "tue"], **often, "opens": given["opens"].strip(), "closes": given["closes"].strip()}
        return {
            "id": "van", "site": _id(site), "modality": given["modality"], "mobile": True, "sessions": [session],
            "changeover": 5,
        }  # fmt: skip

    def _streams(self, shares: dict[str, float]) -> Any:
        given = self.cleaned_data
        common = {"site_mix": shares, "modality": given["modality"], "slot": given["slot"]}
        scan = {"lognormal": {"mean": round(0.8 * given["slot"], 1), "sd": round(0.25 * given["slot"], 1)}}
        for key, _, _, within, notice, missed, priority in BOOKED:
            if rate := given[f"rate-{key}"]:
                poisson = {"per_week": rate, "weekdays": [1, 1, 1, 1, 1, 0, 0]}
                yield {
                    "id": key, "priority": priority, "access": "booked", "within_days": within, "notice_days": notice,
                    **common, "arrivals": {"poisson": poisson}, "duration": scan,
                    "did_not_attend": {"probability": missed, "rebook": {"times": 1}},
                }  # fmt: skip
        if rate := given["inpatients"]:
            yield {
                "id": "inpatient", "priority": 1, "access": "walk_in", **common,
                "arrivals": {"poisson": {"per_day": rate}}, "duration": scan, "patience_hours": 24,
            }  # fmt: skip


class FilesForm(forms.Form):
    """A service file and the list beside it."""

    service = forms.FileField(
        label="Service file (YAML)", help_text="As the download of this page, or as trustwide simulate takes it.",
        error_messages={"required": "Choose a service file."},
    )  # fmt: skip
    waiting = forms.FileField(
        label="Waiting list (CSV), if there is one", required=False,
        help_text="Columns request_id, site, stream, requested_on, appointment_on. "
        "Request ids are replaced by order numbers before anything is stored.",
    )  # fmt: skip

    def clean_service(self) -> UploadedFile[Any]:
        return _not_too_large(self.cleaned_data["service"], LARGEST_FILE)

    def clean_waiting(self) -> UploadedFile[Any] | None:
        file = self.cleaned_data["waiting"]
        return _not_too_large(file, LARGEST_LIST) if file else None

    def take_problems(self, source: str, problems: Sequence[str]) -> None:
        """Put the engine's sentences beside the file they are about."""
        for problem in problems:
            self.add_error("waiting" if problem.startswith("row ") else "service", problem)


class UploadForm(FilesForm, SiteForm):
    """A new service from files."""

    field_order = ("kept_by", "service", "waiting")


class ReplaceForm(FilesForm, ReasonForm):
    """The next version of a service from files."""


class ListForm(ReasonForm):
    """Another waiting list; with no file, none at all."""

    waiting = forms.FileField(
        label="Waiting list (CSV)", required=False,
        help_text="Columns request_id, site, stream, requested_on, appointment_on; dates such as 2026-01-05. Request "
        "ids are replaced by order numbers before anything is stored. With no file the list is taken away.",
    )  # fmt: skip
    source = forms.CharField(
        label="Where these figures come from", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    field_order = ("waiting", "source", "reason")

    def clean_waiting(self) -> UploadedFile[Any] | None:
        file = self.cleaned_data["waiting"]
        return _not_too_large(file, LARGEST_LIST) if file else None


class TextForm(ReasonForm):
    """The whole file as text."""

    text = forms.CharField(
        label="Service file (YAML)", max_length=LARGEST_FILE, strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "class": "app-code"}),
        error_messages={"required": "The file is empty."},
    )  # fmt: skip
    field_order = ("text", "reason")


class ArchiveForm(forms.Form):
    """Why something is put away."""

    reason = forms.CharField(
        label="Reason", max_length=300, help_text="This is kept in the audit record.",
        error_messages={"required": "Say why it is put away."},
    )  # fmt: skip


class ServiceFilterForm(forms.Form):
    """Which services the list shows."""

    shared = forms.ChoiceField(
        label="Shared", required=False, choices=[("", "All"), ("yes", "With the group"), ("no", "Not shared")]
    )
    name = forms.CharField(label="Name", required=False, max_length=60)

    def __init__(self, sites: Sequence[Site], data: Mapping[str, Any]) -> None:
        super().__init__(data)
        known = [("", "All sites"), *((site.code, site.short_name) for site in sites)]
        self.fields = {"site": forms.ChoiceField(label="Kept by", required=False, choices=known), **self.fields}


def _rate(label: str, usual: float) -> forms.Field:
    made = number_field(label, f"{label}: a number is needed, such as {usual:g}; 0 for none.", 100_000, required=False)
    made.initial = usual
    return made


def _shares(counts: Mapping[Site, int]) -> dict[str, float]:
    """Requests in proportion to the scanners; the last takes what rounding left."""
    names, total = [_id(site) for site in counts], sum(counts.values())
    shares = [round(count / total, 3) for count in counts.values()]
    shares[-1] = round(1 - sum(shares[:-1]), 3)
    return dict(zip(names, shares, strict=True))


def _id(site: Site) -> str:
    return slugify(site.short_name) or site.code.lower()


def _monday() -> datetime.date:
    """The Monday to come."""
    from django.utils import timezone

    today = timezone.localdate()
    return today + datetime.timedelta(days=(7 - today.weekday()) % 7)


def _not_too_large(file: UploadedFile[Any], most: int) -> UploadedFile[Any]:
    if (file.size or 0) > most:
        raise ValidationError(f"{file.name} is larger than {most // 1_000_000} MB, the most such a file may be.")
    return file
