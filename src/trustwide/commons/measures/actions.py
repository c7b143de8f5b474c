"""Keeps observations and chart summaries in step with their rows, and what people mark on charts."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.utils import timezone

from trustwide.commons.audit.actions import Actor, record
from trustwide.commons.measures import figures
from trustwide.commons.measures.bulk import upsert
from trustwide.commons.measures.charting import SUMMARY, summaries
from trustwide.commons.measures.definition import logical_table, measure, measures_over
from trustwide.commons.measures.models import (
    Annotation,
    ChartSummary,
    MeasureVersion,
    Observation,
    Rebase,
)
from trustwide.commons.measures.rules import check_can_mark, check_can_rebase_at, check_can_withdraw
from trustwide.commons.organisations.models import Site

if TYPE_CHECKING:
    import polars as pl

CHUNK = 500


@dataclass(frozen=True)
class RefreshSummary:
    """How many observations were written and removed, and how many charts drawn anew."""

    written: int
    removed: int
    charts: int


@transaction.atomic
def refresh(table: str, series: Collection[tuple[int, str]] | None = None) -> RefreshSummary:
    """Recompute the measures over `table` for the given series (site id, breakdown), or for all; write what differs.

    A measure whose definition changed since it was last computed is recomputed for every series. Who calls this
    records the event that made it necessary: nothing here is a fact of its own.
    """
    import polars as pl

    definitions = measures_over(table)
    versions = {definition.code: definition.version for definition in definitions}
    kept = dict(MeasureVersion.objects.values_list("measure", "version"))
    outdated = [code for code, version in versions.items() if kept.get(code) != version]
    every = series is None or bool(outdated)
    sites = None if every else sorted({site for site, _ in series or ()})
    observed = figures.observe(definitions, {table: logical_table(table).rows(sites)})
    stored = _stored(list(versions), sites)
    if series is not None:
        wanted = pl.DataFrame(sorted(series), schema={"site_id": pl.Int64, "breakdown": pl.String}, orient="row")
        observed, stored = (_of_series(frame, wanted, outdated) for frame in (observed, stored))
    summary = _write(observed, stored, outdated)
    for code in outdated:
        MeasureVersion.objects.update_or_create(measure=code, defaults={"version": versions[code]})
    return summary


def _of_series(frame: pl.DataFrame, wanted: pl.DataFrame, outdated: Collection[str]) -> pl.DataFrame:
    import polars as pl

    changed = frame.join(wanted.with_columns(pl.lit(True).alias("wanted")), on=["site_id", "breakdown"], how="left")
    return changed.filter(pl.col("wanted").is_not_null() | pl.col("measure").is_in(outdated)).drop("wanted")


@transaction.atomic
def rebase_chart(code: str, site: Site, breakdown: str, date: datetime.date, *, reason: str, by: Actor) -> Rebase:
    """Compute the limits of one chart anew from the period `date` on. The limits until then are kept beside it."""
    check_can_mark(by, site)
    series = {"measure": measure(code).code, "site": site, "breakdown": breakdown}
    summary = ChartSummary.objects.select_for_update().filter(**series).first()
    periods = list(Observation.objects.series(code, site, breakdown).values_list("period", flat=True))
    rebased = Rebase.objects.on_chart(code, site, breakdown).standing().values_list("date", flat=True)
    check_can_rebase_at(date, periods, set(rebased))
    old = {f"old_{line}": getattr(summary, line, None) for line in ("mean", "lpl", "upl")}
    rebase = Rebase(**series, date=date, reason=reason, **old)
    _save_mark(rebase, "recalculated the limits of a chart", by=by)
    redraw(code, site, breakdown)
    return rebase


@transaction.atomic
def annotate_chart(code: str, site: Site, breakdown: str, date: datetime.date, *, text: str, by: Actor) -> Annotation:
    """Write on one chart what happened in the period `date`."""
    check_can_mark(by, site)
    annotation = Annotation(measure=measure(code).code, site=site, breakdown=breakdown, date=date, reason=text)
    _save_mark(annotation, "wrote a note on a chart", by=by)
    return annotation


@transaction.atomic
def withdraw_mark(mark: Rebase | Annotation, *, reason: str, by: Actor) -> None:
    """Take a rebase or a note back; both stay on record."""
    check_can_mark(by, mark.site)
    check_can_withdraw(mark)
    kind: type[Any] = type(mark)
    series = {"measure": mark.measure, "site": mark.site, "breakdown": mark.breakdown}
    withdrawal = kind(**series, date=mark.date, reason=reason, withdraws=mark)
    _save_mark(withdrawal, "took back a mark on a chart", by=by)
    if isinstance(mark, Rebase):
        redraw(mark.measure, mark.site, mark.breakdown)


def _save_mark(mark: Rebase | Annotation, action: str, *, by: Actor) -> None:
    mark.author, mark.at = by.audit_name[:200], timezone.now()
    mark.full_clean()
    mark.save()
    details = {"measure": mark.measure, "breakdown": mark.breakdown, "date": mark.date}
    record(action, by=by, target=mark, site_code=mark.site.code, reason=mark.reason, details=details)


def redraw(code: str, site: Site, breakdown: str) -> None:
    """Judge one chart anew from its stored observations."""
    import polars as pl

    stored = _stored([code], [site.pk]).filter(pl.col("breakdown") == breakdown).sort("period")
    if stored.height:
        upsert(ChartSummary, SUMMARY, list(summaries(stored)), list(figures.SERIES))


def _stored(codes: Collection[str], sites: Collection[int] | None) -> pl.DataFrame:
    import polars as pl

    rows = Observation.objects.filter(measure__in=codes)
    if sites is not None:
        rows = rows.filter(site_id__in=sites)
    schema: Any = {
        "measure": pl.String, "site_id": pl.Int64, "breakdown": pl.String, "period": pl.Date, "numerator": pl.Float64,
        "denominator": pl.Float64, "value": pl.Float64, "id": pl.Int64,
    }  # fmt: skip
    return pl.DataFrame(list(rows.order_by().values_list(*schema)), schema=schema, orient="row")


def _write(observed: pl.DataFrame, stored: pl.DataFrame, outdated: Collection[str]) -> RefreshSummary:
    import polars as pl

    key = [*figures.SERIES, "period"]
    written = observed.join(stored, on=list(figures.OBSERVATION), how="anti", nulls_equal=True)
    removed = stored.join(observed, on=key, how="anti")
    _delete(Observation.objects.all(), removed["id"].to_list())
    upsert(Observation, figures.OBSERVATION, written.with_columns(pl.col("period").cast(pl.String)).iter_rows(), key)
    touched = pl.concat([frame.select(figures.SERIES) for frame in (written, removed)]).unique()
    # an outdated measure is judged by other rules, even where its values are the same
    judged_anew = observed.filter(pl.col("measure").is_in(outdated)).select(figures.SERIES)
    redrawn = observed.join(pl.concat([touched, judged_anew]).unique(), on=figures.SERIES, how="semi").sort(key)
    charts = list(summaries(redrawn)) if redrawn.height else []
    upsert(ChartSummary, SUMMARY, charts, list(figures.SERIES))
    emptied = touched.join(observed, on=figures.SERIES, how="anti")
    for code, site, breakdown in emptied.iter_rows():
        ChartSummary.objects.filter(measure=code, site_id=site, breakdown=breakdown).delete()
    return RefreshSummary(written.height, removed.height, len(charts))


def _delete(rows: models.QuerySet[Any], ids: list[int]) -> None:
    for start in range(0, len(ids), CHUNK):
        rows.filter(pk__in=ids[start : start + CHUNK]).delete()
