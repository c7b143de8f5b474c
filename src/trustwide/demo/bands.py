"""Spreads a list over the 14 bands of the return as real lists are: falling, with a kink at six weeks."""

from __future__ import annotations

import numpy as np

from trustwide.demo.flows import Counts, Flows, Reals, generator
from trustwide.demo.lists import DemoList

EARLY, LATE = 6, 7  # bands before six weeks; from six to thirteen
LATE_RATIO = 0.82  # of each band after six weeks to the one before it
EARLY_JITTER, LATE_JITTER, SHARE_NOISE = 0.05, 0.10, 0.06
LARGEST_SHARE = 0.6
WORKING_DAYS_A_WEEK = 4.85  # over a year, bank holidays taken out
HALVINGS = 40


def bands_of(facts: DemoList, flows: Flows, working_days: Reals) -> Counts:
    """People in each band at each month end, (n, 14); each row adds up to the list.

    The share over six weeks follows the wait, which is the list in weeks of additions.
    """
    random = generator(facts, "bands")
    waiting = flows.waiting[1:]
    weekly = flows.additions / working_days * WORKING_DAYS_A_WEEK
    wait = waiting / weekly
    count = len(waiting)
    noise = random.normal(0, SHARE_NOISE, count)
    pressure = (wait / wait[-1]) ** facts.pressure_power * np.exp(noise - noise[-1])
    over_six = np.minimum(facts.over_six_weeks * pressure, LARGEST_SHARE)
    over_thirteen = np.minimum(facts.over_thirteen_weeks * pressure, over_six / 2)
    early_jitter = np.exp(random.normal(0, EARLY_JITTER, (count, EARLY)))
    late_jitter = np.exp(random.normal(0, LATE_JITTER, (count, LATE)))
    rows = []
    for month in range(count):
        early = _falling((1 - over_six[month]) * wait[month] / facts.modality.newest_week) * early_jitter[month]
        late = LATE_RATIO ** np.arange(LATE) * late_jitter[month]
        shares = [
            (1 - over_six[month]) * early / early.sum(),
            (over_six[month] - over_thirteen[month]) * late / late.sum(),
            [over_thirteen[month]],
        ]
        rows.append(_apportion(np.concatenate(shares), int(waiting[month])))
    return np.array(rows)


def _falling(total: float) -> Reals:
    """Six falling bands, the first 1, that add up to `total`; even bands where that takes more than six."""
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if (middle ** np.arange(EARLY)).sum() < total else (low, middle)
    return np.asarray(high ** np.arange(EARLY))


def _apportion(shares: Reals, total: int) -> Counts:
    """Whole numbers in these proportions that add up to `total` (largest remainders)."""
    exact = shares / shares.sum() * total
    whole = np.floor(exact).astype(np.int64)
    short = total - int(whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:short]] += 1
    return np.asarray(whole)
