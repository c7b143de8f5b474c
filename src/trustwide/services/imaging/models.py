"""What the imaging service knows: monthly returns now; requests, exams and plans beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models

from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.capacity.models import CapacityService as CapacityService
from trustwide.services.imaging.capacity.models import ServiceRun as ServiceRun
from trustwide.services.imaging.capacity.models import ServiceVersion as ServiceVersion
from trustwide.services.imaging.capacity.models import WaitingList as WaitingList
from trustwide.services.imaging.diagnostic_tests import TEST_CHOICES
from trustwide.services.imaging.flow.models import DepartmentLayout as DepartmentLayout
from trustwide.services.imaging.plan_models import Plan as Plan

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser

RETURNS_IMPORTED = "DM01 returns imported"  # the action under which every change of returns is audited


class Dm01ReturnQuerySet(models.QuerySet["Dm01Return"]):
    def for_user(self, user: AbstractBaseUser | AnonymousUser) -> Dm01ReturnQuerySet:
        """Returns of the sites this person may see."""
        return self.filter(site__in=Site.objects.for_user(user))

    def history(self, site: Site, test: str) -> Dm01ReturnQuerySet:
        """Every month one site returned for one test, oldest first."""
        return self.filter(site=site, test=test).order_by("month")


class Dm01Return(models.Model):
    """One provider's (or site's) monthly diagnostics return for one test. `month` is the first day of the month.

    `band_00` counts people who had waited less than a week at month end, `band_13` thirteen weeks or more.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="dm01_returns")
    test = models.CharField(max_length=12, choices=TEST_CHOICES)
    month = models.DateField()
    band_00 = models.PositiveIntegerField()
    band_01 = models.PositiveIntegerField()
    band_02 = models.PositiveIntegerField()
    band_03 = models.PositiveIntegerField()
    band_04 = models.PositiveIntegerField()
    band_05 = models.PositiveIntegerField()
    band_06 = models.PositiveIntegerField()
    band_07 = models.PositiveIntegerField()
    band_08 = models.PositiveIntegerField()
    band_09 = models.PositiveIntegerField()
    band_10 = models.PositiveIntegerField()
    band_11 = models.PositiveIntegerField()
    band_12 = models.PositiveIntegerField()
    band_13 = models.PositiveIntegerField()
    waiting_list = models.PositiveIntegerField(help_text="Everyone waiting at month end: the sum of the bands.")
    waiting_list_tests = models.PositiveIntegerField(help_text="Tests done from the waiting list in the month.")
    planned_tests = models.PositiveIntegerField(help_text="Planned and surveillance tests done in the month.")
    unscheduled_tests = models.PositiveIntegerField(help_text="Emergency and inpatient tests done in the month.")

    objects: ClassVar = Dm01ReturnQuerySet.as_manager()

    class Meta:
        ordering = ["site", "test", "month"]
        constraints = [models.UniqueConstraint(fields=["site", "test", "month"], name="dm01_return_once_a_month")]
        indexes = [models.Index(fields=["test", "month"])]

    def __str__(self) -> str:
        return f"{self.site} {self.test} {self.month:%Y-%m}"
