"""What a person keeps for themselves: views of the home page."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models

from trustwide.commons.accounts.models import User

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def for_user(self, user: AbstractBaseUser | AnonymousUser) -> SavedViewQuerySet:
        """A person's own views; nobody sees those of others."""
        return self.filter(owner=user) if isinstance(user, User) else self.none()


class SavedView(models.Model):
    """Filters and columns of the home page, under a name. `query` is the part of the address after the "?"."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000)

    objects: ClassVar = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="saved_view_name_once_an_owner")]

    def __str__(self) -> str:
        return self.name
