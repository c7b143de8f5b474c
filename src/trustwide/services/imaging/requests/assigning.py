"""Who looks after a request: taking work, and giving it to a colleague."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet

from trustwide.commons.accounts.models import Membership, User
from trustwide.commons.accounts.rules import NotAllowedError, can, sites_where
from trustwide.commons.audit.actions import record
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.requests.rules import check_can_work_at


@transaction.atomic
def give(requests: Collection[ImagingRequest], person: User, *, by: User) -> None:
    """Make somebody responsible for requests. Raises NotAllowedError where one of the two has no work at a site."""
    for site in Site.objects.filter(pk__in={request.site_id for request in requests}):
        check_can_work_at(by, site)
        if not can(person, "view_bookings", site):
            raise NotAllowedError(f"{person} may not see the requests of {site}; choose somebody who works there.")
    ids = [request.pk for request in requests]
    ImagingRequest.objects.filter(pk__in=ids).update(assigned_to=person)
    record("assigned requests", by=by, details={"requests": ids, "to": person.audit_id})


def colleagues(user: User, role: str) -> QuerySet[User]:
    """People of a role at the sites where this person sees bookings, to whom work can be given."""
    sites = sites_where(user, "view_bookings").of_the_group()
    holds = Membership.objects.filter(role=role)
    here = holds.filter(site__in=sites) | holds.filter(partner__sites__in=sites)
    here |= holds.filter(partnership__partners__sites__in=sites)
    return User.objects.filter(is_active=True, pk__in=here.values("user")).order_by("name", "pk")
