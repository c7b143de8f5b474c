"""What the imaging service knows: requests, sessions, appointments, monthly returns and plans."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models

from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.activity.models import ActivityImport as ActivityImport
from trustwide.services.imaging.activity.models import CodeMapping as CodeMapping
from trustwide.services.imaging.activity.models import ColumnMapping as ColumnMapping
from trustwide.services.imaging.attendance.models import AttendanceRisk as AttendanceRisk
from trustwide.services.imaging.attendance.models import Call as Call
from trustwide.services.imaging.attendance.models import ImpactAssessment as ImpactAssessment
from trustwide.services.imaging.attendance.models import TrainedModel as TrainedModel
from trustwide.services.imaging.attendance.models import Trial as Trial
from trustwide.services.imaging.attendance.models import TrialMember as TrialMember
from trustwide.services.imaging.booking.models import Appointment as Appointment
from trustwide.services.imaging.booking.models import Offer as Offer
from trustwide.services.imaging.booking.models import Scanner as Scanner
from trustwide.services.imaging.booking.models import ScannerSession as ScannerSession
from trustwide.services.imaging.booking.models import SessionTemplate as SessionTemplate
from trustwide.services.imaging.booking.models import TravelTime as TravelTime
from trustwide.services.imaging.capacity.models import CapacityService as CapacityService
from trustwide.services.imaging.capacity.models import ServiceRun as ServiceRun
from trustwide.services.imaging.capacity.models import ServiceVersion as ServiceVersion
from trustwide.services.imaging.capacity.models import WaitingList as WaitingList
from trustwide.services.imaging.diagnostic_tests import TEST_CHOICES
from trustwide.services.imaging.flow.models import DepartmentLayout as DepartmentLayout
from trustwide.services.imaging.messages.models import Message as Message
from trustwide.services.imaging.messages.models import PatientLink as PatientLink
from trustwide.services.imaging.messages.models import Reply as Reply
from trustwide.services.imaging.plan_models import Plan as Plan
from trustwide.services.imaging.requests.models import ExamType as ExamType
from trustwide.services.imaging.requests.models import ImagingRequest as ImagingRequest
from trustwide.services.imaging.requests.models import PathwayEvent as PathwayEvent
from trustwide.services.imaging.waiting.models import ListNote as ListNote
from trustwide.services.imaging.waiting.models import Reconciliation as Reconciliation

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
