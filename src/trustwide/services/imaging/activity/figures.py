"""What the pages of activity show: codes with what they may mean."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from trustwide.commons.organisations.models import Partnership
from trustwide.services.imaging.activity.codes import Meanings, meanings_of
from trustwide.services.imaging.activity.models import CodeMapping


@dataclass(frozen=True)
class CodeLine:
    """One local code: what was said of it or, while nobody has, what it probably means."""

    row: CodeMapping
    guess: str
    choices: tuple[tuple[str, str], ...]

    @property
    def field(self) -> str:
        """The name of its select."""
        return f"code-{self.row.pk}"

    @property
    def chosen(self) -> str:
        """What its select shows first."""
        return self.row.meaning or self.guess


def code_lines(partnership: Partnership, rows: Iterable[CodeMapping]) -> list[CodeLine]:
    """Lines for the page on which codes are mapped."""
    meanings = meanings_of(partnership)
    choices = {kind: tuple(sorted(words.items(), key=lambda pair: pair[1])) for kind, words in meanings.choices.items()}
    return [CodeLine(row, _guess(meanings, row), choices[row.kind]) for row in rows]


def _guess(meanings: Meanings, row: CodeMapping) -> str:
    return "" if row.meaning else meanings.guess(row.kind, row.local_code)
