"""Makes and ends subscriptions to the performance report."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from trustwide.commons.accounts.models import User
from trustwide.commons.audit.actions import record
from trustwide.commons.measures.performance.scope import Scope, scope_of
from trustwide.web.performance.models import ReportSubscription
from trustwide.web.performance.rules import check_can_end_subscription


@transaction.atomic
def subscribe_to_report(scope: Scope, *, day: int, format_: str, by: User) -> ReportSubscription:
    """Send this person the report each month, the first time on the next such day; asking again changes the day.

    Raises ReportScopeError where they may not see the whole scope.
    """
    scope = scope_of(by, scope.kind, scope.code)
    site = scope.sites[0]
    places = {"partnership": site.partner.partnership, "partner": site.partner, "site": site}
    where = {kind: place if kind == scope.kind else None for kind, place in places.items()}
    kept = ReportSubscription.objects.for_user(by).filter(**where, format=format_).first()
    subscription = kept or ReportSubscription(owner=by, format=format_, **where)
    today = timezone.localdate()
    subscription.day = day
    if kept is None:
        subscription.sent_in = today.replace(day=1) if today.day >= day else None
    subscription.full_clean()
    subscription.save()
    details = {"scope": scope.key, "day": day, "format": format_}
    record("subscribed to the performance report", by=by, target=subscription, site_code=_site_code(subscription),
           details=details)  # fmt: skip
    return subscription


@transaction.atomic
def end_report_subscription(subscription: ReportSubscription, *, by: User) -> None:
    """Stop sending."""
    check_can_end_subscription(by, subscription)
    details = {"owner": subscription.owner.audit_id}
    record("ended a subscription to the performance report", by=by, target=subscription,
           site_code=_site_code(subscription), details=details)  # fmt: skip
    subscription.delete()


def _site_code(subscription: ReportSubscription) -> str:
    return subscription.site.code if subscription.site else ""
