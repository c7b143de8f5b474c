"""What a person keeps for themselves: views of the lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models

from trustwide.commons.accounts.models import User
from trustwide.web.performance.models import ReportSubscription as ReportSubscription

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser


HOME = "home"  # the name of its address


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def for_user(self, user: AbstractBaseUser | AnonymousUser) -> SavedViewQuerySet:
        """A person's own views; nobody sees those of others."""
        return self.filter(owner=user) if isinstance(user, User) else self.none()

    def of_page(self, page: str) -> SavedViewQuerySet:
        """Views of one list."""
        return self.filter(page=page)


class SavedView(models.Model):
    """What a list shows, under a name. `page` is the name of its address, `query` the part of it after the "?"."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=60, default=HOME)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000)

    objects: ClassVar = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["owner", "page", "name"], name="saved_view_name_once_a_page")]

    def __str__(self) -> str:
        return self.name
