"""The performance report of a month as a tagged PDF: a cover, a part for each aim, and how to read it."""

from __future__ import annotations

import calendar
import datetime
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from trustwide.analysis.spc.model import ASSURANCE_ICONS, VARIATION_ICONS
from trustwide.commons.measures import icons
from trustwide.commons.measures.definition import MeasureDefinition
from trustwide.commons.measures.performance.drawing import small_chart
from trustwide.commons.measures.performance.model import AimPart, Cell, Line, PerformanceReport, Told
from trustwide.commons.measures.performance.told import kept
from trustwide.commons.measures.performance.words import more_signals
from trustwide.exchange.briefs.paper import FONT, STANDARD, font_folder

TEMPLATE = Path(__file__).with_name("board.typ")
PLACES_ACROSS = 6  # columns of a matrix that a page holds; more places make more tables
TOLD_ON_COVER = 12
DIRECTIONS = {"increase": "Higher is better", "decrease": "Lower is better", "neutral": "Neither way is better"}
READING = (
    "Each chart compares its newest month with the months before it. The variation icon says whether that is more than "
    "its usual variation explains; the assurance icon says whether its usual variation will reach the target.",
    "In the small charts the solid line through the middle is the mean and the dashed lines are the limits within "
    "which the measure usually varies. Squares are improvement, diamonds concern, triangles a change that is neither.",
)


def board_pdf(report: PerformanceReport) -> bytes:
    """The report as a PDF/UA-1 file. The same report gives the same bytes. Raises FontsMissingError without fonts."""
    import typst

    last = calendar.monthrange(report.month.year, report.month.month)[1]
    dated = datetime.datetime(report.month.year, report.month.month, last, 12, tzinfo=datetime.UTC)
    return typst.compile(
        str(TEMPLATE), format="pdf", font_paths=[str(font_folder())], ignore_system_fonts=True,
        sys_inputs={"report": json.dumps(_content(report))}, pdf_standards=[STANDARD],
        timestamp=int(dated.timestamp()),
    )  # fmt: skip


def _content(report: PerformanceReport) -> dict[str, Any]:
    """Everything on the paper, as text and drawings."""
    return {
        "font": FONT, "title": report.title, "scope": report.scope.name, "answer": report.answer,
        "notes": list(report.notes), "footer": f"{report.scope.name}. {report.title}.",
        "overview": [_overview(aim) for aim in report.aims],
        "opened": _news(
            report.opened_title, [told for aim in report.aims for told in aim.opened],
            sum(aim.more_opened for aim in report.aims),
        ),
        "closed": _news(
            report.closed_title, [told for aim in report.aims for told in aim.closed],
            sum(aim.more_closed for aim in report.aims),
        ),
        "aims": [_aim(aim, report.columns) for aim in report.aims if aim.lines or aim.work],
        "icons": _icons(), "reading": list(READING),
        "key": [*(_key("v", name) for name in VARIATION_ICONS), *(_key("a", name) for name in ASSURANCE_ICONS if name)],
        "definitions": [_definition(each) for each in report.definitions],
    }  # fmt: skip


def _overview(aim: AimPart) -> list[str]:
    counts = [str(aim.count(verdict)) for verdict in ("concern", "improvement", "neutral", "common", "")]
    return [aim.title, *counts]


def _news(title: str, told: Sequence[Told], more: int) -> dict[str, Any]:
    shown = kept(told, TOLD_ON_COVER)
    return {"title": title, "told": [f"{each.name}, {each.place}. {each.words}".strip() for each in shown],
            "more": more_signals(more + len(told) - len(shown))}  # fmt: skip


def _aim(aim: AimPart, columns: Sequence[str]) -> dict[str, Any]:
    return {
        "title": aim.title, "summary": list(aim.summary),
        "signals": [f"{told.name}, {told.place}: {told.words}" for told in aim.signals],
        "more_signals": more_signals(aim.more_signals),
        "tables": [_matrix(aim.lines, columns, start) for start in range(0, len(columns), PLACES_ACROSS)]
        if aim.lines else [],
        "pictures": [_picture(cell) for cell in aim.pictures], "more_pictures": aim.more_pictures,
        "pictures_say": aim.pictures_say,
        "work": [f"{each.title}, {each.place}. {each.standing}" for each in aim.work],
        "doubts": list(aim.doubts), "more_doubts": aim.more_doubts, "unmeasured": list(aim.unmeasured),
    }  # fmt: skip


def _matrix(lines: Sequence[Line], columns: Sequence[str], start: int) -> dict[str, Any]:
    across = slice(start, start + PLACES_ACROSS)
    return {
        "columns": list(columns[across]),
        "rows": [
            {"name": line.name, "unit": line.unit, "cells": [_cell(cell) for cell in line.cells[across]]}
            for line in lines
        ],
    }


def _cell(cell: Cell) -> dict[str, str]:
    """A figure with its icons and words; a cell without a figure says why."""
    if not cell.has_figure:
        return {"figure": cell.figure, "why": cell.why, "v": "", "a": "", "v_word": "", "a_word": ""}
    return {
        "figure": cell.figure, "why": f"{cell.why} {cell.doubts}".strip(), "v": cell.variation, "a": cell.assurance,
        "v_word": icons.variation(cell.variation).word, "a_word": icons.assurance(cell.assurance).word,
    }  # fmt: skip


def _picture(cell: Cell) -> dict[str, str]:
    if cell.chart is None:  # a hidden chart is never among the pictures
        raise ValueError(f"The chart of {cell.definition.title} at {cell.place} must not be drawn.")
    return {"name": cell.name, "unit": cell.definition.unit, "sentence": cell.sentence, "doubts": cell.doubts,
            "svg": small_chart(cell.chart, cell.name), "alt": f"Chart of {cell.name}. {cell.sentence}"}  # fmt: skip


def _icons() -> dict[str, dict[str, str]]:
    """Every icon once: its drawing, and its title, which is its alternative text."""
    drawn = {f"v-{name}": icons.variation(name).svg for name in VARIATION_ICONS}
    drawn |= {f"a-{name}": icons.assurance(name).svg for name in ASSURANCE_ICONS if name}
    return {name: {"svg": str(svg), "alt": _title(str(svg))} for name, svg in drawn.items()}


def _title(svg: str) -> str:
    return svg.partition("<title>")[2].partition("</title>")[0]


def _key(kind: str, name: str) -> list[str]:
    made = icons.variation(name) if kind == "v" else icons.assurance(name)
    return [f"{kind}-{name}", made.word, f"{_title(str(made.svg))}."]


def _definition(definition: MeasureDefinition) -> list[str]:
    above = definition.counts or definition.title
    counted = f"{above}, out of {definition.out_of}" if definition.out_of else above
    left_out = f" Left out: {definition.leaves_out}." if definition.leaves_out else ""
    said = f"{counted[:1].upper()}{counted[1:]}.{left_out}"
    return [definition.title, said, definition.unit, DIRECTIONS[definition.improvement_direction]]
