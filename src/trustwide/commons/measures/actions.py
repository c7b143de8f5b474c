"""Keeps observations and chart summaries in step with their rows, and what people mark on charts."""

from __future__ import annotations

import datetime
import json
import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.utils import timezone

from trustwide.commons.audit.actions import Actor, record
from trustwide.commons.measures import figures
from trustwide.commons.measures.bulk import upsert
from trustwide.commons.measures.charting import SUMMARY, judged_series, summary
from trustwide.commons.measures.definition import MeasureDefinition, logical_table, measure, measures_over
from trustwide.commons.measures.definition_check import sound, what_they_raise
from trustwide.commons.measures.forecasting import FORECAST, forecasts
from trustwide.commons.measures.locking import hold_measures
from trustwide.commons.measures.models import (
    Annotation,
    ChartMark,
    ChartSummary,
    Ghost,
    Observation,
    Rebase,
    SeriesForecast,
)
from trustwide.commons.measures.quality.actions import check
from trustwide.commons.measures.rules import (
    check_can_ghost,
    check_can_mark,
    check_can_rebase_at,
    check_can_withdraw,
)
from trustwide.commons.measures.signals.actions import Occasion, close_emptied, close_redefined, track
from trustwide.commons.measures.versions import begin_version, is_in_force
from trustwide.commons.organisations.models import Site

if TYPE_CHECKING:
    import polars as pl

logger = logging.getLogger(__name__)

CHUNK = 500
ROWS_AT_A_TIME = 50_000
SERIES_AT_A_TIME = 2_000  # charts held in memory at once


@dataclass(frozen=True)
class RefreshSummary:
    """How many observations were written and removed, and how many charts drawn anew."""

    written: int
    removed: int
    charts: int


def refresh(table: str, series: Collection[tuple[int, str]] | None = None) -> RefreshSummary:
    """Recompute the measures over `table` for the given series (site id, breakdown), or for all; write what differs.

    A measure whose definition changed since it was last computed is recomputed for every series, and figures that mean
    something else now are kept under the version that ended. Signals and data-quality notes follow the charts. A
    definition that cannot be computed is told in the log and left as it was; the others go on. Who calls this records
    the event that made it necessary: nothing here is a fact of its own.
    """
    definitions = measures_over(table)
    try:
        return _refresh(table, definitions, series)
    except what_they_raise():
        # looked for only now: to check each definition beforehand takes longer than to compute it
        well, faults = sound(definitions)
        if not faults:
            raise
    for fault in faults:
        logger.error(fault)
    return _refresh(table, well, series)


@transaction.atomic
def _refresh(
    table: str, definitions: Sequence[MeasureDefinition], series: Collection[tuple[int, str]] | None
) -> RefreshSummary:
    import polars as pl

    hold_measures()
    outdated = [definition.code for definition in definitions if not is_in_force(definition)]
    every = series is None or bool(outdated)
    sites = None if every else sorted({site for site, _ in series or ()})
    observed = _over(figures.observe(definitions, {table: logical_table(table).rows(sites)}), table)
    stored = _stored([definition.code for definition in definitions], sites)
    if series is not None:
        wanted = pl.DataFrame(sorted(series), schema={"site_id": pl.Int64, "breakdown": pl.String}, orient="row")
        observed, stored = (_of_series(frame, wanted, outdated) for frame in (observed, stored))
    renewed = {code for code in outdated if begin_version(measure(code))}
    return _write(observed, stored, outdated, renewed)


def _over(observed: pl.DataFrame, table: str) -> pl.DataFrame:
    """Without periods that still run: a month of five days looks unlike a whole one, and would be a signal."""
    import polars as pl

    today, cadence = timezone.localdate(), logical_table(table).cadence
    if cadence == "month":
        return observed.filter(pl.col("period") < today.replace(day=1))
    length = datetime.timedelta(days=7 if cadence == "week" else 1)
    return observed.filter(pl.col("period") <= today - length)


def _of_series(frame: pl.DataFrame, wanted: pl.DataFrame, outdated: Collection[str]) -> pl.DataFrame:
    import polars as pl

    changed = frame.join(wanted.with_columns(pl.lit(True).alias("wanted")), on=["site_id", "breakdown"], how="left")
    return changed.filter(pl.col("wanted").is_not_null() | pl.col("measure").is_in(outdated)).drop("wanted")


@transaction.atomic
def refresh_forecasts(table: str) -> int:
    """Forecast every series of the monthly measures over `table` anew; how many there are.

    Series learn from each other, so all of a measure are done together: at night and after a return is brought in.
    """
    if logical_table(table).cadence != "month":
        return 0
    written = 0
    for definition in measures_over(table):
        rows = [(*row[:4], *(json.dumps(each) for each in row[4:])) for row in forecasts(definition)]
        SeriesForecast.objects.filter(measure=definition.code).delete()
        upsert(SeriesForecast, FORECAST, rows, list(figures.SERIES))
        written += len(rows)
    return written


@transaction.atomic
def rebase_chart(code: str, site: Site, breakdown: str, date: datetime.date, *, reason: str, by: Actor) -> Rebase:
    """Compute the limits of one chart anew from the period `date` on. The limits until then are kept beside it."""
    check_can_mark(by, site)
    hold_measures()
    series = {"measure": measure(code).code, "site": site, "breakdown": breakdown}
    summary = ChartSummary.objects.select_for_update().filter(**series).first()
    periods = list(Observation.objects.series(code, site, breakdown).values_list("period", flat=True))
    rebased = Rebase.objects.on_chart(code, site, breakdown).standing().values_list("date", flat=True)
    check_can_rebase_at(date, periods, set(rebased))
    old = {f"old_{line}": getattr(summary, line, None) for line in ("mean", "lpl", "upl")}
    rebase = Rebase(**series, date=date, reason=reason, **old)
    _mark_and_redraw(rebase, "recalculated the limits of a chart", by=by)
    return rebase


@transaction.atomic
def annotate_chart(
    code: str, site: Site, breakdown: str, date: datetime.date, *, text: str, by: Actor, kind: str = "note"
) -> Annotation:
    """Write on one chart what happened in the period `date`: a note, a change that went live or a PDSA cycle."""
    check_can_mark(by, site)
    series = {"measure": measure(code).code, "site": site, "breakdown": breakdown}
    annotation = Annotation(**series, date=date, reason=text, kind=kind)
    _save_mark(annotation, "wrote a note on a chart", by=by)
    return annotation


@transaction.atomic
def ghost_period(code: str, site: Site, breakdown: str, date: datetime.date, *, reason: str, by: Actor) -> Ghost:
    """Leave the period `date` out of limits and rules of one chart; it stays on it, marked."""
    check_can_mark(by, site)
    hold_measures()
    periods = list(Observation.objects.series(code, site, breakdown).values_list("period", flat=True))
    ghosted = Ghost.objects.on_chart(code, site, breakdown).standing().values_list("date", flat=True)
    check_can_ghost(date, periods, set(ghosted))
    ghost = Ghost(measure=measure(code).code, site=site, breakdown=breakdown, date=date, reason=reason)
    _mark_and_redraw(ghost, "left a period out of the limits of a chart", by=by)
    return ghost


@transaction.atomic
def withdraw_mark(mark: ChartMark, *, reason: str, by: Actor) -> None:
    """Take a rebase, a note or a left-out period back; it stays on record."""
    check_can_mark(by, mark.site)
    hold_measures()
    check_can_withdraw(mark)
    kind: type[Any] = type(mark)
    series = {"measure": mark.measure, "site": mark.site, "breakdown": mark.breakdown}
    withdrawal = kind(**series, date=mark.date, reason=reason, withdraws=mark)
    keep = _save_mark if isinstance(mark, Annotation) else _mark_and_redraw
    keep(withdrawal, "took back a mark on a chart", by=by)


def _mark_and_redraw(mark: Rebase | Ghost, action: str, *, by: Actor) -> None:
    """Keep a mark that changes how a chart is judged, and judge it anew.

    Where the definition changed and no refresh came yet, the chart is first judged by it without the mark: what that
    closes is not put down to the mark.
    """
    if not is_in_force(measure(mark.measure)):
        redraw(mark.measure, mark.site, mark.breakdown)
    _save_mark(mark, action, by=by)
    redraw(mark.measure, mark.site, mark.breakdown, mark)


def _save_mark(mark: ChartMark, action: str, *, by: Actor) -> None:
    mark.author, mark.at = by.audit_name[:200], timezone.now()
    mark.full_clean()
    mark.save()
    details = {"measure": mark.measure, "breakdown": mark.breakdown, "date": mark.date}
    record(action, by=by, target=mark, site_code=mark.site.code, reason=mark.reason, details=details)


def redraw(code: str, site: Site, breakdown: str, mark: Rebase | Ghost | None = None) -> None:
    """Judge one chart anew from its stored observations; `mark` is what was just marked on it.

    Without a mark, what closes then is put down to the definition where that is not in force yet.
    """
    import polars as pl

    stored = _stored([code], [site.pk]).filter(pl.col("breakdown") == breakdown).sort("period")
    outdated = [] if mark is not None or is_in_force(measure(code)) else [code]
    if stored.height:
        _judge(stored, outdated, mark=mark)


def _stored(codes: Collection[str], sites: Collection[int] | None) -> pl.DataFrame:
    import polars as pl

    rows = Observation.objects.filter(measure__in=codes)
    if sites is not None:
        rows = rows.filter(site_id__in=sites)
    schema: Any = {
        "measure": pl.String, "site_id": pl.Int64, "breakdown": pl.String, "period": pl.Date, "numerator": pl.Float64,
        "denominator": pl.Float64, "value": pl.Float64, "id": pl.Int64,
    }  # fmt: skip
    # in pieces: as Python objects the rows of a large group take ten times the room
    pieces = _batched(rows.order_by().values_list(*schema).iterator(chunk_size=ROWS_AT_A_TIME), ROWS_AT_A_TIME)
    return pl.concat([pl.DataFrame(schema=schema), *(pl.DataFrame(piece, schema, orient="row") for piece in pieces)])


def _write(
    observed: pl.DataFrame, stored: pl.DataFrame, outdated: Collection[str], renewed: Collection[str]
) -> RefreshSummary:
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
    emptied = list(touched.join(observed, on=figures.SERIES, how="anti").iter_rows())
    _forget(emptied)
    check(redrawn, gone=emptied)
    close_redefined(renewed)
    return RefreshSummary(written.height, removed.height, _judge(redrawn, outdated, renewed))


def _judge(
    observed: pl.DataFrame,
    outdated: Collection[str] = (),
    renewed: Collection[str] = (),
    mark: Rebase | Ghost | None = None,
) -> int:
    """Draw every chart of these observations (sorted) anew, with its signals; how many there are.

    The definitions of measures in `outdated` changed. Those in `renewed` mean something else now, so that their history
    is as new as if it had just been loaded. `mark` was just made on the one chart.
    """
    lengths = observed.group_by(figures.SERIES, maintain_order=True).len()["len"]
    ends = [0, *lengths.cum_sum().to_list()]
    marks = [*range(0, len(lengths), SERIES_AT_A_TIME), len(lengths)]
    for first, last in pairwise(marks):
        some = observed[ends[first] : ends[last]]
        judged = list(judged_series(some))
        judged_until = _judged_until({each.key[0] for each in judged} - set(renewed))
        upsert(ChartSummary, SUMMARY, [summary(each) for each in judged], list(figures.SERIES))
        track(judged, Occasion(judged_until, some, mark, outdated))
    return len(lengths)


def _judged_until(codes: Collection[str]) -> dict[tuple[str, int, str], datetime.date]:
    """The newest period that each series of these measures had when it was last judged."""
    rows = ChartSummary.objects.filter(measure__in=codes).order_by().values_list(*figures.SERIES, "period")
    return {(code, site, breakdown): period for code, site, breakdown, period in rows}


def _forget(emptied: list[tuple[Any, ...]]) -> None:
    """Take away the charts of series without a figure, and close their signals."""
    for code, site, breakdown in emptied:
        ChartSummary.objects.filter(measure=code, site_id=site, breakdown=breakdown).delete()
    close_emptied(emptied)


def _delete(rows: models.QuerySet[Any], ids: list[int]) -> None:
    for start in range(0, len(ids), CHUNK):
        rows.filter(pk__in=ids[start : start + CHUNK]).delete()


def _batched(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """The rows in lists of at most `size`."""
    several = iter(rows)
    while piece := list(islice(several, size)):
        yield piece
