"""People and their memberships: which role, at which partnership, partner or site."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models import Q

from trustwide.commons.organisations.models import Partner, Partnership, Site


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    """A person, known by e-mail address."""

    username = None  # type: ignore[assignment]
    email = models.EmailField("email address", unique=True)
    name = models.CharField(max_length=150, blank=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def audit_id(self) -> str:
        return f"user:{self.pk}"

    @property
    def audit_name(self) -> str:
        return str(self)


class Membership(models.Model):
    """A role somebody holds, over exactly one of: a whole partnership, one partner, one site."""

    class Role(models.TextChoices):
        ADMINISTRATOR = "administrator", "Administrator"
        RADIOLOGY_MANAGER = "radiology_manager", "Radiology manager"
        PLANNER = "planner", "Planner"
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

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="membership_over_exactly_one",
                condition=(
                    Q(partnership__isnull=False, partner__isnull=True, site__isnull=True)
                    | Q(partnership__isnull=True, partner__isnull=False, site__isnull=True)
                    | Q(partnership__isnull=True, partner__isnull=True, site__isnull=False)
                ),
            )
        ]

    def __str__(self) -> str:
        where = self.partnership or self.partner or self.site
        return f"{self.user}: {self.get_role_display()} at {where}"
