"""Doubts in sentences, and periods as people call them."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence

from trustwide.commons.measures.definition import Cadence
from trustwide.commons.measures.quality.kinds import CHECKS, ENDED, Doubt, Kind
from trustwide.commons.nhsuk.formats import day, month

NOUNS: Mapping[Cadence, str] = {"month": "month", "week": "week", "day": "day"}


def number_of(period: datetime.date, cadence: Cadence) -> int:
    """The number of a period, one up from one to the next, as `checks` counts them."""
    if cadence == "month":
        return period.year * 12 + period.month - 1
    return period.toordinal() // 7 if cadence == "week" else period.toordinal()


def first_day(number: int, cadence: Cadence, weekday: int = 0) -> datetime.date:
    """The first day of a period; weeks begin `weekday` days after a day whose ordinal is a multiple of 7."""
    if cadence == "month":
        return datetime.date(number // 12, number % 12 + 1, 1)
    return datetime.date.fromordinal(number * 7 + weekday if cadence == "week" else number)


def called(period: datetime.date, cadence: Cadence) -> str:
    """January 2025; the week of 6 January 2025; 6 January 2025."""
    if cadence == "month":
        return month(period)
    return f"the week of {day(period)}" if cadence == "week" else day(period)


def sentence(doubt: Doubt, first: datetime.date, last: datetime.date, cadence: Cadence) -> str:
    """What is odd, in one sentence. `first` and `last` are the first days of the periods that the doubt is about."""
    when = called(first, cadence) if first == last else f"{called(first, cadence)} to {called(last, cadence)}"
    if doubt.kind == "late":
        return _late(doubt, first, last, cadence)
    if doubt.kind == "gap":
        return f"There is no figure for {when}."
    said = {"impossible": _impossible, "copied": _copied, "zero": _zero, "jump": _jump}[doubt.kind](doubt, cadence)
    return f"{when[0].upper()}{when[1:]}: {said}"


def _late(doubt: Doubt, first: datetime.date, last: datetime.date, cadence: Cadence) -> str:
    lacking = doubt.last - doubt.first + 1
    noun = f"{lacking} {NOUNS[cadence]}{'' if lacking == 1 else 's'}"
    behind = f"{noun} behind{', so it has probably ended' if lacking > ENDED else ''}"
    return f"No figure from {called(first, cadence)} on: {behind}; most others reach {called(last, cadence)}."


def _impossible(doubt: Doubt, cadence: Cadence) -> str:
    above, below = doubt.figures
    if doubt.reason == "not finite":
        return "not a finite number."
    if doubt.reason == "negative":
        return f"{figure(above)}, where things are counted and nothing is the least."
    if doubt.reason == "negative below":
        return f"out of {figure(below)}, which is below nothing."
    if doubt.reason == "above":
        return f"{figure(above)} of {figure(below)}, more than there are."
    return f"{figure(above)}, where whole things are counted."


def _copied(doubt: Doubt, cadence: Cadence) -> str:
    above, below, chance = doubt.figures
    figures = figure(above) if math.isnan(below) else f"{figure(above)} of {figure(below)}"
    often = "less than once in a million" if chance < 1e-6 else f"about once in {_round_number(1 / chance):,}"
    return f"repeats the {NOUNS[cadence]} before ({figures}); by chance that comes {often}."


def _zero(doubt: Doubt, cadence: Cadence) -> str:
    return f"zero, where about {figure(doubt.figures[0])} are usual."


def _jump(doubt: Doubt, cadence: Cadence) -> str:
    before, at, after = doubt.figures
    of = "" if doubt.reason == "numerator" else "the denominator is "
    times = "ten times or more" if at > before else "a tenth or less"
    return f"{of}{figure(at)}, between {figure(before)} and {figure(after)}: {times}, for one {NOUNS[cadence]}."


def figure(value: float) -> str:
    """7,535, or 7,535.5 where it is not whole."""
    return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"


def _round_number(value: float) -> int:
    """To two digits: more would say that it is known better."""
    return int(float(f"{value:.2g}"))


def counted(numbers: Mapping[Kind, int]) -> str:
    """640 zeros, 310 gaps and 1 jump: the most frequent first."""
    ranked = sorted(((number, kind) for kind, number in numbers.items() if number), reverse=True)
    parts = [f"{number:,} {several if number > 1 else singular(kind)}" for number, kind in ranked
             if (several := CHECKS[kind].several)]  # fmt: skip
    return joined(parts)


def singular(kind: Kind) -> str:
    """The name of one doubt of a kind: zero, copied period."""
    return CHECKS[kind].several.removesuffix("s")


def joined(parts: Sequence[str]) -> str:
    """a, b and c"""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""
