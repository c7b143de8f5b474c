"""`trustwide spc`: statistical process control over many series, from files to files."""

from __future__ import annotations

import argparse
import csv
import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trustwide.config.commands import CommandError

if TYPE_CHECKING:  # numpy is loaded only once the inputs have been read
    from trustwide.analysis.spc import Chart, Charts, Settings

PROFILES = ("ptd",)
INPUT_COLUMNS = ("series_id", "date", "value")
MISSING = ("", "na", "nan")
LARGEST_VALUE = 1e300
A_DAY = "a day such as 2026-03-03"
A_NUMBER = "a number without thousands separators, or nothing where it is missing"
POINT_COLUMNS = (
    "series_id",
    "idx",
    "segment",
    "short_segment",
    "mean",
    "lpl",
    "upl",
    "outside_limits",
    "close_to_limits",
    "flag_trend",
    "flag_two_in_three",
    "flag_shift",
    "special_cause_type",
    "point_type",
)
SERIES_COLUMNS = ("series_id", "variation_icon", "assurance_icon")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("inputs", metavar="INPUTS.csv", type=Path, help="columns series_id, date, value")
    parser.add_argument("--settings", metavar="SETTINGS.json", type=Path, help="a list with one entry a series")
    parser.add_argument("--points", metavar="P.csv", type=Path, help="write one row a point")
    parser.add_argument("--series", metavar="S.csv", type=Path, help="write one row a series")
    parser.add_argument("--profile", default="ptd", help="the set of rules: ptd (the default)")
    parser.add_argument("--chart", metavar="OUT.svg|OUT.png", type=Path, help="draw one series")
    parser.add_argument("--only", metavar="SERIES_ID", help="the series to draw; otherwise the first")


def run(options: argparse.Namespace) -> int:
    _check(options)
    series = read_series(options.inputs)
    drawn = _series_to_draw(series, options.only) if options.chart else None
    charts = _charts(series, options.settings)
    names = [each.name for each in series]
    if options.points:
        _write_rows(options.points, POINT_COLUMNS, _point_rows(names, charts))
    if options.series:
        icons = ((name, chart.variation_icon, chart.assurance_icon) for name, chart in zip(names, charts, strict=True))
        _write_rows(options.series, SERIES_COLUMNS, icons)
    if drawn is not None:
        _draw(options.chart, charts[drawn], names[drawn])
    return 0


def _check(options: argparse.Namespace) -> None:
    if options.profile not in PROFILES:
        raise CommandError(f"--profile is {options.profile!r}; expected one of: {', '.join(PROFILES)}.")
    if not (options.points or options.series or options.chart):
        raise CommandError("there is nothing to write; give at least one of --points, --series and --chart.")
    if options.only and not options.chart:
        raise CommandError("--only chooses the series that --chart draws; give --chart as well.")
    if options.chart and options.chart.suffix.lower() not in (".svg", ".png"):
        raise CommandError(f"--chart is {str(options.chart)!r}; expected a file name that ends in .svg or .png.")


def _series_to_draw(series: Sequence[Series], only: str | None) -> int:
    names = [each.name for each in series]
    if not names:
        raise CommandError("the inputs hold no series, so there is none to draw.")
    if only is not None and only not in names:
        raise CommandError(f"--only is {only!r}; expected a series_id of the inputs, such as {names[0]!r}.")
    return 0 if only is None else names.index(only)


def _charts(series: Sequence[Series], settings_file: Path | None) -> Charts:
    import numpy as np

    from trustwide.analysis.spc import Settings, charts

    given = {} if settings_file is None else read_settings(settings_file)
    without = [each.name for each in series if each.name not in given]
    if without:
        some = ", ".join(without[:3]) + (f" and {len(without) - 3} more" if len(without) > 3 else "")
        notice = f"no settings for {some}: neutral direction, no target, no rebase, outliers screened."
        print(f"trustwide spc: {notice}", file=sys.stderr)
    days = np.array([day for each in series for day in each.days], dtype="datetime64[D]")
    values = np.array([value for each in series for value in each.values], dtype=np.float64)
    offsets = np.cumsum([0, *(len(each.days) for each in series)])
    default = Settings()
    return charts(days, values, offsets, [given.get(each.name, default) for each in series])


def _point_rows(names: Sequence[str], charts: Charts) -> Iterator[Iterable[object]]:
    for name, chart in zip(names, charts, strict=True):
        yield from zip(
            repeat(name, len(chart)),
            range(1, len(chart) + 1),
            chart.segment.tolist(),
            chart.short_segment.view("int8").tolist(),
            _numbers(chart.mean.tolist()),
            _numbers(chart.lpl.tolist()),
            _numbers(chart.upl.tolist()),
            chart.outside_limits.view("int8").tolist(),
            chart.close_to_limits.view("int8").tolist(),
            chart.flag_trend.view("int8").tolist(),
            chart.flag_two_in_three.view("int8").tolist(),
            chart.flag_shift.view("int8").tolist(),
            chart.special_cause_type.tolist(),
            chart.point_type.tolist(),
            strict=True,
        )


def _numbers(values: Sequence[float]) -> list[str]:
    """Each number with every digit it needs; an undefined one is empty."""
    texts = {value: repr(value) for value in set(values) if not math.isnan(value)}
    return [texts.get(value, "") for value in values]


def _write_rows(path: Path, columns: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(rows)
    except OSError as error:
        raise _cannot_write(path, error) from None


def _draw(path: Path, chart: Chart, name: str) -> None:
    from trustwide.analysis.spc import png, svg, vega_lite

    spec = vega_lite(chart, name)
    drawing = png(spec) if path.suffix.lower() == ".png" else svg(spec).encode()
    try:
        path.write_bytes(drawing)
    except OSError as error:
        raise _cannot_write(path, error) from None


def _cannot_write(path: Path, error: OSError) -> CommandError:
    return CommandError(
        f"{path} cannot be written ({error.strerror}); give a file name in a folder that you may change."
    )


@dataclass
class Series:
    """One series as its rows stand in the file; a missing value is NaN."""

    name: str
    days: list[date] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    rows: dict[date, int] = field(default_factory=dict)


def read_series(path: Path) -> list[Series]:
    """The series of a CSV in order of first appearance; a row that cannot be used raises a sentence."""
    found: dict[str, Series] = {}
    days: dict[str, date] = {}  # a date stands in many series, so each text is read once
    for row, name, day_text, value_text in _rows(path):
        if not name:
            raise _wrong(path, row, "series_id", name, "the name of a series")
        series = found.get(name) or found.setdefault(name, Series(name))
        day = days.get(day_text)
        if day is None:
            day = days[day_text] = _day(path, row, day_text)
        if (earlier := series.rows.setdefault(day, row)) != row:
            expected = f"each date once in a series, and {name} has it in row {earlier} too"
            raise _wrong(path, row, "date", day_text, expected)
        series.days.append(day)
        series.values.append(_value(path, row, value_text))
    return list(found.values())


def _rows(path: Path) -> Iterator[tuple[int, str, str, str]]:
    """The row number, counting the heading as 1, and the three columns' texts of every row that is not blank."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            heading = [name.strip() for name in next(reader, [])]
            places = [_place(path, heading, name) for name in INPUT_COLUMNS]
            a, b, c = places
            for cells in reader:
                if not any(cells):
                    continue
                if len(cells) <= max(places):
                    expected = f"{len(heading)} columns as in the heading"
                    raise CommandError(
                        f"{path}, row {reader.line_num}: there are {len(cells)} columns; expected {expected}."
                    )
                yield reader.line_num, cells[a].strip(), cells[b].strip(), cells[c].strip()
    except OSError as error:
        raise CommandError(f"{path} cannot be read ({error.strerror}); expected a CSV file.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise CommandError(f"{path} is not a CSV file in UTF-8 ({error}); save it as CSV UTF-8.") from None


def _place(path: Path, heading: list[str], name: str) -> int:
    if heading.count(name) != 1:
        problem = "more than one column" if name in heading else "no column"
        raise CommandError(
            f"{path}, row 1: there is {problem} {name}; expected the columns {', '.join(INPUT_COLUMNS)} "
            f"and found {', '.join(heading) or 'nothing'}."
        )
    return heading.index(name)


def _day(path: Path, row: int, text: str) -> date:
    try:
        return _iso_day(text)
    except ValueError:
        raise _wrong(path, row, "date", text, A_DAY) from None


def _iso_day(text: str) -> date:
    if len(text) != len("2026-03-03"):
        raise ValueError(text)
    return date.fromisoformat(text)


def _value(path: Path, row: int, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        if text.lower() in MISSING:
            return math.nan
        raise _wrong(path, row, "value", text, A_NUMBER) from None
    if abs(value) > LARGEST_VALUE:
        raise _wrong(path, row, "value", text, "a finite number no larger than 1e300")
    if "_" in text:
        raise _wrong(path, row, "value", text, A_NUMBER)
    return value


def _wrong(path: Path, row: int, column: str, value: str, expected: str) -> CommandError:
    return CommandError(f"{path}, row {row}, column {column}: the value is {value!r}; expected {expected}.")


def read_settings(path: Path) -> dict[str, Settings]:
    """Settings by series from a JSON list of objects; keys that are not settings are passed over."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise CommandError(f"{path} cannot be read ({error.strerror}); expected a JSON file.") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise CommandError(
            f"{path}, {where}: this is not JSON ({error.msg}); expected a list with one entry a series."
        ) from None
    except (UnicodeDecodeError, RecursionError, ValueError):
        raise CommandError(f"{path} is not a JSON file in UTF-8; expected a list with one entry a series.") from None
    if not isinstance(entries, list):
        raise CommandError(f"{path} holds {_kind(entries)}; expected a list with one entry a series.")
    settings: dict[str, Settings] = {}
    for number, entry in enumerate(entries, start=1):
        name = _name(path, number, entry)
        if name in settings:
            raise CommandError(f"{path}, entry {number}: series_id {name!r} is there twice; expected once.")
        settings[name] = _settings(path, name, entry)
    return settings


def _name(path: Path, number: int, entry: Any) -> str:
    if not isinstance(entry, dict):
        raise CommandError(f"{path}, entry {number}: this is {_kind(entry)}; expected an object with a series_id.")
    name = entry.get("series_id")
    if not isinstance(name, str) or not name.strip():
        raise CommandError(f"{path}, entry {number}: series_id is {name!r}; expected the name of a series.")
    return name.strip()


def _settings(path: Path, name: str, entry: dict[str, Any]) -> Settings:
    from trustwide.analysis.spc import Settings

    for key, (fits, expected) in SETTINGS.items():
        if key in entry and not fits(entry[key]):
            raise CommandError(f"{path}, series {name}: {key} is {json.dumps(entry[key])}; expected {expected}.")
    given = {key: entry[key] for key in SETTINGS if entry.get(key) is not None}
    return Settings(**given)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST_VALUE


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 12 <= value <= 1_000_000_000


def _are_days(value: Any) -> bool:
    try:
        return isinstance(value, list) and all(_iso_day(day) for day in value)
    except (TypeError, ValueError):
        return False


def _kind(value: Any) -> str:
    return {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "nothing"}.get(
        type(value), "a number"
    )


# key -> what fits, and the words for it
SETTINGS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "improvement_direction": (
        lambda value: value is None or value in ("increase", "decrease", "neutral"),
        "increase, decrease or neutral",
    ),
    "target": (lambda value: value is None or _is_number(value), "a number, or null for none"),
    "rebase_dates": (lambda value: value is None or _are_days(value), f"a list of days, each {A_DAY}"),
    "fix_after_n_points": (lambda value: value is None or _is_count(value), "a whole number of 12 or more, or null"),
    "screen_outliers": (lambda value: value is None or isinstance(value, bool), "true or false"),
}
