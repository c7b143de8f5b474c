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


def check_can_map(by: Actor, partnership: Partnership) -> None:
    """Raise NotAllowedError for a person who may bring in activity nowhere in the partnership; a named job may."""
    if partnership.comparison:
        raise NotAllowedError(f"{partnership} is known only from public data; choose a partnership of your own.")
    if isinstance(by, User) and partnership not in partnerships_for(by):
        check_can(by, PERMISSION)
        raise NotAllowedError(f"You may not bring in activity in {partnership}. Ask its administrator for it.")


def check_can_import(by: Actor, partnership: Partnership, sites: Collection[Site]) -> None:
    """Raise NotAllowedError unless the person may bring in activity at every one of `sites`."""
    check_can_map(by, partnership)
    if not isinstance(by, User):
        return
    allowed = set(sites_where(by, PERMISSION).of_the_group().values_list("pk", flat=True))
    for site in sorted(sites, key=lambda each: each.name):
        if site.pk not in allowed:
            check_can(by, PERMISSION, site)
