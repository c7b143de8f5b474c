"""What a report says, in sentences made only from its own figures. They say what moved, never why."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence

from trustwide.analysis.spc.words import counted
from trustwide.commons.measures.performance.model import AimPart, Cell, Line
from trustwide.commons.nhsuk.formats import month as month_name

MOST_NAMED = 4
ALWAYS_SAID = ("concern", "improvement")
NOT_KEPT = "Signals were not kept yet then; the icons are as the charts stood."
STILL_RAN = "Of those of that time only the ones that still ran later are listed."
VERDICTS = (("concern", "concern"), ("improvement", "improvement"), ("neutral", "a change that is neither"))


def answer(month: datetime.date, aims: Sequence[AimPart], opened: int, closed: int, *, kept: bool) -> str:
    """The first line: how many charts show concern and improvement, and what is new where signals were kept then."""
    cells = [cell for aim in aims for cell in aim.cells() if cell.place_code and cell.has_figure]
    if not cells:
        return f"There is no figure of {month_name(month)} or the two months before it."
    shown = ", ".join(f"{_number(aim.count('concern'))} in {aim.title}" for aim in aims if aim.count("concern"))
    concern = sum(aim.count("concern") for aim in aims)
    better = sum(aim.count("improvement") for aim in aims)
    first = (
        f"In {month_name(month)}, {_number(concern)} of {len(cells):,} charts {'shows' if concern == 1 else 'show'} "
        f"concern and {_number(better)} {'shows' if better == 1 else 'show'} improvement"
    )
    where = f" (concern: {shown})" if concern else ""
    are = "is" if opened == 1 else "are"
    news = f"{_capital(counted(opened, 'signal'))} {are} new and {_number(closed)} closed."
    if not kept:
        listed = opened or closed or any(aim.signals for aim in aims)
        news = f"{NOT_KEPT} {STILL_RAN}" if listed else NOT_KEPT
    return f"{first}{where}. {news}"


def summary(lines: Sequence[Line], together: str) -> tuple[str, ...]:
    """The paragraph of an aim: how its charts read, the whole, and its targets."""
    cells = [cell for line in lines for cell in line.cells if cell.place_code and cell.has_figure]
    if not cells:
        return ("There is no figure for this aim.",)
    counts = [(_count(cells, verdict), what) for verdict, what in VERDICTS]
    kinds = [f"{_number(count)} show{_s(count)} {what}" for count, what in counts if count or what in ALWAYS_SAID]
    usual = _count(cells, "common")
    kinds += [f"{_number(usual)} var{'ies' if usual == 1 else 'y'} as usual"]
    said = f"Of {counted(len(cells), 'chart')}, {joined(kinds)}"
    left_out = sum(cell.left_out for cell in cells)
    unjudged = _count(cells, "") - left_out
    if unjudged:
        said += f"; {_number(unjudged)} {'has' if unjudged == 1 else 'have'} too few figures to be judged"
    if left_out:
        said += f"; of {_number(left_out)} the newest figure is left out, so {'it is' if left_out == 1 else 'they are'}"
        said += " not judged"
    return tuple(each for each in (f"{said}.", _together(lines, together), _targets(lines)) if each)


def more_signals(number: int) -> str:
    """How many signals are not listed; concerns always are."""
    if number == 1:
        return "and 1 more signal that shows no concern"
    return f"and {number:,} more signals that show no concern" if number else ""


def sums_drawn(pictures: Sequence[Cell]) -> str:
    """Which of the drawn charts the counts leave out, so that the two can be compared."""
    sums = sum(not cell.place_code for cell in pictures)
    if not sums:
        return ""
    add = "adds" if sums == 1 else "add"
    return f"{_capital(_number(sums))} of these {add} up all sites; the counts are of charts of single sites."


def without_figures(aims: Sequence[str]) -> str:
    """Which aims nothing is measured of yet."""
    return f"There is no figure of these months for {joined(aims)}."


def _together(lines: Sequence[Line], together: str) -> str:
    """What the added-up figures show."""
    parts = []
    for verdict, what in VERDICTS[:2]:
        titles = [line.name for line in lines for cell in line.cells if not cell.place_code and cell.verdict == verdict]
        if titles:
            parts.append(f"{what} for {named(titles)}")
    where = "Over the whole group" if together == "Group" else "Over all sites together"
    return f"{where}: {'; '.join(parts)}." if together and parts else ""


def _targets(lines: Iterable[Line]) -> str:
    """Which targets the usual variation will miss every time, and where."""
    missed = []
    for line in lines:
        names = [cell.place for cell in line.cells if cell.assurance == "fail" and cell.place_code]
        if names:
            missed.append(f"{line.name} ({named(names)})")
    return f"Likely to miss its target every time: {named(missed)}." if missed else ""


def _count(cells: Iterable[Cell], verdict: str) -> int:
    return sum(cell.verdict == verdict for cell in cells)


def named(names: Sequence[str]) -> str:
    """The first of these in a row, and how many more there are."""
    if len(names) <= MOST_NAMED:
        return joined(names)
    return f"{', '.join(names[:MOST_NAMED])} and {len(names) - MOST_NAMED:,} more"


def joined(parts: Sequence[str]) -> str:
    """Parts in a row: "one, two and three"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def sentence(text: str) -> str:
    """What somebody may have written, with the stop that ends it."""
    text = text.rstrip()
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _number(number: int) -> str:
    return "none" if number == 0 else counted(number, "of").split()[0]


def _s(number: int) -> str:
    return "s" if number == 1 else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
