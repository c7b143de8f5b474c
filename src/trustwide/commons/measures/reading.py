"""Words without figures, for those who may see a site's measures but not the rows behind them.

Figures of measures that are not published site by site may be of few people. Whoever may not see the rows reads that
something changed, since when and whether it concerns, and no number.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Q

from trustwide.commons.accounts.rules import sites_where
from trustwide.commons.measures.definition import logical_table, measures
from trustwide.commons.measures.models import ChartSummary, Signal

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from trustwide.commons.accounts.models import User

Told = TypeVar("Told", Signal, ChartSummary)

VERDICTS = {"improvement": " Improvement.", "concern": " Concern."}


def published_codes() -> list[str]:
    """The measures whose figures everybody may read site by site."""
    return [each.code for each in measures() if logical_table(each.table).published]


def figures_at(user: User | AnonymousUser) -> Q:
    """Rows (with `measure` and `site`) whose figures this person may read: published ones, and where they see rows."""
    return Q(measure__in=published_codes()) | Q(site__in=sites_where(user, "view_bookings"))


def for_reader(rows: Iterable[Told], user: User | AnonymousUser) -> list[Told]:
    """The same rows, not saved, with words alone where this person may not read the figures."""
    open_codes, sites = set(published_codes()), set(sites_where(user, "view_bookings").values_list("pk", flat=True))
    read = list(rows)
    for row in read:
        if row.measure not in open_codes and row.site_id not in sites:
            _without_figures(row)
    return read


def _without_figures(row: Any) -> None:
    if isinstance(row, Signal):
        row.sentence = plain(row.direction, f"{row.since:%B %Y}", row.verdict)
        row.step, row.people = None, 0
        return
    verdict, _, way = row.variation_icon.partition("_")
    if not row.variation_icon:
        row.sentence = "Too little to judge."
    elif row.since is None:
        row.sentence = "No change beyond the usual variation."
    else:
        row.sentence = plain(way, f"{row.since:%B %Y}", verdict)


def plain(direction: str, since: str, verdict: str) -> str:
    """That something changed, since when and whether it concerns: Higher than usual since March 2026. Concern."""
    way = "Higher" if direction == "high" else "Lower"
    return f"{way} than usual since {since}.{VERDICTS.get(verdict, '')}"
