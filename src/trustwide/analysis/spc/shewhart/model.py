"""What a run chart or a Shewhart chart is made from and what comes out: frozen inputs and frozen results."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from trustwide.analysis.spc.model import Flags, Floats, Ints, SpcError

ChartKind = Literal["run", "i", "p", "pp", "u", "up", "c", "t", "g"]

CHARTS: tuple[ChartKind, ...] = ("run", "i", "p", "pp", "u", "up", "c", "t", "g")
NEEDING_DENOMINATORS: tuple[ChartKind, ...] = ("p", "pp", "u", "up")


@dataclass(frozen=True)
class ShewhartSettings:
    """How one series is charted; points are counted from 1, missing and excluded points included.

    `chart` is one of `CHARTS`, where `pp` and `up` are Laney's P' and U'. A new part, with lines and runs of its own,
    starts after each point named in `part`. `freeze` takes the lines from the first so many points; it has no say where
    there are parts. A point named in `exclude` is drawn and compared with the limits but counts neither in the lines
    nor in the runs. `part` and `exclude` may be given as one number, a list or None and are kept as tuples; a number
    beyond the series has no effect. Raises SpcError.
    """

    chart: ChartKind = "run"
    part: Any = None
    freeze: int | None = None
    exclude: Any = None

    def __post_init__(self) -> None:
        if self.chart not in CHARTS:
            raise SpcError(f"The chart is {self.chart!r}; expected one of {', '.join(CHARTS)}.")
        for name in ("part", "exclude"):
            object.__setattr__(self, name, _points(name, getattr(self, name)))
        if self.freeze is not None:
            object.__setattr__(self, "freeze", _point("freeze", self.freeze))


def _points(name: str, given: Any) -> tuple[int, ...]:
    if given is None:
        return ()
    several = given if isinstance(given, Iterable) and not isinstance(given, str | Mapping) else [given]
    return tuple(sorted({_point(name, each) for each in several}))


def _point(name: str, given: Any) -> int:
    try:
        number = -1 if isinstance(given, bool) else operator.index(given)
    except TypeError:
        number = -1
    if number < 1:
        raise SpcError(f"{name} is {given!r}; expected the number of a point, a whole number of 1 or more.")
    return number


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Points:
    """One entry a point; the arrays cannot be written to.

    `y` is what is drawn: the ratio where the series has denominators (the count on a C chart), else the numerator; NaN
    where missing. `n` is the denominator behind it, NaN where there is none. `cl`, `lcl` and `ucl` are the centre line
    and the limits as drawn, NaN where undefined. `part` counts from 1. `included` points count in the runs; `baseline`
    points, of those, in the lines.

    The limits come from `scaled_centre` plus and minus three `sigma` on the scale of `scaled`, before they are clipped
    and brought back: `sigma` is the half width of one sigma (times Laney's sigma_z on P' and U'), NaN on a run chart
    and wherever it is undefined. `scaled` is y^(1/3.6) on a T chart and y on all others. `scaled_centre` belongs to
    `cl`, save on a G chart, where it is the mean and `cl` the median.

    `sigma_signal` marks a point outside its limits, `runs_signal` every point of a part with too long a run or too few
    crossings. The run counts are those of the part; all of them are 0 where `n_useful` is 0, which is undefined.
    """

    y: Floats
    n: Floats
    part: Ints
    included: Flags
    baseline: Flags
    cl: Floats
    lcl: Floats
    ucl: Floats
    scaled: Floats
    scaled_centre: Floats
    sigma: Floats
    sigma_signal: Flags
    runs_signal: Flags
    n_useful: Ints
    longest_run: Ints
    longest_run_max: Ints
    n_crossings: Ints
    n_crossings_min: Ints


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ShewhartChart(Points):
    """One series in the order it was given, with its settings."""

    settings: ShewhartSettings

    def __len__(self) -> int:
        return len(self.y)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ShewhartCharts(Points):
    """Many series: flat arrays, series after series; number `i` is `offsets[i]:offsets[i + 1]`, or `charts[i]`."""

    settings: Sequence[ShewhartSettings]
    offsets: Ints

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __iter__(self) -> Iterator[ShewhartChart]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, i: int) -> ShewhartChart:
        number = range(len(self))[i]
        own = slice(self.offsets[number], self.offsets[number + 1])
        columns = {name: getattr(self, name)[own] for name in POINT_FIELDS}
        return ShewhartChart(settings=self.settings[number], **columns)


@dataclass(frozen=True, eq=False, slots=True)
class Lines:
    """What an engine says of each point; the names are those of `Points`."""

    cl: Floats
    lcl: Floats
    ucl: Floats
    scaled: Floats
    scaled_centre: Floats
    sigma: Floats


@dataclass(frozen=True, eq=False, slots=True)
class Runs:
    """What an engine says of each part; the names are those of `Points`."""

    n_useful: Ints
    longest_run: Ints
    longest_run_max: Ints
    n_crossings: Ints
    n_crossings_min: Ints


POINT_FIELDS = tuple(each.name for each in fields(Points))
