"""The forms of the parts of a description there are several of: scanners and streams of demand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from trustwide.services.imaging.capacity.description import Described
from trustwide.services.imaging.capacity.part_form import PartForm, Spec
from trustwide.services.imaging.capacity.paths import read_path, write_path
from trustwide.services.imaging.capacity.sessions import days_as_written
from trustwide.services.imaging.number_fields import number_field

PATTERNS = (("weekdays", "Monday to Friday"), ("mon-sat", "Monday to Saturday"), ("daily", "Every day"))
SPREAD = "Standard deviation."


class ScannerForm(PartForm):
    """One scanner of the file, which may stand for several alike. A new one gets its first sessions here."""

    part = "scanners"

    def find(self) -> tuple[dict[str, Any], str]:
        return _find(self.described["scanners"], self.key, "scanners", {"modality": _modality(self.described)})

    def specs_of(self, described: Described) -> Sequence[Spec]:
        sites = tuple((site["id"], site.get("name") or site["id"]) for site in described["sites"])
        return (
            *_id_of_new(self.key, "north-mr"),
            Spec("site", "Site", "site", "choice", choices=sites, required=True),
            Spec("modality", "Modality", "modality", "name", "As in the demand it serves.", required=True),
            Spec("count", "How many alike", "count", "whole", off=1),
            Spec("mobile", "A visiting van", "mobile", "flag", "No maintenance days, no time held on it.", off=False),
            Spec("changeover", "Minutes between patients", "changeover", "number", off=0),
            Spec("overrun", "May overrun by, minutes", "overrun.up_to", "number", off=0),
            Spec("up", "Breaks down every … days", "breakdowns.up.exponential.mean_days", hint="Mean, or empty."),
            Spec("down", "Then is down for … hours", "breakdowns.down.lognormal.mean_hours", hint="Mean."),
            Spec("down_sd", "Spread of that, hours", "breakdowns.down.lognormal.sd_hours", hint=SPREAD),
            Spec("from_week", "In use from week", "from_week", "whole", "0 is the first week.", off=0),
        )  # fmt: skip

    def more_initial(self) -> dict[str, Any]:
        streams = [stream["id"] for stream in self.described["demand"]]
        first = {"days": "weekdays", "opens": "08:00", "closes": "20:00"} if not self.key else {}
        return {"suits": self.target.get("suits", streams), **first}

    def more_fields(self) -> dict[str, forms.Field]:
        streams = [(stream["id"], stream["id"]) for stream in self.described["demand"]]
        suits = forms.MultipleChoiceField(
            label="Can take", choices=streams, widget=forms.CheckboxSelectMultiple,
            error_messages={"required": "Choose at least one stream that it can take."},
        )  # fmt: skip
        if self.key:
            return {"suits": suits}
        days = forms.ChoiceField(label="Open on", choices=PATTERNS)
        return {"suits": suits, "days": days, "opens": _clock("Opens"), "closes": _clock("Closes")}

    def write_more(self) -> None:
        given, streams = self.cleaned_data, [stream["id"] for stream in self.described["demand"]]
        write_path(self.target, "suits", given["suits"] if len(given["suits"]) < len(streams) else None)
        if not self.key:
            self.target["sessions"] = [sessions_from(given["days"], given["opens"], given["closes"])]
        _add_if_new(self.described["scanners"], self.key, self.target)

    def more_paths(self) -> dict[str, str]:
        first = f"{self.path}sessions"
        return {
            f"{self.path}suits": "suits",
            f"{first}[0].opens": "opens",
            f"{first}[0].closes": "closes",
            first: "days",
        }


class StreamForm(PartForm):
    """One stream of demand."""

    part = "demand"

    def find(self) -> tuple[dict[str, Any], str]:
        usual = {"modality": _modality(self.described), "access": "booked", "duration": {}}
        row, path = _find(self.described["demand"], self.key, "demand", usual)
        if isinstance(row.get("arrivals"), str):
            del row["arrivals"]  # a stream that only has a list may get requests
        return row, path

    def specs_of(self, described: Described) -> Sequence[Spec]:
        access = (("booked", "Booked into slots"), ("walk_in", "Comes without an appointment"))
        given = read_path(self.target, "arrivals.poisson") or {}
        rate = next((name for name in given if name.startswith("per_")), "per_week")
        return (
            *_id_of_new(self.key, "routine"),
            Spec("access", "How it is served", "access", "choice", choices=access, required=True),
            Spec("priority", "Priority", "priority", "whole", "1 goes first.", off=1),
            Spec("modality", "Modality", "modality", "name", required=True),
            Spec("rate", f"Requests {rate.replace('_', ' ')}", f"arrivals.poisson.{rate}", "number"),
            Spec("growth", "Growth a year, %", "arrivals.poisson.growth_per_year", "percent", off=0),
            Spec("slot", "Slot, minutes", "slot", "whole", "Changeover included."),
            Spec("duration", "Scan takes, minutes", "duration.lognormal.mean", "number", "Mean."),
            Spec("duration_sd", "Spread of that, minutes", "duration.lognormal.sd", hint=SPREAD),
            Spec(
                "vetting", "Vetting takes, days", "vetting_days.lognormal.mean", "number", "Mean; booked streams only."
            ),
            Spec("vetting_sd", "Spread of that, days", "vetting_days.lognormal.sd", hint=SPREAD),
            Spec("notice", "Notice of an appointment, days", "notice_days", "whole"),
            Spec("within", "To be done within, days", "within_days", "whole", "For reports; it refuses nothing."),
            Spec("missed", "Do not attend, %", "did_not_attend.probability", "percent"),
            Spec("times", "Booked again up to … times", "did_not_attend.rebook.times", "whole"),
            Spec("cancels", "Patient cancels, %", "patient_cancels.probability", "percent"),
            Spec("cancel_notice", "Days before", "patient_cancels.notice_days", "whole"),
            Spec("patience", "Waits at most, hours", "patience_hours", "number", "Streams without appointment only."),
        )

    def more_initial(self) -> dict[str, Any]:
        mix = self.target.get("site_mix") or {self.target.get("site"): 1.0}
        shares = {f"share-{site['id']}": f"{100 * mix.get(site['id'], 0):.10g}" for site in self.described["sites"]}
        weights = read_path(self.target, "arrivals.poisson.weekdays")
        days = "weekdays" if weights == [1, 1, 1, 1, 1, 0, 0] else "other" if weights else "daily"
        return shares | {"days": days}

    def more_fields(self) -> dict[str, forms.Field]:
        shares = {
            f"share-{site['id']}": _percent(f"Share at {site.get('name') or site['id']}, %")
            for site in self.described["sites"]
        }
        choices = [("weekdays", "Monday to Friday, alike"), ("daily", "Every day, alike")]
        other = [("other", "As the file says")] if self.initial.get("days") == "other" else []
        return shares | {"days": forms.ChoiceField(label="Requests come", choices=[*choices, *other])}

    def write_more(self) -> None:
        names = [site["id"] for site in self.described["sites"]]
        if not self.key or {f"share-{name}" for name in names} & set(self.changed_data):
            shares = {name: round(self.cleaned_data[f"share-{name}"] / 100, 12) for name in names}
            self.target.pop("site", None)
            self.target["site_mix"] = {name: share for name, share in shares.items() if share}
        if not self.key or "days" in self.changed_data:
            weights = [1, 1, 1, 1, 1, 0, 0] if self.cleaned_data["days"] == "weekdays" else None
            if "arrivals" in self.target:
                write_path(self.target, "arrivals.poisson.weekdays", weights)
        self.target.setdefault("arrivals", "none")
        _add_if_new(self.described["demand"], self.key, self.target)

    def more_paths(self) -> dict[str, str]:
        first = f"share-{self.described['sites'][0]['id']}"
        return {f"{self.path}site_mix": first, self.path.rstrip("."): first}


def _id_of_new(key: str, example: str) -> list[Spec]:
    """The short name, which only a new row is given: the list, holds and levers go by it."""
    return [] if key else [Spec("id", "Short name", "id", "name", f"As in {example}; used once.", required=True)]


def sessions_from(pattern: str, opens: str, closes: str) -> dict[str, Any]:
    """A session on the days of a pattern."""
    days = {"weekdays": range(5), "mon-sat": range(6), "daily": range(7)}[pattern]
    return {"days": days_as_written(list(days)), "opens": opens.strip(), "closes": closes.strip()}


def _find(rows: list[dict[str, Any]], key: str, where: str, usual: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The row of this id; a new one, not among the rows yet, where none is named."""
    if not key:
        return dict(usual), f"{where}[{len(rows)}]."
    ids = [row["id"] for row in rows]
    if key not in ids:
        raise KeyError(key)
    return rows[ids.index(key)], f"{where}[{ids.index(key)}]."


def _add_if_new(rows: list[dict[str, Any]], key: str, row: dict[str, Any]) -> None:
    if not key:
        rows.append({"id": row.pop("id"), **row})


def _modality(described: Described) -> str:
    return str(described["scanners"][0]["modality"])


def _clock(label: str) -> forms.Field:
    attributes = {"class": "nhsuk-input--width-5"}
    return forms.CharField(label=label, max_length=20, widget=forms.TextInput(attrs=attributes))


def _percent(label: str) -> forms.Field:
    return number_field(label, f"{label}: a number from 0 to 100 is needed.", 100)
