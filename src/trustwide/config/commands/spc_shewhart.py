"""`trustwide spc` for run charts and Shewhart charts: the settings have a `chart`, the inputs numerators."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trustwide.config.commands import CommandError
from trustwide.config.commands.spc_files import number_texts, read_number, read_rows, wrong

if TYPE_CHECKING:  # numpy is loaded only once the inputs have been read
    from trustwide.analysis.spc import ShewhartCharts, ShewhartSettings

INPUT_COLUMNS = ("series_id", "idx", "numerator", "denominator")
SETTINGS = ("chart", "part", "freeze", "exclude")
COUNTS = ("n_useful", "longest_run", "longest_run_max", "n_crossings", "n_crossings_min")
POINT_COLUMNS = ("series_id", "idx", "y", "cl", "lcl", "ucl", "sigma_signal", "runs_signal", *COUNTS)
SERIES_COLUMNS = ("series_id", "chart", "sigma_signal", "runs_signal")
AN_IDX = "the place of the point in its series, a whole number from 1 on"
MOST_POINTS = 1_000_000_000


@dataclass
class Points:
    """One series: the row, the numerator and the denominator of each place; a missing number is NaN."""

    name: str
    rows: dict[int, int] = field(default_factory=dict)
    above: dict[int, float] = field(default_factory=dict)
    below: dict[int, float] = field(default_factory=dict)


def asked_for(path: Path, entries: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether the settings name charts; some with and some without is an error."""
    having = [name for name, entry in entries.items() if entry.get("chart") is not None]
    without = [name for name, entry in entries.items() if entry.get("chart") is None]
    if having and without:
        raise CommandError(
            f"{path}: series {having[0]} has a chart and series {without[0]} has none; expected a chart for every "
            "series or for none, as XmR series have inputs of their own."
        )
    return bool(having)


def read_points(path: Path) -> list[Points]:
    """The series of a CSV in order of first appearance; a row that cannot be used raises a sentence."""
    found: dict[str, Points] = {}
    for row, (name, idx, above, below) in read_rows(path, INPUT_COLUMNS):
        if not name:
            raise wrong(path, row, "series_id", name, "the name of a series")
        series = found.get(name) or found.setdefault(name, Points(name))
        place = int(idx) if idx.isascii() and idx.isdigit() and len(idx) < len(str(MOST_POINTS)) else 0
        if place < 1:
            raise wrong(path, row, "idx", idx, AN_IDX)
        if (earlier := series.rows.setdefault(place, row)) != row:
            raise wrong(path, row, "idx", idx, f"each place once in a series, and {name} has it in row {earlier} too")
        series.above[place] = read_number(path, row, "numerator", above)
        series.below[place] = read_number(path, row, "denominator", below)
        if series.below[place] < 0:
            raise wrong(path, row, "denominator", below, "0 or more, or nothing where it is missing")
    for series in found.values():
        _check_places(path, series)
    return list(found.values())


def _check_places(path: Path, series: Points) -> None:
    for expected, place in enumerate(sorted(series.rows), start=1):
        if place != expected:
            reason = f"{expected} first, for {series.name} lacks it: a missing point has a row without numerator"
            raise wrong(path, series.rows[place], "idx", str(place), reason)


def make_charts(
    inputs: Path, series: Sequence[Points], settings_file: Path, entries: Mapping[str, Mapping[str, Any]]
) -> ShewhartCharts:
    """The charts of all series; what cannot be charted raises a sentence."""
    import numpy as np

    from trustwide.analysis.spc import SpcError, shewhart_charts

    given = {name: _settings(settings_file, name, entry) for name, entry in entries.items()}
    rules = [_of(settings_file, each.name, given) for each in series]
    for each, own in zip(series, rules, strict=True):
        _check_points(inputs, each, own)
    above = np.array([each.above[i] for each in series for i in sorted(each.rows)], dtype=np.float64)
    below = np.array([each.below[i] for each in series for i in sorted(each.rows)], dtype=np.float64)
    try:
        return shewhart_charts(above, below, np.cumsum([0, *(len(each.rows) for each in series)]), rules)
    except SpcError as error:
        raise CommandError(f"{inputs}: {error}") from None


def _of(path: Path, name: str, given: Mapping[str, ShewhartSettings]) -> ShewhartSettings:
    if name not in given:
        raise CommandError(f"{path}: there is no entry for series {name} of the inputs; expected one with its chart.")
    return given[name]


def _settings(path: Path, name: str, entry: Mapping[str, Any]) -> ShewhartSettings:
    from trustwide.analysis.spc import ShewhartSettings, SpcError

    try:
        given: dict[str, Any] = {key: entry.get(key) for key in SETTINGS}
        return ShewhartSettings(**given)
    except SpcError as error:
        raise CommandError(f"{path}, series {name}: {error}") from None


def _check_points(path: Path, series: Points, own: ShewhartSettings) -> None:
    """What a chart asks of its numbers, with the row that fails it."""
    from trustwide.analysis.spc.shewhart import NEEDING_DENOMINATORS

    if any(not math.isnan(each) for each in series.below.values()):
        return
    for place, above in series.above.items():
        if own.chart in NEEDING_DENOMINATORS and not math.isnan(above):
            expected = f"a number, for {series.name} has no denominators and its chart {own.chart} needs them"
            raise wrong(path, series.rows[place], "denominator", "", expected)
        if own.chart == "t" and above <= 0:
            expected = "a time of more than 0 on a T chart: two events of one day need their time of day"
            raise wrong(path, series.rows[place], "numerator", f"{above:g}", expected)


def point_rows(names: Sequence[str], charts: ShewhartCharts) -> Iterator[Iterable[object]]:
    """A row a point, as in `POINT_COLUMNS`."""
    for name, chart in zip(names, charts, strict=True):
        undefined = (chart.n_useful == 0).tolist()
        yield from zip(
            repeat(name, len(chart)),
            range(1, len(chart) + 1),
            *(number_texts(getattr(chart, column).tolist()) for column in ("y", "cl", "lcl", "ucl")),
            *(getattr(chart, column).view("int8").tolist() for column in ("sigma_signal", "runs_signal")),
            chart.n_useful.tolist(),
            *(
                [
                    "" if empty else count
                    for count, empty in zip(getattr(chart, column).tolist(), undefined, strict=True)
                ]
                for column in COUNTS[1:]
            ),
            strict=True,
        )


def series_rows(names: Sequence[str], charts: ShewhartCharts) -> Iterator[Iterable[object]]:
    """A row a series, as in `SERIES_COLUMNS`: what its newest point says."""
    for name, chart in zip(names, charts, strict=True):
        yield name, chart.settings.chart, int(chart.sigma_signal[-1]), int(chart.runs_signal[-1])
