"""The two doors: `chart` for one series, `charts` for many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from trustwide.analysis.spc import reference
from trustwide.analysis.spc.assemble import assemble
from trustwide.analysis.spc.model import Chart, Charts, Days, Flags, Floats, Ints, Judgement, Settings, SpcError
from trustwide.analysis.spc.prepare import (
    check_values,
    columns_of,
    in_date_order,
    offsets_of,
    segments_of,
    settings_of,
)

# Below so many points the readable engine is done before the compiled one is loaded; both give the same digits.
COMPILED_FROM_POINTS = 20_000


def chart(dates: Any, values: Any, settings: Settings | None = None) -> Chart:
    """The XmR chart of one series, sorted by date; `dates` and `values` are lists or arrays of one length.

    Missing values are None or NaN. Raises SpcError for a date given twice, an infinite value or unequal lengths.
    """
    days, numbers = columns_of(dates, values)
    return charts(days, numbers, [0, len(numbers)], settings)[0]


def charts(dates: Any, values: Any, offsets: Any, settings: Settings | Sequence[Settings] | None = None) -> Charts:
    """The XmR charts of many series laid end to end: number `i` is `offsets[i]:offsets[i + 1]` of dates and values.

    `settings` is one for all or one a series, all of one profile. Errors as in `chart`, with the place of the series,
    counting from 1.
    """
    days, numbers = columns_of(dates, values)
    starts = offsets_of(offsets, len(numbers))
    rules = settings_of(settings, len(starts) - 1)
    series = np.repeat(np.arange(len(rules)), np.diff(starts))
    days, (numbers,) = in_date_order(days, (numbers,), series)
    check_values(numbers, series)
    profiles = {own.profile for own in rules}
    if len(profiles) > 1:
        raise SpcError(f"The series are to be judged by profiles {', '.join(sorted(profiles))}; expected one for all.")
    if profiles == {"mdc"}:
        from trustwide.analysis.spc.mdc.engine import xmr_charts

        return xmr_charts(days, numbers, starts, rules)
    return _charts(days, numbers, starts, series, rules)


def _charts(days: Days, values: Floats, offsets: Ints, series: Ints, rules: Sequence[Settings]) -> Charts:
    segment, bounds = segments_of(days, offsets, series, rules)
    judged = judge_segments(values, bounds, series, rules)
    findings = {name: getattr(judged, name) for name in judged.__slots__}
    return assemble(days, values, offsets, rules, segment=segment, bounds=bounds, findings=findings)


def judge_segments(values: Floats, bounds: Ints, series: Ints, rules: Sequence[Settings]) -> Judgement:
    """The lines and flags of profile `ptd` for every segment, with the baseline and screening its series asks for."""
    of_segment = series[bounds[:-1]]
    fix_after = np.array([len(values) if own.fix_after_n_points is None else own.fix_after_n_points for own in rules])
    screen = np.array([own.screens for own in rules], dtype=np.bool_)
    return _judge(values, bounds, fix_after.astype(np.int64)[of_segment], screen[of_segment])


def _judge(values: Floats, bounds: Ints, fix_after: Ints, screen: Flags) -> Judgement:
    if len(values) < COMPILED_FROM_POINTS:
        return reference.judge(values, bounds, fix_after, screen)
    from trustwide.analysis.spc import fast  # here, because loading the compiler takes a second

    return fast.judge(values, bounds, fix_after, screen)
