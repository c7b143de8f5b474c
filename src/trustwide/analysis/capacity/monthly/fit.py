"""Fit urgent and routine streams to a provider's months, so that the simulated list has the bands the real one has.

A falling profile of bands is a mixture of delays: in a steady service the people in band j are those whose delay
reaches it, so the difference between neighbouring bands is the flow that leaves the list at that wait. The weekly
flow of each delay class is found by non-negative least squares on the mean bands of the last months. One first-come
queue cannot have such a profile; two streams (urgent: delay under two weeks) with a spread of delays can.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from trustwide.analysis.capacity.monthly.history import (
    BAND_COUNT,
    Counts,
    HistoryError,
    MonthlyHistory,
    Reals,
    working_days,
)

BASELINE_MONTHS = 12
PROFILE_MONTHS = 6
WORKING_DAYS_A_WEEK = 253 / (365.25 / 7)  # bank holidays spread over the year
# What additions did next, over all providers and imaging tests, April 2023 to September 2025 (least squares of the log
# of the next six months' mean over the last twelve's): half of what the last six months differ by carries on, a third
# of what the last three add to that, and demand grows.
SIX_MONTHS_CARRY, THREE_MONTHS_CARRY, GROWTH = 0.5, 0.3, 0.035
STAY_PAST_13_WEEKS = 4.0  # weeks spent in the open-ended last band; the return does not say, so an assumption
# same day, then the end of each of weeks 0 to 12, then the open-ended band; so the newest band is the gross additions
DELAY_DAYS = np.array([0, *(7 * week + 6 for week in range(13)), 7 * 13 + 27], dtype=np.int32)
URGENT_CLASSES = 3  # same day, and weeks 0 and 1
OLDEST_DAYS = int(DELAY_DAYS[-1]) + 1


@dataclass(frozen=True)
class MonthlyFit:
    """What the last months say of one list. Rates are people or tests a week.

    additions: net additions a week, i.e. tests + change in the list; additions_low, additions_high: 80 % interval.
    tests: tests a week from the list. Both are means of the last `baseline_months` usable months, 12 at most.
    expected_additions: net additions a week to reckon with in the months ahead.
    recent_additions, gross_additions: net additions a week, and those the newest band implies, in the last 6 months.
    class_share: share of additions by delay class, (15,). leaving_share: share of gross additions that leave without
    a test or start their clock again (the unexplained difference).
    band_error: share of the list that the fitted profile puts in a wrong band.
    """

    additions: float
    additions_low: float
    additions_high: float
    tests: float
    expected_additions: float
    recent_additions: float
    gross_additions: float
    class_share: Reals
    leaving_share: float
    baseline_months: int
    band_error: float
    notes: tuple[str, ...]

    @property
    def unexplained(self) -> float:
        """People a week by which the newest band exceeds the net additions: vetting, removals, clocks set back."""
        return self.gross_additions - self.recent_additions


def fit_streams(history: MonthlyHistory) -> MonthlyFit:
    """Fit the streams. Raises HistoryError when no month was returned or nobody is on the list and nothing is done."""
    if not len(history.months):
        raise HistoryError("No month of this test was returned, so there is nothing to plan from.")
    notes: list[str] = []
    weekly_additions, weekly_tests = _baseline(history, notes)
    additions = float(weekly_additions.mean())
    low, high = _interval(weekly_additions)
    recent = float(weekly_additions[-PROFILE_MONTHS:].mean())
    mean_bands = history.bands[-PROFILE_MONTHS:].mean(axis=0)
    gross = float(_class_flows(mean_bands)[0].sum())
    # the newest month says as much of where the bands are going as the mean of six, over all providers
    flows, error = _class_flows((mean_bands + history.bands[-1]) / 2)
    flows *= gross / flows.sum() if flows.sum() > 0 else 1.0
    if additions <= 0:
        notes.append("The months add up to no additions; the newest band is used instead.")
        additions, low, high = max(gross, 1.0), 0.5 * max(gross, 1.0), 1.5 * max(gross, 1.0)
    recent = recent if recent > 0 else additions
    if gross < recent:  # seen so fast that no month end caught them
        flows[0] += recent - gross
        gross = recent
    return MonthlyFit(
        additions=additions,
        additions_low=low,
        additions_high=high,
        tests=float(weekly_tests.mean()),
        expected_additions=_expected(weekly_additions) if weekly_additions.mean() > 0 else additions,
        recent_additions=recent,
        gross_additions=gross,
        class_share=flows / flows.sum(),
        leaving_share=1 - recent / gross,
        baseline_months=len(weekly_additions),
        band_error=error,
        notes=tuple(notes),
    )


def _baseline(history: MonthlyHistory, notes: list[str]) -> tuple[Reals, Reals]:
    """Net additions and tests a week in each usable month of the last twelve, (m,)."""
    weeks = working_days(history.months) / WORKING_DAYS_A_WEEK
    tests = history.waiting_list_tests / weeks
    idle = (history.waiting_list_tests == 0) & (history.waiting_list > 0)
    if idle.any():
        notes.append(f"{idle.sum()} month(s) report no tests while people were waiting; left out of the baseline.")
    if len(history.months) == 1 or idle.all():
        notes.append("Too few usable months to see additions; taken as equal to the tests done or the newest band.")
        rate = float(tests[-1]) or float(history.bands[-1, 0])
        return np.array([rate]), np.array([float(tests[-1])])
    adjacent = np.diff(history.months.astype(np.int64)) == 1
    change = np.diff(history.waiting_list)
    additions = (history.waiting_list_tests[1:] + change) / weeks[1:]
    usable = adjacent & ~idle[1:] & ~idle[:-1]
    if not usable.any():
        notes.append("No two neighbouring usable months; additions are taken as equal to the tests done.")
        kept = tests[~idle]
        return kept[-BASELINE_MONTHS:], kept[-BASELINE_MONTHS:]
    if usable.sum() < BASELINE_MONTHS:
        notes.append(f"Only {usable.sum()} month(s) of additions are known, so the intervals are wide.")
    return additions[usable][-BASELINE_MONTHS:], tests[1:][usable][-BASELINE_MONTHS:]


def _expected(weekly: Reals) -> float:
    """Net additions a week in the months ahead, from those of up to twelve months, oldest first."""
    year, half, quarter = (max(float(weekly[-months:].mean()), 1e-9) for months in (BASELINE_MONTHS, 6, 3))
    carried = SIX_MONTHS_CARRY * np.log(half / year) + THREE_MONTHS_CARRY * np.log(quarter / half)
    return year * float(np.exp(np.clip(carried, -0.3, 0.3) + GROWTH))


def _interval(weekly: Reals) -> tuple[float, float]:
    """80 % interval of the mean from the spread between months; two and fewer months give +-30 %."""
    if len(weekly) < 3:
        return float(weekly.mean() * 0.7), float(weekly.mean() * 1.3)
    half = 1.2816 * float(weekly.std(ddof=1)) / np.sqrt(len(weekly))
    return float(weekly.mean() - half), float(weekly.mean() + half)


def profile_matrix() -> Reals:
    """People in each band for one person a week in each class, (14, 15): one in every week up to its delay."""
    matrix = np.zeros((BAND_COUNT, len(DELAY_DAYS)))
    for column in range(1, BAND_COUNT):
        matrix[:column, column] = 1.0
    matrix[: BAND_COUNT - 1, -1] = 1.0
    matrix[BAND_COUNT - 1, -1] = STAY_PAST_13_WEEKS
    return matrix


def _class_flows(bands: Reals) -> tuple[Reals, float]:
    """Weekly flow by delay class whose steady bands are nearest to `bands`, and the share it misplaces."""
    matrix = profile_matrix()
    weight = 1 / np.sqrt(bands + 1)
    flows, _ = nnls(matrix * weight[:, None], bands * weight)
    total = bands.sum()
    error = float(np.abs(matrix @ flows - bands).sum() / 2 / total) if total > 0 else 0.0
    return flows, error


def starting_list(bands: Counts, fit: MonthlyFit) -> tuple[Counts, Counts]:
    """Spread the real list over delay classes and ages in days: (to be tested, to leave), each (15, ages).

    Ages are even within a band. At each age the classes share in proportion to their flows among those whose delay is
    not over; where every delay is over, people belong to the longest class. Totals by band are kept exactly.
    """
    ages = np.arange(OLDEST_DAYS)
    band_of_age = np.minimum(ages // 7, BAND_COUNT - 1)
    expected = np.where(DELAY_DAYS[:, None] >= ages[None, :], fit.class_share[:, None], 0.0)
    expected[-1, expected.sum(axis=0) == 0] = 1.0
    expected /= expected.sum(axis=0)
    cells = np.zeros((2, len(DELAY_DAYS), OLDEST_DAYS), dtype=np.int64)
    for band in range(BAND_COUNT):
        here = band_of_age == band
        weights = np.stack([1 - fit.leaving_share, fit.leaving_share])[:, None, None] * expected[None, :, here]
        cells[:, :, here] = _apportion(weights / weights.sum() * bands[band], int(bands[band]))
    return cells[0].astype(np.int32), cells[1].astype(np.int32)


def _apportion(expected: Reals, total: int) -> Counts:
    """Whole numbers nearest to `expected` that add up to `total` (largest remainders)."""
    whole = np.floor(expected).astype(np.int64)
    rest = (expected - whole).ravel()
    short = total - int(whole.sum())
    flat = whole.ravel()
    flat[np.argsort(-rest, kind="stable")[:short]] += 1
    return flat.reshape(expected.shape)
