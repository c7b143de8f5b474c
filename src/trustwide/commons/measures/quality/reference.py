"""Every check as plainly as it can be said, one series at a time. It defines what `checks` finds in many at once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from statistics import median

from trustwide.analysis.spc import Quantity
from trustwide.commons.measures.quality import kinds
from trustwide.commons.measures.quality.kinds import Doubt, Reason

# number of the period, numerator, denominator (NaN: the measure has none)
Row = tuple[int, float, float]


def doubts(rows: Sequence[Row], quantity: Quantity, *, gaps: bool = True) -> list[Doubt]:
    """Everything to doubt in one series, whose rows are oldest first."""
    found = [*impossible(rows, quantity), *copied(rows, quantity), *zeros(rows), *jumps(rows, quantity)]
    return [*found, *gaps_of(rows, quantity)] if gaps else found


def impossible(rows: Sequence[Row], quantity: Quantity) -> Iterator[Doubt]:
    """Figures that no count can have; those next to each other with the same reason are one doubt."""
    faulty = [(place, reason) for place, row in enumerate(rows) if (reason := reason_against(row, quantity))]
    for places in _together(faulty):
        number, above, below = rows[places[0]]
        reason = reason_against(rows[places[0]], quantity)
        yield Doubt(0, "impossible", number, rows[places[-1]][0], (above, below), reason)


def reason_against(row: Row, quantity: Quantity) -> Reason:
    """Why these figures cannot be; empty where they can. A denominator of NaN is none."""
    _, above, below = row
    if not math.isfinite(above) or math.isinf(below):
        return "not finite"
    if above < 0 and quantity in kinds.COUNTING:
        return "negative"
    if below < 0:
        return "negative below"
    if quantity in kinds.SHARES and above > below * (1 + 1e-9):
        return "above"
    if quantity in kinds.WHOLE_NUMERATOR and abs(above - round(above)) > kinds.WHOLE:
        return "not whole"
    return ""


def copied(rows: Sequence[Row], quantity: Quantity) -> Iterator[Doubt]:
    """Periods whose figures are those of the period just before, where chance would hardly do that."""
    usual = [
        _usual_step(column)
        for column in (
            [above for _, above, _ in rows],
            [below - above for _, above, below in rows],
            [below for _, _, below in rows],
        )
    ]
    repeats = [
        (place, "")
        for place in range(1, len(rows))
        if _follows(rows, place)
        and rows[place][1] != 0
        and rows[place][1] == rows[place - 1][1]
        and _same(rows[place][2], rows[place - 1][2])
    ]
    for places in _together(repeats):
        number, above, below = rows[places[0]]
        chance = _chance_of(above, below, usual, quantity) ** len(places)
        if chance <= kinds.COPIED_CHANCE:
            yield Doubt(0, "copied", number, rows[places[-1]][0], (above, below, chance))


def _chance_of(above: float, below: float, usual: Sequence[float], quantity: Quantity) -> float:
    """The chance that a period with these figures repeats the one before by itself. `usual`: steps of numerator,
    remainder and denominator.
    """
    of_above = _chance(above, usual[0])
    if math.isnan(below):
        return of_above
    if quantity in kinds.SHARES:
        # nearly all of them, or nearly none: then the numerator says hardly more than the denominator does
        of_above = max(of_above, _chance(below - above, usual[1]))
    return of_above * _chance(below, usual[2])


def _chance(figure: float, usual_step: float) -> float:
    if not math.isfinite(figure) or not usual_step > 0 or figure == 0:
        return 1.0
    return min(1.0, max(0.5 / usual_step, 1 / math.sqrt(4 * math.pi * abs(figure))))


def _usual_step(figures: Sequence[float]) -> float:
    """The middle of the sizes of steps; NaN where there are too few to say."""
    steps = [abs(new - old) for old, new in pairwise(figures)]
    steps = [step for step in steps if math.isfinite(step)]
    return median(steps) if len(steps) >= kinds.COPIED_STEPS else math.nan


def zeros(rows: Sequence[Row]) -> Iterator[Doubt]:
    """Runs of zeros in the numerator that begin and, if something follows, end abruptly."""
    figures = [above for _, above, _ in rows]
    for places in _together([(place, "") for place, figure in enumerate(figures) if figure == 0]):
        before, after = figures[: places[0]], figures[places[-1] + 1 :]
        if not before or len(places) > kinds.MOST_ZEROS:
            continue
        usual = min(before[-1], _level(before[-kinds.LEVEL_OF :]))
        least = kinds.ZERO_USUAL if after else kinds.ZERO_USUAL_AT_END
        if after:
            usual = min(usual, after[0], _level(after[: kinds.LEVEL_OF]))
        if math.isfinite(usual) and usual >= least:
            yield Doubt(0, "zero", rows[places[0]][0], rows[places[-1]][0], (usual,))


def _level(figures: Sequence[float]) -> float:
    return median(figures) if all(math.isfinite(figure) for figure in figures) else -math.inf


def jumps(rows: Sequence[Row], quantity: Quantity) -> Iterator[Doubt]:
    """Single periods far above or below both neighbours; of a numerator, and where that has none, a denominator.

    What cannot be is said already.
    """
    for place in range(1, len(rows) - 1):
        if not (_follows(rows, place) and _follows(rows, place + 1)) or reason_against(rows[place], quantity):
            continue
        for column, reason in ((1, "numerator"), (2, "denominator")):
            before, figure, after = (rows[place + step][column] for step in (-1, 0, 1))
            if _jumps(before, figure, after):
                yield Doubt(0, "jump", rows[place][0], rows[place][0], (before, figure, after), reason)  # type: ignore[arg-type]
                break


def _jumps(before: float, figure: float, after: float) -> bool:
    if not all(math.isfinite(each) and each > 0 for each in (before, figure, after)):
        return False
    up = figure >= kinds.JUMP_FROM and figure >= kinds.JUMP_TIMES * max(before, after)
    return up or min(before, after) >= max(kinds.JUMP_FROM, kinds.JUMP_TIMES * figure)


def gaps_of(rows: Sequence[Row], quantity: Quantity) -> Iterator[Doubt]:
    """Periods missing inside a series that usually has something to count in each."""
    usual = [each for _, above, below in rows if math.isfinite(each := counted(above, below, quantity))]
    if not usual or median(usual) < kinds.GAP_USUAL:
        return
    for (before, *_), (after, *_) in pairwise(rows):
        if after - before > 1:
            yield Doubt(0, "gap", before + 1, after - 1)


def counted(above: float, below: float, quantity: Quantity) -> float:
    """How many things a period counts: a mean is over the fewer of its two figures, such as exams or working days."""
    if math.isnan(below):
        return above
    return min(abs(above), below) if quantity == "mean" and not math.isnan(above) else below


def expected_newest(newest: Sequence[int]) -> int:
    """The newest period that more than half of the series of a measure have reached."""
    return sorted(newest, reverse=True)[len(newest) // 2]


def late(newest: int, expected: int) -> Doubt | None:
    """What a series lacks that more than half of the others have."""
    return Doubt(0, "late", newest + 1, expected) if newest < expected else None


def _follows(rows: Sequence[Row], place: int) -> bool:
    return rows[place][0] - rows[place - 1][0] == 1


def _same(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))


def _together(found: Sequence[tuple[int, str]]) -> Iterator[list[int]]:
    """Places that follow one another, for the same reason."""
    numbered = enumerate(found)
    for _, run in groupby(numbered, key=lambda each: (each[1][0] - each[0], each[1][1])):
        yield [place for _, (place, _) in run]
