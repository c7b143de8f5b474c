"""People, their memberships (which role, at which partnership, partner or site) and their access tokens."""

from __future__ import annotations

import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone
from rules.permissions import has_perm

from trustwide.commons.organisations.models import Partner, Partnership, Site


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person without any membership: they may sign in and see nothing until they are given a role."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person, known by e-mail address. All they may do follows from their memberships."""

    email = models.EmailField("email address", unique=True)
    name = models.CharField(max_length=150, blank=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        ordering = ["name", "email"]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def audit_id(self) -> str:
        return f"user:{self.pk}"

    @property
    def audit_name(self) -> str:
        return str(self)

    def has_perm(self, permission: str, site: Site | None = None) -> bool:
        """The same answer as `accounts.rules.can`, for packages below this one and for templates."""
        return bool(has_perm(permission, self, site))  # type: ignore[no-untyped-call]


class MembershipQuerySet(models.QuerySet["Membership"]):
    def covering(self, *sites: Site) -> MembershipQuerySet:
        """Memberships over one of these sites, its partner or its partnership."""
        partners = {site.partner_id for site in sites}
        over = Q(site__in=[site.pk for site in sites]) | Q(partner__in=partners) | Q(partnership__partners__in=partners)
        return self.filter(over)


class Membership(models.Model):
    """A role somebody holds, over exactly one of: a whole partnership, one partner, one site."""

    class Role(models.TextChoices):
        ADMINISTRATOR = "administrator", "Administrator"
        RADIOLOGY_MANAGER = "radiology_manager", "Radiology manager"
        PLANNER = "planner", "Planner"
        RADIOLOGIST = "radiologist", "Radiologist"
        RADIOGRAPHER = "radiographer", "Radiographer"
        BOOKING_CLERK = "booking_clerk", "Booking clerk"
        EQUIPMENT_MANAGER = "equipment_manager", "Equipment manager"
        IMPROVEMENT_LEAD = "improvement_lead", "Improvement lead"
        WARD_NURSE = "ward_nurse", "Ward nurse"
        BOARD_MEMBER = "board_member", "Board member"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    partnership = models.ForeignKey(
        Partnership, on_delete=models.CASCADE, null=True, blank=True, related_name="memberships"
    )
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, null=True, blank=True, related_name="memberships")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, null=True, blank=True, related_name="memberships")

    objects: ClassVar = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="membership_over_exactly_one",
                condition=(
                    Q(partnership__isnull=False, partner__isnull=True, site__isnull=True)
                    | Q(partnership__isnull=True, partner__isnull=False, site__isnull=True)
                    | Q(partnership__isnull=True, partner__isnull=True, site__isnull=False)
                ),
            ),
            *(
                models.UniqueConstraint(fields=["user", "role", place], name=f"membership_once_a_{place}")
                for place in ("partnership", "partner", "site")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()} at {self.where}"

    @property
    def where(self) -> Partnership | Partner | Site:
        """What the role is held over."""
        place = self.partnership or self.partner or self.site
        if place is None:
            raise ValueError("This membership names no partnership, partner or site.")
        return place


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    def in_force(self, now: datetime.datetime) -> AccessTokenQuerySet:
        """Tokens that nobody revoked and that have not expired."""
        return self.filter(revoked_at=None, expires_at__gt=now)


class AccessToken(models.Model):
    """A key by which a program asks in the name of a person: it sees what they may see at that moment, or less.

    Only a hash (`digest`) of the key is kept; `prefix` is the part of it that people recognise it by. Where
    `only_chosen_sites`, it sees `sites` alone, as far as its person still may.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="access_tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=8, unique=True)
    digest = models.CharField(max_length=64)
    # a flag of its own: an empty list of sites must never come to mean all of them
    only_chosen_sites = models.BooleanField(default=False)
    sites = models.ManyToManyField(Site, blank=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = AccessTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"
