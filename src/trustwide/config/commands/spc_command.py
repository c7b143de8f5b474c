"""`trustwide spc`: statistical process control over many series, from files to files."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trustwide.config.commands import CommandError, spc_shewhart
from trustwide.config.commands.spc_files import (
    LARGEST_VALUE,
    draw,
    first_few,
    number_texts,
    read_entries,
    read_number,
    read_rows,
    write_rows,
    wrong,
)
from trustwide.config.commands.spc_unknown import unknown_series, unknown_settings

if TYPE_CHECKING:  # numpy is loaded only once the inputs have been read
    from trustwide.analysis.spc import Chart, Charts, Settings
    from trustwide.analysis.spc.model import Profile

PROFILES = ("ptd", "mdc")
INPUT_COLUMNS = ("series_id", "date", "value")
A_DAY = "a day such as 2026-03-03"
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


CHARTS_HELP = """
XmR charts: inputs with the columns series_id, date, value; settings improvement_direction, target, rebase_dates,
fix_after_n_points, screen_outliers, targets (a list of [date, number]: each holds from its date on) and, for profile
mdc, trend_points (6 or 7) and ghost_dates (days left out of limits and rules). Run charts and Shewhart charts, by the
rules of the R package qicharts2 0.8.1: every entry of the settings has a chart (run, i, p, pp, u, up, c, t or g; pp and
up are Laney's P' and U'), and the inputs have the columns series_id, idx (1, 2, 3 and so on), numerator, denominator;
further columns are passed over.
Their settings are part (a new part starts after this point, or after each of a list), freeze (lines from the first so
many points) and exclude (a point, or a list of them, left out of lines and runs). --series then says of each series
its chart, whether its newest point lies outside the limits (sigma_signal) and whether its newest part has unusual runs
(runs_signal).
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = CHARTS_HELP
    parser.add_argument("inputs", metavar="INPUTS.csv", type=Path, help="columns series_id, date, value; or see below")
    parser.add_argument("--settings", metavar="SETTINGS.json", type=Path, help="a list with one entry a series")
    parser.add_argument("--points", metavar="P.csv", type=Path, help="write one row a point")
    parser.add_argument("--series", metavar="S.csv", type=Path, help="write one row a series")
    parser.add_argument("--profile", default="ptd", help="the set of rules of XmR charts: ptd (the default) or mdc")
    parser.add_argument("--chart", metavar="OUT.svg|OUT.png", type=Path, help="draw one series")
    parser.add_argument("--only", metavar="SERIES_ID", help="the series to draw; otherwise the first")


def run(options: argparse.Namespace) -> int:
    _check(options)
    entries = {} if options.settings is None else read_entries(options.settings)
    if spc_shewhart.asked_for(options.settings, entries):
        _warn(unknown_settings(entries, spc_shewhart.SETTINGS, SETTINGS))
        _run_shewhart(options, entries)
    else:
        _warn(unknown_settings(entries, SETTINGS, spc_shewhart.SETTINGS))
        _run_xmr(options, entries)
    return 0


def _warn(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        print(f"trustwide spc: {sentence}", file=sys.stderr)


def _run_xmr(options: argparse.Namespace, entries: Mapping[str, dict[str, Any]]) -> None:
    series = read_series(options.inputs)
    names = [each.name for each in series]
    drawn = _series_to_draw(names, options.only) if options.chart else None
    profile = options.profile
    given = {name: _settings(options.settings, name, entry, profile) for name, entry in entries.items()}
    charts = _charts(series, given, profile)
    _warn(unknown_series(entries, names, options.inputs))
    if options.points:
        write_rows(options.points, POINT_COLUMNS, _point_rows(names, charts))
    if options.series:
        icons = ((name, chart.variation_icon, chart.assurance_icon) for name, chart in zip(names, charts, strict=True))
        write_rows(options.series, SERIES_COLUMNS, icons)
    if drawn is not None:
        from trustwide.analysis.spc import vega_lite

        draw(options.chart, vega_lite(charts[drawn], names[drawn]))


def _run_shewhart(options: argparse.Namespace, entries: Mapping[str, dict[str, Any]]) -> None:
    series = spc_shewhart.read_points(options.inputs)
    names = [each.name for each in series]
    drawn = _series_to_draw(names, options.only) if options.chart else None
    charts = spc_shewhart.make_charts(options.inputs, series, options.settings, entries)
    _warn(unknown_series(entries, names, options.inputs))
    if options.points:
        write_rows(options.points, spc_shewhart.POINT_COLUMNS, spc_shewhart.point_rows(names, charts))
    if options.series:
        write_rows(options.series, spc_shewhart.SERIES_COLUMNS, spc_shewhart.series_rows(names, charts))
    if drawn is not None:
        from trustwide.analysis.spc import shewhart_vega_lite

        draw(options.chart, shewhart_vega_lite(charts[drawn], names[drawn]))


def _check(options: argparse.Namespace) -> None:
    if options.profile not in PROFILES:
        raise CommandError(f"--profile is {options.profile!r}; expected one of: {', '.join(PROFILES)}.")
    if not (options.points or options.series or options.chart):
        raise CommandError("there is nothing to write; give at least one of --points, --series and --chart.")
    if options.only and not options.chart:
        raise CommandError("--only chooses the series that --chart draws; give --chart as well.")
    if options.chart and options.chart.suffix.lower() not in (".svg", ".png"):
        raise CommandError(f"--chart is {str(options.chart)!r}; expected a file name that ends in .svg or .png.")


def _series_to_draw(names: Sequence[str], only: str | None) -> int:
    if not names:
        raise CommandError("the inputs hold no series, so there is none to draw.")
    if only is not None and only not in names:
        raise CommandError(f"--only is {only!r}; expected a series_id of the inputs, such as {names[0]!r}.")
    return 0 if only is None else names.index(only)


def _charts(series: Sequence[Series], given: Mapping[str, Settings], profile: Profile) -> Charts:
    import numpy as np

    from trustwide.analysis.spc import Settings, charts

    without = [each.name for each in series if each.name not in given]
    if without:
        screened = "outliers screened" if profile == "ptd" else "outliers kept"
        _warn([f"no settings for {first_few(without)}: neutral direction, no target, no rebase, {screened}."])
    days = np.array([day for each in series for day in each.days], dtype="datetime64[D]")
    values = np.array([value for each in series for value in each.values], dtype=np.float64)
    offsets = np.cumsum([0, *(len(each.days) for each in series)])
    default = Settings(profile=profile)
    return charts(days, values, offsets, [given.get(each.name, default) for each in series])


def _point_rows(names: Sequence[str], charts: Charts) -> Iterator[Iterable[object]]:
    for name, chart in zip(names, charts, strict=True):
        yield from zip(
            repeat(name, len(chart)),
            range(1, len(chart) + 1),
            chart.segment.tolist(),
            chart.short_segment.view("int8").tolist(),
            number_texts(chart.mean.tolist()),
            number_texts(chart.lpl.tolist()),
            number_texts(chart.upl.tolist()),
            chart.outside_limits.view("int8").tolist(),
            chart.close_to_limits.view("int8").tolist(),
            chart.flag_trend.view("int8").tolist(),
            chart.flag_two_in_three.view("int8").tolist(),
            chart.flag_shift.view("int8").tolist(),
            _causes(chart),
            chart.point_type.tolist(),
            strict=True,
        )


def _causes(chart: Chart) -> list[str]:
    """The labels of NHSRplotthedots, which name trends of seven; a trend of six is called what it is."""
    from trustwide.analysis.spc import cause_name

    return [cause_name(chart, cause) for cause in chart.special_cause_type.tolist()]


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
    for row, (name, day_text, value_text) in read_rows(path, INPUT_COLUMNS):
        if not name:
            raise wrong(path, row, "series_id", name, "the name of a series")
        series = found.get(name) or found.setdefault(name, Series(name))
        day = days.get(day_text)
        if day is None:
            day = days[day_text] = _day(path, row, day_text)
        if (earlier := series.rows.setdefault(day, row)) != row:
            expected = f"each date once in a series, and {name} has it in row {earlier} too"
            raise wrong(path, row, "date", day_text, expected)
        series.days.append(day)
        series.values.append(read_number(path, row, "value", value_text))
    return list(found.values())


def _day(path: Path, row: int, text: str) -> date:
    try:
        return _iso_day(text)
    except ValueError:
        raise wrong(path, row, "date", text, A_DAY) from None


def _iso_day(text: str) -> date:
    # Python also reads weeks, 2026-W10-2
    if len(text) != len("2026-03-03") or (text[4], text[7]) != ("-", "-"):
        raise ValueError(text)
    return date.fromisoformat(text)


def _settings(path: Path, name: str, entry: dict[str, Any], profile: Profile) -> Settings:
    from trustwide.analysis.spc import Settings, SpcError

    for key, (fits, expected) in SETTINGS.items():
        if key in entry and not fits(entry[key]):
            raise CommandError(f"{path}, series {name}: {key} is {json.dumps(entry[key])}; expected {expected}.")
    given = {key: entry[key] for key in SETTINGS if entry.get(key) is not None}
    try:
        return Settings(**given, profile=profile)
    except SpcError as error:
        raise CommandError(f"{path}, series {name}: {error}") from None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST_VALUE


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 12 <= value <= 1_000_000_000


def _are_targets(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(each, list) and len(each) == 2 and _are_days(each[:1]) and _is_number(each[1]) for each in value
    )


def _are_days(value: Any) -> bool:
    try:
        return isinstance(value, list) and all(_iso_day(day) for day in value)
    except (TypeError, ValueError):
        return False


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
    "targets": (
        lambda value: value is None or _are_targets(value),
        'a list of [date, number], such as ["2026-03-03", 90]',
    ),
    "trend_points": (
        lambda value: value is None or (value in (6, 7) and isinstance(value, int)),
        "6 or 7",
    ),
    "ghost_dates": (lambda value: value is None or _are_days(value), f"a list of days, each {A_DAY}"),
}
