"""Plans: a question about one list, what it was answered from, and the answer, kept so that it can be repeated."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models import Q

from trustwide.commons.accounts.models import Membership, User
from trustwide.commons.accounts.rules import sites_where
from trustwide.commons.organisations.models import Partnership, Site
from trustwide.services.imaging.diagnostic_tests import BY_CODE, TEST_CHOICES
from trustwide.services.imaging.runs import BackgroundRun, RunQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

LARGE = ("history", "usual_course", "hindsight", "levers", "result", "differences")

LONGEST_ID = 18  # digits; every number of so many fits into the column of any database


def plan_id(text: str) -> int:
    """The id that an address gives; 0, which no plan has, where it gives none."""
    return int(text) if text.isdecimal() and len(text) <= LONGEST_ID else 0


class PlanQuerySet(RunQuerySet["Plan"]):
    def for_user(self, user: User | AnonymousUser) -> PlanQuerySet:
        """Plans this person may open: at sites where they may see plans, their own and those shared with them.

        A plan for a provider of another organisation is shared with the colleagues of whoever made it.
        """
        if not user.is_authenticated:
            return self.none()
        at_home = Q(site__partner__partnership__comparison=False)
        shared = Q(shared=True) & (at_home | Q(created_by__in=_colleagues(user)))
        return self.filter(shared | Q(created_by=user), site__in=sites_where(user, "view_plans"))

    def originals(self) -> PlanQuerySet:
        """Plans that were asked for, without the runs that only repeat one, and without those put away."""
        return self.filter(repeat_of=None, archived_at=None)

    def light(self) -> PlanQuerySet:
        """Without the large columns, for lists of plans."""
        return self.defer(*LARGE).select_related("site", "created_by")


class Plan(BackgroundRun):
    """What would bring one list's wait to the target: question, measures and months as they were, and the answer.

    `history`, `usual_course`, `hindsight`, `levers`, the question and the seed are all that the answer follows from.
    `result` is the answer as JSON; `outcome` is what the chosen set of measures brings.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="plans")
    test = models.CharField(max_length=12, choices=TEST_CHOICES)
    name = models.CharField(max_length=120, blank=True, help_text="Empty until the plan is saved.")
    note = models.TextField(blank=True)

    target_weeks = models.FloatField()
    by = models.DateField(help_text="First day of the month by whose end the target must hold.")
    confidence = models.FloatField()
    replications = models.PositiveIntegerField()
    seed = models.PositiveBigIntegerField()
    chosen = models.JSONField(default=list, help_text="Ids of the measures that are switched on.")
    levers = models.JSONField(help_text="Every measure with its size, price and lead time.")
    history = models.JSONField(help_text="The months the answer follows from.")
    usual_course = models.JSONField(help_text="How lists like this one usually move, as it was fitted then.")
    hindsight = models.JSONField(null=True, help_text="How right a projection made earlier would have been.")

    outcome = models.JSONField(null=True)

    shared = models.BooleanField(default=False)
    archived_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="plans")

    objects: ClassVar = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["site", "test"])]

    def __str__(self) -> str:
        return self.name or f"Search {self.pk}"

    @property
    def test_name(self) -> str:
        return BY_CODE[self.test].short_name

    @property
    def is_saved(self) -> bool:
        return bool(self.name)

    @property
    def brings(self) -> dict[str, Any]:
        """What the chosen set brings, as a plan and month by month; empty until there is an answer."""
        return self.outcome or {}

    @property
    def chosen_plan(self) -> dict[str, Any]:
        """Cost, probability and waits of the chosen set; empty until there is an answer."""
        plan: dict[str, Any] = self.brings.get("plan", {})
        return plan

    @property
    def last_month(self) -> datetime.date:
        """First day of the newest month the answer follows from."""
        return datetime.date.fromisoformat(f"{self.history['months'][-1]}-01")


def _colleagues(user: User) -> models.QuerySet[User]:
    """People with a role in a partnership in which this person has one too."""
    held = Q(memberships__user=user) | Q(partners__memberships__user=user) | Q(partners__sites__memberships__user=user)
    ours = Partnership.objects.filter(held)
    in_ours = Q(partnership__in=ours) | Q(partner__partnership__in=ours) | Q(site__partner__partnership__in=ours)
    return User.objects.filter(memberships__in=Membership.objects.filter(in_ours))
