"""Writes to partnerships, partners, sites and places; each one is audited."""

from __future__ import annotations

from django.db import transaction

from trustwide.commons.audit.actions import Actor, record
from trustwide.commons.organisations.models import Partner, Partnership, Place, Site
from trustwide.commons.organisations.rules import check_can_change_identity


@transaction.atomic
def create_partnership(slug: str, name: str, *, by: Actor, comparison: bool = False) -> Partnership:
    """Found a partnership; `comparison` marks the one that holds providers known only from public data."""
    partnership = Partnership(slug=slug, name=name, comparison=comparison)
    partnership.full_clean()
    partnership.save()
    record("created a partnership", by=by, target=partnership)
    return partnership


@transaction.atomic
def create_partner(
    partnership: Partnership, code: str, name: str, *, by: Actor, kind: str = Partner.Kind.TRUST
) -> Partner:
    """Let a legal body join a partnership."""
    partner = Partner(partnership=partnership, code=code, name=name, kind=kind)
    partner.full_clean()
    partner.save()
    record("created a partner", by=by, target=partner)
    return partner


@transaction.atomic
def create_site(
    partner: Partner,
    code: str,
    name: str,
    *,
    by: Actor,
    short_name: str = "",
    colour: str = "#005eb8",
    logo: str = "",
    population: int | None = None,
) -> Site:
    """Open a site of a partner, with its identity."""
    site = Site(
        partner=partner, code=code, name=name, short_name=short_name or name[:60], colour=colour, logo=logo,
        population=population,
    )  # fmt: skip
    site.full_clean()
    site.save()
    record("created a site", by=by, target=site, site_code=site.code)
    return site


@transaction.atomic
def create_place(
    site: Site, code: str, name: str, *, kind: str, by: Actor, local_name: str = "", parent: Place | None = None
) -> Place:
    """Add a department, ward or room to a site."""
    place = Place(site=site, code=code, name=name, kind=kind, local_name=local_name, parent=parent)
    place.full_clean()
    place.save()
    record("created a place", by=by, target=place, site_code=site.code)
    return place


@transaction.atomic
def rename_place(place: Place, local_name: str, *, by: Actor, reason: str) -> Place:
    """Give a place the name the site itself uses; empty goes back to the standard name."""
    check_can_change_identity(by, place.site)
    before, place.local_name = place.local_name, local_name
    place.full_clean()
    place.save(update_fields=["local_name"])
    details = {"before": before, "after": local_name}
    record("renamed a place", by=by, target=place, site_code=place.site.code, reason=reason, details=details)
    return place


@transaction.atomic
def update_site_identity(
    site: Site, *, name: str, short_name: str, colour: str, logo: str, by: Actor, reason: str
) -> Site:
    """Change how a site presents itself."""
    check_can_change_identity(by, site)
    wanted = {"name": name, "short_name": short_name, "colour": colour, "logo": logo}
    changes = {
        field: {"before": getattr(site, field), "after": value}
        for field, value in wanted.items()
        if getattr(site, field) != value
    }
    for field, value in wanted.items():
        setattr(site, field, value)
    site.full_clean()
    site.save(update_fields=list(wanted))
    record("changed a site's identity", by=by, target=site, site_code=site.code, reason=reason, details=changes)
    return site
