"""Writes the rows that were left out, with the reason, in a file that can be corrected and imported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from trustwide.exchange.returns.dm01 import Dm01File

REASON = "reason"


def rejects_path(source: Path) -> Path:
    """Where the rejects of `source` go unless somebody says otherwise: beside it."""
    return source.with_name(f"{source.name}.rejects.csv")


def write_rejects(files: Sequence[Dm01File], path: Path) -> None:
    """The rejected rows of `files` with their own columns, and one more that says what is wrong with each."""
    tables = [_with_reasons(file) for file in files if file.rejected_rows]
    pl.concat(tables, how="diagonal").write_csv(path, include_bom=True)


def _with_reasons(file: Dm01File) -> pl.DataFrame:
    reasons: dict[int, list[str]] = defaultdict(list)
    for reject in file.rejects:
        reasons[reject.row].append(reject.sentence)
    text = [" ".join(reasons[row]) for row in file.rejected["source_row"]]
    return file.rejected.drop("source_row").with_columns(pl.Series(REASON, text, dtype=pl.String))
