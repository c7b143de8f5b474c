"""Where limits might be recalculated: proposed to a person who knows the cause, never done by itself."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import numpy as np

from trustwide.analysis.spc.dates import cadence, plain_day, plain_month
from trustwide.analysis.spc.model import Chart, Flags, Floats, Ints
from trustwide.analysis.spc.words import GAPS, counted, decimals, quantity

FEWEST_SHIFTED = 12  # in a row on one side: 7 make a signal, of which chance gives some; 12 nearly make limits
FEWEST_BEFORE = 7


@dataclass(frozen=True)
class Suggestion:
    """From which day limits might be recalculated, and the means before and since; figures in the unit of the values.

    `points` counts those since that have a value. `sentence` asks for the cause.
    """

    date: date
    points: int
    old_mean: float
    new_mean: float
    sentence: str


def suggest_rebase(chart: Chart, *, unit: str = "") -> Suggestion | None:
    """A proposal to recalculate the limits of a chart from the start of the shift that still runs; None without one.

    The shift must run at the newest point, hold for 12 points or more after at least seven others, and not be on its
    way back: its later half lies at least half as far from the mean before it as its earlier half does. Formulae do not
    decide ("Making data count": question the cause first), so the sentence asks for the cause.
    """
    if not len(chart) or not chart.flag_shift[chart.last]:
        return None
    own = np.flatnonzero((chart.segment == chart.segment[chart.last]) & (np.arange(len(chart)) <= chart.last))
    side = np.sign(np.where(chart.ghost, np.nan, chart.value) - chart.mean)[own]
    start = int(np.flatnonzero(side != side[-1])[-1]) + 1 if (side != side[-1]).any() else 0
    run, before = chart.value[own[start:]], _present(chart, own[:start])
    if len(run) < FEWEST_SHIFTED or len(before) < FEWEST_BEFORE:
        return None
    old, new = _mean(before), _mean(run)
    earlier, later = _mean(run[: len(run) // 2]) - old, _mean(run[len(run) // 2 :]) - old
    if earlier * later <= 0 or abs(later) < abs(earlier) / 2:
        return None
    first: date = chart.date[own[start]].item()
    return Suggestion(first, len(run), old, new, _sentence(chart, first, len(run), old, new, unit))


def _present(chart: Chart, places: Ints) -> Floats:
    values: Floats = chart.value[places]
    counts: Flags = ~np.isnan(values) & ~chart.ghost[places]
    return np.asarray(values[counts])


def _mean(values: Floats) -> float:
    return math.fsum(values.tolist()) / len(values)


def _sentence(chart: Chart, first: date, points: int, old: float, new: float, unit: str) -> str:
    monthly = chart.kind not in GAPS and cadence(chart.date.tolist()) == "month"
    when = plain_month(first) if monthly else plain_day(first)
    places = decimals((new, old), [(new, old)])
    of = GAPS.get(chart.kind, unit)
    told, was = quantity(new, of, places), quantity(old, "%" if of == "%" else "", places)
    run = counted(points, "gap" if chart.kind in GAPS else "point")
    return (
        f"Since {when} the mean is {told} where it was {was} before, over {run} in a row. If you know what "
        f"changed then and that it will last, recalculate the limits from {when} and say why; if not, look for the "
        "cause first."
    )
