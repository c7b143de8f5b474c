"""Lengths of time and shares as the lean pages say them."""

from __future__ import annotations

from trustwide.commons.measures.definition import measure
from trustwide.commons.measures.figures import scale
from trustwide.commons.nhsuk.formats import MISSING
from trustwide.services.imaging.lean.figures import Value
from trustwide.services.imaging.lean.process_map import WAIT, ProcessMap

SMALL = 5  # fewer than this many are not told to those who may not see the rows
HIDDEN = "too few"
_HOUR, _DAY = 60, 1440


def length(minutes: float | None) -> str:
    """A length of time in the unit that suits it: 24 minutes, 3.5 hours, 12.0 days."""
    if minutes is None:
        return MISSING
    if minutes < 3 * _HOUR:
        return f"{minutes:.0f} minute{'' if round(minutes) == 1 else 's'}"
    if minutes < 2 * _DAY:
        return f"{minutes / _HOUR:.1f} hours"
    return f"{minutes / _DAY:.1f} days"


def share(value: float | None) -> str:
    """A share of one; below one hundredth with two places, as ratios of value to lead time are small."""
    if value is None:
        return MISSING
    return f"{100 * value:.2f}%" if 0 < value < 0.01 else f"{100 * value:.0f}%"


def shown(code: str, value: Value | None, people: int, *, all_rows: bool) -> str:
    """A measure's value with its unit's sign; hidden where it is of few people and the person may not see them."""
    if value is None or value.value is None:
        return MISSING
    if not all_rows and people < SMALL:
        return HIDDEN
    definition = measure(code)
    number = value.value * scale(definition)
    return f"{number:.1f}%" if definition.unit == "%" else f"{number:,.1f}"


def answer(way: ProcessMap) -> str:
    """The first line of the page."""
    longest = way.longest
    if not way.exams or longest is None:
        return "No exam was scanned in this time, so there is no time to divide."
    value = way.value_adding
    adds = f", of which scanning is {share(value)}" if value is not None else ""
    whole = f"From request to verified report takes {length(way.lead_minutes)} on average{adds}."
    most = f"The largest part of it, {share(longest.share)}, goes"
    if longest.kind != WAIT:
        return f"{whole} {most} into this step: {longest.name}."
    half = f"half wait longer than {length(longest.spread.median)}"
    return f"{whole} {most} between two steps, {longest.name}; {half}."
