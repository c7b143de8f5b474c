"""Who may do something about a signal, and what may be done."""

from __future__ import annotations

import datetime

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import can, check_can
from trustwide.commons.audit.actions import Actor, SystemActor
from trustwide.commons.measures.exceptions import SignalError
from trustwide.commons.measures.signals.models import Signal, SignalSubscription
from trustwide.commons.organisations.exceptions import NotAllowedError
from trustwide.commons.organisations.models import Site

LONGEST_SNOOZE = 184  # days: half a year, after which somebody has to look again


def check_can_act_on(actor: Actor | AnonymousUser, signal: Signal) -> None:
    """A named job may; a person needs the permission at the signal's site. Raises NotAllowedError."""
    if isinstance(actor, SystemActor):
        return
    if not isinstance(actor, User | AnonymousUser):
        raise NotAllowedError("Only a person or a named job may do something about a signal.")
    check_can(actor, "act_on_signals", signal.site)


def can_act_on(actor: Actor | AnonymousUser, signal: Signal) -> bool:
    """Whether this person may put the signal off, assign it or write on it."""
    try:
        check_can_act_on(actor, signal)
    except NotAllowedError:
        return False
    return True


def check_can_snooze_until(until: datetime.date) -> None:
    """From tomorrow to half a year from now. Raises SignalError."""
    today = timezone.localdate()
    latest = today + datetime.timedelta(days=LONGEST_SNOOZE)
    if not today < until <= latest:
        raise SignalError(f"A signal can be put off until a day after today, at most until {latest:%-d %B %Y}.")


def can_snooze_until(until: datetime.date) -> bool:
    """Whether a signal may be put off until that day."""
    try:
        check_can_snooze_until(until)
    except SignalError:
        return False
    return True


def check_can_assign(signal: Signal, to: User) -> None:
    """Whoever is responsible must be able to see the chart and to act on it. Raises SignalError."""
    if not can(to, "act_on_signals", signal.site):
        raise SignalError(f"{to} may not act on signals at {signal.site}; choose somebody with a role there.")


def can_assign(signal: Signal, to: User) -> bool:
    """Whether the signal may be given to this person."""
    try:
        check_can_assign(signal, to)
    except SignalError:
        return False
    return True


def check_can_subscribe(user: User, site: Site | None, subscription: SignalSubscription | None = None) -> None:
    """For oneself, where one may see measures. Raises NotAllowedError."""
    check_can(user, "view_measures", site)
    if site is not None and not Site.objects.for_user(user).filter(pk=site.pk).exists():
        raise NotAllowedError(f"You may not see measures at {site}.")
    if subscription is not None and subscription.user_id != user.pk:
        raise NotAllowedError("A subscription can be ended only by the person whom it serves.")


def can_subscribe(user: User, site: Site | None) -> bool:
    """Whether this person may be sent the signals of the site."""
    try:
        check_can_subscribe(user, site)
    except NotAllowedError:
        return False
    return True
