"""What the page "Where does the time go?" shows."""

from __future__ import annotations

from dataclasses import dataclass

from trustwide.commons.measures.definition import MeasureDefinition, measure
from trustwide.services.imaging.lean import figures, names, words
from trustwide.services.imaging.lean.behind import people
from trustwide.services.imaging.lean.figures import Asked, Spread, Value
from trustwide.services.imaging.lean.names import EXAMS, REQUESTS
from trustwide.services.imaging.lean.process_map import ProcessMap, Time, process_map

CODES = (
    names.WAIT_DAYS, names.DOOR_TO_DOOR, names.CHANGEOVER, names.UTILISATION, names.FILLED, names.TAKT,
    names.FIRST_TIME, names.RIGHT_THROUGH, names.MISSED, names.SHORT_NOTICE, names.REPORT_HOURS, names.REPORT_IN_TIME,
    names.VALUE_ADDING,
)  # fmt: skip
# measures of which single times are known, and their column
_SPREAD_OF = {
    names.WAIT_DAYS: "wait_days", names.DOOR_TO_DOOR: "door_to_door", names.REPORT_HOURS: "report_hours",
}  # fmt: skip
BAR = 1000  # units the bar of the lead time is wide
_LEAST = 2


@dataclass(frozen=True)
class Row:
    """One measure: its value over all the sites, its spread where single times are known, and its value by site id."""

    definition: MeasureDefinition
    whole: str
    spread: Spread | None
    by_site: dict[int, str]

    @property
    def unit(self) -> str:
        """The unit where the value does not carry it."""
        return "" if self.definition.unit == "%" else self.definition.unit


@dataclass(frozen=True)
class Piece:
    """A part of the bar of the lead time: where it begins and how wide it is, of `BAR`."""

    time: Time
    x: float
    width: float


@dataclass(frozen=True)
class LeanPage:
    """Everything the page shows. all_rows: whether the person may see the exams behind it."""

    asked: Asked
    way: ProcessMap
    rows: tuple[Row, ...]
    pieces: tuple[Piece, ...]
    all_rows: bool

    @property
    def enough(self) -> bool:
        """Whether times may be told: of few exams only to those who may see them."""
        return self.all_rows or self.way.exams >= words.SMALL

    @property
    def site_heads(self) -> list[dict[str, object]]:
        """Heads of the columns of sites."""
        return [{"text": site.short_name, "numeric": True} for site in self.asked.sites]

    @property
    def answer(self) -> str:
        """The first line."""
        if not self.enough and self.way.exams:
            return f"Fewer than {words.SMALL} exams were scanned in this time, too few to show."
        return words.answer(self.way)


def lean_page(asked: Asked, *, all_rows: bool) -> LeanPage:
    """The page for what is asked; queries do not grow with rows or sites."""
    rows = figures.read(asked)
    found = figures.values(rows, CODES)
    spreads = {code: _spread(code, rows) for code in _SPREAD_OF}
    spreads[names.CHANGEOVER] = figures.spread(rows[figures.GAPS]["changeover"])
    way = process_map(rows[REQUESTS], fewest=1 if all_rows else words.SMALL)
    counts = {code: people(code, rows) for code in CODES}
    return LeanPage(
        asked, way, tuple(_row(code, found[code], counts[code], spreads.get(code), all_rows) for code in CODES),
        _pieces(way), all_rows,
    )  # fmt: skip


def _spread(code: str, rows: figures.Rows) -> Spread:
    table = REQUESTS if measure(code).table == REQUESTS else EXAMS
    return figures.spread(rows[table][_SPREAD_OF[code]])


def _row(
    code: str, found: dict[int, Value], counts: dict[int, int], spread: Spread | None, all_rows: bool
) -> Row:  # fmt: skip
    told = {site: words.shown(code, value, counts.get(site, 0), all_rows=all_rows) for site, value in found.items()}
    whole = told.pop(0)
    hidden = spread is not None and not all_rows and spread.count < words.SMALL
    return Row(measure(code), whole, None if hidden else spread, told)


def _pieces(way: ProcessMap) -> tuple[Piece, ...]:
    """Widths in proportion, but wide enough to be seen."""
    widths = [max(_LEAST, BAR * time.share) for time in way.times]
    factor = BAR / sum(widths) if widths else 1.0
    pieces, x = [], 0.0
    for time, width in zip(way.times, widths, strict=True):
        pieces.append(Piece(time, x, width * factor))
        x += width * factor
    return tuple(pieces)
