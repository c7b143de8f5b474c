"""Writes to people, their roles and their access tokens; each one is audited."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from trustwide.commons.accounts.exceptions import TokenError
from trustwide.commons.accounts.models import AccessToken, Membership, User
from trustwide.commons.accounts.rules import (
    check_can_give_roles_at,
    check_can_look_after,
    check_can_make_token,
    check_can_revoke_token,
)
from trustwide.commons.accounts.tokens import new_key
from trustwide.commons.audit.actions import Actor, record
from trustwide.commons.organisations.models import Partner, Partnership, Site


@transaction.atomic
def create_person(email: str, name: str, *, by: Actor, password: str | None = None) -> User:
    """A person without a role. Without a password they sign in through the organisation, or by a link to set one."""
    person = User.objects.create_user(email, password, name=name)
    record("created an account", by=by, target=person)
    return person


@transaction.atomic
def add_member(person: User, role: str, where: Partnership | Partner | Site, *, by: Actor, reason: str) -> Membership:
    """Give a role over a partnership, partner or site. Giving it twice changes nothing."""
    check_can_give_roles_at(by, where)
    membership, is_new = Membership.objects.get_or_create(user=person, role=role, **_over(where))
    if is_new:
        _record("gave a role", membership, by=by, reason=reason)
    return membership


@transaction.atomic
def give_role(
    email: str, name: str, role: str, where: Partnership | Partner | Site, *, by: Actor, reason: str
) -> Membership:
    """Give a role to whoever has this address; somebody new gets an account with it, or neither."""
    person = User.objects.filter(email__iexact=email).first() or create_person(email, name, by=by)
    return add_member(person, role, where, by=by, reason=reason)


@transaction.atomic
def remove_member(membership: Membership, *, by: Actor, reason: str) -> None:
    """Take a role away; it ends at once."""
    check_can_give_roles_at(by, membership.where)
    _record("took a role away", membership, by=by, reason=reason)
    membership.delete()


@transaction.atomic
def make_password_link(person: User, *, by: Actor, reason: str) -> str:
    """The path of a page on which the person sets a new password; it works once, for a day."""
    check_can_look_after(by, person)
    record("made a password link", by=by, target=person, reason=reason)
    key = default_token_generator.make_token(person)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(person), "key": key})


@transaction.atomic
def remove_two_step(person: User, *, by: Actor, reason: str) -> None:
    """Forget the authenticator app and recovery codes of somebody who lost them."""
    check_can_look_after(by, person)
    record("removed two-step sign-in", by=by, target=person, reason=reason)
    Authenticator.objects.filter(user=person).delete()


@transaction.atomic
def make_token(name: str, *, days: int, by: User, sites: Collection[Site] | None = None) -> tuple[AccessToken, str]:
    """A token for oneself, and its key, which is shown once and kept nowhere.

    Given `sites`, it sees those alone. Raises NotAllowedError, or TokenError for a time or a number that is too great
    or a site that the person may not see.
    """
    now = timezone.now()
    expires_at = now + datetime.timedelta(days=days)
    check_can_make_token(by, expires_at=expires_at, now=now)
    hidden = set(sites or ()) - set(Site.objects.for_user(by))
    if hidden:
        raise TokenError(f"You may not see {', '.join(sorted(map(str, hidden)))}, so no token of yours can.")
    key = new_key()
    token = AccessToken.objects.create(
        user=by,
        name=name,
        prefix=key.prefix,
        digest=key.digest,
        only_chosen_sites=sites is not None,
        created_at=now,
        expires_at=expires_at,
    )
    token.sites.set(sites or ())
    codes = sorted(site.code for site in sites) if sites is not None else "all"
    details = {"token": str(token), "expires": expires_at, "sites": codes}
    record("made an access token", by=by, target=token, details=details)
    return token, key.text


@transaction.atomic
def revoke_token(token: AccessToken, *, by: Actor) -> None:
    """End a token at once. Ending it twice changes nothing."""
    check_can_revoke_token(by, token)
    ended = AccessToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
    if ended:
        details = {"token": str(token), "person": token.user.audit_id}
        record("revoked an access token", by=by, target=token, details=details)


def note_use(token: AccessToken, now: datetime.datetime) -> None:
    """Keep when a token was last used, to the minute. Not audited: it says nothing that a read changed."""
    if token.last_used_at is None or now - token.last_used_at >= datetime.timedelta(minutes=1):
        AccessToken.objects.filter(pk=token.pk).update(last_used_at=now)


def _over(where: Partnership | Partner | Site) -> dict[str, Any]:
    return {where._meta.model_name or "": where}


def _record(action: str, membership: Membership, *, by: Actor, reason: str) -> None:
    where = membership.where
    details = {"role": membership.role, "person": membership.user.audit_id, "where": str(where)}
    site_code = where.code if isinstance(where, Site) else ""
    record(action, by=by, target=membership.user, site_code=site_code, reason=reason, details=details)
