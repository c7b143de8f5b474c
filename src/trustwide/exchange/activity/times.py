"""Dates and times as radiology systems write them: the clock on the wall in London, to instants in UTC."""

from __future__ import annotations

import polars as pl

from trustwide.exchange.tables.sheets import LONDON

MONTHS = {
    name: f"{number:02d}"
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
EXPECTED = "a date such as 03/11/2026 or 2026-11-03, with the year in four digits and perhaps a time such as 14:05"
NO_SUCH_HOUR = "a time that existed: the clocks went forward, and that hour was left out"
EXCEL_FIRST, EXCEL_LAST = 36526, 73050  # serial numbers of 2000-01-01 and of 2099-12-31
_SECONDS = 86400
_ZONE = r"(?:Z|[+\-](?:0\d|1[0-4]):?[0-5]\d)"  # as RFC 3339 writes how far the clock was from UTC
_AT_THE_END = r":\d{2}(?:\.\d*)? ?(" + _ZONE + r")$"
_CLOCK = r"(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d*)?)?(?: ?" + _ZONE + r")?)?$"
_SPLIT = r"^(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})" + _CLOCK
_ISO = r"^(\d{4})[/.\-](\d{1,2})[/.\-](\d{1,2})" + _CLOCK
_NAMED = r"^(\d{1,2})[ \-]([A-Za-z]{3})[a-z]*[ \-](\d{4})" + _CLOCK
_COMPACT = r"^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?$"
_SERIAL = r"^\d{5}(?:\.\d+)?$"
_FRACTION = r"^0?\.\d+$"


def with_time(day: pl.Expr, clock: pl.Expr) -> pl.Expr:
    """A date and a time of day out of two columns as one text. A time that Excel keeps as a share of a day is read."""
    shares = pl.when(clock.str.contains(_FRACTION)).then(clock).cast(pl.Float64, strict=False)
    seconds = (shares * _SECONDS).round().cast(pl.Int64)
    text = pl.format(
        "{}:{}:{}", seconds // 3600, _two((seconds // 60 % 60).cast(pl.String)), _two((seconds % 60).cast(pl.String))
    )
    date = day.str.replace(r"[ T]+0{1,2}:00(:00(\.0*)?)?$", "")  # systems write midnight where they keep a date alone
    return pl.when(clock.is_null()).then(day).otherwise(pl.concat_str(date, pl.lit(" "), pl.coalesce(text, clock)))


def wall_clock(text: pl.Expr, *, day_first: bool = True) -> pl.Expr:
    """What the clock on the wall showed, as a naive datetime; null for text that is no date and time."""
    first, second = ("d", "m") if day_first else ("m", "d")
    ways = [
        _built(text, _ISO, "ymd"),
        _built(text, _SPLIT, f"{first}{second}y"),
        _built(text, _NAMED, "dmy", named=True),
        _built(text, _COMPACT, "ymd"),
        _from_serial(text),
    ]
    return pl.coalesce(ways)


def instant(text: pl.Expr, *, day_first: bool = True) -> pl.Expr:
    """The instant in UTC: of a time that says its distance from UTC that one, of any other the clock in London."""
    naive = wall_clock(text, day_first=day_first)
    return pl.when(has_zone(text)).then((naive - _ahead(text)).dt.replace_time_zone("UTC")).otherwise(to_utc(naive))


def london_day(text: pl.Expr, *, day_first: bool = True) -> pl.Expr:
    """The day in London."""
    naive = wall_clock(text, day_first=day_first)
    moved = (naive - _ahead(text)).dt.replace_time_zone("UTC").dt.convert_time_zone(LONDON).dt.date()
    return pl.when(has_zone(text)).then(moved).otherwise(naive.dt.date())


def has_zone(text: pl.Expr) -> pl.Expr:
    """Whether a time says how far from UTC it is: `Z`, `+01:00`."""
    return text.str.contains(_AT_THE_END).fill_null(False)


def _ahead(text: pl.Expr) -> pl.Expr:
    """How far the clock of such a time is ahead of UTC; nothing for `Z`."""
    zone = text.str.extract(_AT_THE_END)
    minutes = [zone.str.extract(place).cast(pl.Int64) for place in (r"^.(\d{2})", r"(\d{2})$")]
    ahead = pl.duration(minutes=minutes[0].fill_null(0) * 60 + minutes[1].fill_null(0))
    return pl.when(zone.str.starts_with("-")).then(-ahead).otherwise(ahead)


def _built(text: pl.Expr, pattern: str, order: str, *, named: bool = False) -> pl.Expr:
    groups = text.str.extract_groups(pattern)
    part = {letter: groups.struct[place] for place, letter in enumerate(order)}
    month = part["m"].str.to_lowercase().replace_strict(MONTHS, default=None, return_dtype=pl.String) if named else None
    hour, minute, second = (groups.struct[place] for place in (3, 4, 5))
    whole = pl.concat_str(
        part["y"], pl.lit("-"), _two(part["m"]) if month is None else month, pl.lit("-"), _two(part["d"]),
        pl.lit(" "), _two(hour), pl.lit(":"), _two(minute), pl.lit(":"), _two(second),
    )  # fmt: skip
    return whole.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us")


def _two(digits: pl.Expr) -> pl.Expr:
    return digits.fill_null("00").str.zfill(2)


def _from_serial(text: pl.Expr) -> pl.Expr:
    """Excel counts days from 30 December 1899; the fraction is the time of day, right to the second."""
    number = pl.when(text.str.contains(_SERIAL)).then(text).cast(pl.Float64, strict=False)
    known = pl.when(number.is_between(EXCEL_FIRST, EXCEL_LAST)).then(number)
    seconds = (known * _SECONDS).round().cast(pl.Int64)
    return pl.datetime(1899, 12, 30, time_unit="us") + pl.duration(seconds=seconds)


def to_utc(naive: pl.Expr) -> pl.Expr:
    """The instant: of an hour that came twice the first, and null for one that never was."""
    local = naive.dt.replace_time_zone(LONDON, ambiguous="earliest", non_existent="null")
    return local.dt.convert_time_zone("UTC")


def came_twice(naive: pl.Expr) -> pl.Expr:
    """Whether the clock showed this time twice, when it went back."""
    first = naive.dt.replace_time_zone(LONDON, ambiguous="earliest", non_existent="null")
    last = naive.dt.replace_time_zone(LONDON, ambiguous="latest", non_existent="null")
    return (first != last).fill_null(False)
