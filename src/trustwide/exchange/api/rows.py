"""From what the commons keep to what the API answers: names for keys, and every value in its measure's unit."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from django.db.models import Max

from trustwide.analysis import spc
from trustwide.commons.measures.chart_pages import ChartPage, is_standing
from trustwide.commons.measures.definition import MeasureDefinition, logical_table, measures
from trustwide.commons.measures.figures import scale
from trustwide.commons.measures.models import (
    Annotation,
    ChartSummary,
    DefinitionVersion,
    Ghost,
    Observation,
    Rebase,
    Signal,
)
from trustwide.commons.organisations.models import Site
from trustwide.exchange.api import schemas

Codes = Mapping[int, str]
COMMON = "Common Cause"


def site_row(site: Site) -> schemas.SiteRow:
    partnership = site.partner.partnership
    return schemas.SiteRow(
        code=site.code,
        name=site.name,
        short_name=site.short_name,
        partner=site.partner.code,
        partnership=partnership.name,
        comparison=partnership.comparison,
    )


def version_numbers() -> dict[str, int]:
    """The number of the version in force of each measure that has figures."""
    return dict(DefinitionVersion.objects.order_by().values_list("measure").annotate(Max("number")))


def definition_fields(definition: MeasureDefinition, version: int | None) -> dict[str, Any]:
    plain = ("code", "title", "unit", "improvement_direction", "quantity", "counts", "out_of", "leaves_out", "quality",
             "owner", "aim")  # fmt: skip
    return {name: getattr(definition, name) for name in plain} | {
        "target": _scaled(definition.target, scale(definition)),
        "cadence": logical_table(definition.table).cadence,
        "version": version,
    }


def definition(of: MeasureDefinition) -> schemas.Definition:
    """The measure with its history. What a version was scaled by follows from its own unit."""
    versions = list(DefinitionVersion.objects.filter(measure=of.code))
    return schemas.Definition(
        **definition_fields(of, versions[0].number if versions else None),
        sql=of.sql(),
        targets=[schemas.DatedTarget(since=day, target=value * scale(of)) for day, value in of.targets],
        breakdowns=[
            schemas.Breakdown(code=code, name=name) for code, name in logical_table(of.table).breakdowns.items()
        ],
        versions=[
            schemas.Version(
                **{name: getattr(each, name) for name in schemas.Version.model_fields if name != "target"},
                target=_scaled(each.target, 100.0 if each.unit == "%" else 1.0),
            )
            for each in versions
        ],
    )


def observation_rows(found: Iterable[Observation], codes: Codes) -> Iterator[schemas.ObservationRow]:
    """Figures of a measure that no longer exists are left out, as on the pages."""
    for row, factor in _with_factor(found):
        yield schemas.ObservationRow(
            measure=row.measure,
            site=codes[row.site_id],
            breakdown=row.breakdown,
            period=row.period,
            numerator=row.numerator,
            denominator=row.denominator,
            value=row.value * factor,
        )


def chart_rows(found: Iterable[ChartSummary], codes: Codes) -> Iterator[schemas.ChartRow]:
    for row, factor in _with_factor(found):
        plain = ("measure", "breakdown", "period", "points", "kind", "reason", "variation_icon", "assurance_icon",
                 "sentence", "since")  # fmt: skip
        yield schemas.ChartRow(
            **{name: getattr(row, name) for name in plain},
            site=codes[row.site_id],
            value=row.value * factor,
            mean=_scaled(row.mean, factor),
            lower_limit=_scaled(row.lpl, factor),
            upper_limit=_scaled(row.upl, factor),
            change=_scaled(row.change, factor),
        )


def signal_rows(found: Iterable[Signal], codes: Codes) -> Iterator[schemas.SignalRow]:
    for row, factor in _with_factor(found):
        yield schemas.SignalRow(**_signal_fields(row, codes[row.site_id], factor))


def signal(row: Signal) -> schemas.Signal | None:
    """The signal with its acts; None for a measure that no longer exists."""
    for known, factor in _with_factor([row]):
        acts = [
            schemas.Act(kind=act.kind, reason=act.reason, until=act.until, author=act.author, at=act.at)
            for act in known.acts.all()
        ]
        return schemas.Signal(**_signal_fields(known, known.site.code, factor), acts=acts)
    return None


def _signal_fields(row: Signal, site: str, factor: float) -> dict[str, Any]:
    plain = [name for name in schemas.SignalRow.model_fields if name not in ("site", "step", "assigned_to")]
    return {name: getattr(row, name) for name in plain} | {
        "site": site,
        "step": _scaled(row.step, factor),
        "assigned_to": str(row.assigned_to or ""),
    }


def chart(page: ChartPage, drawn: spc.Chart) -> schemas.Chart:
    """The chart of a page, which has one."""
    has_target = drawn.kind not in spc.GAPS
    return schemas.Chart(
        measure=page.definition.code,
        title=page.definition.title,
        unit=page.unit,
        site=page.site.code,
        breakdown=page.breakdown,
        breakdown_name=page.breakdown_name,
        kind=drawn.kind,
        reason=page.reason,
        sentence=page.sentence,
        variation_icon=page.variation_icon,
        assurance_icon=page.assurance_icon,
        since=page.since,
        target=page.target if has_target else None,
        points=list(_points(drawn)),
        forecast=[
            schemas.Forecast(period=period, low=low, median=median, high=high)
            for period, low, median, high in page.forecast
        ],
        marks=sorted(_marks(page), key=lambda mark: (mark.date, mark.at)),
    )


def _points(chart: spc.Chart) -> Iterator[schemas.Point]:
    columns = {
        "date": chart.date,
        "value": chart.value,
        "mean": chart.mean,
        "lower_limit": chart.lpl,
        "upper_limit": chart.upl,
        "segment": chart.segment,
        # what is left out counts as no special cause; the chart keeps its own mark for the picture
        "cause": np.where(chart.ghost, COMMON, _named(chart, chart.special_cause_type)),
        "other_cause": np.where(chart.ghost, COMMON, _named(chart, chart.other_cause)),
        "kind": np.where(chart.ghost, "ghost", chart.point_type),
        "outside_limits": chart.outside_limits & ~chart.ghost,
        "close_to_limits": chart.close_to_limits & ~chart.ghost,
        "trend": chart.flag_trend & ~chart.ghost,
        "two_in_three": chart.flag_two_in_three & ~chart.ghost,
        "shift": chart.flag_shift & ~chart.ghost,
        "ghost": chart.ghost,
    }
    for values in zip(*(column.tolist() for column in columns.values()), strict=True):
        yield schemas.Point(**{name: _finite(value) for name, value in zip(columns, values, strict=True)})


def _named(chart: spc.Chart, causes: Any) -> Any:
    return np.array([spc.cause_name(chart, cause) for cause in causes.tolist()])


def _marks(page: ChartPage) -> Iterator[schemas.Mark]:
    marks: tuple[Annotation | Ghost | Rebase, ...] = (*page.rebases, *page.ghosts, *page.annotations)
    for mark in marks:
        if is_standing(mark):
            kind = mark.kind if isinstance(mark, Annotation) else "rebase" if isinstance(mark, Rebase) else "ghost"
            yield schemas.Mark(kind=kind, date=mark.date, reason=mark.reason, author=mark.author, at=mark.at)


def _with_factor(found: Iterable[Any]) -> Iterator[tuple[Any, float]]:
    factors = {each.code: scale(each) for each in measures()}
    return ((row, factors[row.measure]) for row in found if row.measure in factors)


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value
