"""What a description from live data is about, and the names it gives to sites."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.text import slugify

from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.lean.reading import Span

WEEKS = 13  # of the past that rates are taken from
LEAST_WEEKS = 4  # of the past, fewer than which give no rate
LEAST = 20  # cases before a rate of a stream is its own and not that of all streams


class NothingLiveError(ValueError):
    """There is nothing to describe; the message says what is missing."""


@dataclass(frozen=True)
class Scope:
    """Sites, one modality, and the day the list is of."""

    sites: tuple[Site, ...]
    modality: str
    today: datetime.date

    @property
    def since(self) -> datetime.date:
        """The first day that rates are taken from."""
        return self.today - datetime.timedelta(weeks=WEEKS)

    @property
    def span(self) -> Span:
        """The past that rates are taken from: whole days, without today."""
        return Span(frozenset(site.pk for site in self.sites), self.since, self.today)


def names_of(sites: Sequence[Site]) -> dict[int, str]:
    """A name for each site in the file, by its id; short, and no two the same."""
    short = {site.pk: slugify(site.short_name) for site in sites}
    often = list(short.values())
    return {
        site.pk: short[site.pk] if short[site.pk] and often.count(short[site.pk]) == 1 else slugify(site.code)
        for site in sites
    }  # fmt: skip
