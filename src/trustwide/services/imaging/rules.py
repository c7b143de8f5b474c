"""What looks wrong in a provider's returns. Nothing is corrected or left out: a note is shown beside the figures."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trustwide.analysis.capacity import MonthlyHistory

Kind = Literal["gap", "repeated", "no_activity", "empty_list", "halved", "validation", "tenfold"]

SMALL = 50  # people or tests; below it a halving or a tenfold is everyday chance
SMALL_MONTH = 5  # tests a month or people waiting; below it a month without a test is nothing odd
BACK_WITHIN = 3  # months in which a list that halved must be back to be doubted
BACK_TO = 0.75  # of what it was
EXPECTED_FROM = 12  # months before that say what additions to expect
EXPECTED_FEWEST = 6
FAR_BELOW_SHARE = 0.2  # of the expected additions
FAR_BELOW_SPREADS = 2.5  # robust standard deviations
CLEAR_FALL = 0.1  # of the list


@dataclass(frozen=True)
class DataQualityNote:
    """Something a reader of the figures should doubt: the first day of the month it is in, its kind, and a sentence."""

    month: datetime.date
    kind: Kind
    sentence: str


def data_quality_notes(history: MonthlyHistory) -> tuple[DataQualityNote, ...]:
    """Every doubt about one history, oldest first."""
    found = [note for check in _CHECKS for note in check(history)] if len(history.months) else []
    return tuple(sorted(found, key=lambda note: (note.month, note.kind)))


def net_additions(history: MonthlyHistory) -> NDArray[np.float64]:
    """Tests from the list plus the change in the list, for each month; NaN where the month before was not returned.

    People taken off the list without a test are hidden in it, as fewer additions.
    """
    additions = np.full(len(history.months), np.nan)
    follows = np.diff(history.months.astype(np.int64)) == 1
    additions[1:][follows] = (history.waiting_list_tests[1:] + np.diff(history.waiting_list))[follows]
    return additions


def month_name(month: Any) -> str:
    """January 2025"""
    return f"{np.datetime64(month, 'M').item():%B %Y}"


def _note(history: MonthlyHistory, place: int, kind: Kind, sentence: str) -> DataQualityNote:
    return DataQualityNote(history.months[place].astype("datetime64[M]").item(), kind, sentence)


def _gaps(history: MonthlyHistory) -> Iterator[DataQualityNote]:
    numbers = history.months.astype(np.int64)
    for place in np.flatnonzero(np.diff(numbers) > 1):
        first, last = history.months[place] + 1, history.months[place + 1] - 1
        when = f"for {month_name(first)}" if first == last else f"from {month_name(first)} to {month_name(last)}"
        yield DataQualityNote(first.item(), "gap", f"There is no return {when}; the charts leave a gap there.")


def _repeated(history: MonthlyHistory) -> Iterator[DataQualityNote]:
    activity = np.column_stack([history.waiting_list_tests, history.planned_tests, history.unscheduled_tests])
    figures = np.hstack([history.bands, activity])
    for place in np.flatnonzero((np.diff(figures, axis=0) == 0).all(axis=1)) + 1:
        if figures[place].sum() >= SMALL:
            said = f"{month_name(history.months[place])} repeats every figure of the return before it."
            yield _note(history, int(place), "repeated", said)


def _no_activity(history: MonthlyHistory) -> Iterator[DataQualityNote]:
    done = history.waiting_list_tests + history.planned_tests + history.unscheduled_tests
    if np.median(done) < SMALL_MONTH:
        return
    for place in np.flatnonzero((done == 0) & (history.waiting_list >= SMALL_MONTH)):
        waiting = f"{history.waiting_list[place]:,} people were waiting"
        said = f"{month_name(history.months[place])} reports no test at all although {waiting}."
        yield _note(history, int(place), "no_activity", said)


def _empty_list(history: MonthlyHistory) -> Iterator[DataQualityNote]:
    waiting = history.waiting_list
    for place in range(1, len(waiting)):
        if waiting[place] == 0 and waiting[place - 1] >= SMALL:
            said = f"The list fell from {waiting[place - 1]:,} to none in {month_name(history.months[place])}."
            yield _note(history, place, "empty_list", said)


def _halved(history: MonthlyHistory) -> Iterator[DataQualityNote]:
    waiting = history.waiting_list
    for place in range(1, len(waiting)):
        before, low = waiting[place - 1], waiting[place]
        back = np.flatnonzero(waiting[place + 1 : place + 1 + BACK_WITHIN] >= BACK_TO * before)
        if before >= SMALL and 0 < low <= before / 2 and len(back):
            again = place + 1 + int(back[0])
            said = (
                f"The list fell from {before:,} to {low:,} in {month_name(history.months[place])} and was back at "
                f"{waiting[again]:,} in {month_name(history.months[again])}."
            )
            yield _note(history, place, "halved", said)


def _validation(history: MonthlyHistory) -> Iterator[DataQualityNote]:
    from trustwide.analysis.capacity.monthly.history import working_days

    waiting, days = history.waiting_list, working_days(history.months)
    additions = net_additions(history) / days
    for place in range(1, len(waiting)):
        before = additions[max(0, place - EXPECTED_FROM) : place]
        before = before[~np.isnan(before)]
        if len(before) < EXPECTED_FEWEST or np.isnan(additions[place]):
            continue
        expected = float(np.median(before))
        spread = 1.4826 * float(np.median(np.abs(before - expected)))
        short = expected - additions[place]
        unusual = short > max(FAR_BELOW_SHARE * expected, FAR_BELOW_SPREADS * spread)
        fall = waiting[place - 1] - waiting[place]
        if unusual and waiting[place] and fall >= max(SMALL, CLEAR_FALL * waiting[place - 1]):
            usual = expected * days[place] - history.waiting_list_tests[place]
            yield _note(history, place, "validation", _validation_sentence(history, place, int(fall), usual))


def _validation_sentence(history: MonthlyHistory, place: int, fall: int, usual: float) -> str:
    point = f"a {'rise' if usual > 0 else 'fall'} of {abs(usual):,.0f}" if abs(usual) >= 1 else "no change"
    return (
        f"The list fell by {fall:,} in {month_name(history.months[place])}, where the tests done and the usual "
        f"additions point to {point}: people were probably taken off without a test (validation)."
    )


def _tenfold(history: MonthlyHistory) -> Iterator[DataQualityNote]:
    for figures, what in ((history.waiting_list, "list"), (history.waiting_list_tests, "number of tests")):
        for place in range(1, len(figures)):
            low, high = sorted((int(figures[place - 1]), int(figures[place])))
            if low > 0 and high >= 2 * SMALL and high >= 10 * low:
                moved = f"went from {figures[place - 1]:,} to {figures[place]:,}"
                said = f"The {what} {moved} in {month_name(history.months[place])}, ten times or more in one step."
                yield _note(history, place, "tenfold", said)


_CHECKS: tuple[Callable[[MonthlyHistory], Iterator[DataQualityNote]], ...] = (
    _gaps, _repeated, _no_activity, _empty_list, _halved, _validation, _tenfold,
)  # fmt: skip
