"""Signals, what people did about them, and who wants to be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from django.db import models
from django.db.models import Q

from trustwide.commons.accounts.models import User
from trustwide.commons.measures.exceptions import MarkIsAppendOnlyError
from trustwide.commons.measures.querysets import OfSitesQuerySet
from trustwide.commons.organisations.models import Site

if TYPE_CHECKING:
    import datetime

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser


class SignalQuerySet(OfSitesQuerySet):
    def open(self) -> SignalQuerySet:
        """Signals whose pattern still runs."""
        return self.filter(closed=None)

    def awake(self, today: datetime.date) -> SignalQuerySet:
        """Signals that nobody put off, or not for so long."""
        return self.filter(Q(snoozed_until=None) | Q(snoozed_until__lte=today))

    def on_chart(self, measure: str, site: Site, breakdown: str) -> SignalQuerySet:
        """Every signal there was on one chart, newest first."""
        return self.filter(measure=measure, site=site, breakdown=breakdown).order_by("-opened", "-pk")


class Signal(models.Model):
    """A pattern on one chart that chance does not explain: from `since` on, first seen in `opened`, until `closed`.

    Periods are first days. `latest` is the newest period in which it runs, `points` how many it counts. `step` is how
    far the mean of the pattern lies from the mean before it, in the scale of the measure's value; empty without a
    before, and where gaps between events are judged. `sigmas` is the same in units of chance. `people` are those it
    touches in the newest period, where the measure counts people or exams. A higher `rank` comes first.

    `closing` says why it closed; it is empty while it runs, and where it closed before reasons were kept. `mark_date`
    is the date of the mark on the chart that closed it; empty where none did.
    """

    class Closing(models.TextChoices):
        ENDED = "ended", "Back within its usual variation"
        REPLACED = "replaced", "Another change took its place"
        REBASED = "rebased", "The limits were recalculated"
        GHOSTED = "ghosted", "A period was left out"
        WITHDRAWN = "withdrawn", "A mark on the chart was taken back"
        REDEFINED = "redefined", "The definition of the measure changed"
        CORRECTED = "corrected", "Earlier figures were changed"
        UNJUDGED = "unjudged", "The chart can no longer be judged"
        EMPTIED = "emptied", "The chart has no figures any more"

    measure = models.CharField(max_length=40)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="signals", db_index=False)
    breakdown = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=14)
    direction = models.CharField(max_length=4)
    verdict = models.CharField(max_length=12)
    since = models.DateField()
    opened = models.DateField()
    latest = models.DateField()
    closed = models.DateField(null=True, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closing = models.CharField(max_length=10, choices=Closing.choices, blank=True)
    mark_date = models.DateField(null=True, blank=True)
    points = models.PositiveIntegerField()
    step = models.FloatField(null=True, blank=True)
    sigmas = models.FloatField()
    people = models.FloatField(default=0)
    rank = models.FloatField()
    sentence = models.TextField()
    assigned_to = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="signals")
    snoozed_until = models.DateField(null=True, blank=True)

    objects: ClassVar = SignalQuerySet.as_manager()

    class Meta:
        ordering = ["-rank", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "measure", "breakdown"], condition=Q(closed=None), name="signal_one_open_a_chart"
            )
        ]
        indexes = [
            models.Index(fields=["closed", "-rank"]),
            models.Index(fields=["site", "measure", "breakdown"]),
            models.Index(fields=["opened_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.site} {self.breakdown}: {self.sentence}"


class SignalAct(models.Model):
    """What somebody did about a signal, and why. Never changed or deleted."""

    class Kind(models.TextChoices):
        SNOOZED = "snoozed", "Put off"
        WOKEN = "woken", "Taken up again"
        ASSIGNED = "assigned", "Assigned"
        NOTED = "noted", "Note"

    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="acts")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    reason = models.TextField(blank=True)
    until = models.DateField(null=True, blank=True)
    assignee = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    author = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} by {self.author}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise MarkIsAppendOnlyError("What was done about a signal is never changed; do something else about it.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise MarkIsAppendOnlyError("What was done about a signal stays on record.")


class SignalSubscriptionQuerySet(models.QuerySet["SignalSubscription"]):
    def for_user(self, user: AbstractBaseUser | AnonymousUser) -> SignalSubscriptionQuerySet:
        """A person's own; nobody sees those of others."""
        return self.filter(user=user) if isinstance(user, User) else self.none()


class SignalSubscription(models.Model):
    """Somebody who wants new signals by e-mail: on one measure or all, at one site or all that they may see."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="signal_subscriptions")
    measure = models.CharField(max_length=40, blank=True)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    breakdown = models.CharField(max_length=40, blank=True)
    only_concerns = models.BooleanField(default=False)
    told_until = models.DateTimeField()

    objects: ClassVar = SignalSubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["user", "measure", "site", "breakdown"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "measure", "site", "breakdown"],
                condition=Q(site__isnull=False),
                name="subscription_once_a_site",
            ),
            models.UniqueConstraint(
                fields=["user", "measure", "breakdown"], condition=Q(site=None), name="subscription_once_everywhere"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.measure or 'every measure'}, {self.site or 'every site'}"
