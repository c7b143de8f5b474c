"""What a report holds: frozen, assembled once, and shown by page, PDF and workbook alike."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field

from trustwide.analysis import spc
from trustwide.commons.measures.definition import MeasureDefinition, logical_table
from trustwide.commons.measures.figures import scale
from trustwide.commons.measures.performance.links import Work
from trustwide.commons.measures.performance.scope import Scope
from trustwide.commons.nhsuk.formats import day, month, thousands

SUPPRESSED = "Suppressed"
SHOWN_MONTHS = 24  # of figures behind each cell


@dataclass(frozen=True)
class Row:
    """One period behind a cell, in the measure's unit. `suppressed`: there is a figure, and it is not shown."""

    period: datetime.date
    numerator: float | None
    denominator: float | None
    value: float | None
    mean: float | None
    lower_limit: float | None
    upper_limit: float | None
    reading: str
    suppressed: bool = False


@dataclass(frozen=True, eq=False)
class Cell:
    """One measure at one place, or at all places together (`place_code` is then empty), as it stood in the month.

    `value` is as observations keep it; it is None where `suppressed`, and where there is none: `why` then says so.
    `period` may be up to two months before the report's. An empty `variation` is a series that cannot be judged.
    `breakdown` names the one chart behind the cell; None where several are added up. `chart` is there where its
    picture may be shown, with all its periods; `rows` are the newest periods, newest first. `doubts` says shortly what
    to doubt in a chart that shows a change. `left_out`: it is not judged, since its newest figure is left out of it.
    """

    definition: MeasureDefinition
    place: str
    place_code: str
    breakdown: str | None
    period: datetime.date | None
    numerator: float | None
    denominator: float | None
    value: float | None
    suppressed: bool
    variation: str
    assurance: str
    sentence: str
    why: str
    rank: float
    chart: spc.Chart | None = field(repr=False)
    rows: tuple[Row, ...] = field(repr=False)
    doubts: str = ""
    left_out: bool = False

    @property
    def name(self) -> str:
        """What it measures, and where."""
        return f"{self.definition.title}, {self.place}"

    @property
    def figure(self) -> str:
        """The value as people read it, for example 12.3% or 4,310; a word where it is not shown, or there is none."""
        if self.suppressed:
            return SUPPRESSED
        if self.value is None:
            return "No figure"
        text = thousands(self.value * scale(self.definition), places(self.definition))
        return f"{text}%" if self.definition.unit == "%" else text

    @property
    def has_figure(self) -> bool:
        """Whether there is a figure for the month, shown or not."""
        return self.suppressed or self.value is not None

    @property
    def verdict(self) -> str:
        """improvement, concern, neutral or common; empty where the series is not judged."""
        return self.variation.partition("_")[0]

    @property
    def shows_change(self) -> bool:
        """Whether it is judged to be other than usual."""
        return self.verdict not in ("", "common")


@dataclass(frozen=True, eq=False)
class Line:
    """One measure, or one breakdown of it, at every place of the scope, and last at all of them together."""

    definition: MeasureDefinition
    name: str
    breakdown: str | None
    cells: tuple[Cell, ...]

    @property
    def unit(self) -> str:
        """What its figures are in, with the target where there is one: "%, target 1%"."""
        unit, target = self.definition.unit, self.definition.target
        if target is None:
            return unit
        text = thousands(target * scale(self.definition), places(self.definition))
        return f"{unit}, target {text}{'%' if unit == '%' else ''}"


@dataclass(frozen=True)
class Told:
    """A signal in words: which measure and breakdown, where, what its chart says, and its number.

    `standing` is what people do about it, or why it closed, in sentences; empty where nothing is done. `doubts` says
    shortly what to doubt in what its chart judges.
    """

    signal_id: int
    name: str
    place: str
    verdict: str
    sentence: str
    rank: float
    standing: str
    doubts: str = ""

    @property
    def words(self) -> str:
        """Everything that is said of it."""
        return " ".join(each for each in (self.sentence, self.standing, self.doubts) if each)


@dataclass(frozen=True, eq=False)
class AimPart:
    """Everything about one strategic aim. `summary` are sentences; `pictures` are cells whose charts show concern.

    `unmeasured` names measures of the aim without a figure; `doubts` are sentences about the data. Signals that are
    not listed (`more_…`) are never concerns.
    """

    code: str
    title: str
    lines: tuple[Line, ...]
    summary: tuple[str, ...]
    signals: tuple[Told, ...]
    more_signals: int
    opened: tuple[Told, ...]
    more_opened: int
    closed: tuple[Told, ...]
    more_closed: int
    work: tuple[Work, ...]
    doubts: tuple[str, ...]
    more_doubts: int
    pictures: tuple[Cell, ...]
    more_pictures: int
    pictures_say: str
    unmeasured: tuple[str, ...]

    def count(self, verdict: str) -> int:
        """How many charts of single places read so."""
        return sum(cell.verdict == verdict for cell in self.cells() if cell.place_code and cell.has_figure)

    def cells(self) -> Iterator[Cell]:
        """All of them, line after line."""
        return (cell for line in self.lines for cell in line.cells)


@dataclass(frozen=True, eq=False)
class PerformanceReport:
    """One month of one scope. `answer` is the first line; `notes` say what to know before reading on."""

    scope: Scope
    month: datetime.date
    answer: str
    aims: tuple[AimPart, ...]
    notes: tuple[str, ...]

    @property
    def title(self) -> str:
        """What the report is called, by itself."""
        return f"Performance report, {month(self.month)}"

    @property
    def opened_title(self) -> str:
        """What stands over its new signals: a signal opens and closes on the figures of a month, on whatever day."""
        return f"New on the figures of {month(self.month)}"

    @property
    def closed_title(self) -> str:
        """The same of those that closed."""
        return f"Closed on the figures of {month(self.month)}"

    def file_name(self, suffix: str) -> str:
        """What it is called as a file."""
        return f"performance-{self.scope.code}-{self.month:%Y-%m}.{suffix}"

    @property
    def columns(self) -> tuple[str, ...]:
        """The places, and last the name of all of them together."""
        together = (self.scope.together,) if self.scope.together else ()
        return (*(site.short_name for site in self.scope.sites), *together)

    @property
    def definitions(self) -> tuple[MeasureDefinition, ...]:
        """The measures shown, in the order of the report."""
        return tuple(line.definition for aim in self.aims for line in aim.lines)


def places(definition: MeasureDefinition) -> int:
    """Decimal places that suit the unit: counts of people are whole."""
    return 0 if definition.denominator is None else 1


def when(definition: MeasureDefinition, period: datetime.date) -> str:
    """A period as people call it: March 2026, or 3 March 2026."""
    return month(period) if logical_table(definition.table).cadence == "month" else day(period)
