"""Works out what came to a list and left it, month by month, so that the numbers add up exactly.

The length of the list is drawn first: its level, the yearly pattern and chance. Additions follow working days and the
season; tests are what then remains: list = list before + additions - tests, in whole people.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trustwide.analysis.capacity.monthly.history import working_days
from trustwide.demo.lists import DemoList

Months = NDArray[np.datetime64]
Counts = NDArray[np.int64]
Reals = NDArray[np.float64]

SEED = 20_230_420  # one of those that leave the steady list without a special cause
YEAR = 12
DEMAND_GROWTH = 0.03  # a year
STAYS = 0.4  # share of one month's deviation that is left in the next
DEMAND_NOISE, PLANNED_NOISE, UNSCHEDULED_NOISE = 0.012, 0.04, 0.015
USUAL_MOVES_FROM_ADDITIONS = 0.3

# January to December: additions a working day in August and December fall with holidays, lists follow a little
DEMAND_SEASON = np.array([1.02, 1.01, 1.01, 0.99, 1.00, 1.01, 1.01, 0.95, 1.01, 1.03, 1.02, 0.93])
LIST_SEASON = np.array([1.01, 1.015, 1.01, 1.00, 1.00, 1.00, 1.00, 0.99, 0.99, 1.00, 1.00, 0.985])


@dataclass(frozen=True)
class Flows:
    """One list over n months. waiting: people at the start and at each month end, (n + 1,). The others: people or
    tests in each month, (n,)."""

    months: Months
    waiting: Counts
    additions: Counts
    tests: Counts
    planned: Counts
    unscheduled: Counts


def generator(facts: DemoList, purpose: str) -> np.random.Generator:
    """Random numbers of one list and purpose, the same whatever the date: the demo always tells the same story."""
    words = f"{facts.site.code} {facts.test} {purpose}".encode()
    return np.random.default_rng([SEED, *words])


def simulate(facts: DemoList, months: Months) -> Flows:
    """Flows of this list over `months`, which follow one another without a gap."""
    random = generator(facts, "flows")
    waiting = _waiting(facts, months, random)
    change = np.diff(waiting)
    from_additions = facts.story.additions_share if facts.story else USUAL_MOVES_FROM_ADDITIONS
    days = working_days(months)
    season = DEMAND_SEASON[_calendar_month(months)]
    growth = np.exp(DEMAND_GROWTH * np.arange(len(months)) / YEAR)
    demand = days * season * growth * _lasting_change(facts, len(months)) * _chance(random, DEMAND_NOISE, len(months))
    done = facts.tests_a_year * facts.modality.from_list
    usual = _with_last_year(demand, done + (1 - from_additions) * change[-YEAR:].sum())
    additions = np.round(usual + from_additions * change).astype(np.int64)
    planned = days * growth * _chance(random, PLANNED_NOISE, len(months))
    unscheduled = _calendar_days(months) * growth * _chance(random, UNSCHEDULED_NOISE, len(months))
    return Flows(
        months, waiting, additions, additions - change,
        _whole(_with_last_year(planned, facts.tests_a_year * facts.modality.planned)),
        _whole(_with_last_year(unscheduled, facts.tests_a_year * facts.modality.unscheduled)),
    )  # fmt: skip


def _waiting(facts: DemoList, months: Months, random: np.random.Generator) -> Counts:
    """The list from the end of the month before the first; the last one is exactly as wanted."""
    count = len(months) + 1
    months_ago = np.arange(count)[::-1]
    level = facts.waiting * np.exp(-facts.growth * months_ago / YEAR)
    if facts.story:
        progress = np.clip((facts.story.months_ago + 1 - months_ago) / facts.story.months, 0, 1)
        level *= (facts.story.before + progress * (facts.waiting - facts.story.before)) / facts.waiting
    deviation = random.normal(0, facts.modality.noise, count)
    if not facts.steady:
        for place in range(1, count):
            deviation[place] += STAYS * deviation[place - 1]
        before_first = months[0] - 1
        level *= LIST_SEASON[_calendar_month(np.concatenate([[before_first], months]))]
    deviation[-1] = 0.0  # the last one is to be met
    level *= np.exp(deviation)
    return _whole(level * facts.waiting / level[-1])


def _lasting_change(facts: DemoList, count: int) -> Reals:
    if facts.story is None:
        return np.ones(count)
    return np.where(np.arange(count)[::-1] <= facts.story.months_ago, 1 + facts.story.demand_change, 1.0)


def _with_last_year(weights: Reals, total: float) -> Reals:
    """`weights` scaled so that the last 12 months add up to `total`."""
    return np.asarray(weights * total / weights[-YEAR:].sum())


def _chance(random: np.random.Generator, spread: float, count: int) -> Reals:
    return np.exp(random.normal(0, spread, count))


def _whole(values: Reals) -> Counts:
    return np.round(values).astype(np.int64)


def _calendar_month(months: Months) -> Counts:
    return months.astype("datetime64[M]").astype(np.int64) % YEAR


def _calendar_days(months: Months) -> Reals:
    first = months.astype("datetime64[M]")
    ends, starts = (first + 1).astype("datetime64[D]"), first.astype("datetime64[D]")
    return np.asarray((ends - starts).astype(np.float64))
