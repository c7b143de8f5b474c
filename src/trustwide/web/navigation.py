"""The main navigation: one entry a page that people go to from anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from trustwide.commons.accounts.rules import permissions_of


@dataclass(frozen=True)
class NavigationEntry:
    """A link in the header, shown to those who hold the permission (to everyone signed in, if none is named)."""

    label: str
    url_name: str
    permission: str = ""


ENTRIES = (
    NavigationEntry("Where is the pressure?", "home", "view_measures"),
    NavigationEntry("Performance", "performance", "view_measures"),
    NavigationEntry("Signals", "signals", "view_measures"),
    NavigationEntry("Projects", "improvement:projects", "view_measures"),
    NavigationEntry("Measures", "measure_list", "view_measures"),
    NavigationEntry("To do", "imaging:work", "view_bookings"),
    NavigationEntry("Bookings", "imaging:bookings", "view_bookings"),
    NavigationEntry("Today", "imaging:today", "view_bookings"),
    NavigationEntry("Waiting list", "imaging:waiting_list", "view_bookings"),
    NavigationEntry("Calls", "imaging:calls", "reduce_missed_appointments"),
    NavigationEntry("Time", "imaging:lean", "view_measures"),
    NavigationEntry("Hours", "imaging:hours", "view_bookings"),
    NavigationEntry("Answers", "imaging:replies", "view_bookings"),
    NavigationEntry("Activity", "imaging:activity_imports", "import_activity"),
    NavigationEntry("Plans", "imaging:plans", "view_plans"),
    NavigationEntry("Services", "imaging:services", "view_plans"),
    NavigationEntry("Departments", "imaging:floors", "view_plans"),
    NavigationEntry("Sites", "site_list", "view_measures"),
    NavigationEntry("People", "people", "manage_people"),
    NavigationEntry("Audit", "audit_list", "view_audit"),
)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the entries this person may open, the current one marked; else how to sign in."""
    if not request.user.is_authenticated:
        return {"navigation": [], "organisation_sign_in": settings.OIDC_NAME if settings.OIDC_ISSUER else ""}
    held = permissions_of(request.user)
    mine = [entry for entry in ENTRIES if not entry.permission or entry.permission in held]
    urls = {entry.label: reverse(entry.url_name) for entry in mine}
    # of two that fit, the longer address is the nearer one
    fits = [url for url in urls.values() if request.path == url or (url != "/" and request.path.startswith(url))]
    here = max(fits, key=len, default=None)
    return {"navigation": [{"href": url, "text": label, "current": url == here} for label, url in urls.items()]}
