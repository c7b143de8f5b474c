"""Writes to people and their roles; each one is audited."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.urls import reverse

from trustwide.commons.accounts.models import Membership, User
from trustwide.commons.accounts.rules import check_can_give_roles_at, check_can_look_after
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


def _over(where: Partnership | Partner | Site) -> dict[str, Any]:
    return {where._meta.model_name or "": where}


def _record(action: str, membership: Membership, *, by: Actor, reason: str) -> None:
    where = membership.where
    details = {"role": membership.role, "person": membership.user.audit_id, "where": str(where)}
    site_code = where.code if isinstance(where, Site) else ""
    record(action, by=by, target=membership.user, site_code=site_code, reason=reason, details=details)
