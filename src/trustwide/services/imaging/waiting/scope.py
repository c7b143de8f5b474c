"""The requests that wait at somebody's sites, found through the index of what waits.

Without statistics SQLite takes the index of sites for a scoped query, and reads every request a site ever had; there an
inner query can only be answered by the partial index `request_breach`, which holds nothing but what waits. PostgreSQL
knows its figures, and would read the whole table for an inner query.
"""

from __future__ import annotations

import datetime

from django.db import connection

from trustwide.commons.accounts.models import User
from trustwide.services.imaging.requests.models import ImagingRequest, RequestQuerySet


def waiting_for(user: User, *, breach_by: datetime.date = datetime.date.max) -> RequestQuerySet:
    """Waiting requests of sites whose lists this person may see, that pass six weeks by a day."""
    mine: RequestQuerySet = ImagingRequest.objects.for_user(user)
    if connection.vendor != "sqlite":
        return mine.waiting().filter(breach_on__lte=breach_by)
    waits = ImagingRequest.objects.waiting().filter(breach_on__lte=breach_by).order_by()
    return mine.filter(pk__in=waits.values("pk"))
