"""What is asked before a service is described from today."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.booking.models import Scanner
from trustwide.services.imaging.capacity.service_forms import SiteForm
from trustwide.services.imaging.requests.models import Modality


class FromLiveForm(SiteForm):
    """Which site keeps it, and for which kind of scanner."""

    def __init__(self, sites: Sequence[Site], data: Any = None) -> None:
        super().__init__(sites, data)
        groups = {site.partner.partnership_id for site in sites}
        booked = Scanner.objects.filter(site__partner__partnership__in=groups, in_use=True).order_by()
        used = set(booked.values_list("modality", flat=True).distinct())
        choices = [(code, label) for code, label in Modality.choices if code in used]
        self.fields["modality"] = forms.ChoiceField(
            label="Scanners", choices=choices or Modality.choices,
            error_messages={"invalid_choice": "Choose scanners that are listed."},
        )  # fmt: skip
