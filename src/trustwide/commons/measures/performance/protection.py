"""The page of a chart as somebody sees it who may not see the rows behind it: without what small numbers give away.

A chart of the whole site hides what reports hide: decided over the whole partnership, so that chart and report cannot
be subtracted from one another. A chart of one of several parts shows no figure: parts are not in the report's table.
Where a month is hidden, picture, limits and the figures in words go with it, for they follow from all months, and so
do the marks that changed how it is judged, for their reasons tell of figures.
"""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from trustwide.commons.accounts.rules import can
from trustwide.commons.measures.chart_pages import ChartPage
from trustwide.commons.measures.definition import logical_table
from trustwide.commons.measures.models import Observation
from trustwide.commons.measures.performance.scope import sites_with_rows
from trustwide.commons.measures.performance.small_numbers import hidden, is_published

if TYPE_CHECKING:
    from trustwide.commons.accounts.models import User

SAID = (
    "These figures, or some of them, are shown only to those who may see the rows behind them: they may be of few "
    "people. The icons are of all figures."
)


def for_reader(page: ChartPage, reader: User) -> ChartPage:
    """The page as this person may see it; the same where they may see the rows, or nothing in it is small."""
    public = page.site.partner.partnership.comparison or is_published(page.definition)
    if page.chart is None or public or can(reader, "view_bookings", page.site):
        return page
    of_parts = len(logical_table(page.definition.table).breakdowns) > 1
    months = frozenset(row.date for row in page.periods) if of_parts else hidden_periods(page, reader)
    if not months:
        return page
    shown = tuple(
        replace(row, numerator=None, denominator=None, value=None, mean=None, lower_limit=None, upper_limit=None,
                reading="Not shown")
        if row.date in months else replace(row, mean=None, lower_limit=None, upper_limit=None, reading="")
        for row in page.periods
    )  # fmt: skip
    return replace(page, periods=shown, sentence=SAID, signals=(), forecast=(), rebases=(), ghosts=(), protected=True)


def hidden_periods(page: ChartPage, reader: User) -> frozenset[datetime.date]:
    """The periods whose figures this person must not see on this chart."""
    sites: dict[int, int] = {}  # site -> partner
    figures: dict[tuple[int, datetime.date], tuple[float, float]] = {}
    rows = Observation.objects.filter(
        measure=page.definition.code,
        breakdown=page.breakdown,
        site__partner__partnership=page.site.partner.partnership_id,
    ).order_by("site_id", "period")
    names = ("site_id", "site__partner_id", "period", "numerator", "denominator")
    for site, partner, period, above, below in rows.values_list(*names):
        sites[site] = partner
        figures[site, period] = above, np.nan if below is None else below
    places = {site: place for place, site in enumerate(sites)}
    periods = sorted({period for _, period in figures})
    table = np.full((2, len(sites), len(periods)), np.nan)
    for (site, period), both in figures.items():
        table[:, places[site], periods.index(period)] = both
    seen = sites_with_rows(reader)
    groups = [
        [places[site] for site, of in sites.items() if of == partner and site not in seen]
        for partner in dict.fromkeys(sites.values())
    ]
    found = hidden(page.definition, groups, table[0], table[1])[places[page.site.pk]]
    return frozenset(period for period, small in zip(periods, found.tolist(), strict=True) if small)
