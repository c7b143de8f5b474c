"""Who may bring in activity, and where."""

from __future__ import annotations

from collections.abc import Collection

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import check_can, sites_where
from trustwide.commons.audit.actions import Actor
from trustwide.commons.organisations.exceptions import NotAllowedError
from trustwide.commons.organisations.models import Partnership, Site

PERMISSION = "import_activity"


class ActivityError(ValueError):
    """Something about an extract cannot be kept as asked; the message is a sentence for its reader."""


def partnerships_for(user: User) -> list[Partnership]:
    """Where this person may bring in activity."""
    sites = sites_where(user, PERMISSION).of_the_group()
    return list(Partnership.objects.filter(partners__sites__in=sites).distinct().order_by("name"))


def check_can_map(by: Actor, partnership: Partnership, sites: Collection[Site] = ()) -> None:
    """Raise NotAllowedError for a person who may not bring in activity at every one of `sites`; a named job may.

    How a system reads is one for all its sites, so a person who changes it needs the permission at each site that its
    codes mean (`sites_of_system`), and at least at one of the partnership. It is not asked at sites which the system
    does not serve: somebody of one hospital sets up the system of that hospital.
    """
    if partnership.comparison:
        raise NotAllowedError(f"{partnership} is known only from public data; choose a partnership of your own.")
    if not isinstance(by, User):
        return
    if partnership not in partnerships_for(by):
        check_can(by, PERMISSION)
        raise NotAllowedError(f"You may not bring in activity in {partnership}. Ask its administrator for it.")
    allowed = set(sites_where(by, PERMISSION).of_the_group().values_list("pk", flat=True))
    for site in sorted(sites, key=lambda each: each.name):
        if site.pk not in allowed:
            check_can(by, PERMISSION, site)


def check_can_import(by: Actor, partnership: Partnership, sites: Collection[Site]) -> None:
    """Raise NotAllowedError unless the person may bring in activity at every one of `sites`.

    Those are the sites of the rows, of the scanners on whose sessions they put appointments, and of requests that move.
    """
    check_can_map(by, partnership, sites)
