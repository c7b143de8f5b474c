"""The forms of the parts of a description there is one of: the run, sites, booking rules, closed days."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from trustwide.services.imaging.capacity.description import Described
from trustwide.services.imaging.capacity.part_form import PartForm, Spec
from trustwide.services.imaging.capacity.paths import write_path
from trustwide.services.imaging.capacity.row_forms import ScannerForm, StreamForm

BANK_HOLIDAYS, NEVER, DATES = "england_bank_holidays", "never", "dates"
WEEKS_RUN = "Weeks are easiest to read: 52 for a year."


class AboutForm(PartForm):
    """What is run, from when, how long, and the target."""

    part = "about"

    def specs_of(self, described: Described) -> Sequence[Spec]:
        who = (("scanned", "Those scanned in the last four weeks"), ("waiting", "Those still on the list"))
        statistic = (("mean", "Mean wait"), ("median", "Median wait"), ("p95", "Wait that 95% keep within"))
        return (
            Spec("service", "Name of the service", "service", "text", required=True),
            Spec("start", "First day", "start", "date", "The day the list is of, such as 2026-01-05.", required=True),
            Spec("weeks", "Weeks to run", "stop.weeks", "whole", WEEKS_RUN),
            Spec("days", "Days to run", "stop.days", "whole", "Only where it is not whole weeks."),
            Spec("warm_up", "Warm-up, weeks", "warm_up.weeks", "whole", "Run first and not counted.", off=0),
            Spec("who", "Target is for", "target.who", "choice", choices=who, off="scanned"),
            Spec("statistic", "Target is the", "target.statistic", "choice", choices=statistic, off="mean"),
            Spec("target", "Target, weeks", "target.weeks", "number", off=2),
            Spec("session_hour", "Cost of a session hour, £", "costs.session_hour"),
            Spec("mobile_day", "Cost of a van day, £", "costs.mobile_day"),
        )


class SitesForm(PartForm):
    """Sites by name, and the journeys between them."""

    part = "sites"
    figures_last = True

    def specs_of(self, described: Described) -> Sequence[Spec]:
        minutes = (described.get("travel") or {}).get("minutes", {})
        return [
            Spec(f"minutes-{one}-{other}", f"{one} to {other}, minutes", f"travel.minutes.{_pair(one, other, minutes)}")
            for one, other in combinations([site["id"] for site in described["sites"]], 2)
        ]

    def more_initial(self) -> dict[str, Any]:
        names = {f"name-{site['id']}": site.get("name", "") for site in self.described["sites"]}
        willing = (self.described.get("travel") or {}).get("willing", {})
        return names | {"willing": "\n".join(f"{minutes} {100 * share:g}" for minutes, share in willing.items())}

    def more_fields(self) -> dict[str, forms.Field]:
        wide = forms.TextInput(attrs={"class": "nhsuk-input--width-20"})
        names: dict[str, forms.Field] = {
            f"name-{site['id']}": forms.CharField(
                label=f"Name of {site['id']}", required=False, max_length=160, widget=wide
            )
            for site in self.described["sites"]
        }  # fmt: skip
        new = forms.CharField(label="Add a site: its short name", required=False, max_length=40, widget=wide)
        willing = forms.CharField(
            label="Who accepts the journey", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
            help_text="A line for each length: minutes, then the per cent who travel that far, such as 30 70.",
        )  # fmt: skip
        return names | {"new": new, "willing": willing}

    def clean_willing(self) -> dict[int, float]:
        """Share who accept a journey of up to so many minutes."""
        found: dict[int, float] = {}
        for line in str(self.cleaned_data["willing"]).splitlines():
            if not line.strip():
                continue
            words = line.replace("%", " ").replace(":", " ").split()
            try:
                minutes, share = int(words[0]), float(words[1]) / 100
            except (ValueError, IndexError):
                raise ValidationError(
                    f"'{line.strip()[:40]}' is not minutes and a per cent; write a line such as 30 70."
                ) from None
            found[minutes] = round(share, 12)
        return found

    def write_more(self) -> None:
        for site in self.described["sites"]:
            write_path(site, "name", self.cleaned_data[f"name-{site['id']}"].strip() or None)
        if new := self.cleaned_data["new"].strip():
            self.described["sites"].append({"id": new})
        if "willing" in self.changed_data:
            # numbers as text, as JSON keeps the keys of a mapping
            kept = {str(minutes): share for minutes, share in self.cleaned_data["willing"].items()}
            write_path(self.described, "travel.willing", kept or None)

    def more_paths(self) -> dict[str, str]:
        return {"travel.willing": "willing", "travel": "willing", "sites": "new"}


class BookingForm(PartForm):
    """Time held back, when it is given free, and whether there is one list."""

    part = "booking"

    def specs_of(self, described: Described) -> Sequence[Spec]:
        held = [(f"hold-{stream['id']}", stream["id"]) for stream in described["demand"]]
        return (
            *(Spec(name, f"Held for {one}, % of a session", f"booking.hold.{one}", "percent") for name, one in held),
            Spec("release", "Given free … days before", "booking.release_days", "whole", off=0),
            Spec("pool", "One list for all sites", "booking.pool_lists", "flag",
                 "Patients are offered the other sites they are willing to travel to.", off=False),
        )  # fmt: skip


class ClosuresForm(PartForm):
    """Days on which everything is closed, and planned maintenance."""

    part = "closures"

    def specs_of(self, described: Described) -> Sequence[Spec]:
        maintenance = "Each scanner but the vans, spread over the year."
        return (
            Spec("days_a_year", "Maintenance days a year", "maintenance.planned_days_per_year", "whole", maintenance),
        )

    def more_initial(self) -> dict[str, Any]:
        closed = self.described.get("closed_on") or []
        if isinstance(closed, str):
            return {"closed": BANK_HOLIDAYS}
        return {"closed": DATES if closed else NEVER, "dates": "\n".join(str(date) for date in closed)}

    def more_fields(self) -> dict[str, forms.Field]:
        choices = [(BANK_HOLIDAYS, "England's bank holidays"), (DATES, "The days below"), (NEVER, "No day")]
        dates = forms.CharField(
            label="Closed days", required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 4}),
            help_text="One a line, such as 2026-12-25.",
        )  # fmt: skip
        return {
            "closed": forms.ChoiceField(label="Closed on", choices=choices, widget=forms.RadioSelect),
            "dates": dates,
        }

    def write_more(self) -> None:
        closed = self.cleaned_data["closed"]
        dates = self.cleaned_data["dates"].split()
        value = BANK_HOLIDAYS if closed == BANK_HOLIDAYS else dates if closed == DATES else None
        write_path(self.described, "closed_on", value)

    def more_paths(self) -> dict[str, str]:
        return {"closed_on": "dates"}


FORMS: dict[str, type[PartForm]] = {
    "about": AboutForm, "sites": SitesForm, "scanners": ScannerForm, "demand": StreamForm, "booking": BookingForm,
    "closures": ClosuresForm,
}  # fmt: skip
# parts of which there are several, with what one is called
SEVERAL = {"scanners": "scanner", "demand": "stream"}


def _pair(one: str, other: str, minutes: dict[str, Any]) -> str:
    return f"{other}-{one}" if f"{other}-{one}" in minutes else f"{one}-{other}"
