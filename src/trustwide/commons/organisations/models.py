"""Partnership, Partner, Site and Place: who has joined forces, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser

hex_colour = RegexValidator(
    r"^#[0-9a-fA-F]{6}$", "Give the colour as # and six hexadecimal digits, for example #005eb8."
)


class Partnership(models.Model):
    """Organisations that run services as one. `comparison` holds providers known only from public data."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    comparison = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class Partner(models.Model):
    """A legal body: trust, council, university or company. `code` is its ODS code where it has one."""

    class Kind(models.TextChoices):
        TRUST = "trust", "NHS trust"
        COUNCIL = "council", "Council"
        UNIVERSITY = "university", "University"
        COMPANY = "company", "Company"

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="partners")
    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.TRUST)

    def __str__(self) -> str:
        return self.name


class SiteQuerySet(models.QuerySet["Site"]):
    def for_user(self, user: AbstractBaseUser | AnonymousUser) -> SiteQuerySet:
        """Sites this person may see: those of their memberships, and providers known from public data."""
        if not user.is_authenticated:
            return self.none()
        member = Q(memberships__user=user) | Q(partner__memberships__user=user)
        member |= Q(partner__partnership__memberships__user=user) | Q(partner__partnership__comparison=True)
        return self.filter(pk__in=Site.objects.filter(member).values("pk"))

    def of_the_group(self) -> SiteQuerySet:
        """Sites of our own partnerships, without the providers known only from public data."""
        return self.filter(partner__partnership__comparison=False)


class Site(models.Model):
    """A hospital, or a provider as a whole where only that is known. It keeps its own identity."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="sites")
    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=160)
    short_name = models.CharField(max_length=60)
    colour = models.CharField(max_length=7, default="#005eb8", validators=[hex_colour])
    logo = models.TextField(blank=True, help_text="An SVG drawing of the site's mark.")
    population = models.PositiveIntegerField(null=True, blank=True)

    objects: ClassVar = SiteQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Place(models.Model):
    """A department, ward or room of a site, in a tree, under the name the site itself uses."""

    class Kind(models.TextChoices):
        DEPARTMENT = "department", "Department"
        WARD = "ward", "Ward"
        ROOM = "room", "Room"

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="places")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=120, help_text="The standard name, the same at every site.")
    local_name = models.CharField(max_length=120, blank=True, help_text="What this site calls it.")

    class Meta:
        ordering = ["site", "name"]
        constraints = [models.UniqueConstraint(fields=["site", "code"], name="place_code_once_a_site")]

    def __str__(self) -> str:
        return self.local_name or self.name
