"""Checks every row of a return at once, and says of each fault where it is, what was found and what was expected."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import polars as pl

from trustwide.exchange.returns.columns import ACTIVITY, BANDS, COMMISSIONER_COLUMNS, COUNTS
from trustwide.exchange.returns.meanings import month_end, parse_month, parse_test
from trustwide.exchange.tables.rejects import Faults

MOST = 9_999_999  # people or tests in one cell; England's whole list is smaller
KEY = ("provider_code", "test", "month")
_CODE = r"^[A-Z0-9]{3,12}$"
_WHOLE = r"^(\d{1,3}(,\d{3})+|\d+)(\.0+)?$"


def read_values(text: pl.DataFrame, faults: Faults, today: datetime.date) -> pl.DataFrame:
    """The text columns as codes, months and counts, without the rows in which one could not be read."""
    frame = _read_shape(text, faults).with_columns(pl.col("provider_code").str.to_uppercase())
    bad_code = frame.filter(~pl.col("provider_code").str.contains(_CODE).fill_null(False))
    faults.add(
        bad_code, "provider_code", found="provider_code", expected="a provider code of 3 to 12 letters and digits"
    )
    frame = _read_months(frame, faults, today)
    frame = _read_tests(frame, faults)
    for column in (*COUNTS, *_present(frame, "over_six_weeks", "over_thirteen_weeks", "total_tests")):
        frame = _read_counts(frame, column, faults)
    return frame.filter(~pl.col("source_row").is_in(sorted(faults.rows)))


def _read_shape(text: pl.DataFrame, faults: Faults) -> pl.DataFrame:
    """Rows with about as many cells as the header: a note below the table is one fault, not one for each column."""
    cells = [column for column in text.columns if column not in ("source_row", "beyond")]
    filled = pl.sum_horizontal(pl.col(column).is_not_null() for column in cells)
    frame = text.with_columns(pl.coalesce(cells).alias("first_cell"), filled.alias("filled"))
    stray = frame.filter(pl.col("filled") * 2 < len(cells))
    faults.add(stray, "(the whole row)", found="first_cell", expected="a return with a value in every column")
    overlong = frame.filter(pl.col("beyond").is_not_null())
    faults.add(overlong, "(after the last column)", found="beyond", expected="no cell beyond the header's last column")
    return frame.filter(pl.col("filled") * 2 >= len(cells))


def _present(frame: pl.DataFrame, *columns: str) -> list[str]:
    return [column for column in columns if column in frame.columns]


def _read_months(frame: pl.DataFrame, faults: Faults, today: datetime.date) -> pl.DataFrame:
    frame = frame.with_columns(_looked_up(frame["period"], parse_month, pl.Date).alias("month"))
    unread = frame.filter(pl.col("month").is_null())
    faults.add(
        unread, "period", found="period", expected="a month from January 2006, such as September 2025 or 2025-09-30"
    )
    ends = _looked_up(frame["month"], month_end, pl.Date)
    early = frame.filter(ends > today)
    ended = f"a month that had ended by {today.day} {today:%B %Y}"
    faults.add(early, "period", found="period", expected=ended)
    return frame


def _read_tests(frame: pl.DataFrame, faults: Faults) -> pl.DataFrame:
    numbered = "test_number" in frame.columns
    column = "test_number" if numbered else "test_name"
    codes = _looked_up(frame[column], lambda text: parse_test(text, numbered=numbered), pl.String)
    frame = frame.with_columns(codes.alias("test"))
    wanted = "a diagnostic ID from 1 to 15" if numbered else "one of the 15 tests of the return, such as MRI"
    faults.add(frame.filter(pl.col("test").is_null()), column, found=column, expected=wanted)
    return frame


def _looked_up(column: pl.Series, meaning: Callable[[Any], Any], dtype: type[pl.DataType]) -> pl.Series:
    """`meaning` of each value, worked out once for each different one: a return repeats few."""
    values = column.unique().drop_nulls().to_list()
    return column.replace_strict(values, [meaning(value) for value in values], default=None, return_dtype=dtype)


def _read_counts(frame: pl.DataFrame, column: str, faults: Faults) -> pl.DataFrame:
    text = frame[column]
    numbers = text.cast(pl.Int64, strict=False)
    if numbers.has_nulls():  # "1,234" and "12.0" are counts too
        plain = text.str.replace_all(",", "", literal=True).str.replace(r"\.0+$", "")
        whole = pl.select(pl.when(text.str.contains(_WHOLE)).then(plain)).to_series()
        numbers = numbers.fill_null(whole.cast(pl.Int64, strict=False))
    frame = frame.with_columns(numbers.alias("number"))
    bad = frame.filter(pl.col("number").is_null() | ~pl.col("number").is_between(0, MOST))
    faults.add(bad, column, found=column, expected=f"a whole number from 0 to {MOST:,}")
    return frame.with_columns(pl.col("number").alias(column)).drop("number")


def check_sums(frame: pl.DataFrame, faults: Faults) -> pl.DataFrame:
    """Rows whose totals equal the sum of their parts."""
    _check_sum(frame, "waiting_list", BANDS, "the sum of the 14 waiting bands", faults)
    _check_sum(frame, "over_six_weeks", BANDS[6:], "the sum of the bands from six weeks", faults)
    _check_sum(frame, "over_thirteen_weeks", BANDS[13:], "the last waiting band", faults)
    _check_sum(frame, "total_tests", ACTIVITY, "the sum of the three kinds of activity", faults)
    return frame.filter(~pl.col("source_row").is_in(sorted(faults.rows)))


def _check_sum(frame: pl.DataFrame, total: str, parts: tuple[str, ...], what: str, faults: Faults) -> None:
    if total not in frame.columns:
        return
    summed = pl.sum_horizontal(parts)
    wrong = frame.filter(pl.col(total) != summed)
    faults.add(wrong, total, found=total, expected=pl.concat_str(summed.cast(pl.String), pl.lit(f", {what}")))


def check_repeats(frame: pl.DataFrame, faults: Faults) -> pl.DataFrame:
    """One row for each key. Of equal repeats the first stays; where they differ nobody can tell which is right."""
    key = [*KEY, *_present(frame, *COMMISSIONER_COLUMNS)]
    again = frame.filter(frame.select(key).is_duplicated())
    if again.is_empty():
        return frame
    again = again.with_columns(
        pl.col("source_row").min().over(key).alias("first"),
        pl.col("source_row").cast(pl.String).sort().str.join(" and ").over(key).alias("rows"),
        pl.struct(COUNTS).n_unique().over(key).alias("versions"),
        pl.concat_str("provider_code", "test", pl.col("month").dt.strftime("%B %Y"), separator=" ").alias("what"),
    )
    equal = again.filter((pl.col("versions") == 1) & (pl.col("source_row") > pl.col("first")))
    differing = again.filter(pl.col("versions") > 1)
    once = pl.format("one row for each provider, test and month; row {} holds the same figures", "first")
    alike = pl.format("one row for each provider, test and month; rows {} differ, so none is taken", "rows")
    faults.add(equal, "provider_code", found="what", expected=once)
    faults.add(differing, "provider_code", found="what", expected=alike)
    return frame.filter(~pl.col("source_row").is_in(sorted(faults.rows)))
