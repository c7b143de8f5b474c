"""The columns of the list of signals, for the page and for its files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from trustwide.commons.measures.icons import VARIATION_WORDS
from trustwide.commons.measures.signals import words
from trustwide.commons.measures.signals.figures import SignalRow

Kind = Literal["text", "count", "month"]


@dataclass(frozen=True)
class Column:
    """One column: its key in the address, its title, and how to read it from a row. In files figures are figures."""

    key: str
    title: str
    kind: Kind
    read: Callable[[SignalRow], Any]

    @property
    def numeric(self) -> bool:
        """Whether it holds figures, which line up on the right."""
        return self.kind == "count"


FIXED = (
    Column("what", "What", "text", lambda row: row.name),
    Column("site", "Site", "text", lambda row: row.signal.site.short_name),
)
CHOSEN = (
    Column("verdict", "Kind", "text", lambda row: VARIATION_WORDS[row.signal.verdict]),
    Column("sentence", "What changed", "text", lambda row: row.signal.sentence),
    Column("since", "Since", "month", lambda row: row.signal.since),
    Column("size", "Size", "text", words.size),
    Column("people", "People", "count", lambda row: row.signal.people or None),
    Column("aim", "Aim", "text", lambda row: row.aim),
    Column("opened", "First seen", "month", lambda row: row.signal.opened),
    Column("state", "State", "text", words.standing),
    Column("owner", "Assigned to", "text", lambda row: str(row.signal.assigned_to or "")),
)
KEYS = tuple(column.key for column in CHOSEN)
USUAL = ("verdict", "sentence", "since", "size", "people", "owner")


def chosen(keys: tuple[str, ...]) -> tuple[Column, ...]:
    """The columns of these keys, in their usual order."""
    return tuple(column for column in CHOSEN if column.key in keys)
