"""Says in words why a list stepped: tests and additions a working day at the step, against the year before it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trustwide.analysis.capacity.monthly.history import working_days
from trustwide.services.imaging.rules import month_name, net_additions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trustwide.analysis.capacity import MonthlyHistory

YEAR = 12  # months before the step that it is compared with
FEWEST_BEFORE = 6
STEP_MONTHS = 3  # a step is told by its first months; later ones mix in what was done about it
SAME_WITHIN = 0.01  # of the rate before
WORKING_DAYS_A_WEEK = 5


@dataclass(frozen=True)
class Rates:
    """Tests and net additions per working day over some months, and the first and last of these."""

    tests: float
    additions: float
    first: np.datetime64
    last: np.datetime64


def step_explanation(history: MonthlyHistory, since: datetime.date) -> str:
    """What changed from `since` (first day of a month) on, in two sentences; why not, where it is unknown."""
    start = np.datetime64(since, "M")
    months = history.months
    usable = ~np.isnan(net_additions(history))
    before = _rates(history, usable & (months < start) & (months >= start - YEAR))
    known = int((usable & (months < start) & (months >= start - YEAR)).sum())
    step = _rates(history, usable & (months >= start) & (months < start + STEP_MONTHS))
    if before is None or step is None or known < FEWEST_BEFORE:
        return (
            f"Tests and additions cannot be compared: that needs {FEWEST_BEFORE} of the 12 months before "
            f"{month_name(start)} and a month after it, and {known} are known."
        )
    earlier = f"in the {known} months before" if known == YEAR else f"in {known} of the 12 months before"
    said = f"Since {month_name(start)}: {_step_sentence(step, before, earlier)}, and {_list_clause(history, step)}."
    whole = _rates(history, usable & (months >= start))
    if whole is None or whole.last == step.last:
        return said
    return f"{said} Over all months to {month_name(whole.last)} there were {_both(whole, before, '')}."


def _rates(history: MonthlyHistory, chosen: NDArray[np.bool_]) -> Rates | None:
    if not chosen.any():
        return None
    days = working_days(history.months[chosen]).sum()
    return Rates(
        float(history.waiting_list_tests[chosen].sum() / days),
        float(net_additions(history)[chosen].sum() / days),
        history.months[chosen][0],
        history.months[chosen][-1],
    )


def _step_sentence(step: Rates, before: Rates, earlier: str) -> str:
    alone = step.first == step.last
    when = f"in {month_name(step.first)}" if alone else f"from {_span(step.first, step.last)}"
    return f"{when} there were {_both(step, before, earlier)}"


def _both(now: Rates, before: Rates, earlier: str) -> str:
    tests = _compared("tests", now.tests, before.tests, earlier)
    return f"{tests} and {_compared('additions', now.additions, before.additions, '')}"


def _compared(what: str, now: float, before: float, earlier: str) -> str:
    """For example "fewer tests (176 a working day against 193 in the 12 months before, 82 fewer a week)"."""
    difference = now - before
    against = f"{_figure(now)} a working day against {_figure(before)} {earlier}".strip()
    if abs(difference) <= SAME_WITHIN * abs(before):
        return f"about as many {what} ({against})"
    way = "more" if difference > 0 else "fewer"
    return f"{way} {what} ({against}, {_figure(abs(difference) * WORKING_DAYS_A_WEEK)} {way} a week)"


def _list_clause(history: MonthlyHistory, step: Rates) -> str:
    waiting = history.waiting_list
    first, last = (int(np.searchsorted(history.months, month)) for month in (step.first, step.last))
    earlier, later = waiting[first - 1], waiting[last]
    if earlier == later:
        return f"the list stayed at {later:,}"
    return f"the list {'grew' if later > earlier else 'shrank'} from {earlier:,} to {later:,}"


def _span(first: np.datetime64, last: np.datetime64) -> str:
    start, end = month_name(first), month_name(last)
    return f"{start[:-5] if start[-4:] == end[-4:] else start} to {end}"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.1f}"
