"""The columns of the pressure table, for the page and for its exports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from trustwide.commons.measures import icons
from trustwide.services.imaging.figures import LIST, OVER_SIX, SHARE, PressureRow

Kind = Literal["text", "count", "share", "rate", "step"]
MEANS = ", with a mean of "  # how the sentence of a chart goes on where there is a mean before to compare with


@dataclass(frozen=True)
class Column:
    """One column: its key in the address, its title, how to read it from a row, and the chart behind its figure."""

    key: str
    title: str
    kind: Kind
    read: Callable[[PressureRow], Any]
    measure: str = ""

    @property
    def numeric(self) -> bool:
        """Whether it holds figures, which line up on the right."""
        return self.kind != "text"


def short_sentence(row: PressureRow) -> str:
    """What the list's signal says, shorter: "Higher than usual since May 2025: mean 898 against 612 before".

    No other difference stands beside it, so that one change has one size; without a mean before, its detail is kept.
    """
    if not row.variation_icon:
        return row.sentence
    if row.since is None:
        return "No change beyond the usual"
    first = row.sentence.partition(". ")[0].removesuffix(".")
    told, _, means = first.partition(MEANS)
    return f"{told.partition(':')[0]}: mean {means}" if means else told


def signed(value: float, places: int = 0) -> str:
    """A difference with its sign: +212, −57."""
    text = f"{abs(value):,.{places}f}"
    zero = float(text.replace(",", "")) == 0
    return text if zero else f"{'+' if value > 0 else '−'}{text}"


FIXED = (
    Column("site", "Site", "text", lambda row: row.site_name),
    Column("test", "Test", "text", lambda row: row.test_name),
    Column("month", "End of", "text", lambda row: f"{row.month:%B %Y}"),
)
CHOSEN = (
    Column("over", "Over six weeks", "count", lambda row: row.over_six_weeks, OVER_SIX),
    Column("list", "Waiting", "count", lambda row: row.waiting_list, LIST),
    Column("share", "Share over six", "share", lambda row: row.six_week_share, SHARE),
    Column("target", "1% target", "text", lambda row: icons.assurance(row.assurance_icon).word, SHARE),
    Column("change", "The list", "text", lambda row: icons.variation(row.variation_icon).word, LIST),
    Column("words", "What changed", "text", short_sentence),
    Column("moved", "Change since last month", "step", lambda row: row.since_last_month, LIST),
    Column("gap", "Gap, tests a week", "rate", lambda row: row.gap_per_week),
)
KEYS = tuple(column.key for column in CHOSEN)


def chosen(keys: tuple[str, ...]) -> tuple[Column, ...]:
    """The columns of these keys, in their usual order."""
    return tuple(column for column in CHOSEN if column.key in keys)
