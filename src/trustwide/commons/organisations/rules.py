"""Who may change the identity of a site."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from django.http import HttpRequest

from trustwide.commons.audit.actions import Actor, SystemActor
from trustwide.commons.organisations.exceptions import NotAllowedError
from trustwide.commons.organisations.models import Site


@runtime_checkable
class Person(Protocol):
    """Somebody signed in; packages above this one know who that is."""

    def has_perm(self, permission: str, site: Site | None = None) -> bool: ...


def person_of(request: HttpRequest) -> Actor:
    """Who asks. The middleware lets only those through who are signed in; anybody else is refused here too."""
    if not request.user.is_authenticated:
        raise NotAllowedError("Sign in first.")
    return request.user


def can_change_identity(actor: object, site: Site) -> bool:
    """A named job, or a person who manages the site."""
    return isinstance(actor, SystemActor) or (isinstance(actor, Person) and actor.has_perm("manage_sites", site))


def check_can_change_identity(actor: Actor, site: Site) -> None:
    """Raise NotAllowedError, with a sentence for the person, unless `can_change_identity`."""
    if not can_change_identity(actor, site):
        raise NotAllowedError(
            f"Only an administrator of {site} may change its identity. Ask one of them to do it, or for the role."
        )
