"""What administrators and board members may see of people and of the audit record."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from trustwide.commons.accounts.models import Membership, MembershipQuerySet, User
from trustwide.commons.accounts.rules import PERMISSIONS, can_give_roles_at, sites_where
from trustwide.commons.audit.models import AuditEvent
from trustwide.commons.organisations.models import Partner, Partnership, Site


def manageable_memberships(user: User) -> MembershipQuerySet:
    """Roles this person may take away."""
    partnerships, partners = _held_over(user, "manage_people")
    within = Q(site__in=sites_where(user, "manage_people"))
    within |= Q(partner__in=partners) | Q(partner__partnership__in=partnerships) | Q(partnership__in=partnerships)
    found: MembershipQuerySet = Membership.objects.filter(within)
    return found.select_related("user", "partnership", "partner", "site")


def places_to_give_roles_at(user: User) -> list[Partnership | Partner | Site]:
    """Partnerships, partners and sites over which this person may give a role."""
    sites = list(sites_where(user, "manage_people").select_related("partner__partnership"))
    partners = {site.partner for site in sites}
    partnerships = {partner.partnership for partner in partners}
    candidates: list[Partnership | Partner | Site] = [
        *sorted(partnerships, key=str), *sorted(partners, key=str), *sites,
    ]  # fmt: skip
    return [where for where in candidates if can_give_roles_at(user, where)]


def visible_audit_events(user: User) -> QuerySet[AuditEvent]:
    """Events at the sites where this person may see the record.

    Events of no site, such as signing in, are shown to those who may see the record of a whole partnership, and only
    for its people and for named jobs.
    """
    visible = Q(site_code__in=sites_where(user, "view_audit").values("code"))
    partnerships, _ = _held_over(user, "view_audit")
    if partnerships.exists():
        people = User.objects.filter(
            Q(memberships__partnership__in=partnerships)
            | Q(memberships__partner__partnership__in=partnerships)
            | Q(memberships__site__partner__partnership__in=partnerships)
        )
        actors = [f"user:{pk}" for pk in people.values_list("pk", flat=True).distinct()]
        visible |= Q(site_code="") & (Q(actor_id__in=actors) | Q(actor_id__startswith="system:"))
    found: QuerySet[AuditEvent] = AuditEvent.objects.filter(visible)
    return found


def _held_over(user: User, permission: str) -> tuple[QuerySet[Partnership], QuerySet[Partner]]:
    roles = [role for role, permissions in PERMISSIONS.items() if permission in permissions]
    held = user.memberships.filter(role__in=roles)
    return (
        Partnership.objects.filter(pk__in=held.values("partnership")),
        Partner.objects.filter(pk__in=held.values("partner")),
    )
