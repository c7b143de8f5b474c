"""Keeps a service described from what is happening now."""

from __future__ import annotations

from django.db import transaction

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import check_can, sites_where
from trustwide.commons.audit.actions import Actor
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.capacity.actions import describe_service
from trustwide.services.imaging.capacity.live.description import from_live
from trustwide.services.imaging.capacity.models import CapacityService


@transaction.atomic
def start_from_today(site: Site, modality: str, *, by: Actor) -> CapacityService:
    """Describe a new service, kept by `site`, of the sites of its partnership at which this person makes plans.

    Raises NothingLiveError or ServiceError, with a sentence, where there is nothing that can be run.
    """
    partnership = site.partner.partnership
    sites = Site.objects.filter(partner__partnership=partnership)
    if isinstance(by, User):
        check_can(by, "make_plans", site)
        sites = sites_where(by, "make_plans").filter(partner__partnership=partnership)
    content = from_live(partnership, modality, sites=list(sites.select_related("partner__partnership")))
    return describe_service(site, content, reason="from today's list, sessions and rates", by=by)
