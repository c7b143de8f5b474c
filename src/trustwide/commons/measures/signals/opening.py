"""When a signal opens: whether a pattern is the one that ran before, and when a history first showed it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from trustwide.analysis import spc
from trustwide.commons.measures.charting import JudgedSeries, judged_series
from trustwide.commons.measures.definition import Cadence, logical_table
from trustwide.commons.measures.figures import SERIES

if TYPE_CHECKING:
    import polars as pl

Key = tuple[str, int, str]

DAYS_INTO = {"week": datetime.timedelta(days=6), "day": datetime.timedelta()}  # how far into a period its last day is


def direction_of(series: JudgedSeries) -> str:
    """Which way the measure went: longer between events is fewer of them, but between failures a higher share."""
    change = series.change
    assert change is not None  # noqa: S101 - the callers look first
    turned = series.chart.kind in spc.GAPS and not series.choice.of_failures
    return {"high": "low", "low": "high"}[change.direction] if turned else change.direction


def goes_on(series: JudgedSeries, direction: str, latest: datetime.date) -> bool:
    """Whether the chart shows a pattern of this direction that ran until `latest`, and runs still."""
    change = series.change
    return change is not None and direction_of(series) == direction and change.start <= latest


def as_of(observed: pl.DataFrame, until: Mapping[Key, datetime.date]) -> dict[Key, JudgedSeries]:
    """The series named in `until`, each judged by its figures up to that period and by the rules and marks of now.

    `observed` are observations as `judged_series` takes them; a series without one so early is left out.
    """
    import polars as pl

    schema = dict(zip((*SERIES, "until"), (pl.String, pl.Int64, pl.String, pl.Date), strict=True))
    ends = pl.DataFrame([(*key, date) for key, date in until.items()], schema=schema, orient="row")
    kept = observed.join(ends, on=list(SERIES), how="inner", maintain_order="left")
    kept = kept.filter(pl.col("period") <= pl.col("until")).drop("until")
    return {each.key: each for each in judged_series(kept)} if kept.height else {}


def first_seen(shown: Sequence[JudgedSeries], observed: pl.DataFrame) -> dict[Key, datetime.date]:
    """The period in which the pattern of each of these charts could first have been seen.

    That is the first, from where the pattern is now said to begin, whose chart of the figures up to then told of a
    change that way. `observed` are the observations of these series, as `judged_series` takes them.
    """
    seen = {each.key: each.period for each in shown}
    way = {each.key: direction_of(each) for each in shown}
    ahead = _periods_of_patterns(shown, observed)
    # most are told by their first point or, as shifts, by their seventh: a few rounds, whatever a pattern has lasted
    while until := {key: next(periods, seen[key]) for key, periods in ahead.items()}:
        for key, then in as_of(observed, until).items():
            if (then.change is not None and direction_of(then) == way[key]) or until[key] == seen[key]:
                seen[key] = until[key]
                del ahead[key]
    return seen


def _periods_of_patterns(shown: Sequence[JudgedSeries], observed: pl.DataFrame) -> dict[Key, Iterator[datetime.date]]:
    """The periods with a figure from the one in which each pattern begins until the newest, without that."""
    import polars as pl

    spans = [(*each.key, _begun(each), each.period) for each in shown if _begun(each) < each.period]
    columns = (*SERIES, "begun", "newest")
    schema = dict(zip(columns, (pl.String, pl.Int64, pl.String, pl.Date, pl.Date), strict=True))
    of_pattern = observed.join(pl.DataFrame(spans, schema=schema, orient="row"), on=list(SERIES), how="inner")
    of_pattern = of_pattern.filter(pl.col("period").is_between("begun", "newest", closed="left")).sort("period")
    grouped = of_pattern.group_by(SERIES, maintain_order=True).agg("period")
    return {(code, site, breakdown): iter(dates) for code, site, breakdown, dates in grouped.iter_rows()}


def _begun(series: JudgedSeries) -> datetime.date:
    assert series.change is not None  # noqa: S101 - the callers look first
    return began(series.change.start, logical_table(series.definition.table).cadence)


def began(point: datetime.date, cadence: Cadence) -> datetime.date:
    """The earliest day on which the period of a point may begin: an event has a day of its own."""
    return point.replace(day=1) if cadence == "month" else point - DAYS_INTO[cadence]
