"""Reads a request-level extract of a radiology system: a row for each exam, times checked, faults as sentences."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from trustwide.exchange.activity.checks import check_days, check_order, check_present, without_far_dues
from trustwide.exchange.activity.columns import (
    FIELDS,
    TIME_OF,
    TIMES,
    guess_columns,
    positions,
    recognised,
)
from trustwide.exchange.activity.exceptions import ActivityFormatError
from trustwide.exchange.activity.times import (
    EXPECTED,
    NO_SUCH_HOUR,
    came_twice,
    has_zone,
    instant,
    london_day,
    wall_clock,
    with_time,
)
from trustwide.exchange.tables.rejects import Faults, Reject
from trustwide.exchange.tables.sheets import LONDON, Layout, Sheet, open_sheet

TEXTS = tuple(f.name for f in FIELDS if f.name not in {*TIMES, "due", "date_of_birth", "age", "sex"})
COLUMNS = (*TEXTS, *TIMES, "due", "born_on", "age", "sex", "source_row")
EXPECTED_HEADER = (
    "expected a header row with a patient identifier, an accession number, an exam code and the date requested"
)
_CODES = r"^[^\s;,|]+(\s*[;,|]\s*[^\s;,|]+)+$"  # codes hold no space; in a description a comma divides nothing


@dataclass(frozen=True)
class ActivityFile:
    """What one extract holds.

    frame: one good row for each exam, with COLUMNS; times are instants in UTC. rejects: every fault. sheet: the file
    as it stands. columns: which header was taken for which of our columns. notices: what was assumed, in sentences.
    in_doubt: accessions of which a row is rejected, so that `frame` may lack an exam of theirs.
    """

    name: str
    frame: pl.DataFrame
    rejects: tuple[Reject, ...]
    sheet: Sheet
    columns: dict[str, str]
    notices: tuple[str, ...]
    in_doubt: frozenset[str] = frozenset()

    @property
    def rows(self) -> int:
        """Rows of the file that are not blank."""
        return self.sheet.rows.height

    @property
    def rejected(self) -> pl.DataFrame:
        """The faulty rows as they stand in the file, with `source_row`."""
        return self.rows_as_in_file({reject.row for reject in self.rejects})

    def rows_as_in_file(self, numbers: set[int]) -> pl.DataFrame:
        """Some rows as they stand in the file, with `source_row`."""
        return self.sheet.as_in_file().filter(pl.col("source_row").is_in(sorted(numbers)))


def layout(columns: Mapping[str, str] | None) -> Layout:
    """What an extract looks like; where its columns were named, those headers make the header row."""
    named = set((columns or {}).values())
    count = (lambda cells: len(named & {cell.strip() for cell in cells})) if named else recognised
    return Layout(
        what="an extract of a radiology system", expected=EXPECTED_HEADER, below="one row for each exam",
        extensions=(".csv", ".xlsx", ".xls", ".parquet"), recognised=count,
        columns=max(2, len(named) // 2) if named else 4,
        error=ActivityFormatError, quotes=False,
    )  # fmt: skip


def header_of(path: Path) -> tuple[str, ...]:
    """The header of a file, to be mapped. Raises ActivityFormatError where no row looks like one."""
    loose = layout(None)
    return open_sheet(path, Layout(**{**loose.__dict__, "columns": 2})).header


def read(
    path: Path | str,
    *,
    columns: Mapping[str, str] | None = None,
    day_first: bool = True,
    today: datetime.date | None = None,
) -> ActivityFile:
    """Read and check a .csv, .xlsx, .xls or .parquet file. `columns`: our names -> headers, guessed if not given.

    Raises ActivityFormatError when it is no extract, or a needed column is not known.
    """
    path = Path(path)
    sheet = open_sheet(path, layout(columns))
    chosen = {name: header for name, header in (columns or guess_columns(sheet.header)).items() if header}
    places = positions(chosen, sheet.header, path.name)
    faults = Faults(path.name, chosen)
    notices: list[str] = []
    frame = _named(sheet, places)
    frame = _without_repeats(frame, path.name, notices)
    check_present(frame, faults)
    frame = _with_times(frame, faults, notices, day_first=day_first)
    frame = _with_people(frame, faults, day_first=day_first)
    today = today or datetime.datetime.now(ZoneInfo(LONDON)).date()
    frame = without_far_dues(frame, today, path.name, notices)
    check_days(frame, faults, today)
    check_order(frame, faults)
    good = frame.filter(~pl.col("source_row").is_in(sorted(faults.rows)))
    rejects = tuple(sorted(faults.rejects, key=lambda reject: reject.row))
    in_doubt = frozenset(frame.filter(pl.col("source_row").is_in(sorted(faults.rows)))["accession"].drop_nulls())
    exams = _one_row_an_exam(good).select(COLUMNS)
    return ActivityFile(path.name, exams, rejects, sheet, chosen, tuple(notices), in_doubt)


def _named(sheet: Sheet, places: dict[str, int]) -> pl.DataFrame:
    """Our columns as text; where date and time stand in two columns they are put together."""
    cell = {name: pl.col(str(place)) for name, place in places.items()}
    for name, of in TIME_OF.items():
        if name in cell and of in cell:
            cell[of] = with_time(cell[of], cell.pop(name))
    texts = {field.name: cell.get(field.name, pl.lit(None, pl.String)) for field in FIELDS}
    texts |= {name: cell.get(name, pl.lit(None, pl.String)) for name in TIMES}
    return sheet.rows.select("source_row", *(value.alias(name) for name, value in texts.items()))


def _without_repeats(frame: pl.DataFrame, file: str, notices: list[str]) -> pl.DataFrame:
    once = frame.unique(pl.exclude("source_row"), keep="first", maintain_order=True)
    if again := frame.height - once.height:
        notices.append(f"{file}: rows that repeat another in every column, taken once: {again:,}.")
    return once


def _with_times(frame: pl.DataFrame, faults: Faults, notices: list[str], *, day_first: bool) -> pl.DataFrame:
    twice = 0
    for name in TIMES:
        if frame[name].null_count() == frame.height:
            frame = frame.with_columns(pl.lit(None, pl.Datetime("us", "UTC")).alias(name))
            continue
        read_ = frame.with_columns(wall_clock(pl.col(name), day_first=day_first).alias("naive"))
        twice_on_clock = came_twice(pl.col("naive")) & ~has_zone(pl.col(name))
        read_ = read_.with_columns(
            instant(pl.col(name), day_first=day_first).alias("instant"), twice_on_clock.alias("twice")
        )
        written = pl.col(name).is_not_null()
        faults.add(read_.filter(written & pl.col("naive").is_null()), name, found=name, expected=EXPECTED)
        gone = read_.filter(pl.col("naive").is_not_null() & pl.col("instant").is_null())
        faults.add(gone, name, found=name, expected=NO_SUCH_HOUR)
        twice += int(read_["twice"].sum())
        frame = read_.with_columns(pl.col("instant").alias(name)).drop("naive", "instant", "twice")
    if twice:
        what = "times in the hour that came twice when the clocks went back, taken as the first"
        notices.append(f"{faults.file}: {what}: {twice:,}.")
    return frame


def _with_people(frame: pl.DataFrame, faults: Faults, *, day_first: bool) -> pl.DataFrame:
    """Due dates, dates of birth, ages and sex. A date of birth that cannot be read is left out, and rejects nothing."""
    due = london_day(pl.col("due"), day_first=day_first)
    born = london_day(pl.col("date_of_birth"), day_first=day_first)
    read_ = frame.with_columns(due.alias("due_on"), born.alias("born_on"))
    faults.add(
        read_.filter(pl.col("due").is_not_null() & pl.col("due_on").is_null()), "due", found="due", expected=EXPECTED
    )
    letter = pl.col("sex").str.slice(0, 1).str.to_uppercase()
    sexes = {"F": "F", "M": "M", "2": "F", "1": "M"}  # NHS Data Dictionary, PERSON STATED GENDER CODE: 1 male, 2 female
    return read_.with_columns(
        pl.col("due_on").alias("due"),
        pl.col("age").str.extract(r"^(\d{1,3})").cast(pl.Int64, strict=False).alias("age"),
        letter.replace_strict(sexes, default="U", return_dtype=pl.String).fill_null("U").alias("sex"),
    )


def _one_row_an_exam(frame: pl.DataFrame) -> pl.DataFrame:
    """Several exam codes in one cell become a row each; the names beside them are kept where as many stand there."""
    bare = pl.when(pl.col("exam").str.contains(_CODES)).then(pl.col("exam").str.replace_all(",", "|", literal=True))
    codes = bare.otherwise(pl.col("exam")).str.replace_all(";", "|", literal=True).str.split("|")
    codes = codes.list.eval(pl.element().str.strip_chars()).list.eval(pl.element().filter(pl.element() != ""))
    names = pl.col("exam_name").str.replace_all(r"[;|]", "|").str.split("|")
    alike = names.list.len() == codes.list.len()
    whole = pl.concat_list("exam_name").list.gather(pl.int_ranges(codes.list.len()) * 0)
    split = frame.with_columns(codes.alias("exam"), pl.when(alike).then(names).otherwise(whole).alias("exam_name"))
    return split.explode("exam", "exam_name").with_columns(pl.col("exam_name").str.strip_chars())
