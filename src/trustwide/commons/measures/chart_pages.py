"""What the page of one chart shows."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from trustwide.analysis import spc
from trustwide.commons.measures.definition import MeasureDefinition, logical_table, measure
from trustwide.commons.measures.exceptions import UnknownMeasureError
from trustwide.commons.measures.figures import scale, settings, with_gaps
from trustwide.commons.measures.models import (
    Annotation,
    ChartSummary,
    MeasureVersion,
    Observation,
    Rebase,
)
from trustwide.commons.organisations.models import Site

if TYPE_CHECKING:
    from django.db.models import QuerySet

CAUSE_WORDS = {
    "Common Cause": "",
    "Above UCL": "Above the upper limit",
    "Below LCL": "Below the lower limit",
    "7 Point Trend (Increasing)": "Seven in a row rising",
    "7 Point Trend (Decreasing)": "Seven in a row falling",
    "2 in 3 Above CL": "Two of three near the upper limit",
    "2 in 3 Below CL": "Two of three near the lower limit",
    "7 Points Above CL": "Seven in a row above the mean",
    "7 Points Below CL": "Seven in a row below the mean",
}
READINGS = {"special_cause_improvement": "Improvement", "special_cause_concern": "Concern"}
SMALL = 150  # pixels
NO_VALUE = "No month has a value yet."


@dataclass(frozen=True)
class Period:
    """One row of the chart's table, in the measure's unit; None where a period has no value or no limits."""

    date: datetime.date
    numerator: float | None
    denominator: float | None
    value: float | None
    mean: float | None
    lower_limit: float | None
    upper_limit: float | None
    reading: str


@dataclass(frozen=True)
class ChartPage:
    """One measure at one site for one breakdown: what it says, its picture, its rows and what people marked on it.

    `chart` is None, and everything after it empty, where there is no observation. Old limits of `rebases` are in the
    scale of stored values.
    """

    definition: MeasureDefinition
    site: Site
    breakdown: str
    breakdown_name: str
    rows_page: str
    chart: spc.Chart | None
    sentence: str
    variation_icon: str
    assurance_icon: str
    since: datetime.date | None
    periods: tuple[Period, ...]
    rebases: tuple[Rebase, ...]
    annotations: tuple[Annotation, ...]

    @property
    def places(self) -> int:
        """Decimal places that suit the unit: counts of people are whole."""
        return 0 if self.definition.denominator is None else 1

    @property
    def factor(self) -> float:
        """What stored values are multiplied by to be in the measure's unit."""
        return scale(self.definition)

    @property
    def target(self) -> float | None:
        """The target in the measure's unit."""
        return None if self.definition.target is None else self.definition.target * self.factor

    def doubts(self) -> tuple[tuple[datetime.date, str], ...]:
        """What in the rows behind the chart looks wrong: the first day of the period, and a sentence."""
        return tuple(logical_table(self.definition.table).doubts(self.site.pk, self.breakdown))

    def version(self) -> str:
        """The version of the definition that the observations were computed with."""
        kept = MeasureVersion.objects.filter(pk=self.definition.code).values_list("version", flat=True)
        return kept.first() or ""

    def picture(self) -> dict[str, Any]:
        """The chart as a Vega-Lite specification. Raises ValueError where there is no observation."""
        if self.chart is None:
            raise ValueError(NO_VALUE)
        notes = [(mark.date, mark.reason) for mark in self.annotations if is_standing(mark)]
        name = f"{self.definition.title}: {self.breakdown_name}, {self.site.short_name}"
        drawn = spc.vega_lite(self.chart, name, unit=self.definition.unit, annotations=notes)
        return {**drawn, "description": f"{name}. {self.sentence}"}

    def small_picture(self) -> dict[str, Any]:
        """The same to stand among others under a heading of its own: no title, key, unit or names of lines."""
        drawn = {**self.picture(), "title": None, "height": SMALL}
        drawn["layer"] = [part for part in drawn["layer"] if part["encoding"].get("text") != {"field": "name"}]
        for layer in drawn["layer"]:
            encoding = layer["encoding"]
            encoding.get("y", {}).get("axis", {}).update(title=None, tickCount=4)
            for channel in ("color", "shape"):
                if "legend" in encoding.get(channel, {}):
                    encoding[channel]["legend"] = None
        return drawn


def chart_page(code: str, site: Site, breakdown: str) -> ChartPage:
    """The page of one chart. Raises UnknownMeasureError for a measure or a breakdown that does not exist."""
    definition = measure(code)
    table = logical_table(definition.table)
    if table.breakdowns and breakdown not in table.breakdowns:
        raise UnknownMeasureError(f'There is no "{breakdown}"; expected one of {", ".join(table.breakdowns)}.')
    observed = list(Observation.objects.series(code, site, breakdown))
    summary = ChartSummary.objects.filter(measure=code, site=site, breakdown=breakdown).first()
    rebases = _marks(Rebase.objects.on_chart(code, site, breakdown))
    chart = _chart(definition, observed, rebases, judged=bool(summary and summary.variation_icon))
    return ChartPage(
        definition=definition,
        site=site,
        breakdown=breakdown,
        breakdown_name=table.breakdowns.get(breakdown, breakdown),
        rows_page=table.page(site.code, breakdown),
        chart=chart,
        sentence=summary.sentence if summary else NO_VALUE,
        variation_icon=summary.variation_icon if summary else "",
        assurance_icon=summary.assurance_icon if summary else "",
        since=summary.since if summary else None,
        periods=_periods(chart, observed) if chart else (),
        rebases=rebases,
        annotations=_marks(Annotation.objects.on_chart(code, site, breakdown)),
    )


def is_standing(mark: Rebase | Annotation) -> bool:
    """Whether the mark is one that nobody took back; for rows of `on_chart` read with their withdrawals."""
    return mark.withdraws_id is None and not hasattr(mark, "withdrawal")


def _marks(rows: QuerySet[Any]) -> tuple[Any, ...]:
    return tuple(rows.filter(withdraws=None).select_related("withdrawal"))


def _chart(
    definition: MeasureDefinition, observed: Sequence[Observation], rebases: Sequence[Rebase], *, judged: bool
) -> spc.Chart | None:
    if not observed:
        return None
    months = np.array([row.period for row in observed], dtype="datetime64[M]")
    values = np.array([row.value for row in observed]) * scale(definition)
    filled, numbers, _ = with_gaps(months, values, np.array([0, len(observed)]))
    dates = [mark.date for mark in rebases if is_standing(mark)]
    chart = spc.chart(filled, numbers, settings(definition, dates))
    return chart if judged else _without_judgement(chart)


def _without_judgement(chart: spc.Chart) -> spc.Chart:
    """The same points without limits or readings: what is too short or too rare must not look like a signal."""
    nothing, no_flags = np.full(len(chart), np.nan), np.zeros(len(chart), dtype=np.bool_)
    return replace(
        chart,
        mean=nothing,
        lpl=nothing,
        upl=nothing,
        outside_limits=no_flags,
        close_to_limits=no_flags,
        flag_trend=no_flags,
        flag_two_in_three=no_flags,
        flag_shift=no_flags,
        special_cause_type=np.full(len(chart), "Common Cause"),
        point_type=np.full(len(chart), "common_cause"),
    )


def _periods(chart: spc.Chart, observed: Sequence[Observation]) -> tuple[Period, ...]:
    """Newest first."""
    counted = {row.period: row for row in observed}
    columns = zip(
        chart.date.tolist(),
        *(_known(column) for column in (chart.value, chart.mean, chart.lpl, chart.upl)),
        chart.special_cause_type.tolist(),
        chart.point_type.tolist(),
        strict=True,
    )
    rows = [
        Period(
            date=date,
            numerator=counted[date].numerator if date in counted else None,
            denominator=counted[date].denominator if date in counted else None,
            value=value,
            mean=mean,
            lower_limit=lower,
            upper_limit=upper,
            reading=_reading(CAUSE_WORDS[cause], READINGS.get(kind, "")),
        )
        for date, value, mean, lower, upper, cause, kind in columns
    ]
    return tuple(reversed(rows))


def _reading(cause: str, verdict: str) -> str:
    return f"{verdict}: {cause[0].lower()}{cause[1:]}" if cause and verdict else cause


def _known(column: Any) -> list[float | None]:
    return [None if math.isnan(value) else value for value in column.tolist()]
