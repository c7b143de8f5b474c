"""Services as they are described, every version of them, the lists they start from, and what was asked of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models import Q

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import sites_where
from trustwide.commons.organisations.models import Partnership, Site
from trustwide.services.imaging.append_only import AppendOnly
from trustwide.services.imaging.runs import BackgroundRun, RunQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

LARGE_IN_A_RUN = ("result", "differences")
LARGE_IN_A_VERSION = ("description", "levers")


def _within_reach(user: User, service: str = "") -> Q:
    """What is kept where this person may see plans, and what is shared in a partnership of such a site.

    `service`: the way from the row to its service, such as "of__service__".
    """
    sites = sites_where(user, "view_plans").of_the_group()
    ours = Partnership.objects.filter(comparison=False, partners__sites__in=sites)
    shared = Q(shared=True, **{f"{service}site__partner__partnership__in": ours})
    return shared | Q(**{f"{service}site__in": sites})


class CapacityServiceQuerySet(models.QuerySet["CapacityService"]):
    def for_user(self, user: User | AnonymousUser) -> CapacityServiceQuerySet:
        """Services kept by sites where this person may see plans, and those shared within their partnership."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(_within_reach(user))

    def in_use(self) -> CapacityServiceQuerySet:
        """Without those put away."""
        return self.filter(archived_at=None)


class CapacityService(models.Model):
    """A service that somebody described. What it is made of is in its newest version."""

    site = models.ForeignKey(
        Site, on_delete=models.PROTECT, related_name="capacity_services", help_text="Who keeps the description."
    )
    name = models.CharField(max_length=200)
    newest = models.ForeignKey("ServiceVersion", on_delete=models.PROTECT, null=True, related_name="+")
    shared = models.BooleanField(default=False, help_text="Whether the whole partnership may read it.")
    archived_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar = CapacityServiceQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class WaitingList(AppendOnly):
    """The requests a run starts from, as a service file names them, with order numbers for request ids.

    `rows` is CSV. `counts` has a row for each stream and site: who waits, who has a date, who waits over six weeks.
    """

    service = models.ForeignKey(CapacityService, on_delete=models.PROTECT, related_name="waiting_lists")
    rows = models.TextField()
    counts = models.JSONField()
    size = models.PositiveIntegerField()
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", help_text="Empty for a job of the program."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"List of {self.size:,} requests"


class ServiceVersion(AppendOnly):
    """A service as it was described at one time.

    `description` and `levers` are JSON as text: a JSON column of PostgreSQL would order the keys anew, and the order
    of sites decides which draw goes to which. `notes` says where the figures of each part come from. `facts` are the
    few figures that lists show.
    """

    service = models.ForeignKey(CapacityService, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    description = models.TextField()
    levers = models.TextField(default="[]")
    waiting_list = models.ForeignKey(WaitingList, on_delete=models.PROTECT, null=True, related_name="versions")
    notes = models.JSONField(default=dict)
    facts = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64, help_text="Of all that can change a run.")
    reason = models.CharField(max_length=300)
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", help_text="Empty for a job of the program."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["service", "number"], name="service_version_once")]

    def __str__(self) -> str:
        return f"Version {self.number}"

    @property
    def mapping(self) -> dict[str, Any]:
        """The description as a service file has it, without the waiting list."""
        read: dict[str, Any] = json.loads(self.description)
        return read

    @property
    def lever_list(self) -> list[dict[str, Any]]:
        """The levers as a lever file has them."""
        read: list[dict[str, Any]] = json.loads(self.levers)
        return read


class ServiceRunQuerySet(RunQuerySet["ServiceRun"]):
    def for_user(self, user: User | AnonymousUser) -> ServiceRunQuerySet:
        """Runs of services kept where this person may see plans, and those shared within their partnership."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(_within_reach(user, "of__service__"))

    def originals(self) -> ServiceRunQuerySet:
        """Runs that were asked for, without those that only repeat one, and without those put away."""
        return self.filter(repeat_of=None, archived_at=None)

    def light(self) -> ServiceRunQuerySet:
        """Without the large columns, for lists of runs."""
        large = [*LARGE_IN_A_RUN, *(f"of__{column}" for column in LARGE_IN_A_VERSION)]
        return self.defer(*large).select_related("of__service__site", "created_by")


class ServiceRun(BackgroundRun):
    """A question about one version of a service, and its answer.

    `question` holds the target, the date, the confidence, the limits and what is switched on, as the kind needs them.
    """

    class Kind(models.TextChoices):
        NOTHING = "nothing", "What happens if nothing changes?"
        SET = "set", "What would these measures bring?"
        SEARCH = "search", "What would fix it?"

    of = models.ForeignKey(ServiceVersion, on_delete=models.PROTECT, related_name="runs")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=120, blank=True, help_text="Empty until the run is saved.")
    note = models.TextField(blank=True)
    replications = models.PositiveIntegerField()
    seed = models.PositiveBigIntegerField()
    question = models.JSONField(default=dict)
    headline = models.TextField(blank=True, help_text="The answer in words.")
    shared = models.BooleanField(default=False)
    archived_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="service_runs")

    objects: ClassVar = ServiceRunQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = "run"

    def __str__(self) -> str:
        return self.name or f"Run {self.pk}"

    @property
    def service(self) -> CapacityService:
        return self.of.service

    @property
    def site(self) -> Site:
        """Who keeps the service that was run."""
        return self.of.service.site

    @property
    def is_saved(self) -> bool:
        return bool(self.name)

    @property
    def chosen(self) -> list[str]:
        """Ids of the levers that are switched on."""
        ids: list[str] = self.question.get("levers", [])
        return ids
