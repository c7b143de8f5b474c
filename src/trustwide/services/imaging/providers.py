"""The partners and sites of providers that are known only from public data."""

from __future__ import annotations

import re
from collections.abc import Mapping

from trustwide.commons.organisations.models import Partner, Partnership, Site

ENGLAND = "england"
ENGLAND_NAME = "Providers in England (public data)"
NEUTRAL = "#425563"  # they have no identity of their own here
_LONGEST_NAME = 160
_LONGEST_SHORT_NAME = 60


def sites_of(names: Mapping[str, str]) -> tuple[dict[str, int], tuple[str, ...]]:
    """Site ids by provider code, making a partner and a site for each provider that has none; and the codes made.

    A site that a partnership of ours already has under the code is used as it is.
    """
    england, _ = Partnership.objects.get_or_create(slug=ENGLAND, defaults={"name": ENGLAND_NAME, "comparison": True})
    Partnership.objects.select_for_update().get(pk=england.pk)  # one import at a time
    known = dict(Site.objects.filter(code__in=names).values_list("code", "pk"))
    added = tuple(sorted(set(names) - set(known)))
    partners = {partner.code: partner for partner in Partner.objects.filter(code__in=added)}
    made = [
        Partner(partnership=england, code=code, name=names[code][:_LONGEST_NAME], kind=partner_kind(names[code]))
        for code in added
        if code not in partners
    ]
    partners |= {partner.code: partner for partner in Partner.objects.bulk_create(made)}
    sites = Site.objects.bulk_create(
        Site(
            partner=partners[code],
            code=code,
            name=names[code][:_LONGEST_NAME],
            short_name=short_name(names[code]),
            colour=NEUTRAL,
        )
        for code in added
    )
    return known | {site.code: site.pk for site in sites}, added


def partner_kind(name: str) -> str:
    """An NHS trust by its name; every other provider is taken for a company."""
    return Partner.Kind.TRUST if re.search(r"\bNHS\b.*\bTrust\b", name, re.IGNORECASE) else Partner.Kind.COMPANY


def short_name(name: str) -> str:
    """The name without the words that every trust's name ends with."""
    short = re.sub(r",? (University )?(Hospitals? |Healthcare )?NHS (Foundation )?Trust$", "", name).strip()
    return short[:_LONGEST_SHORT_NAME] or name[:_LONGEST_SHORT_NAME]
