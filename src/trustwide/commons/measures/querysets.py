"""What the tables of this package have in common when they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models

from trustwide.commons.organisations.models import Site

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser


class OfSitesQuerySet(models.QuerySet[Any]):
    """Rows that each belong to a site."""

    def for_user(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Those of the sites this person may see."""
        return self.filter(site__in=Site.objects.for_user(user))
