"""From limits and rules to charts: point types and icons, as each profile reads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from trustwide.analysis.spc.model import DIRECTIONS, FEWEST_JUDGED, Charts, Codes, Days, Flags, Floats, Ints, Settings

PASS, FAIL, INCONSISTENT, NOT_ASSESSABLE = 1, 2, 3, 4  # places in ASSURANCE_ICONS


def assemble(
    days: Days,
    values: Floats,
    offsets: Ints,
    rules: Sequence[Settings],
    *,
    segment: Ints,
    bounds: Ints,
    findings: dict[str, Any],
    kind: Codes | None = None,
    ghost: Flags | None = None,
) -> Charts:
    """The charts of many series. `findings` holds the columns from `mean` to `cause` of `Charts`, and `other_cause`
    where a profile tells it; without `kind` all are XmR charts, without `ghost` no point is ghosted.
    """
    series = np.repeat(np.arange(len(rules)), np.diff(offsets))
    direction = np.array([DIRECTIONS.index(own.improvement_direction) for own in rules], dtype=np.int64)
    lengths = np.diff(bounds)
    ghosts = np.zeros(len(values), dtype=np.bool_) if ghost is None else ghost
    kinds = np.zeros(len(rules), dtype=np.int8) if kind is None else kind
    columns = {
        "offsets": offsets,
        "date": days,
        "value": values,
        "segment": segment,
        "short_segment": np.repeat(_values_in(values, ghosts, bounds, rules) < FEWEST_JUDGED, lengths),
        "other_cause": np.zeros(len(values), dtype=np.int8),
        **findings,
        "kind": kinds,
        "ghost": ghosts,
    }
    last = last_points(values, ghosts, offsets, series, rules)
    columns["point_type"] = _POINT_TYPE[direction[series], columns["cause"]]
    columns["variation_icon"] = _variation(columns["cause"], direction, last)
    judgeable = (columns["upl"] > columns["lpl"]) & ~columns["short_segment"]
    columns["assurance_icon"] = _assurance(columns["lpl"], columns["upl"], judgeable, days, direction, last, rules)
    for column in columns.values():
        column.flags.writeable = False
    return Charts(settings=rules, **columns)


def last_points(values: Floats, ghost: Flags, offsets: Ints, series: Ints, rules: Sequence[Settings]) -> Ints:
    """The place of the point that speaks for each series, -1 for an empty one; see `Chart.last`."""
    last = np.where(np.diff(offsets) > 0, offsets[1:] - 1, -1)
    newest = np.full(len(rules), -1, dtype=np.int64)
    present = np.flatnonzero(~np.isnan(values) & ~ghost)
    np.maximum.at(newest, series[present], present)
    mdc = np.array([own.profile == "mdc" for own in rules], dtype=np.bool_)
    return np.where(mdc & (newest >= 0), newest, last)


def _variation(cause: Codes, direction: Ints, last: Ints) -> Codes:
    icons = np.zeros(len(direction), dtype=np.int8)
    filled = last >= 0
    icons[filled] = _VARIATION[direction[filled], cause[last[filled]]]
    return icons


def _values_in(values: Floats, ghost: Flags, bounds: Ints, rules: Sequence[Settings]) -> Ints:
    """How many points each segment has: of profile `ptd` all of them, of `mdc` those that count."""
    if not any(own.profile == "mdc" for own in rules):
        return np.diff(bounds)
    counted = np.concatenate(([0], np.cumsum(~np.isnan(values) & ~ghost)))
    return counted[bounds[1:]] - counted[bounds[:-1]]


def _assurance(
    lpl: Floats, upl: Floats, judgeable: Flags, days: Days, direction: Ints, last: Ints, rules: Sequence[Settings]
) -> Codes:
    """Whether the limits at the newest point lie wholly on one side of the target that holds then.

    Profile `mdc` says nothing of it where the limits are undefined, have no width or come from fewer than 13 points.
    """
    icons = np.zeros(len(rules), dtype=np.int8)
    target = _targets(rules, days, last)
    judged = np.flatnonzero((last >= 0) & ~np.isnan(target) & (direction > 0))
    lower, upper, wanted = lpl[last[judged]], upl[last[judged]], target[judged]
    mdc = np.array([own.profile == "mdc" for own in rules], dtype=np.bool_)[judged]
    # the NHS tools count a target on a limit as outside it; the R package does not
    too_high = (wanted > upper) | (mdc & (wanted >= upper))
    too_low = (wanted < lower) | (mdc & (wanted <= lower))
    increase = direction[judged] == DIRECTIONS.index("increase")
    found = np.where(too_high | too_low, np.where(too_high == increase, FAIL, PASS), INCONSISTENT)
    icons[judged] = np.where(mdc & ~judgeable[last[judged]], NOT_ASSESSABLE, found)
    return icons


def _targets(rules: Sequence[Settings], days: Days, last: Ints) -> Floats:
    found = [
        own.target if not own.targets or place < 0 else own.target_on(days[place].item())
        for own, place in zip(rules, last.tolist(), strict=True)
    ]
    return np.array([np.nan if each is None else each for each in found], dtype=np.float64)


# Rows: neutral, increase, decrease. Columns: the causes. Entries: places in POINT_TYPES and VARIATION_ICONS.
_POINT_TYPE: Codes = np.array([[0, *[3, 4] * 4], [0, *[1, 2] * 4], [0, *[2, 1] * 4]], dtype=np.int8)
_VARIATION: Codes = np.array([[0, *[5, 6] * 4], [0, *[1, 4] * 4], [0, *[3, 2] * 4]], dtype=np.int8)
