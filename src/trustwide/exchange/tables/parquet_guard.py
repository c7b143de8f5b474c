"""Refuses Parquet files that are too large by their own account, or whose texts are; apart, for it is slow to load."""

from __future__ import annotations

import io

import polars as pl
import pyarrow
from pyarrow import parquet

from trustwide.exchange.tables.guard import MOST_BYTES, MOST_CELLS, TooMuchError


def check_parquet(content: bytes) -> None:
    """Raise TooMuchError for a Parquet file that is too large by its own account, or cannot be read."""
    try:
        about = parquet.read_metadata(io.BytesIO(content))
    except (pyarrow.ArrowException, OSError) as error:
        raise TooMuchError("this is not a readable Parquet file; write it again.") from error
    rows, columns = about.num_rows, about.num_columns
    size = sum(about.row_group(group).total_byte_size for group in range(about.num_row_groups))
    if rows * columns > MOST_CELLS or size > MOST_BYTES:
        raise TooMuchError(
            f"it has {rows:,} rows of {columns} columns in {size / 1_000_000:,.0f} MB, and up to "
            f"{MOST_CELLS // 1_000_000} million cells in {MOST_BYTES // 1_000_000} MB are read; divide it into files "
            "with fewer rows."
        )


def check_texts(table: pl.DataFrame) -> None:
    """Raise TooMuchError for a table whose texts, written out, are too much; Parquet keeps repeats once."""
    sizes = table.select(pl.col(pl.String).str.len_bytes().cast(pl.Int64).sum())
    if sizes.width and sum(size or 0 for size in sizes.row(0)) > MOST_BYTES:
        raise TooMuchError(
            f"its texts come to more than {MOST_BYTES // 1_000_000} MB; divide it into files with fewer rows."
        )
