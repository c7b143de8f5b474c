"""Assembles the report of a month: every measure at every site, as it stood then."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from trustwide.commons.measures.charting import JudgedSeries
from trustwide.commons.measures.definition import MeasureDefinition, measures
from trustwide.commons.measures.models import Signal, StrategicAim
from trustwide.commons.measures.performance import words
from trustwide.commons.measures.performance.adding import Panel
from trustwide.commons.measures.performance.cells import Source, make_cell
from trustwide.commons.measures.performance.doubts import Doubts, doubts_at
from trustwide.commons.measures.performance.links import Work, work_at
from trustwide.commons.measures.performance.model import AimPart, Cell, Line, PerformanceReport, Told
from trustwide.commons.measures.performance.scope import Scope, Viewer, is_known, sites_with_rows
from trustwide.commons.measures.performance.series import Key, judge, panels
from trustwide.commons.measures.performance.small_numbers import is_published
from trustwide.commons.measures.performance.sources import (
    Asked,
    breakdown_sources,
    left_out_of,
    sites_told,
    sources_of,
)
from trustwide.commons.measures.performance.told import (
    closed_in,
    kept,
    key_of,
    signals_of,
    standing_of,
    tell,
    tell_closed,
    were_kept,
)
from trustwide.commons.measures.signals.figures import breakdown_name

MOST_SIGNALS, MOST_NEWS, MOST_PICTURES, MOST_DOUBTS = 5, 10, 9, 5
OTHER = ("", "Other measures", 1.0)
SMALL_NUMBERS = (
    "Small numbers are suppressed: figures of one to four people, and others from which they could be worked out. "
    "Where any month of a chart is suppressed, its limits and picture are left out."
)
HIDDEN_DOUBTS = "What is to doubt in figures that are not published is told to those who may see the rows behind them."
ADDED = (
    "Figures for all sites together are added up: numerators over denominators, never a mean of the sites' values. "
    "Where a site's figure is missing, the newest month that every site has is shown."
)
T = TypeVar("T")


@dataclass
class _News:
    """Signals by measure: open in the month, new in it, and closed in it."""

    going: dict[str, list[Told]]
    opened: dict[str, list[Told]]
    closed: dict[str, list[Told]]


def performance_report(viewer: Viewer, scope: Scope, month: datetime.date) -> PerformanceReport:
    """The report of `month` (its first day) for a reader; the same figures whoever shows them.

    Only observations of periods up to the end of the month count, and charts are judged on those, so an old month can
    be made again and says the same as long as its data are the same. The number of queries does not depend on how
    many measures and sites there are.
    """
    asked = Asked(scope, month, panels(scope.everyone, month), sites_with_rows(viewer), is_known(viewer))
    aims = [*StrategicAim.objects.values_list("code", "title", "weight"), OTHER]
    weights = {code: weight for code, _, weight in aims}
    sources = {code: tuple(sources_of(asked, panel)) for code, panel in asked.panels.items()}
    signals, put_off_for = signals_of(scope.sites, month, asked.panels)
    judged = judge(_wanted(sources, signals, asked.panels), left_out_of(sources))
    known = {each.code: each for each in measures()}
    doubts = doubts_at(scope.sites, month, known, asked.rows_seen)
    lines = _lines(asked, sources, judged, weights, doubts)
    told_at = {code: sites_told(asked, panel, sources[code]) for code, panel in asked.panels.items()}
    work = work_at(scope.sites, month, viewer)
    standings = {each.pk: standing_of(each, month, work, viewer, put_off_for) for each in signals}
    news = _news(asked, signals, judged, weights, told_at, standings, doubts)
    of_month = doubts.of_month(known)
    parts = tuple(
        _part(code, title, _codes(code, weights), lines, news, of_month, work, scope) for code, title, _ in aims
    )
    shown = tuple(part for part in parts if part.lines or part.unmeasured or part.work)
    counts = (sum(map(len, news.opened.values())), sum(map(len, news.closed.values())))
    answer = words.answer(month, shown, *counts, kept=were_kept(scope.sites, month))
    return PerformanceReport(scope, month, answer, shown, _notes(asked, shown))


def measure_lines(viewer: Viewer, scope: Scope, month: datetime.date, code: str) -> tuple[Line, ...]:
    """One measure, a line a breakdown, at every site: the way from a sum to what it is made of.

    Whoever may not see the rows at a site sees how each chart there reads, and no figure that is not published.
    """
    asked = Asked(scope, month, panels(scope.sites, month, [code]), sites_with_rows(viewer), is_known(viewer))
    if code not in asked.panels:
        return ()
    panel = asked.panels[code]
    names = {each: breakdown_name(panel.definition, each) or "All" for _, each in panel.keys}
    sources = {each: tuple(breakdown_sources(asked, panel, each)) for each in sorted(names, key=lambda key: names[key])}
    judged = judge({each.key: each.wanted for own in sources.values() for each in own})
    doubts = doubts_at(scope.sites, month, {code: panel.definition}, asked.rows_seen)
    return tuple(
        Line(panel.definition, names[breakdown], breakdown,
             tuple(_cell(each, judged.get(each.key), month, 1.0, doubts) for each in own))
        for breakdown, own in sources.items()
    )  # fmt: skip


def _wanted(
    sources: Mapping[str, Sequence[Source]], signals: Sequence[Signal], known: Mapping[str, Panel]
) -> dict[Key, tuple[MeasureDefinition, Any, Any, Any]]:
    """Every series to judge: those of the cells, and those that signals are on."""
    wanted = {each.key: each.wanted for own in sources.values() for each in own}
    for signal in signals:
        panel, series = known[signal.measure], (signal.site_id, signal.breakdown)
        if series in panel.keys:
            place = panel.keys.index(series)
            wanted.setdefault(key_of(signal), (panel.definition, panel.periods, panel.above[place], panel.below[place]))
    return wanted


def _lines(
    asked: Asked,
    sources: Mapping[str, Sequence[Source]],
    judged: Mapping[Key, JudgedSeries],
    weights: Mapping[str, float],
    doubts: Doubts,
) -> dict[str, Line]:
    """A line a measure that has any figure for the month."""
    made = {}
    for code, own in sources.items():
        definition = own[0].definition
        weight = weights.get(definition.aim, 1.0)
        cells = tuple(_cell(each, judged.get(each.key), asked.month, weight, doubts) for each in own)
        if any(cell.has_figure for cell in cells):
            made[code] = Line(definition, definition.title, None, cells)
    return made


def _cell(source: Source, judged: JudgedSeries | None, month: datetime.date, weight: float, doubts: Doubts) -> Cell:
    """A cell; where it shows a change, with what to doubt in it."""
    cell = make_cell(source, judged, month, weight)
    if not cell.shows_change:
        return cell
    return replace(cell, doubts=doubts.in_chart(judged, source.place_code, source.breakdown))


def _news(
    asked: Asked,
    signals: Sequence[Signal],
    judged: Mapping[Key, JudgedSeries],
    weights: Mapping[str, float],
    told_at: Mapping[str, frozenset[int]],
    standings: Mapping[int, str],
    doubts: Doubts,
) -> _News:
    """Signals in words; `told_at` names for each measure the sites at which they may hold figures."""
    news = _News({}, {}, {})
    for signal in signals:
        definition, series = asked.panels[signal.measure].definition, judged.get(key_of(signal))
        doubted = doubts.in_chart(series, signal.site.code, signal.breakdown)
        if closed_in(signal, asked.month):
            closed = replace(tell_closed(signal, definition), doubts=doubted)
            news.closed.setdefault(signal.measure, []).append(closed)
            continue
        weight = weights.get(definition.aim, 1.0)
        figures = signal.site_id in told_at[signal.measure]
        told = tell(signal, series, definition, weight, standings[signal.pk], figures=figures)
        told = replace(told, doubts=doubted)
        if told.sentence:
            news.going.setdefault(signal.measure, []).append(told)
            if signal.opened >= asked.month:
                news.opened.setdefault(signal.measure, []).append(told)
    return news


def _codes(aim: str, weights: Mapping[str, float]) -> tuple[str, ...]:
    """The measures of an aim; those that name none, or one that is not there, are of none."""
    return tuple(each.code for each in measures() if (each.aim if each.aim in weights else "") == aim)


def _part(
    aim: str,
    title: str,
    codes: Sequence[str],
    lines: Mapping[str, Line],
    news: _News,
    doubts: Mapping[str, list[str]],
    work: Sequence[Work],
    scope: Scope,
) -> AimPart:
    own = tuple(lines[code] for code in codes if code in lines)
    going = sorted(_flat(news.going, codes), key=lambda told: -told.rank)
    concerns = [cell for line in own for cell in line.cells if cell.verdict == "concern" and cell.chart is not None]
    drawn = sorted(concerns, key=lambda cell: -cell.rank)
    doubted = _flat(doubts, [line.definition.code for line in own])
    opened, closed = (_flat(each, codes) for each in (news.opened, news.closed))
    signals, fresh, over = kept(going, MOST_SIGNALS), kept(opened, MOST_NEWS), kept(closed, MOST_NEWS)
    return AimPart(
        code=aim, title=title, lines=own, summary=words.summary(own, scope.together),
        signals=signals, more_signals=len(going) - len(signals),
        opened=fresh, more_opened=len(opened) - len(fresh), closed=over, more_closed=len(closed) - len(over),
        work=tuple(each for each in work if aim in each.aims),
        doubts=tuple(doubted[:MOST_DOUBTS]), more_doubts=max(len(doubted) - MOST_DOUBTS, 0),
        pictures=tuple(drawn[:MOST_PICTURES]), more_pictures=max(len(drawn) - MOST_PICTURES, 0),
        pictures_say=words.sums_drawn(drawn[:MOST_PICTURES]),
        unmeasured=tuple(each.title for each in measures() if each.code in codes and each.code not in lines),
    )  # fmt: skip


def _flat(found: Mapping[str, list[T]], codes: Iterable[str]) -> list[T]:
    return [each for code in codes for each in found.get(code, [])]


def _notes(asked: Asked, parts: Sequence[AimPart]) -> tuple[str, ...]:
    notes = [ADDED] if asked.scope.together else []
    empty = [part.title for part in parts if not part.lines]
    notes += [words.without_figures(empty)] if empty and len(empty) < len(parts) else []
    if any(row.suppressed for part in parts for cell in part.cells() for row in cell.rows):
        notes.append(SMALL_NUMBERS)
    # whether there is any doubt or not: to say it only then would tell that there is
    closed = any(not is_published(line.definition) for part in parts for line in part.lines)
    if closed and any(site.pk not in asked.rows_seen for site in asked.scope.sites):
        notes.append(HIDDEN_DOUBTS)
    return tuple(notes)
