"""Who may do what, where: one table of roles and permissions, and two doors to it."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from rules.permissions import add_perm
from rules.predicates import predicate

from trustwide.commons.accounts.exceptions import TokenError
from trustwide.commons.accounts.models import AccessToken, Membership, MembershipQuerySet, User
from trustwide.commons.audit.actions import Actor, SystemActor
from trustwide.commons.organisations.exceptions import NotAllowedError
from trustwide.commons.organisations.models import Partner, Partnership, Site, SiteQuerySet

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

__all__ = [
    "PERMISSIONS",
    "WHAT_IT_ALLOWS",
    "NotAllowedError",
    "SignedInRequest",
    "can",
    "can_give_roles_at",
    "can_look_after",
    "can_make_token",
    "can_revoke_token",
    "check_can",
    "check_can_give_roles_at",
    "check_can_look_after",
    "check_can_make_token",
    "check_can_revoke_token",
    "people_where",
    "permission_required",
    "roles_with",
    "sites_where",
]

View = Callable[..., HttpResponse]
Role = Membership.Role

# permission -> what it allows, in words that finish "You may not ..."
WHAT_IT_ALLOWS = {
    "view_measures": "see measures",
    "view_plans": "see plans",
    "make_plans": "make plans",
    "rebase_charts": "recalculate the limits of charts or write notes on them",
    "act_on_signals": "act on signals: put them off, assign them, open a project",
    "import_returns": "import returns",
    "manage_people": "manage people",
    "manage_sites": "change the identity of sites",
    "view_audit": "see the audit record",
    "view_bookings": "see patients who wait and their appointments",
    "make_bookings": "book appointments, move or cancel them",
    "vet_requests": "vet requests",
    "run_the_day": "record what happens to patients on the day",
    "report_exams": "report exams",
    "manage_sessions": "change the hours of scanners",
    "import_activity": "bring in activity of a radiology system",
    "sign_off_returns": "sign off monthly returns",
    "reduce_missed_appointments": "use predictions of missed appointments",
}

_ANALYST = frozenset({"view_measures", "view_plans", "make_plans", "rebase_charts", "act_on_signals", "import_returns"})
PERMISSIONS: dict[str, frozenset[str]] = {
    Role.ADMINISTRATOR: frozenset(WHAT_IT_ALLOWS),
    Role.RADIOLOGY_MANAGER: _ANALYST
    | {
        "view_bookings",
        "make_bookings",
        "run_the_day",
        "manage_sessions",
        "import_activity",
        "sign_off_returns",
        "reduce_missed_appointments",
    },
    Role.PLANNER: _ANALYST | {"view_bookings", "import_activity"},
    Role.RADIOLOGIST: frozenset({"view_measures", "view_bookings", "vet_requests", "report_exams"}),
    Role.RADIOGRAPHER: frozenset({"view_measures", "view_bookings", "make_bookings", "vet_requests", "run_the_day"}),
    Role.BOOKING_CLERK: frozenset(
        {"view_measures", "view_bookings", "make_bookings", "run_the_day", "reduce_missed_appointments"}
    ),
    Role.EQUIPMENT_MANAGER: frozenset({"view_measures", "view_plans", "act_on_signals"}),
    Role.IMPROVEMENT_LEAD: frozenset({"view_measures", "view_plans", "make_plans", "rebase_charts", "act_on_signals"}),
    Role.WARD_NURSE: frozenset({"view_measures"}),
    Role.BOARD_MEMBER: frozenset({"view_measures", "view_plans", "view_audit"}),
}

# what a permission held anywhere also allows at providers known only from public data
ON_PUBLIC_DATA = frozenset({"view_measures", "view_plans", "make_plans", "rebase_charts"})

LONGEST_TOKEN_DAYS = 366
MOST_TOKENS = 20  # in force at one time; more are hard to keep account of


class SignedInRequest(HttpRequest):
    """What views get: the middleware lets nobody else through."""

    user: User
    htmx: HtmxDetails


def can(user: User | AnonymousUser, permission: str, site: Site | None = None) -> bool:
    """Whether the person holds the permission at the site, or anywhere at all if no site is named."""
    held = _held(user, permission)
    if site is None or (permission in ON_PUBLIC_DATA and site.partner.partnership.comparison):
        return held.exists()
    return held.covering(site).exists()


def check_can(user: User | AnonymousUser, permission: str, site: Site | None = None) -> None:
    """Raise NotAllowedError, with a sentence for the person, unless `can`."""
    if not can(user, permission, site):
        where = f" at {site}" if site is not None else ""
        raise NotAllowedError(
            f"You may not {WHAT_IT_ALLOWS[permission]}{where}. "
            f"That takes one of these roles: {', '.join(roles_with(permission))}. Ask your administrator for it."
        )


def permissions_of(user: User | AnonymousUser) -> frozenset[str]:
    """Everything the person may do somewhere, in one query: for pages that ask about many things at once."""
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    roles = Membership.objects.filter(user=user).values_list("role", flat=True).distinct()
    return frozenset().union(*(PERMISSIONS[role] for role in roles))


def roles_with(permission: str) -> list[str]:
    """The names of the roles that hold the permission. Raises KeyError for a permission that does not exist."""
    if permission not in WHAT_IT_ALLOWS:
        raise KeyError(f"There is no permission '{permission}'; choose from {', '.join(WHAT_IT_ALLOWS)}.")
    return [str(role.label) for role in Role if permission in PERMISSIONS[role]]


def sites_where(user: User | AnonymousUser, permission: str) -> SiteQuerySet:
    """The sites at which the person holds the permission."""
    held = _held(user, permission)
    covered = Q(pk__in=held.values("site")) | Q(partner__in=held.values("partner"))
    covered |= Q(partner__partnership__in=held.values("partnership"))
    if permission in ON_PUBLIC_DATA and held.exists():
        covered |= Q(partner__partnership__comparison=True)
    return Site.objects.filter(covered)


def people_where(permission: str, *sites: Site) -> QuerySet[User]:
    """The people of whom `can` says that they hold the permission at one of these sites at least.

    One query where the sites come with their partnership (`select_related("partner__partnership")`).
    """
    roles = [role for role, permissions in PERMISSIONS.items() if permission in permissions]
    held = Membership.objects.filter(role__in=roles)
    if not (permission in ON_PUBLIC_DATA and any(site.partner.partnership.comparison for site in sites)):
        held = held.covering(*sites)
    return User.objects.filter(is_active=True, pk__in=held.values("user"))


def permission_required(permission: str) -> Callable[[View], View]:
    """For views: let only those in who hold the permission somewhere; the view scopes what they then see."""

    def decorator(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            check_can(request.user, permission)
            return view(request, *args, **kwargs)

        return checked

    return decorator


def can_give_roles_at(actor: Actor | AnonymousUser, where: Partnership | Partner | Site) -> bool:
    """A named job may anywhere; a person where they manage people, at this level or above it."""
    if isinstance(actor, SystemActor):
        return True
    if not isinstance(actor, User):
        return False
    if isinstance(where, Site):
        return can(actor, "manage_people", where)
    held = _held(actor, "manage_people")
    if isinstance(where, Partner):
        return held.filter(Q(partner=where) | Q(partnership=where.partnership_id)).exists()
    return held.filter(partnership=where).exists()


def check_can_give_roles_at(actor: Actor | AnonymousUser, where: Partnership | Partner | Site) -> None:
    """Raise NotAllowedError, with a sentence for the person, unless `can_give_roles_at`."""
    if not can_give_roles_at(actor, where):
        raise NotAllowedError(f"You may not give or take roles at {where}. Ask an administrator of {where} to do it.")


def can_look_after(actor: Actor | AnonymousUser, person: User) -> bool:
    """Whoever resets a person's sign-in could act as them, so they must manage every role the person holds."""
    memberships = person.memberships.select_related("partnership", "partner", "site__partner")
    return bool(memberships) and all(can_give_roles_at(actor, membership.where) for membership in memberships)


def check_can_look_after(actor: Actor | AnonymousUser, person: User) -> None:
    """Raise NotAllowedError, with a sentence for the person, unless `can_look_after`."""
    if not can_look_after(actor, person):
        raise NotAllowedError(
            f"You may not change how {person} signs in, because you do not manage every role they hold. "
            "Ask an administrator of the whole partnership to do it."
        )


def check_can_make_token(person: User, *, expires_at: datetime.datetime, now: datetime.datetime) -> None:
    """For themselves only, and for a year at most. Raises NotAllowedError or TokenError."""
    check_can(person, "view_measures")
    if not now < expires_at <= now + datetime.timedelta(days=LONGEST_TOKEN_DAYS):
        raise TokenError(
            f"A token that ends on {expires_at:%d %B %Y} cannot be made; choose a day within a year from now."
        )
    if AccessToken.objects.in_force(now).filter(user=person).count() >= MOST_TOKENS:
        raise TokenError(f"You have {MOST_TOKENS} tokens in force, the most there may be; revoke one first.")


def can_make_token(person: User, *, expires_at: datetime.datetime, now: datetime.datetime) -> bool:
    """Whether the person may have another token until then."""
    try:
        check_can_make_token(person, expires_at=expires_at, now=now)
    except (NotAllowedError, TokenError):
        return False
    return True


def can_revoke_token(actor: Actor | AnonymousUser, token: AccessToken) -> bool:
    """Its own person may, and whoever looks after how that person signs in."""
    return actor == token.user or can_look_after(actor, token.user)


def check_can_revoke_token(actor: Actor | AnonymousUser, token: AccessToken) -> None:
    """Raise NotAllowedError, with a sentence for the person, unless `can_revoke_token`."""
    if not can_revoke_token(actor, token):
        raise NotAllowedError(f"You may not revoke a token of {token.user}; ask them or their administrator to do it.")


def _held(user: User | AnonymousUser, permission: str) -> MembershipQuerySet:
    if permission not in WHAT_IT_ALLOWS:
        raise KeyError(f"There is no permission '{permission}'; choose from {', '.join(WHAT_IT_ALLOWS)}.")
    if not user.is_authenticated or not user.is_active:
        return Membership.objects.none()
    roles = [role for role, permissions in PERMISSIONS.items() if permission in permissions]
    return Membership.objects.filter(user=user, role__in=roles)


def _register(permission: str) -> None:
    def holds(user: User | AnonymousUser, site: Site | None = None) -> bool:
        return can(user, permission, site)

    add_perm(permission, predicate(holds, name=permission))  # type: ignore[no-untyped-call]


for _permission in WHAT_IT_ALLOWS:
    _register(_permission)
