"""What is wrong with the rows of a table, and the file of rows left out, which can be corrected and imported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import polars as pl

REASON = "reason"


@dataclass(frozen=True)
class Reject:
    """One fault: in which file, in which row of the spreadsheet, in which column, and the sentence that says so."""

    file: str
    row: int
    column: str
    value: str
    expected: str

    @property
    def sentence(self) -> str:
        found = f'"{self.value}"' if self.value else "nothing"
        return f'{self.file}, row {self.row}, column "{self.column}": found {found}, expected {self.expected}.'


@dataclass
class Faults:
    """Collects what the checks find. `titles` gives a column's name as it stands in the file."""

    file: str
    titles: dict[str, str]
    rejects: list[Reject] = field(default_factory=list)

    def add(self, bad: pl.DataFrame, column: str, *, found: str, expected: str | pl.Expr) -> None:
        """A fault for each row of `bad`; `found` is the column holding the faulty value."""
        wanted = pl.lit(expected) if isinstance(expected, str) else expected
        title = self.titles.get(column, column)
        rows = bad.select(
            "source_row", pl.col(found).cast(pl.String).fill_null("").alias("found"), wanted.alias("want")
        )
        self.rejects += [Reject(self.file, row, title, value, want) for row, value, want in rows.iter_rows()]

    @property
    def rows(self) -> set[int]:
        return {reject.row for reject in self.rejects}


class Read(Protocol):
    """A file that was read: its faults, and the faulty rows as they stand in it, with `source_row`."""

    @property
    def rejects(self) -> tuple[Reject, ...]: ...
    @property
    def rejected(self) -> pl.DataFrame: ...


def rejects_path(source: Path) -> Path:
    """Where the rejects of `source` go unless somebody says otherwise: beside it."""
    return source.with_name(f"{source.name}.rejects.csv")


def write_rejects(files: Sequence[Read], path: Path) -> None:
    """The rejected rows of `files` with their own columns, and one more that says what is wrong with each."""
    tables = [_with_reasons(file) for file in files if file.rejected.height]
    pl.concat(tables, how="diagonal").write_csv(path, include_bom=True)


def _with_reasons(file: Read) -> pl.DataFrame:
    reasons: dict[int, list[str]] = defaultdict(list)
    for reject in file.rejects:
        reasons[reject.row].append(reject.sentence)
    text = [" ".join(reasons[row]) for row in file.rejected["source_row"]]
    kept = file.rejected.drop("source_row", *({REASON} & set(file.rejected.columns)))
    return kept.with_columns(pl.Series(REASON, text, dtype=pl.String))
