"""What the lean pages are asked for, from the address."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils import timezone

from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.booking.models import Scanner
from trustwide.services.imaging.lean.figures import Asked
from trustwide.services.imaging.lean.names import MODALITIES
from trustwide.services.imaging.requests.models import ExamType

WEEKS = (("4", "4 weeks"), ("13", "13 weeks"), ("26", "26 weeks"), ("52", "52 weeks"))
USUAL_WEEKS = "13"
HOURS = [("", "All hours"), *((str(hour), f"{hour:02}:00 to {hour:02}:59") for hour in range(24))]


class LeanForm(forms.Form):
    """Which exams. A choice that is not there is left out, so that an address always opens."""

    site = forms.ChoiceField(label="Site", required=False)
    modality = forms.ChoiceField(label="Modality", required=False)
    scanner = forms.ChoiceField(label="Scanner", required=False)
    exam = forms.ChoiceField(label="Exam", required=False)
    hour = forms.ChoiceField(label="Hour of arrival", required=False, choices=HOURS)
    weeks = forms.ChoiceField(label="Of the last", required=False, choices=WEEKS)

    def __init__(self, sites: Sequence[Site], data: Mapping[str, Any]) -> None:
        self.sites = {site.code: site for site in sites}
        scanners = list(Scanner.objects.filter(site__in=sites, in_use=True).select_related("site"))
        groups = {site.partner.partnership_id for site in sites}
        exams = list(ExamType.objects.filter(partnership__in=groups, in_use=True))
        used = {one.modality for one in scanners} | {one.modality for one in exams}
        known = [code for code in MODALITIES if code in used] or list(MODALITIES)
        self.chosen_modality = data.get("modality") if data.get("modality") in known else known[0]
        self.scanners = [one for one in scanners if one.modality == self.chosen_modality]
        self.exams = [one for one in exams if one.modality == self.chosen_modality]
        choices = {
            "site": [("", "All sites"), *((site.code, site.short_name) for site in sites)],
            "modality": [(code, MODALITIES[code]) for code in known],
            "scanner": [("", "All scanners"), *((str(one.pk), one.name) for one in self.scanners)],
            "exam": [("", "All exams"), *((one.code, one.name) for one in self.exams)],
            "hour": HOURS,
            "weeks": list(WEEKS),
        }
        usual = {"modality": self.chosen_modality, "weeks": USUAL_WEEKS}
        given = {name: data.get(name, "") for name in choices}
        fit = {name: value for name, value in given.items() if value in dict(choices[name])}
        super().__init__(dict.fromkeys(choices, "") | usual | {name: v for name, v in fit.items() if v})
        for name, options in choices.items():
            self.fields[name] = forms.ChoiceField(label=self.fields[name].label, required=False, choices=options)
        self.is_valid()

    @property
    def asked(self) -> Asked:
        """What is asked for."""
        given = self.cleaned_data
        sites = [self.sites[given["site"]]] if given["site"] else list(self.sites.values())
        until = timezone.localdate() + datetime.timedelta(days=1)
        return Asked(
            sites=tuple(sites), modality=given["modality"], since=until - datetime.timedelta(weeks=int(given["weeks"])),
            until=until, scanner=int(given["scanner"]) if given["scanner"] else None, exam=given["exam"],
            hour=int(given["hour"]) if given["hour"] else None,
        )  # fmt: skip

    @property
    def query(self) -> str:
        """The choices as they stand in an address."""
        from urllib.parse import urlencode

        return urlencode({name: value for name, value in self.cleaned_data.items() if value})
