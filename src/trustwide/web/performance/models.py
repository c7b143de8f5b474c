"""Who is sent the performance report each month."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from trustwide.commons.accounts.models import User
from trustwide.commons.organisations.models import Partner, Partnership, Site

if TYPE_CHECKING:
    import datetime

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser

LAST_DAY = 28  # every month has it


class ReportSubscriptionQuerySet(models.QuerySet["ReportSubscription"]):
    def for_user(self, user: AbstractBaseUser | AnonymousUser) -> ReportSubscriptionQuerySet:
        """A person's own."""
        return self.filter(owner=user) if isinstance(user, User) else self.none()

    def due(self, today: datetime.date) -> ReportSubscriptionQuerySet:
        """Those of people who may sign in, whose day has come this month, and that were not sent in it."""
        begun = today.replace(day=1)
        waiting = Q(sent_in=None) | Q(sent_in__lt=begun)
        return self.filter(waiting, owner__is_active=True, day__lte=today.day)


class ReportSubscription(models.Model):
    """Somebody who gets the report of a group, a partner or a site by e-mail, on `day` of each month.

    `sent_in` is the first day of the month in which it was last sent, or in which it was made after its day.
    """

    class Format(models.TextChoices):
        PDF = "pdf", "PDF"
        WORKBOOK = "xlsx", "Excel workbook"

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="report_subscriptions")
    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    day = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(LAST_DAY)])
    format = models.CharField(max_length=4, choices=Format.choices, default=Format.PDF)
    sent_in = models.DateField(null=True, blank=True)

    objects: ClassVar = ReportSubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["owner", "day", "pk"]
        constraints = [
            models.CheckConstraint(
                name="report_subscription_of_one_place",
                condition=(
                    Q(partnership__isnull=False, partner__isnull=True, site__isnull=True)
                    | Q(partnership__isnull=True, partner__isnull=False, site__isnull=True)
                    | Q(partnership__isnull=True, partner__isnull=True, site__isnull=False)
                ),
            ),
            models.UniqueConstraint(
                fields=["owner", "partnership", "partner", "site", "format"], name="report_subscription_once",
                nulls_distinct=False,
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.owner}: {self.where}, {self.get_format_display()}"

    @property
    def where(self) -> Partnership | Partner | Site:
        """What the report is of."""
        place = self.partnership or self.partner or self.site
        if place is None:
            raise ValueError("This subscription names no partnership, partner or site.")
        return place

    @property
    def scope(self) -> tuple[str, str]:
        """The kind and code of what the report is of, as `performance.scope` takes them."""
        where = self.where
        return type(where).__name__.lower(), where.slug if isinstance(where, Partnership) else where.code
