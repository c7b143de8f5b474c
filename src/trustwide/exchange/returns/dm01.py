"""Reads the monthly diagnostics return (DM01) in both layouts that are published.

One layout has `Reporting Period`, `Diagnostic ID` and lookup tables beside it; the other is NHS England's own, by
provider or by provider and commissioner. Columns are known by name, so their order and what stands above do not matter.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from trustwide.exchange.returns.checks import KEY, check_repeats, check_sums, read_values
from trustwide.exchange.returns.columns import COMMISSIONER_COLUMNS, COUNTS, TEST_COLUMNS, find_columns, recognised
from trustwide.exchange.returns.exceptions import Dm01FormatError
from trustwide.exchange.returns.meanings import is_total, tidy_name
from trustwide.exchange.tables.rejects import Faults, Reject
from trustwide.exchange.tables.sheets import Layout, Sheet, open_sheet

COLUMNS = ("provider_code", "provider_name", "test", "month", *COUNTS, "source_row")
LAYOUT = Layout(
    what="a DM01 return",
    expected='expected a header row with "Period" or "Reporting Period", a provider code, a test and waiting bands',
    below="one row for each provider and test",
    extensions=(".csv", ".xlsx", ".xls"),
    columns=6,
    recognised=recognised,
    error=Dm01FormatError,
)


@dataclass(frozen=True)
class Dm01File:
    """What one file holds.

    frame: one good row for each provider, test and month, with COLUMNS (`month` is its first day).
    rejects: every fault. rejected: the faulty rows as they stand in the file, with `source_row`.
    notices: what was summed or left out, in sentences.
    """

    name: str
    frame: pl.DataFrame
    rejects: tuple[Reject, ...]
    rejected: pl.DataFrame
    notices: tuple[str, ...]

    @property
    def rejected_rows(self) -> int:
        """How many rows of the file were left out because of a fault."""
        return self.rejected.height


def read(path: Path | str, *, today: datetime.date | None = None) -> Dm01File:
    """Read and check a .csv, .xlsx or .xls file. Raises Dm01FormatError when it is no DM01 return at all."""
    path = Path(path)
    sheet = open_sheet(path, LAYOUT)
    columns = find_columns(sheet.header, path.name)
    faults = Faults(path.name, {name: sheet.header[position] for name, position in columns.items()})
    notices: list[str] = []
    text = _without_totals(_named(sheet, columns), path.name, notices)
    frame = read_values(text, faults, today or datetime.date.today())  # noqa: DTZ011
    frame = check_repeats(check_sums(frame, faults), faults)
    if any(column in frame.columns for column in COMMISSIONER_COLUMNS):
        frame = _summed(_whole_providers(frame, text, faults), path.name, notices)
    frame = _with_names(frame, path).select(COLUMNS).sort(KEY)
    rejected = sheet.as_in_file().filter(pl.col("source_row").is_in(sorted(faults.rows)))
    rejects = tuple(sorted(faults.rejects, key=lambda reject: reject.row))
    return Dm01File(path.name, frame, rejects, rejected, tuple(notices))


def _named(sheet: Sheet, columns: dict[str, int]) -> pl.DataFrame:
    named = [pl.col(str(position)).alias(name) for name, position in columns.items()]
    return sheet.rows.select("source_row", *named, pl.col(str(len(sheet.header))).alias("beyond"))


def _without_totals(frame: pl.DataFrame, file: str, notices: list[str]) -> pl.DataFrame:
    for columns, what in (
        (TEST_COLUMNS[1:], "total over all tests"),
        (("provider_name", "provider_code"), "total for England"),
    ):
        for column in (name for name in columns if name in frame.columns):
            totals = [value for value in frame[column].unique().drop_nulls() if is_total(value)]
            kept = frame.filter(~pl.col(column).is_in(totals).fill_null(False))
            if kept.height < frame.height:
                notices.append(f"{file}: rows left out because they are a {what}: {frame.height - kept.height:,}.")
            frame = kept
    return frame


def _whole_providers(frame: pl.DataFrame, text: pl.DataFrame, faults: Faults) -> pl.DataFrame:
    """Without providers of which a commissioner's row is faulty: their sum would look complete and be too small."""
    key = ["period", "provider_code", next(column for column in TEST_COLUMNS if column in frame.columns)]
    upper = text.with_columns(pl.col("provider_code").str.to_uppercase())
    broken = upper.filter(pl.col("source_row").is_in(sorted(faults.rows))).select(key).unique()
    partial = frame.join(broken, on=key, how="semi")
    wanted = "every commissioner's row of this provider, test and month to be right; another one is not"
    faults.add(partial, "provider_code", found="provider_code", expected=wanted)
    return frame.join(broken, on=key, how="anti")


def _summed(frame: pl.DataFrame, file: str, notices: list[str]) -> pl.DataFrame:
    first = [pl.col("source_row").min()]
    if "provider_name" in frame.columns:
        first.append(pl.col("provider_name").first())
    summed = frame.group_by(KEY, maintain_order=True).agg(pl.col(COUNTS).sum(), *first)
    if summed.height < frame.height:
        notices.append(f"{file}: {frame.height:,} rows by commissioner were added up to {summed.height:,} by provider.")
    return summed


def _with_names(frame: pl.DataFrame, path: Path) -> pl.DataFrame:
    """Each provider's name: from the file, else from the lookup table beside it, else its code."""
    if "provider_name" not in frame.columns:
        lookup = _lookup(path.parent / "dim_provider.csv")
        frame = frame.join(lookup, on="provider_code", how="left")
    names = frame["provider_name"].unique().drop_nulls().to_list()
    tidy = pl.col("provider_name").replace_strict(names, [tidy_name(name) for name in names], default=None)
    return frame.with_columns(tidy.fill_null(pl.col("provider_code")).alias("provider_name"))


def _lookup(path: Path) -> pl.DataFrame:
    schema = {"provider_code": pl.String, "provider_name": pl.String}
    if not path.is_file():
        return pl.DataFrame(schema=schema)
    table = pl.read_csv(path, infer_schema=False, truncate_ragged_lines=True)
    if not {"Provider Code", "Provider Name"} <= set(table.columns):
        return pl.DataFrame(schema=schema)
    named = table.select(
        pl.col("Provider Code").str.strip_chars().str.to_uppercase().alias("provider_code"),
        pl.col("Provider Name").str.strip_chars().alias("provider_name"),
    )
    return named.drop_nulls().unique("provider_code", keep="first")
