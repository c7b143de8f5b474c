"""Signing in and out, and failing to, leave a trace in the audit record."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from trustwide.commons.accounts.models import User
from trustwide.commons.audit.actions import SystemActor, record


@receiver(user_logged_in)
def record_sign_in(user: User, **_: Any) -> None:
    record("signed in", by=user, target=user)


@receiver(user_logged_out)
def record_sign_out(user: User | None, **_: Any) -> None:
    if user is not None:
        record("signed out", by=user, target=user)


@receiver(user_login_failed)
def record_failed_sign_in(credentials: dict[str, Any], **_: Any) -> None:
    """Names the account if there is one; what a stranger typed may be a password, so it is not kept."""
    email = str(credentials.get("email") or credentials.get("username") or "")
    known = User.objects.filter(email__iexact=email).first() if email else None
    record("failed to sign in", by=SystemActor("sign-in"), target=known)


@receiver(authenticator_added)
def record_two_step_added(user: User, authenticator: Authenticator, **_: Any) -> None:
    record("set up two-step sign-in", by=user, target=user, details={"kind": authenticator.type})


@receiver(authenticator_removed)
def record_two_step_removed(user: User, authenticator: Authenticator, **_: Any) -> None:
    record("removed two-step sign-in", by=user, target=user, details={"kind": authenticator.type})


@receiver(authentication_failed)
def record_wrong_code(user: User, **_: Any) -> None:
    record("entered a wrong code", by=SystemActor("sign-in"), target=user)


@receiver([password_changed, password_set, password_reset])
def record_password_change(user: User, **_: Any) -> None:
    record("changed their password", by=user, target=user)
