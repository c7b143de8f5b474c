"""What a control chart is made from and what comes out: frozen inputs, frozen results, and the words of its rules.

Two profiles judge an XmR chart: `ptd`, the rules of the R package NHSRplotthedots, and `mdc`, those of NHS England's
"Making data count" tools with what their users asked for; docs/explanation/control-charts.md lists every difference.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from trustwide.analysis.spc.dates import as_days

Direction = Literal["increase", "decrease", "neutral"]
Profile = Literal["ptd", "mdc"]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
Codes = NDArray[np.int8]
Names = NDArray[np.str_]
Days = NDArray[np.datetime64]

DIRECTIONS: tuple[Direction, ...] = ("neutral", "increase", "decrease")
PROFILES: tuple[Profile, ...] = ("ptd", "mdc")
FEWEST_FIXED_POINTS = 12
FEWEST_JUDGED = 13  # profile mdc: with fewer values there are no limits and no icons, only the run of points

# A point's cause is the place of its label here: after the first, odd places are high and even places are low.
CAUSES = (
    "Common Cause",
    "Above UCL",
    "Below LCL",
    "7 Point Trend (Increasing)",
    "7 Point Trend (Decreasing)",
    "2 in 3 Above CL",
    "2 in 3 Below CL",
    "7 Points Above CL",
    "7 Points Below CL",
)
POINT_TYPES = (
    "common_cause",
    "special_cause_improvement",
    "special_cause_concern",
    "special_cause_neutral_high",
    "special_cause_neutral_low",
)
VARIATION_ICONS = (
    "common_cause",
    "improvement_high",
    "improvement_low",
    "concern_high",
    "concern_low",
    "neutral_high",
    "neutral_low",
)
ASSURANCE_ICONS = (None, "pass", "fail", "inconsistent", "not_assessable")
KINDS = ("xmr", "pp", "up", "t", "g", "run")


class SpcError(ValueError):
    """A sentence saying what in the data or the settings cannot be charted, and what was expected."""


@dataclass(frozen=True)
class Settings:
    """How one series is judged; dates may be `datetime.date`, `numpy.datetime64` or ISO text and are kept as dates.

    `improvement_direction` is increase, decrease or neutral; `target` is in the unit of the values, and where it
    changed, `targets` holds (first day, value) pairs, of which the newest begun counts; every date in `rebase_dates`
    that the series holds starts a new segment; `fix_after_n_points` (12 or more) takes the limits of each segment from
    its first points only; `screen_outliers` leaves out moving ranges of 3.267 times their mean (None: as the profile
    has it, which is yes for `ptd` and no for `mdc`).

    For profile `mdc` only: `trend_points` (6 or 7) make a trend; points at `ghost_dates` are shown and marked when they
    lie outside the limits, and are missing for limits and every other rule.
    """

    improvement_direction: Direction = "neutral"
    target: float | None = None
    rebase_dates: Sequence[Any] = ()
    fix_after_n_points: int | None = None
    screen_outliers: bool | None = None
    profile: Profile = "ptd"
    trend_points: int = 7
    ghost_dates: Sequence[Any] = ()
    targets: Sequence[tuple[Any, float]] = ()

    def __post_init__(self) -> None:
        if self.improvement_direction not in DIRECTIONS:
            raise SpcError(
                f"The improvement direction is {self.improvement_direction!r}; expected increase, decrease or neutral."
            )
        for target in (self.target, *(value for _, value in self.targets)):
            if target is not None and not math.isfinite(target):
                raise SpcError(f"The target is {target}; expected a finite number, or none.")
        fixed = self.fix_after_n_points
        if fixed is not None and fixed < FEWEST_FIXED_POINTS:
            raise SpcError(f"Limits are to be fixed after {fixed} points; expected {FEWEST_FIXED_POINTS} or more.")
        self._check_profile()
        object.__setattr__(self, "rebase_dates", _days("rebase", self.rebase_dates))
        object.__setattr__(self, "ghost_dates", _days("ghost", self.ghost_dates))
        starts = _days("target", [day for day, _ in self.targets])
        object.__setattr__(self, "targets", tuple(sorted(zip(starts, (v for _, v in self.targets), strict=True))))

    def _check_profile(self) -> None:
        if self.profile not in PROFILES:
            raise SpcError(f"The profile is {self.profile!r}; expected one of {', '.join(PROFILES)}.")
        if self.trend_points not in (6, 7):
            raise SpcError(f"A trend is to take {self.trend_points} points; expected 6 or 7.")
        if self.profile == "ptd" and (self.trend_points != 7 or len(self.ghost_dates)):
            raise SpcError("Profile ptd has trends of 7 points and no ghosted points; choose profile mdc for these.")

    @property
    def screens(self) -> bool:
        """Whether outlying moving ranges are left out of the limits."""
        return self.profile == "ptd" if self.screen_outliers is None else self.screen_outliers

    def target_on(self, day: Any) -> float | None:
        """The target that holds on a day (`datetime.date`), None before the first of `targets`."""
        begun = [value for start, value in self.targets if start <= day]
        return begun[-1] if begun else None if self.targets else self.target


def _days(what: str, dates: Sequence[Any]) -> tuple[Any, ...]:
    try:
        days = as_days(dates)
    except ValueError as error:
        raise SpcError(f"A {what} date cannot be read: {error}") from None
    return tuple(days.tolist())


@dataclass(frozen=True, eq=False, slots=True)
class Chart:
    """One series in date order: arrays with one entry a point, and the two icons of the newest point.

    `mean`, `lpl` and `upl` are in the unit of the values and NaN where undefined; `segment` counts from 0;
    `special_cause_type` and `point_type` hold the words of `CAUSES` and `POINT_TYPES`; `assurance_icon` is None
    without a target or a direction. The arrays cannot be written to.

    `kind` is one of `KINDS`; `other_cause` is what a point shows besides, the other way (profile mdc: an improvement
    is told first, and the concern is kept); `ghost` marks points that count for nothing but their own mark.
    """

    settings: Settings
    date: Days
    value: Floats
    segment: Ints
    short_segment: Flags
    mean: Floats
    lpl: Floats
    upl: Floats
    outside_limits: Flags
    close_to_limits: Flags
    flag_trend: Flags
    flag_two_in_three: Flags
    flag_shift: Flags
    special_cause_type: Names
    point_type: Names
    variation_icon: str
    assurance_icon: str | None
    kind: str
    other_cause: Names
    ghost: Flags

    @property
    def last(self) -> int:
        """The place of the point that speaks for the series: the newest; in profile mdc the newest with a value."""
        if self.settings.profile == "ptd":
            return len(self) - 1
        present = np.flatnonzero(~np.isnan(self.value) & ~self.ghost)
        return int(present[-1]) if len(present) else len(self) - 1

    def __len__(self) -> int:
        return len(self.value)


@dataclass(frozen=True, eq=False, slots=True)
class Charts:
    """Many series: flat arrays, series after series, of which number `i` is `offsets[i]:offsets[i + 1]`.

    `charts[i]` is that series as a `Chart`. Causes, point types and icons are kept as places in the tuples `CAUSES`,
    `POINT_TYPES`, `VARIATION_ICONS` and `ASSURANCE_ICONS`, so that a batch stays small.
    """

    settings: Sequence[Settings]
    offsets: Ints
    date: Days
    value: Floats
    segment: Ints
    short_segment: Flags
    mean: Floats
    lpl: Floats
    upl: Floats
    outside_limits: Flags
    close_to_limits: Flags
    flag_trend: Flags
    flag_two_in_three: Flags
    flag_shift: Flags
    cause: Codes
    point_type: Codes
    variation_icon: Codes
    assurance_icon: Codes
    kind: Codes
    other_cause: Codes
    ghost: Flags

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __iter__(self) -> Iterator[Chart]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, i: int) -> Chart:
        number = range(len(self))[i]
        own = slice(self.offsets[number], self.offsets[number + 1])
        return Chart(
            settings=self.settings[number],
            date=self.date[own],
            value=self.value[own],
            segment=self.segment[own],
            short_segment=self.short_segment[own],
            mean=self.mean[own],
            lpl=self.lpl[own],
            upl=self.upl[own],
            outside_limits=self.outside_limits[own],
            close_to_limits=self.close_to_limits[own],
            flag_trend=self.flag_trend[own],
            flag_two_in_three=self.flag_two_in_three[own],
            flag_shift=self.flag_shift[own],
            special_cause_type=_CAUSE_NAMES[self.cause[own]],
            point_type=_POINT_TYPE_NAMES[self.point_type[own]],
            variation_icon=VARIATION_ICONS[self.variation_icon[number]],
            assurance_icon=ASSURANCE_ICONS[self.assurance_icon[number]],
            kind=KINDS[self.kind[number]],
            other_cause=_CAUSE_NAMES[self.other_cause[own]],
            ghost=self.ghost[own],
        )


@dataclass(frozen=True, eq=False, slots=True)
class Judgement:
    """What an engine says of each point: limits, rules and the place of its cause in `CAUSES`."""

    mean: Floats
    lpl: Floats
    upl: Floats
    outside_limits: Flags
    close_to_limits: Flags
    flag_trend: Flags
    flag_two_in_three: Flags
    flag_shift: Flags
    cause: Codes


_CAUSE_NAMES = np.array(CAUSES)
_POINT_TYPE_NAMES = np.array(POINT_TYPES)
