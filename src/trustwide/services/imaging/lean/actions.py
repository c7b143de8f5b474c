"""Keeps the kept lean measures in step with what happened."""

from __future__ import annotations

from collections.abc import Collection

from trustwide.commons.measures.actions import RefreshSummary, refresh, refresh_forecasts
from trustwide.services.imaging.lean.names import COLUMNS, MODALITIES


def refresh_lean_measures(site_ids: Collection[int] | None = None) -> dict[str, RefreshSummary]:
    """Recompute the lean measures of some sites, or of all; what changed, by table.

    Reports fall due and sessions end as time passes, so it is to be done each night and after activity is brought in.
    """
    series = None if site_ids is None else {(site, modality) for site in site_ids for modality in MODALITIES}
    done = {table: refresh(table, series) for table in COLUMNS}
    for table, summary in done.items():
        if summary.charts:
            refresh_forecasts(table)
    return done
