"""What the page of one chart shows."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trustwide.analysis import spc
from trustwide.commons.measures.definition import Cadence, MeasureDefinition, logical_table, measure
from trustwide.commons.measures.exceptions import UnknownMeasureError
from trustwide.commons.measures.figures import chart, scale, settings
from trustwide.commons.measures.models import (
    Annotation,
    ChartSummary,
    DefinitionVersion,
    Ghost,
    Observation,
    Rebase,
    SeriesForecast,
    Signal,
)
from trustwide.commons.measures.periods import GHOSTED, Period, periods
from trustwide.commons.measures.quality.figures import notes_on_chart
from trustwide.commons.measures.signals.closing import closed_words
from trustwide.commons.measures.versions import in_force
from trustwide.commons.nhsuk.formats import day, month
from trustwide.commons.organisations.models import Site

if TYPE_CHECKING:
    from django.db.models import QuerySet

SMALL = 150  # pixels
NO_VALUE = "No month has a value yet."
REBASED = "Limits recalculated from here"


@dataclass(frozen=True)
class ChartPage:
    """One measure at one site for one breakdown: what it says, its picture, its rows and what people marked on it.

    `chart` is None, and everything after it empty, where there is no observation; `reason` says why it is of its kind.
    Old limits of `rebases` are in the scale of stored values. `forecast` holds (period, low, median, high) in the unit
    of the measure; `signals` are those there were on this chart, newest first. `protected`: small numbers are left out
    for this reader, and with them the picture.
    """

    definition: MeasureDefinition
    site: Site
    breakdown: str
    breakdown_name: str
    rows_page: str
    chart: spc.Chart | None
    reason: str
    sentence: str
    variation_icon: str
    assurance_icon: str
    since: datetime.date | None
    periods: tuple[Period, ...]
    rebases: tuple[Rebase, ...]
    annotations: tuple[Annotation, ...]
    ghosts: tuple[Ghost, ...]
    signals: tuple[Signal, ...]
    forecast: tuple[tuple[datetime.date, float, float, float], ...]
    protected: bool = False

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
        """What in the figures and the rows behind them looks wrong: the first day of the period, and a sentence."""
        if self.protected:
            return ()
        of_rows = logical_table(self.definition.table).doubts(self.site.pk, self.breakdown)
        return notes_on_chart(self.definition.code, self.site, self.breakdown, tuple(of_rows))

    def version(self) -> DefinitionVersion | None:
        """The version of the definition that the observations were computed with."""
        return in_force(self.definition.code)

    @property
    def is_drawn(self) -> bool:
        """Whether there is a picture for this reader."""
        return self.chart is not None and not self.protected

    def notices(self) -> tuple[str, ...]:
        """What in the data makes the limits less sure than they look, in sentences."""
        if not (self.is_drawn and self.chart and self.variation_icon):
            return ()
        unit = self.definition.unit
        return spc.notices(self.chart, unit="points" if unit == "%" else unit)

    def suggestion(self) -> spc.Suggestion | None:
        """Where a person might recalculate the limits, if they know the cause."""
        if not (self.is_drawn and self.chart and self.variation_icon):
            return None
        return spc.suggest_rebase(self.chart, unit=self.definition.unit)

    @property
    def cadence(self) -> Cadence:
        """How long a period is."""
        return logical_table(self.definition.table).cadence

    def when(self, period: datetime.date) -> str:
        """A period as people call it: March 2026, or 3 March 2026."""
        return month(period) if self.cadence == "month" else day(period)

    def standing(self, signal: Signal) -> str:
        """Whether one of its signals is open, or why it closed."""
        return closed_words(signal, self.definition) if signal.closed else "Open"

    def marks_at(self, period: datetime.date) -> tuple[str, str, str]:
        """What stands marked at a period, why, and who did it when; empty where nothing is, "; " between several."""
        marks: tuple[Rebase | Ghost | Annotation, ...] = (*self.rebases, *self.ghosts, *self.annotations)
        told = [
            (_kind(mark), mark.reason, f"{mark.author}, {day(mark.at)}")
            for mark in marks
            if mark.date == period and is_standing(mark)
        ]
        kind, why, who = ("; ".join(column) for column in zip(*told, strict=True)) if told else ("", "", "")
        return kind, why, who

    @property
    def unit(self) -> str:
        """The unit of what is drawn: of the measure, or of what passes between rare events."""
        gaps = spc.GAPS.get(self.chart.kind, "") if self.chart is not None else ""
        return f"{gaps} between events" if gaps else self.definition.unit

    def picture(self) -> dict[str, Any]:
        """The chart as a Vega-Lite specification. Raises ValueError where `is_drawn` is false."""
        if self.chart is None or not self.is_drawn:
            raise ValueError(NO_VALUE)
        notes = [(mark.date, mark.reason) for mark in self.annotations if is_standing(mark)]
        name = f"{self.definition.title}: {self.breakdown_name}, {self.site.short_name}"
        drawn = spc.vega_lite(self.chart, name, unit=self.unit, annotations=notes, forecast=self.forecast)
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
    series: dict[str, Any] = {"measure": code, "site": site, "breakdown": breakdown}
    observed = list(Observation.objects.series(**series))
    summary = ChartSummary.objects.filter(**series).first()
    rebases = _marks(Rebase.objects.on_chart(**series))
    ghosts = _marks(Ghost.objects.on_chart(**series))
    dates = ([mark.date for mark in marks if is_standing(mark)] for marks in (rebases, ghosts))
    drawn, choice = chart(definition, observed, settings(definition, *dates)) if observed else (None, None)
    return ChartPage(
        definition=definition,
        site=site,
        breakdown=breakdown,
        breakdown_name=table.breakdowns.get(breakdown, breakdown),
        rows_page=table.page(site.code, breakdown),
        chart=drawn,
        reason=choice.reason if choice else "",
        sentence=summary.sentence if summary else NO_VALUE,
        variation_icon=summary.variation_icon if summary else "",
        assurance_icon=summary.assurance_icon if summary else "",
        since=summary.since if summary else None,
        periods=periods(drawn, observed, scale(definition)) if drawn else (),
        rebases=rebases,
        annotations=_marks(Annotation.objects.on_chart(**series)),
        ghosts=ghosts,
        signals=tuple(Signal.objects.on_chart(**series).select_related("assigned_to")),
        forecast=_forecast(series, observed, scale(definition)) if drawn and drawn.kind not in spc.GAPS else (),
    )


def _forecast(
    series: dict[str, Any], observed: Sequence[Observation], factor: float
) -> tuple[tuple[datetime.date, float, float, float], ...]:
    """The months after the newest figure, as last forecast."""
    kept = SeriesForecast.objects.filter(**series).first()
    if kept is None:
        return ()
    rows = zip(kept.periods(), kept.low, kept.median, kept.high, strict=True)
    newest = observed[-1].period
    return tuple((period, low * factor, median * factor, high * factor) for period, low, median, high in rows
                 if period > newest)  # fmt: skip


def is_standing(mark: Rebase | Annotation | Ghost) -> bool:
    """Whether the mark is one that nobody took back; for rows of `on_chart` read with their withdrawals."""
    return mark.withdraws_id is None and not hasattr(mark, "withdrawal")


def _kind(mark: Rebase | Ghost | Annotation) -> str:
    if isinstance(mark, Annotation):
        return mark.get_kind_display()
    return REBASED if isinstance(mark, Rebase) else GHOSTED


def _marks(rows: QuerySet[Any]) -> tuple[Any, ...]:
    return tuple(rows.filter(withdraws=None).select_related("withdrawal"))
