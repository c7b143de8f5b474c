"""A lake: the rows of the logical tables as Parquet files in a folder, one for each table and month.

    LAKE/manifest.json                          what is published: columns, and rows and digest of each month
    LAKE/imaging_exams/month=2026-03/rows.parquet
    LAKE/.lock, LAKE/.staging/                  of a publication that runs, or was killed

Table folders hold nothing but whole Parquet files, each with every column, so that DuckDB, Polars and Spark read them
without the manifest too.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trustwide.commons.measures.definition import logical_table
from trustwide.commons.measures.passes import in_order

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

FILE = "rows.parquet"
MANIFEST, LOCK, STAGING = "manifest.json", ".lock", ".staging"
# the same rows give the same bytes: no file holds a time or a name, and each setting that shapes it is fixed here
WRITER: dict[str, Any] = {
    "compression": "zstd", "compression_level": 3, "row_group_size": 1 << 17, "version": "2.6", "store_schema": False,
}  # fmt: skip


class LakeError(RuntimeError):
    """A sentence: why a lake cannot be written or read, and the cure."""


@dataclass(frozen=True)
class Month:
    """What the manifest says of one file: its number of rows, and the SHA-256 of its bytes."""

    rows: int
    digest: str


@dataclass(frozen=True)
class Table:
    """What the manifest says of one logical table: the Ibis types of its columns, and its months by name (YYYY-MM)."""

    columns: Mapping[str, str]
    months: Mapping[str, Month]

    @property
    def rows(self) -> int:
        return sum(month.rows for month in self.months.values())


@dataclass(frozen=True)
class Published:
    """What a publication of one table did: rows it holds, and months written, removed and left as they were."""

    table: str
    rows: int
    written: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int


def file_of(folder: Path, table: str, month: str) -> Path:
    """The file of a table's month; readers of Hive partitions see a column `month` besides those in it."""
    return folder / table / f"month={month}" / FILE


def publish(tables: Collection[str], folder: Path) -> list[Published]:
    """Bring the files of `tables` in step with the operational rows; only months that differ are written.

    Files that differ are written beside and then renamed into place; the manifest follows last. If that is cut off at
    any point, every file is still whole, and the next publication finishes the work. Raises LakeError where another
    one runs or rows have no period, and OSError where the folder cannot be written.
    """
    with _alone_in(folder):
        shutil.rmtree(folder / STAGING, ignore_errors=True)  # of one that was killed
        try:
            return [_publish(name, folder) for name in tables]
        finally:
            shutil.rmtree(folder / STAGING, ignore_errors=True)


def _publish(name: str, folder: Path) -> Published:
    table = logical_table(name)
    rows = in_order(table.rows(None), table.columns)
    months: dict[str, Month] = {}
    staged: dict[str, Path] = {}
    for month, of_month in _by_month(name, rows):
        data = parquet(of_month)
        months[month] = Month(of_month.height, hashlib.sha256(data).hexdigest())
        if _digest(file_of(folder, name, month)) != months[month].digest:
            staged[month] = file_of(folder / STAGING, name, month)
            _write(staged[month], data)
    removed = sorted(set(_months_there(folder, name)) - set(months))
    for month, path in staged.items():
        kept = file_of(folder, name, month)
        kept.parent.mkdir(parents=True, exist_ok=True)
        path.replace(kept)
    for month in removed:
        shutil.rmtree(file_of(folder, name, month).parent)
    write_manifest(folder, {**manifest(folder), name: Table(table.columns, months)})
    return Published(name, rows.height, tuple(staged), tuple(removed), len(months) - len(staged))


def _by_month(name: str, rows: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    import polars as pl

    if lost := rows["period"].null_count():
        raise LakeError(
            f"{lost:,} rows of {name} have no period, so they belong to no month and nothing of {name} was published; "
            "put their dates right where they were recorded, then publish again."
        )
    # rows come by period, so that each month is one stretch of them
    counted = rows.group_by(pl.col("period").dt.strftime("%Y-%m"), maintain_order=True).len()
    start = 0
    for month, length in counted.iter_rows():
        yield month, rows.slice(start, length)
        start += length


def parquet(rows: pl.DataFrame | pa.Table) -> bytes:
    """Rows as the bytes of a Parquet file, always the same ones."""
    import polars as pl
    import pyarrow as pa
    import pyarrow.parquet as pq

    target = pa.BufferOutputStream()
    table = rows.to_arrow(compat_level=pl.CompatLevel.oldest()) if isinstance(rows, pl.DataFrame) else rows
    pq.write_table(table, target, **WRITER)
    return bytes(target.getvalue())


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _digest(path: Path) -> str | None:
    """Of the file itself: what the manifest says of it may come from before a publication that was killed."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _months_there(folder: Path, name: str) -> list[str]:
    return [path.name.removeprefix("month=") for path in (folder / name).glob("month=*")]


def write_manifest(folder: Path, tables: Mapping[str, Table]) -> None:
    """Replace the manifest, unless it says so already."""
    told = {"tables": {name: asdict(table) for name, table in tables.items()}}
    data = (json.dumps(told, indent=1, sort_keys=True) + "\n").encode()
    path = folder / MANIFEST
    if path.is_file() and path.read_bytes() == data:
        return
    draft = folder / STAGING / MANIFEST
    _write(draft, data)
    draft.replace(path)


def manifest(folder: Path) -> dict[str, Table]:
    """The tables that are published, by name; none where nothing is. Raises LakeError where it cannot be read."""
    path = folder / MANIFEST
    if not path.is_file():
        return {}
    try:
        return {
            name: Table(
                dict(table["columns"]),
                {month: Month(**said) for month, said in sorted(table["months"].items())},
            )
            for name, table in json.loads(path.read_text(encoding="utf-8"))["tables"].items()
        }
    except (ValueError, TypeError, KeyError, AttributeError):
        raise LakeError(
            f"{path} is no manifest of this program; take it away and run trustwide lake publish."
        ) from None


def published(folder: Path, name: str) -> Table:
    """What is published of a logical table. Raises LakeError where it is not, or not as this program expects it."""
    found = manifest(folder).get(name)
    if found is None:
        raise LakeError(f"{name} is not published in {folder}; run trustwide lake publish {name}.")
    if found.columns != dict(logical_table(name).columns):
        raise LakeError(
            f"{name} was published in {folder} with other columns than this version of the program has; run "
            f"trustwide lake publish {name}."
        )
    return found


def amiss(folder: Path, name: str, table: Table) -> Sequence[str]:
    """Months whose files are not what the manifest says: a publication was cut off, or somebody changed them."""
    there = set(_months_there(folder, name))
    differ = {month for month, said in table.months.items() if _digest(file_of(folder, name, month)) != said.digest}
    return sorted(differ | (there - set(table.months)))


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Hold the lake's lock; the system gives it back if this process is killed."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LakeError(
                f"Another publication to {folder} is running; wait until it is done, then run this again."
            ) from None
        yield
