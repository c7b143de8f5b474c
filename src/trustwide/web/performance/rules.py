"""Who may end a subscription to the report; whoever may see a scope may subscribe to it."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import can_look_after
from trustwide.commons.organisations.exceptions import NotAllowedError
from trustwide.web.performance.models import ReportSubscription


def can_end_subscription(user: User | AnonymousUser, subscription: ReportSubscription) -> bool:
    """Its own person may, and whoever looks after that person's roles."""
    return user == subscription.owner or can_look_after(user, subscription.owner)


def check_can_end_subscription(user: User | AnonymousUser, subscription: ReportSubscription) -> None:
    """Raise NotAllowedError unless `can_end_subscription`."""
    if not can_end_subscription(user, subscription):
        raise NotAllowedError(
            f"You may not end a subscription of {subscription.owner}; ask them or their administrator to do it."
        )
