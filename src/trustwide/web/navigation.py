"""The main navigation: one entry a page that people go to from anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


@dataclass(frozen=True)
class NavigationEntry:
    """A link in the header, shown to those who hold the permission (to everyone signed in, if none is named)."""

    label: str
    url_name: str
    permission: str = ""


ENTRIES = (
    NavigationEntry("Where is the pressure?", "home", "view_measures"),
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
    here = request.path
    entries = []
    for entry in ENTRIES:
        if entry.permission and not request.user.has_perm(entry.permission):
            continue
        url = reverse(entry.url_name)
        current = here == url or (url != "/" and here.startswith(url))
        entries.append({"href": url, "text": entry.label, "current": current})
    return {"navigation": entries}
